"""Addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.pages import activity, go_live, home, orgs, people, signup, test_runs, worksheet
from portal.pages import settings as settings_page

# The customer's pages.
portal_patterns: list[URLPattern | URLResolver] = [
    path("", home.setup, name="setup"),
    path("steps/", home.step_list, name="step_list"),
    path("steps/<str:key>/confirm/", home.step_confirm_page, name="step_confirm"),
    path("steps/<str:key>/withdraw/", home.step_withdraw_page, name="step_withdraw"),
    path("steps/<str:key>/check/", home.step_check_page, name="step_check"),
    path("settings/", settings_page.settings, name="settings"),
    path("people-source/", people.people_source, name="people_source"),
    path("worksheet/", worksheet.worksheet, name="worksheet"),
    path("orgs/", orgs.org_list, name="org_list"),
    path("orgs/<str:environment>/check/", orgs.org_check, name="org_check"),
    path("activity/", activity.activity, name="activity"),
    path("signup/<str:token>/", signup.signup, name="signup"),
]

# Test runs: names `test_run_list` and `test_run`, and the review pages below them.
test_run_patterns: list[URLPattern | URLResolver] = [
    path("test-runs/", include(test_runs.urlpatterns)),
    path("go-live/", include(go_live.urlpatterns)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *portal_patterns,
    *test_run_patterns,
    path("", include("integrations.urls")),
    path("people/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    from portal.demo.authenticator import authenticator

    urlpatterns += [
        path("demo/mail/", include("portal.mail.urls")),
        path("demo/authenticator/", authenticator, name="demo_authenticator"),
    ]
