"""Addresses of signing in, included under /people/. The names are allauth's own.

Only what is used: allauth's pages for resetting passwords, managing e-mail addresses and signing
up by oneself do not exist here.
"""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import second_factor_views as factor
from accounts import sessions, views

urlpatterns = [
    path("sign-in/", views.CodeRequestView.as_view(), name="account_request_login_code"),
    path("sign-in/code/", views.CodeConfirmView.as_view(), name="account_confirm_login_code"),
    path("sign-in/again/", views.prove, name="account_prove"),
    path("staff/", views.StaffLoginView.as_view(), name="account_login"),
    path(
        "staff/password/", views.StaffPasswordChangeView.as_view(), name="account_change_password"
    ),
    path("staff/password/again/", views.password_again, name="account_reauthenticate"),
    path("staff/code/", factor.StaffCodeView.as_view(), name="mfa_authenticate"),
    path("staff/code/again/", factor.staff_code_again, name="mfa_reauthenticate"),
    path("staff/second-factor/", factor.second_factor, name="mfa_index"),
    path("staff/second-factor/app/", factor.app_set_up, name="mfa_activate_totp"),
    path(
        "staff/second-factor/recovery-codes/",
        factor.recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "staff/second-factor/recovery-codes/file/",
        factor.recovery_codes_download,
        name="mfa_download_recovery_codes",
    ),
    path(
        "staff/second-factor/recovery-codes/new/",
        factor.recovery_codes_new,
        name="mfa_generate_recovery_codes",
    ),
    path("sessions/", sessions.sessions, name="usersessions_list"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    # allauth names it in its mails and pages; the adapter keeps it closed.
    path("sign-up/", allauth_views.signup, name="account_signup"),
]
