"""Where the list of people comes from: an admin says so, and no report is read anywhere."""

import pytest
from django.urls import reverse

from accounts.models import Event
from portal.models import PeopleSource
from portal.services import StepError, people_source_choose
from portal.steps import StepStatus
from portal.wording import event_sentence
from tests.factories import PeopleSourceFactory
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


def test_the_step_says_that_reports_come_later_and_never_from_a_sandbox(
    read, production, admin_person
):
    text = read(admin_person)
    assert "Reading your tracking reports in Salesforce comes later" in text
    assert "no report and no list of people is ever read from a sandbox" in text
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
    assert "Choose one of the two. Nothing has been saved." in response.content.decode()
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


@pytest.mark.parametrize("kind", PeopleSource.Kind.values)
def test_no_choice_is_a_report(kind):
    assert "report" not in str(PeopleSource.Kind(kind).label).lower()
