"""The page of tracking reports: what an admin and a colleague see and may do."""

import pytest
from django.urls import reverse

from accounts.models import Event
from integrations.models import Health, ReportListing, TrackingReport
from portal.wording import event_sentence
from tests.factories import ConnectionFactory, CustomerFactory, TrackingReportFactory
from tests.portal.situations import EARLIER, connect, production_connect, sandbox_approved

pytestmark = pytest.mark.django_db

ADDRESS = "/reports/"
NAMES = ["Champions", "Customers in EMEA", "Leads from events"]


@pytest.fixture
def production(customer):
    sandbox_approved(customer)
    return production_connect(customer)


@pytest.fixture
def listing(production):
    return ReportListing.objects.create(
        epoch=production.epoch,
        asked_at=EARLIER,
        answered_at=EARLIER,
        reports=[
            {
                "id": f"00O5g00000000{n}EAA"[:18].ljust(18, "A"),
                "name": name,
                "folder": "UserGems tracking",
                "format": "Tabular",
                "last_run": "",
            }
            for n, name in enumerate(NAMES)
        ],
    )


@pytest.fixture
def read(client):
    """The page as somebody."""

    def page(person, address=ADDRESS):
        client.force_login(person)
        response = client.get(address)
        assert response.status_code == 200
        return response.content.decode()

    return page


@pytest.fixture
def report(customer, production):
    return TrackingReportFactory(
        customer=customer, epoch=production.epoch, name="Champions", row_count=1_204
    )


def test_before_production_is_connected_there_is_nothing_to_choose(read, customer, admin_person):
    connect(customer)
    text = read(admin_person)
    assert "Production is not connected yet" in text
    assert "Show the reports of production" not in text


def test_an_admin_asks_for_the_list_and_the_page_does_not_wait(
    client, read, production, admin_person
):
    assert "Show the reports of production" in read(admin_person)
    client.post(reverse("tracking_reports_list"))
    text = read(admin_person)
    assert "Your org is being asked which reports there are." in text
    assert 'hx-trigger="every 2s"' in text


def test_polling_stops_when_the_answer_is_there(read, listing, admin_person):
    text = read(admin_person, "/reports/state/")
    assert "hx-get" not in text
    assert all(name in text for name in NAMES)


def test_reports_are_searched_by_name_and_folder(read, listing, admin_person):
    text = read(admin_person, "/reports/?q=emea+usergems")
    assert "Customers in EMEA" in text
    assert "Leads from events" not in text
    assert "No report matches “pears”." in read(admin_person, "/reports/?q=pears")


def test_why_a_report_may_be_missing_is_explained(read, production, admin_person):
    text = read(admin_person)
    assert "somebody’s private folder" in text
    assert "The integration user needs Run Reports" in text


def test_an_admin_chooses_a_report(client, customer, listing, admin_person):
    client.force_login(admin_person)
    answer = client.post(
        reverse("tracking_report_choose"), {"report": listing.reports[0]["id"]}, follow=True
    )
    text = answer.content.decode()
    assert "Your org is asked what “Champions” shows." in text
    assert "Being asked" in text
    event = Event.objects.get(action="tracking_report.chosen")
    assert event_sentence(event, {}) == "Priya Shah chose a tracking report"
    assert "Champions" not in str(event.data)


def test_a_report_beyond_the_limit_is_told_with_the_way_out(read, report, admin_person):
    TrackingReport.objects.filter(pk=report.pk).update(row_count=4_200, all_rows=False)
    text = read(admin_person)
    assert "4,200 rows" in text
    assert "Salesforce gives out 2,000 rows of a report at most." in text
    assert "save narrower reports" in text


def test_columns_are_saved_and_a_missing_one_is_said_next_to_it(client, read, report, admin_person):
    client.force_login(admin_person)
    address = reverse("tracking_report_columns", args=[report.pk])
    chosen = {**report.column_map, "email": ""}
    answer = client.post(address, chosen, follow=True).content.decode()
    assert "Saved, but not all four columns are chosen yet." in answer
    assert "No column for E-mail is chosen." in answer
    answer = client.post(address, report.column_map, follow=True).content.decode()
    assert "Saved. The report can be used." in answer


def test_a_removed_report_leaves_the_page(client, read, report, admin_person):
    client.force_login(admin_person)
    client.post(reverse("tracking_report_remove", args=[report.pk]))
    assert "No report is chosen yet" in read(admin_person)


def test_a_colleague_reads_and_may_ask_again_but_not_choose(client, read, report, reviewer):
    text = read(reviewer)
    assert "First Name, Last Name, Email, Account Name" in text
    assert "Check again" in text
    assert "Remove" not in text
    assert "Show the first rows" not in text
    for name in ("columns", "remove", "preview"):
        assert client.post(reverse(f"tracking_report_{name}", args=[report.pk])).status_code == 403


@pytest.mark.parametrize("name", ["columns", "check", "preview", "remove"])
def test_rule_7_a_report_of_another_customer_is_not_there(client, report, admin_person, name):
    other = CustomerFactory()
    theirs = TrackingReportFactory(
        customer=other,
        epoch=ConnectionFactory(customer=other, environment="production").epoch,
    )
    client.force_login(admin_person)
    assert client.post(reverse(f"tracking_report_{name}", args=[theirs.pk])).status_code == 404


def test_a_lost_connection_is_said_and_nothing_can_be_asked(read, production, report, admin_person):
    production.health = Health.NEEDS_RECONNECTING
    production.save(update_fields=["health"])
    text = read(admin_person)
    assert "The connection to production needs reconnecting" in text
    assert "Check again" not in text


def test_rows_that_cannot_be_read_are_said_on_their_page(client, production, report, admin_person):
    production.health = Health.NEEDS_RECONNECTING
    production.save(update_fields=["health"])
    client.force_login(admin_person)
    answer = client.post(reverse("tracking_report_preview", args=[report.pk]))
    assert "The rows could not be read." in answer.content.decode()


def test_names_from_the_org_are_only_data(read, production, admin_person, listing):
    ReportListing.objects.update(
        reports=[
            {
                "id": "00O5g00000AbCdEEAV",
                "name": "<script>alert(1)</script>",
                "folder": "{{ 7 }}",
                "format": "Tabular",
                "last_run": "",
            }
        ]
    )
    text = read(admin_person)
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
