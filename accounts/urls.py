"""Addresses of signing in, included under /people/. The names are allauth's own.

Only what is used: allauth's pages for resetting passwords, managing e-mail addresses and signing
up by oneself do not exist here.
"""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/", views.CodeRequestView.as_view(), name="account_request_login_code"),
    path("sign-in/code/", views.CodeConfirmView.as_view(), name="account_confirm_login_code"),
    path("sign-in/again/", views.prove, name="account_prove"),
    path("staff/", views.StaffLoginView.as_view(), name="account_login"),
    path(
        "staff/password/", views.StaffPasswordChangeView.as_view(), name="account_change_password"
    ),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    # allauth names it in its mails and pages; the adapter keeps it closed.
    path("sign-up/", allauth_views.signup, name="account_signup"),
]
