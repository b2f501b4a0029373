"""Where the list of people comes from: an admin says so; reports have to be readable, too."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from portal.models import PeopleSource
from portal.services import StepError, people_source_choose
from portal.steps import StepStatus
from portal.wording import event_sentence
from tests.factories import PeopleSourceFactory, TrackingReportFactory
from tests.portal.situations import connect, production_connect, sandbox_approved, shown

pytestmark = pytest.mark.django_db

ADDRESS = "/people-source/"
STEP = "production.people"


@pytest.fixture
def production(customer):
    """The step is open."""
    sandbox_approved(customer)
    return production_connect(customer)


@pytest.fixture
def read(client):
    """The step on the setup page, as somebody."""

    def page(person):
        client.force_login(person)
        return client.get(reverse("setup") + f"?step={STEP}").content.decode()

    return page


def test_the_step_offers_three_ways_and_says_that_nothing_is_read_from_a_sandbox(
    read, production, admin_person
):
    text = read(admin_person)
    assert "no report and no list of people is ever read from a sandbox" in text
    assert "Tracking reports in our production Salesforce" in text
    assert "A file that we send to UserGems" in text


def test_an_admin_chooses(client, customer, production, admin_person):
    client.force_login(admin_person)
    response = client.post(ADDRESS, {"kind": "file"}, follow=True)
    assert "Saved. You can change it at any time." in response.content.decode()
    assert customer.people_source.kind == PeopleSource.Kind.FILE
    assert customer.people_source.chosen_by == admin_person
    assert shown(customer, STEP).status == StepStatus.DONE


def test_the_choice_is_in_the_log_in_words(customer, production, admin_person):
    people_source_choose(customer=customer, kind="engine", by=admin_person)
    event = Event.objects.get(action="people_source.chosen")
    assert event.data == {"kind": "engine", "before": ""}
    assert event.org_id == production.epoch.org_id
    assert event_sentence(event, {}) == "Priya Shah said where the list of people comes from"


def test_choosing_the_same_again_changes_nothing(customer, production, admin_person):
    first = people_source_choose(customer=customer, kind="file", by=admin_person)
    again = people_source_choose(customer=customer, kind="file", by=admin_person)
    assert again.chosen_at == first.chosen_at
    assert Event.objects.filter(action="people_source.chosen").count() == 1


def test_it_can_be_changed(client, read, customer, production, admin_person):
    PeopleSourceFactory(customer=customer, kind="file")
    text = read(admin_person)
    assert "Change it" in text
    client.post(ADDRESS, {"kind": "engine"})
    customer.people_source.refresh_from_db()
    assert customer.people_source.kind == "engine"
    assert Event.objects.get(action="people_source.chosen").data["before"] == "file"


@pytest.mark.parametrize("kind", ["", "report", "sandbox_report"])
def test_nothing_chosen_or_something_else_is_said_next_to_the_boxes(
    client, customer, production, admin_person, kind
):
    client.force_login(admin_person)
    response = client.post(ADDRESS, {"kind": kind})
    assert response.status_code == 422
    assert "Choose one of the three. Nothing has been saved." in response.content.decode()
    assert not PeopleSource.objects.exists()


def test_a_colleague_reads_and_may_not_choose(client, read, customer, production, reviewer):
    assert "An admin of your company chooses." in read(reviewer)
    assert client.post(ADDRESS, {"kind": "file"}).status_code == 403
    assert not PeopleSource.objects.exists()


def test_the_manager_does_not_choose_for_the_customer(customer, production, manager):
    with pytest.raises(StepError, match="An admin of the customer chooses"):
        people_source_choose(customer=customer, kind="file", by=manager)


def test_rule_5_with_only_a_sandbox_there_is_nothing_to_choose(client, customer, admin_person):
    connect(customer)
    with pytest.raises(StepError, match="after the production org is connected"):
        people_source_choose(customer=customer, kind="file", by=admin_person)
    client.force_login(admin_person)
    text = client.post(ADDRESS, {"kind": "file"}, follow=True).content.decode()
    assert "This step opens after the production org is connected." in text
    assert not PeopleSource.objects.exists()


@pytest.fixture
def by_reports(customer, production):
    """The list comes from reports; one more of them in the state asked for."""
    PeopleSourceFactory(customer=customer, kind="reports")

    def report(state, **values):
        return TrackingReportFactory(
            customer=customer, epoch=production.epoch, state=state, **values
        )

    return report


def test_reports_without_a_report_are_the_customers_turn(customer, by_reports):
    step = shown(customer, STEP)
    assert (step.status, step.sentence) == (StepStatus.CUSTOMER, "Choose your tracking reports")


def test_readable_reports_finish_the_step(customer, by_reports):
    by_reports("ready", row_count=1_200)
    by_reports("ready", row_count=85)
    step = shown(customer, STEP)
    assert (step.status, step.sentence) == (StepStatus.DONE, "2 reports, 1,285 rows")


def test_one_report_that_cannot_be_used_holds_the_step(customer, read, by_reports, admin_person):
    by_reports("ready", row_count=3)
    by_reports(
        "attention",
        name="Champions",
        problems=[{"wanted": "email", "sentence": "No column for E-mail is chosen.", "fix": ""}],
    )
    step = shown(customer, STEP)
    assert (step.status, step.sentence) == (
        StepStatus.ATTENTION,
        "“Champions” cannot be used yet",
    )
    assert "No column for E-mail is chosen." in read(admin_person)


def test_a_report_that_is_being_asked_about_is_shown_as_such(customer, by_reports):
    by_reports("asking")
    assert shown(customer, STEP).status == StepStatus.CHECKING


def test_a_removed_report_does_not_count(customer, by_reports):
    by_reports("ready", row_count=3, removed_at=timezone.now())
    assert shown(customer, STEP).sentence == "Choose your tracking reports"


def test_a_report_of_an_org_that_is_gone_does_not_count(customer, production, by_reports):
    report = by_reports("ready", row_count=3)
    report.epoch.ended_at = timezone.now()
    report.epoch.save(update_fields=["ended_at"])
    assert shown(customer, STEP).sentence == "Choose your tracking reports"
