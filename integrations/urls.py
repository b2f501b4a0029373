"""Addresses of connecting an org, included at the root."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("connect/start/<str:environment>/", views.connect_start, name="connect_start"),
    path("connect/callback/<str:environment>/", views.connect_callback, name="connect_callback"),
    path("connect/confirm/<int:pk>/", views.connect_confirm, name="connect_confirm"),
    path("connect/help/<str:environment>/", views.connect_help, name="connect_help"),
    path(
        "orgs/<str:environment>/disconnect/",
        views.connection_disconnect,
        name="connection_disconnect",
    ),
]
