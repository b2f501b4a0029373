"""Tracking reports of a production org over the wire: listed, chosen, looked at; no row is kept."""

import datetime
import json

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.models import Connection, Health, ReportListing, TrackingReport
from integrations.reports.asking import report_listing_work, report_rows, tracking_report_work
from integrations.reports.errors import ReportError
from integrations.reports.selectors import reports_listed, tracking_reports
from integrations.reports.services import (
    report_listing_ask,
    tracking_report_ask_again,
    tracking_report_choose,
    tracking_report_map,
    tracking_report_remove,
)

pytestmark = pytest.mark.django_db(transaction=True)

State = TrackingReport.State


@pytest.fixture
def production(rehearsal, customer, settings):
    """A live connection to production; whoever is woken up works at once."""
    settings.CELERY_TASK_ALWAYS_EAGER = True
    connection = rehearsal.connect(customer, "northwind")
    return Connection.objects.select_related("epoch", "customer").get(pk=connection.pk)


@pytest.fixture
def listed(production):
    """The list of reports has been asked for."""
    report_listing_ask(connection=production)
    return {one["name"]: one["id"] for one in ReportListing.objects.get().reports}


def choose(production, admin, report_id):
    report = tracking_report_choose(connection=production, report_id=report_id, by=admin)
    report.refresh_from_db()
    return report


def test_the_reports_that_the_integration_user_may_open_are_listed(production, listed):
    assert set(listed) == {"Champions to track", "Customer contacts", "Leads from events"}
    found = reports_listed(production.epoch, "customer")
    assert [one["name"] for one in found.reports] == ["Customer contacts"]
    assert found.reports[0]["folder"] == "UserGems tracking"


def test_a_private_report_is_not_there(listed):
    assert "My scratch list" not in listed


def test_the_list_is_not_asked_for_twice_within_moments(rehearsal, production, listed):
    before = len(rehearsal.calls("northwind"))
    report_listing_ask(connection=production)
    assert len(rehearsal.calls("northwind")) == before
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        report_listing_ask(connection=production)
    assert len(rehearsal.calls("northwind")) > before


def test_an_org_that_does_not_answer_is_said_and_can_be_asked_again(rehearsal, production):
    rehearsal.fault("http_503_html", times=9, org="northwind")
    listing = report_listing_ask(connection=production)
    listing.refresh_from_db()
    assert listing.error
    assert not reports_listed(production.epoch).asking
    rehearsal.control("production", "faults", "DELETE")
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        report_listing_ask(connection=production)
    listing.refresh_from_db()
    assert (listing.error, len(listing.reports)) == ("", 3)


def test_a_chosen_report_is_understood_and_counted_without_reading_a_row(
    rehearsal, production, listed, admin_person
):
    report = choose(production, admin_person, listed["Champions to track"])
    assert report.state == State.READY
    assert report.column_map == {
        "first_name": "FIRST_NAME",
        "last_name": "LAST_NAME",
        "email": "EMAIL",
        "company": "ACCOUNT.NAME",
    }
    contacts = len(rehearsal.records("northwind", "Contact", fields="Id"))
    assert report.row_count == contacts
    assert contacts > 2_000
    assert report.all_rows is False
    asked = [call for call in rehearsal.calls("northwind") if "analytics/reports" in call["path"]]
    assert len(asked) == 2


def test_a_report_within_the_limit_says_so(production, listed, admin_person):
    report = choose(production, admin_person, listed["Leads from events"])
    assert report.all_rows is True
    assert 0 < report.row_count < 2_000


def test_choosing_twice_keeps_the_first(production, listed, admin_person):
    first = choose(production, admin_person, listed["Customer contacts"])
    assert choose(production, admin_person, listed["Customer contacts"]).pk == first.pk
    assert Event.objects.filter(action="tracking_report.chosen").count() == 1
    assert reports_listed(production.epoch, "customer").reports == []


def test_a_report_that_is_not_in_the_list_cannot_be_chosen(production, listed, admin_person):
    with pytest.raises(ReportError, match="not in the list"):
        choose(production, admin_person, "00O5g000000AbCdEAK")
    assert not TrackingReport.objects.exists()


def test_a_field_that_the_user_may_not_read_is_named_with_the_fix(
    rehearsal, production, listed, admin_person
):
    rehearsal.configure("northwind", hidden_fields=["Contact.Email"])
    report = choose(production, admin_person, listed["Champions to track"])
    assert report.state == State.ATTENTION
    assert [problem["wanted"] for problem in report.problems] == ["email"]
    assert "Permission Sets, UserGems Integration" in report.problems[0]["fix"]


def test_what_is_mended_in_salesforce_is_found_when_asked_again(
    rehearsal, production, listed, admin_person
):
    rehearsal.configure("northwind", hidden_fields=["Contact.Email"])
    report = choose(production, admin_person, listed["Champions to track"])
    rehearsal.configure_back("northwind")
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        assert tracking_report_ask_again(report=report)
    report.refresh_from_db()
    assert (report.state, report.problems) == (State.READY, [])


