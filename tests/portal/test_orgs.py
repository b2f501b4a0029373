"""The page about both Salesforce orgs."""

import datetime
import re

import pytest
import time_machine
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import CheckRun, ConnectAttempt
from integrations.services.health import connection_health
from portal.org_health import share_words
from tests.factories import ConnectAttemptFactory, ConnectionFactory, OrgEpochFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(
        customer=customer,
        connected_by=admin_person,
        epoch__name="Northwind (full copy)",
        epoch__package_version="1.42",
        api_calls_used=1204,
        api_calls_limit=5_000_000,
    )


@pytest.fixture
def orgs(client):
    def read(person):
        client.force_login(person)
        response = client.get(reverse("org_list"))
        return response.content.decode() if response.status_code == 200 else response.status_code

    return read


def test_shows_health_facts_users_and_api_calls(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert "Northwind (full copy)" in text
    assert "usergems@northwind.example.full" in text
    assert "by Priya Shah," in text
    assert "1,204 of 5,000,000 (&lt;1%)" in text
    assert "1.42" in text
    assert "Connected" in text


def test_the_org_that_is_not_connected_says_what_it_waits_for(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert "Production org" in text
    assert "Not yet" in text
    assert "It is connected after the sandbox review" in text


def test_an_admin_may_reconnect_and_disconnect(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert reverse("connect_start", args=["sandbox"]) in text
    assert reverse("connection_disconnect", args=["sandbox"]) in text


def test_disconnecting_asks_first_and_names_what_will_happen(
    client, connected, signed_in, admin_person
):
    page = signed_in(admin_person).post(reverse("connection_disconnect", args=["sandbox"]))
    assert "Northwind (full copy)" in page.content.decode()
    connected.refresh_from_db()
    assert connected.health == "connected"


def test_a_reviewer_reads_and_changes_nothing(orgs, connected, reviewer):
    text = orgs(reviewer)
    assert "Northwind (full copy)" in text
    assert reverse("connection_disconnect", args=["sandbox"]) not in text
    assert "An admin of your company reconnects or disconnects it." in text


def test_a_dead_connection_says_why(orgs, connected, admin_person):
    type(connected).objects.update(
        health="needs_reconnecting", health_reason="Salesforce ended our access."
    )
    text = orgs(admin_person)
    assert "Needs reconnecting" in text
    assert "Salesforce ended our access." in text
    assert "your Salesforce administrator puts it right first" in text
    assert "press Reconnect and sign in as the same integration user" in text
    assert "after a refresh of the sandbox do its steps and its test begin anew" in text


def test_what_the_last_question_met_stands_above_the_facts(orgs, connected, admin_person):
    type(connected.epoch).objects.update(facts_error="The org has used up its API calls.")
    text = orgs(admin_person)
    assert text.index("The org has used up its API calls.") < text.index("Org ID")


def test_a_dead_connection_says_its_reason_once(orgs, connected, admin_person):
    """What the last question met is older news than the end of the connection."""
    type(connected).objects.update(health="needs_reconnecting", health_reason="It was revoked.")
    type(connected.epoch).objects.update(facts_error="Connect the org again.")
    assert "Connect the org again." not in orgs(admin_person)
    type(connected).objects.update(health="connected", health_reason="")
    assert "Connect the org again." in orgs(admin_person)


def test_an_attempt_that_did_not_come_back_leads_to_help(orgs, customer, admin_person):
    ConnectAttemptFactory(
        customer=customer, link=None, started_at=timezone.now() - datetime.timedelta(minutes=10)
    )
    text = orgs(admin_person)
    assert "did not come back from Salesforce" in text
    assert reverse("connect_help", args=["sandbox"]) in text


def test_an_answer_waits_for_the_person_who_signed_in_only(orgs, customer, admin_person, reviewer):
    attempt = ConnectAttemptFactory(
        customer=customer, link=None, user=admin_person, state=ConnectAttempt.State.RETURNED
    )
    address = reverse("connect_confirm", args=[attempt.pk])
    assert address in orgs(admin_person)
    assert address not in orgs(reviewer)


def test_orgs_connected_before_are_history(orgs, connected, admin_person):
    OrgEpochFactory(
        connection=connected, number=0, name="Northwind (old copy)", ended_at=timezone.now()
    )
    text = orgs(admin_person)
    assert "Orgs connected before" in text
    assert "Northwind (old copy)" in text


def test_tokens_are_never_shown(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert connected.access_token not in text
    assert connected.refresh_token not in text


def test_strangers_read_their_own_orgs_and_staff_nothing(orgs, connected, stranger, manager):
    assert "Northwind" not in orgs(stranger)
    assert orgs(manager) == 404


# --- health -----------------------------------------------------------------------------------


def set_on(connection, **values):
    type(connection).objects.filter(pk=connection.pk).update(**values)


def ago(**delta):
    return timezone.now() - datetime.timedelta(**delta)


def words(page):
    """The text of a page, without tags and line breaks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_health_says_kind_answer_and_how_old_the_access_is(orgs, connected, admin_person):
    set_on(connected, answered_at=ago(minutes=5), token_refreshed_at=ago(days=3))
    text = words(orgs(admin_person))
    assert re.search(r"Kind Sandbox, Enterprise Edition", text)
    assert re.search(r"Last answer \S+ \S+, \S+ \( ?5\sminutes ago\)", text)
    assert re.search(r"Access renewed \S+ \S+, \S+ \( ?3\sdays ago\)", text)
    assert "Renewed again by itself, at the latest" in text


def test_an_org_that_never_answered_says_so(orgs, connected, admin_person):
    set_on(connected, answered_at=None)
    assert "Last answer not yet" in words(orgs(admin_person))


def test_a_renewal_that_is_late_says_that_it_is_tried(orgs, connected, admin_person):
    set_on(connected, token_refreshed_at=ago(days=9))
    assert "Renewed again due, tried every hour" in words(orgs(admin_person))


def test_what_has_no_access_names_no_renewal(orgs, connected, admin_person):
    set_on(connected, health="disconnected", health_reason="Disconnected by Priya Shah.")
    text = orgs(admin_person)
    assert "Access renewed" not in text
    assert reverse("org_check", args=["sandbox"]) not in text


def test_the_reserve_is_explained_when_it_is_reached(orgs, connected, admin_person):
    set_on(connected, api_calls_used=4_100_000, api_calls_at=ago(minutes=20))
    text = orgs(admin_person)
    assert "4,100,000 of 5,000,000 (82%)" in text
    assert "82% of the org’s API calls of 24 hours are used." in text
    assert "they go on by themselves" in text
    set_on(connected, api_calls_used=3_900_000)
    assert "they go on by themselves" not in orgs(admin_person)


def test_a_connection_that_ended_has_nothing_left_to_warn_about(orgs, connected, admin_person):
    set_on(
        connected,
        health="disconnected",
        idle_warned_at=ago(days=1),
        api_calls_used=4_100_000,
        api_calls_at=ago(minutes=2),
    )
    type(connected.epoch).objects.update(app_installed=True, has_temporary_permission=True)
    text = orgs(admin_person)
    assert "could not be renewed for long" not in text
    assert "Approve Uninstalled Connected Apps" not in text
    assert "they go on by themselves" not in text
    health = connection_health(type(connected).objects.get(), timezone.now())
    assert health.next_keep_alive is health.idle_end is health.token_age is None


def test_what_an_org_said_of_its_day_long_ago_is_no_news(orgs, connected, admin_person):
    set_on(connected, api_calls_used=4_100_000, api_calls_at=ago(hours=2))
    text = orgs(admin_person)
    assert "4,100,000 of 5,000,000 (82%)" in text
    assert "they go on by themselves" not in text


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, "99%"), (1, "100%"), (None, "")],
)
def test_a_share_is_rounded_down(share, said):
    assert share_words(share) == said


def test_the_page_costs_the_same_however_much_there_is_to_say(
    client, connected, admin_person, customer
):
    client.force_login(admin_person)
    client.get(reverse("org_list"))
    with CaptureQueriesContext(database) as little:
        client.get(reverse("org_list"))
    ConnectionFactory(customer=customer, environment="production", connected_by=admin_person)
    for number in range(2, 5):
        OrgEpochFactory(connection=connected, number=number, ended_at=timezone.now())
    with CaptureQueriesContext(database) as much:
        client.get(reverse("org_list"))
    assert len(much) <= len(little) + 2, "a second org may bring its own few facts, not a row each"


def test_health_is_read_without_a_query(connected, django_assert_num_queries):
    row = type(connected).objects.select_related("epoch").get()
    with django_assert_num_queries(0):
        health = connection_health(row, timezone.now())
    assert health.live
    assert not health.reserve_reached
    assert health.next_keep_alive < health.idle_end


def test_check_again_asks_the_org_and_not_twice_at_once(client, connected, reviewer):
    client.force_login(reviewer)
    address = reverse("org_check", args=["sandbox"])
    for _press in range(2):
        assert "The org is being asked." in client.post(address, follow=True).content.decode()
    CheckRun.objects.update(state="ended", ended_at=timezone.now())
    text = client.post(address, follow=True).content.decode()
    assert "The org was asked a moment ago" in text
    assert CheckRun.objects.count() == 1


def test_check_again_is_there_again_in_a_moment_and_for_each_org_by_itself(
    client, connected, customer, reviewer
):
    production = ConnectionFactory(customer=customer, environment="production")
    client.force_login(reviewer)
    sandbox = reverse("org_check", args=["sandbox"])
    client.post(sandbox)
    client.post(reverse("org_check", args=["production"]))
    CheckRun.objects.update(state="ended", ended_at=timezone.now())
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=16), tick=True):
        client.post(sandbox)
    asked = list(CheckRun.objects.order_by("pk").values_list("epoch", flat=True))
    assert asked == [connected.epoch.pk, production.epoch.pk, connected.epoch.pk]


def test_check_again_knows_two_environments(client, connected, reviewer):
    client.force_login(reviewer)
    assert client.post(reverse("org_check", args=["staging"])).status_code == 404


def test_check_again_never_asks_the_org_of_another_customer(client, connected, stranger):
    client.force_login(stranger)
    answer = client.post(reverse("org_check", args=["sandbox"]), follow=True)
    assert not CheckRun.objects.exists()
    assert "The org is not connected" in answer.content.decode()


def test_check_again_shows_what_the_org_answers(
    client, rehearsal, customer, admin_person, django_capture_on_commit_callbacks
):
    connection = rehearsal.connect(customer, package_installed=None, package_version="")
    rehearsal.package_install("northwind-full")
    client.force_login(admin_person)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("org_check", args=["sandbox"]))
    connection.epoch.refresh_from_db()
    assert connection.epoch.package_installed is True
    assert "just now" in client.get(reverse("org_list")).content.decode()


def test_check_again_of_what_is_not_connected_says_so(client, connected, admin_person):
    set_on(connected, health="needs_reconnecting")
    client.force_login(admin_person)
    for environment in ("sandbox", "production"):
        answer = client.post(reverse("org_check", args=[environment]), follow=True)
        assert "The org is not connected" in answer.content.decode()


# --- the managers' desk -----------------------------------------------------------------------


def test_the_desk_shows_health_of_all_connections(connected, manager, signed_in):
    set_on(
        connected,
        api_calls_used=4_100_000,
        answered_at=timezone.now(),
        token_refreshed_at=ago(days=3),
    )
    desk = signed_in(manager)
    listed = words(desk.get(reverse("admin:integrations_connection_changelist")).content.decode())
    assert "4,100,000 / 5,000,000 (82%)" in listed
    assert "1.42" in listed
    page = words(
        desk.get(
            reverse("admin:integrations_connection_change", args=[connected.pk])
        ).content.decode()
    )
    for said in ("usergems@northwind.example.full", "(3 days)", "the org’s newest is"):
        assert said in page
    assert connected.access_token not in page
    assert connected.refresh_token not in page


def test_the_desks_list_costs_the_same_however_many_there_are(connected, manager, signed_in):
    desk = signed_in(manager)
    address = reverse("admin:integrations_connection_changelist")
    desk.get(address)
    with CaptureQueriesContext(database) as one:
        desk.get(address)
    for _number in range(5):
        ConnectionFactory(customer__implementation_manager=manager)
    with CaptureQueriesContext(database) as many:
        desk.get(address)
    assert len(many) <= len(one)
