"""Addresses of the demo's mailbox, included under /demo/mail/."""

from django.urls import path

from portal.mail import pages

urlpatterns = [
    path("", pages.mailbox, name="demo_mailbox"),
    path("<slug:name>/", pages.message, name="demo_message"),
    path("<slug:name>/html/", pages.message_html, name="demo_message_html"),
]