def test_a_user_without_run_reports_is_told_about_the_folder_and_the_right(
    rehearsal, production, listed, admin_person
):
    rehearsal.configure("northwind", removed_permissions=["RunReports"])
    report = choose(production, admin_person, listed["Champions to track"])
    assert report.state == State.ATTENTION
    assert "may not open this report" in report.problems[0]["sentence"]
    assert "Run Reports" in report.problems[0]["fix"]


def test_a_person_says_which_column_is_what(production, listed, admin_person):
    report = choose(production, admin_person, listed["Champions to track"])
    missing = tracking_report_map(
        report=report,
        columns={
            "first_name": "FIRST_NAME",
            "last_name": "LAST_NAME",
            "email": "EMAIL",
            "company": "",
        },
        by=admin_person,
    )
    assert missing == ["company"]
    assert report.state == State.ATTENTION
    assert Event.objects.get(action="tracking_report.mapped").data["report_id"] == report.report_id


def test_one_column_cannot_be_two_things(production, listed, admin_person):
    report = choose(production, admin_person, listed["Champions to track"])
    same = {"first_name": "LAST_NAME", "last_name": "LAST_NAME"}
    with pytest.raises(ReportError, match="cannot be two things"):
        tracking_report_map(report=report, columns=same, by=admin_person)
    report.refresh_from_db()
    assert report.state == State.READY


def test_what_a_person_chose_stays_when_the_org_is_asked_again(production, listed, admin_person):
    report = choose(production, admin_person, listed["Champions to track"])
    chosen = report.column_map | {"company": "URL"}
    tracking_report_map(report=report, columns=chosen, by=admin_person)
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        tracking_report_ask_again(report=report)
    report.refresh_from_db()
    assert report.column_map["company"] == "URL"


def test_the_first_rows_are_shown_in_our_order_and_stored_nowhere(
    rehearsal, production, listed, admin_person, tmp_path
):
    report = choose(production, admin_person, listed["Champions to track"])
    rows = report_rows(report=report)
    assert len(rows) == 5
    contacts = {one["Email"]: one for one in rehearsal.records("northwind", "Contact")}
    shown = [[cell.label for cell in row] for row in rows]
    emails = [row[2] for row in shown if row[2] != "-"]
    assert emails
    for first, last, email, _company in shown:
        if email != "-":
            assert (contacts[email]["FirstName"] or "-", contacts[email]["LastName"]) == (
                first,
                last,
            )
    dump = tmp_path / "all.json"
    call_command("dumpdata", "integrations", "portal", "accounts", output=str(dump), verbosity=0)
    kept = json.dumps(json.loads(dump.read_text()))
    assert [email for email in emails if email in kept] == []


def test_a_removed_report_is_gone_from_the_list_of_people(production, listed, admin_person):
    report = choose(production, admin_person, listed["Champions to track"])
    assert tracking_report_remove(report=report, by=admin_person)
    assert not tracking_report_remove(report=report, by=admin_person)
    assert tracking_reports(production.epoch) == []
    assert choose(production, admin_person, listed["Champions to track"]).pk != report.pk


def test_what_no_worker_took_is_picked_up_by_the_sweep(production, settings, admin_person):
    now = timezone.now()
    ReportListing.objects.create(
        epoch=production.epoch, asked_at=now - datetime.timedelta(minutes=2)
    )
    tasks.reports_sweep()
    assert len(ReportListing.objects.get().reports) == 3


def test_two_workers_do_not_ask_the_same_thing(rehearsal, production, listed, admin_person):
    report = choose(production, admin_person, listed["Champions to track"])
    later = timezone.now() + datetime.timedelta(minutes=1)
    TrackingReport.objects.filter(pk=report.pk).update(
        asked_at=later, lease_until=timezone.now() + datetime.timedelta(minutes=1)
    )
    before = len(rehearsal.calls("northwind"))
    assert not tracking_report_work(report_pk=report.pk)
    assert len(rehearsal.calls("northwind")) == before


def test_rule_5_a_sandbox_is_refused_before_anything_is_asked(
    rehearsal, customer, settings, admin_person
):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    sandbox = rehearsal.connect(customer, "northwind-full")
    with pytest.raises(ReportError, match="never in a sandbox"):
        report_listing_ask(connection=sandbox)
    with pytest.raises(ReportError, match="never in a sandbox"):
        choose(sandbox, admin_person, "00O5g000000AbCdEAK")
    # Rows that should not be there are worked on by nobody either.
    ReportListing.objects.create(epoch=sandbox.epoch)
    report_listing_work(epoch_pk=sandbox.epoch_id)
    report = TrackingReport.objects.create(
        customer=customer,
        epoch=sandbox.epoch,
        report_id="00O5g000000AbCdEAK",
        name="Left over",
        asked_at=timezone.now(),
        chosen_by=admin_person,
    )
    tracking_report_work(report_pk=report.pk)
    with pytest.raises(ReportError, match="never in a sandbox"):
        report_rows(report=report)
    assert rehearsal.calls("northwind-full") == []
    assert "never in a sandbox" in ReportListing.objects.get().error


def test_a_connection_that_is_lost_is_said(production, listed, admin_person):
    Connection.objects.filter(pk=production.pk).update(health=Health.NEEDS_RECONNECTING)
    production.refresh_from_db()
    with pytest.raises(ReportError, match="needs reconnecting"):
        choose(production, admin_person, listed["Champions to track"])
