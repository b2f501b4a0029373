"""An org that does not answer, a setting that was narrowed, an org nobody has any more: pages say
so in time, workers stay free for others."""

import datetime
import time

import pytest
import time_machine
from django.db.models.signals import post_init
from django.urls import reverse
from django.utils import timezone

from integrations import tasks
from integrations.models import ConnectAttempt, Connection, OrgCallSlot, OrgEpoch
from integrations.salesforce.errors import SalesforceError
from integrations.selectors import attempts_by_customer
from integrations.services import org_facts_refresh, org_open, orgs
from integrations.services.pace import OrgPace
from integrations.services.retention import call_slots_purge
from tests.factories import ConnectAttemptFactory, ConnectionFactory
from tests.salesforce.conftest import says, silence, start, stop

pytestmark = pytest.mark.django_db

# A slow machine may take its time; the web server's limit is 60.
IN_TIME = 10


@pytest.fixture
def salesforce():
    stub, httpd = start()
    yield stub
    stop(stub, httpd)


@pytest.fixture
def connected(salesforce, customer):
    return ConnectionFactory(
        customer=customer,
        login_host=salesforce.url,
        epoch__instance_url=salesforce.url,
        epoch__package_installed=None,
        epoch__facts_at=None,
    )


def minutes(count):
    return time_machine.travel(timezone.now() + datetime.timedelta(minutes=count), tick=True)


def test_the_settings_page_waits_for_no_org(connected, salesforce, signed_in, admin_person):
    """What there is to choose from is asked for in the background."""
    salesforce.then(*[silence] * 6)
    began = time.monotonic()
    answer = signed_in(admin_person).get(reverse("settings"))
    assert time.monotonic() - began < IN_TIME
    assert answer.status_code == 200
    assert salesforce.seen == []
    assert not OrgCallSlot.objects.exclude(holder="").exists()


def test_patience_ends_before_the_web_server_ends_the_page(settings):
    waiting = settings.ORG_CALL_WAIT_SECONDS + orgs.PAGE_PATIENCE
    assert waiting + settings.SALESFORCE_CONNECT_TIMEOUT + settings.SALESFORCE_READ_TIMEOUT < 60


def test_an_org_that_does_not_answer_is_asked_every_five_minutes_not_every_minute(
    connected, salesforce, monkeypatch
):
    salesforce.then(*[says(503)] * 40)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    asked = []
    refresh = tasks.org_facts_refresh

    def note(arguments, **options):
        asked.append(arguments)
        refresh(*arguments)

    monkeypatch.setattr(refresh, "apply_async", note)
    for minute in range(10):
        with minutes(minute):
            tasks.connections_sweep()
    assert len(asked) == 2
    connected.epoch.refresh_from_db()
    assert connected.epoch.facts_at is None
    assert connected.epoch.facts_error


@pytest.mark.parametrize("count", [2, 40])
def test_the_sweep_costs_the_same_queries_for_many_orgs(
    customer, monkeypatch, django_assert_max_num_queries, count
):
    monkeypatch.setattr(tasks.org_facts_refresh, "apply_async", lambda *_a, **_k: None)
    for _number in range(count):
        ConnectionFactory(epoch__package_installed=None, epoch__facts_at=None)
    with django_assert_max_num_queries(4):
        tasks.connections_sweep()
    assert OrgEpoch.objects.filter(facts_tried_at=None).count() == 0


def test_an_address_that_was_taken_off_the_list_is_said_and_breaks_nothing(
    connected, settings, signed_in, admin_person
):
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com"]
    with pytest.raises(SalesforceError) as caught:
        org_open(connected)
    assert caught.value.code == "ADDRESS_REFUSED"
    answer = signed_in(admin_person).get(reverse("settings"))
    assert answer.status_code == 200
    org_facts_refresh(connection=connected)
    assert connected.epoch.facts_error
    tasks.connection_keep_alive(connected.pk)
    connected.refresh_from_db()
    assert connected.health == "connected"


def test_slots_of_orgs_that_nobody_calls_any_more_go(connected):
    for org_id in (connected.epoch.org_id, "00D5g00000Gone1EAA", "00D5g00000Held1EAA"):
        pace = OrgPace(org_id=org_id)
        pace.call_begins(seconds=5)
        if "Held" not in org_id:
            pace.close()
    assert call_slots_purge(dry_run=True) == 9
    assert call_slots_purge() == 9
    left = set(OrgCallSlot.objects.values_list("org_id", flat=True))
    assert left == {connected.epoch.org_id, "00D5g00000Held1EAA"}
    Connection.objects.update(health="disconnected")
    assert call_slots_purge() == 5


def test_workers_that_were_away_for_hours_find_one_keep_alive_and_not_one_an_hour(
    connected, monkeypatch
):
    Connection.objects.update(token_refreshed_at=timezone.now() - datetime.timedelta(days=8))
    told = []
    monkeypatch.setattr(
        tasks.connection_keep_alive,
        "apply_async",
        lambda arguments, **options: told.append((arguments, options)),
    )
    tasks.connections_keep_alive()
    assert told == [((connected.pk,), {"expires": 3600})]


def test_many_attempts_that_nobody_confirmed_are_given_up_by_a_task_each(
    customer, admin_person, monkeypatch, django_assert_max_num_queries
):
    for _number in range(12):
        ConnectAttemptFactory(
            customer=customer,
            user=admin_person,
            started_at=timezone.now() - datetime.timedelta(minutes=40),
        )
    told = []
    monkeypatch.setattr(tasks.connect_attempt_give_up, "delay", told.append)
    with django_assert_max_num_queries(4):
        tasks.connections_sweep()
    assert len(told) == 12
    for pk in [*told, *told, 999_999]:
        tasks.connect_attempt_give_up(pk)
    assert not ConnectAttempt.objects.exclude(state="abandoned").exists()


def test_lists_do_not_load_the_attempts_of_somebody_who_tries_all_day(
    customer, admin_person, django_assert_num_queries
):
    ConnectAttempt.objects.bulk_create(
        ConnectAttempt(customer=customer, environment="sandbox", user=admin_person)
        for _number in range(300)
    )
    newest = ConnectAttemptFactory(customer=customer)
    made = []

    def note(instance, **_more):
        made.append(instance)

    post_init.connect(note, ConnectAttempt)
    try:
        with django_assert_num_queries(1):
            found = attempts_by_customer([customer])
    finally:
        post_init.disconnect(note, ConnectAttempt)
    assert found == {customer.pk: {"sandbox": newest}}
    assert len(made) == 1
