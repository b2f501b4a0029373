"""Addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from jobchanges.intake import views as intake
from portal.pages import (
    activity,
    checks,
    colleague,
    colleagues,
    evidence,
    go_live,
    home,
    mirror,
    my_settings,
    orgs,
    overwrites,
    people,
    reports,
    security,
    sending,
    signup,
    test_runs,
    unsubscribe,
    worksheet,
)
from portal.pages import settings as settings_page

# The customer's pages.
portal_patterns: list[URLPattern | URLResolver] = [
    path("", home.setup, name="setup"),
    path("steps/", home.step_list, name="step_list"),
    path("steps/<str:key>/confirm/", home.step_confirm_page, name="step_confirm"),
    path("steps/<str:key>/withdraw/", home.step_withdraw_page, name="step_withdraw"),
    path("steps/<str:key>/check/", home.step_check_page, name="step_check"),
    path("settings/", settings_page.settings, name="settings"),
    path("settings/<str:environment>/ask/", settings_page.settings_ask, name="settings_ask"),
    path("people-source/", people.people_source, name="people_source"),
    path("reports/", reports.report_list, name="tracking_reports"),
    path("reports/state/", reports.report_state, name="tracking_reports_state"),
    path("reports/list/", reports.report_listing, name="tracking_reports_list"),
    path("reports/choose/", reports.report_choose, name="tracking_report_choose"),
    path("reports/<int:pk>/columns/", reports.report_columns, name="tracking_report_columns"),
    path("reports/<int:pk>/check/", reports.report_check, name="tracking_report_check"),
    path("reports/<int:pk>/rows/", reports.report_preview, name="tracking_report_preview"),
    path("reports/<int:pk>/remove/", reports.report_remove, name="tracking_report_remove"),
    path("worksheet/", worksheet.worksheet, name="worksheet"),
    path("worksheet.csv", worksheet.worksheet_table, name="worksheet_csv"),
    path("worksheet/package.xml", worksheet.worksheet_package, name="worksheet_package_xml"),
    path("mirror/", mirror.mirror, name="mirror"),
    path("mirror/list/", mirror.mirror_list, name="mirror_list"),
    path("mirror/compare/", mirror.mirror_compare, name="mirror_compare"),
    path("mirror/accept/", mirror.mirror_accept, name="mirror_accept"),
    path("mirror/withdraw/", mirror.mirror_withdraw, name="mirror_withdraw"),
    path("orgs/", orgs.org_list, name="org_list"),
    path("orgs/<str:environment>/check/", orgs.org_check, name="org_check"),
    path("checks/<str:environment>/", checks.org_checks, name="org_checks"),
    path("checks/<str:environment>/list/", checks.org_checks_list, name="org_checks_list"),
    path("checks/<str:environment>/run/", checks.org_checks_run, name="org_checks_run"),
    path("checks/<str:environment>/accept/", checks.org_checks_accept, name="org_checks_accept"),
    path("checks/<str:environment>/send/", colleague.org_checks_send, name="org_checks_send"),
    path("existing-records.csv", overwrites.overwrites_file, name="overwrites_csv"),
    path("evidence/", include(evidence.urlpatterns)),
    path("security/", security.security, name="security"),
    path("security.pdf", security.security_pdf, name="security_pdf"),
    path("activity/", activity.activity, name="activity"),
    path("activity.csv", activity.activity_file, name="activity_csv"),
    path("people/colleagues/", include(colleagues.urlpatterns)),
    path("people/me/", my_settings.my_settings, name="my_settings"),
    path("mail/unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="mail_unsubscribe"),
    path("signup/<str:token>/", signup.signup, name="signup"),
]

# Test runs: names `test_run_list` and `test_run`, and the review pages below them.
test_run_patterns: list[URLPattern | URLResolver] = [
    path("test-runs/", include(test_runs.urlpatterns)),
    path("go-live/", include(go_live.urlpatterns)),
    path("sending/", include(sending.urlpatterns)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *portal_patterns,
    *test_run_patterns,
    path("", include("integrations.urls")),
    path("people/", include("accounts.urls")),
    path("api/job-changes", intake.job_changes, name="intake_job_changes"),
    path("api/openapi.json", intake.openapi, name="intake_openapi"),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    from portal.demo.authenticator import authenticator

    urlpatterns += [
        path("demo/mail/", include("portal.mail.urls")),
        path("demo/authenticator/", authenticator, name="demo_authenticator"),
    ]
