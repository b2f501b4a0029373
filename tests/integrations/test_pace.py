"""An org gets a few of our calls at a time, and bulk work leaves it a part of its day."""

import datetime
import threading

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from integrations.models import Connection, OrgCallSlot
from integrations.salesforce.config import ApiUsage
from integrations.salesforce.errors import Family, LimitReached, SalesforceError
from integrations.services.pace import OrgPace
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db

ORG = "00D5g00000Pace1EAA"
OTHER = "00D5g00000Pace2EAA"


class Clock:
    """Time that passes only by sleeping; `at_sleep` is done in the first nap."""

    def __init__(self):
        self.now = timezone.now()
        self.at_sleep = None
        self.slept = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept += seconds
        self.pass_by(seconds)
        if self.at_sleep:
            do, self.at_sleep = self.at_sleep, None
            do()

    def pass_by(self, seconds):
        self.now += datetime.timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    def make(org_id=ORG, **given):
        return OrgPace(org_id=org_id, clock=clock, sleep=clock.sleep, **given)

    return make


@pytest.fixture
def connected(customer):
    return ConnectionFactory(customer=customer)


def used(connection, used, limit=1000, *, ago=1):
    at = timezone.now() - datetime.timedelta(seconds=ago)
    Connection.objects.filter(pk=connection.pk).update(
        api_calls_used=used, api_calls_limit=limit, api_calls_at=at, answered_at=at
    )
    connection.refresh_from_db()


# --- calls at a time --------------------------------------------------------------------------


def test_as_many_clients_call_at_once_as_the_setting_says(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 2
    for _number in range(2):
        client().call_begins(seconds=20)
    with pytest.raises(SalesforceError) as caught:
        client().call_begins(seconds=20)
    assert caught.value.code == "TOO_MANY_CALLS"
    assert caught.value.family == Family.TRY_AGAIN
    assert settings.ORG_CALL_WAIT_SECONDS <= clock.slept < settings.ORG_CALL_WAIT_SECONDS + 1
    assert OrgCallSlot.objects.filter(org_id=ORG).count() == 2


def test_another_org_is_not_held_up(client, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    client().call_begins(seconds=20)
    client(OTHER).call_begins(seconds=20)


def test_who_waits_goes_on_as_soon_as_a_place_is_free(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    first = client()
    first.call_begins(seconds=20)
    clock.at_sleep = first.close
    client().call_begins(seconds=20)
    assert clock.slept < 1


def test_a_client_keeps_its_place_between_calls_without_writing(
    client, clock, settings, django_assert_num_queries
):
    settings.ORG_CALLS_AT_ONCE = 1
    mine = client()
    mine.call_begins(seconds=20)
    mine.call_ended(None)
    clock.pass_by(20)
    with django_assert_num_queries(0):
        mine.call_begins(seconds=20)


def test_a_longer_call_makes_the_place_last(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    mine = client()
    mine.call_begins(seconds=20)
    mine.call_begins(seconds=600)
    clock.pass_by(500)
    with pytest.raises(SalesforceError):
        client().call_begins(seconds=20)


def test_the_place_of_a_worker_that_died_is_free_again_by_time(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    client().call_begins(seconds=20)
    clock.pass_by(60)
    client().call_begins(seconds=20)
    assert clock.slept == 0


def test_whose_place_ran_out_and_was_taken_gets_another_one(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    slow, other = client(), client()
    slow.call_begins(seconds=20)
    clock.pass_by(60)
    other.call_begins(seconds=20)
    with pytest.raises(SalesforceError):
        slow.call_begins(seconds=20)
    slow.close()
    assert OrgCallSlot.objects.get().holder, "closing must not free somebody else's place"
    other.close()
    slow.call_begins(seconds=20)


def test_whose_place_ran_out_frees_nobody_elses_by_closing(client, clock, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    slow, other = client(), client()
    slow.call_begins(seconds=20)
    clock.pass_by(60)
    other.call_begins(seconds=20)
    slow.close()
    with pytest.raises(SalesforceError):
        client().call_begins(seconds=20)


def test_a_client_that_was_closed_takes_a_place_again(client, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    mine = client()
    mine.call_begins(seconds=20)
    mine.close()
    mine.call_begins(seconds=20)
    with pytest.raises(SalesforceError):
        client().call_begins(seconds=20)


def test_a_place_that_somebody_took_since_it_was_seen_free_stays_theirs(
    client, clock, settings, monkeypatch
):
    settings.ORG_CALLS_AT_ONCE = 1
    settings.ORG_CALL_WAIT_SECONDS = 0

    def overtaken(_candidates):
        until = clock.now + datetime.timedelta(seconds=60)
        OrgCallSlot.objects.update(holder="another", until=until)

    monkeypatch.setattr("integrations.services.pace.random.shuffle", overtaken)
    with pytest.raises(SalesforceError):
        client().call_begins(seconds=20)
    assert OrgCallSlot.objects.get().holder == "another"


def test_a_lower_setting_counts_at_once(client, settings):
    settings.ORG_CALLS_AT_ONCE = 3
    first = client()
    first.call_begins(seconds=20)
    first.close()
    settings.ORG_CALLS_AT_ONCE = 1
    client().call_begins(seconds=20)
    with pytest.raises(SalesforceError):
        client().call_begins(seconds=20)


@pytest.mark.django_db(transaction=True)
def test_no_place_is_taken_inside_an_open_transaction(client):
    with transaction.atomic(), pytest.raises(RuntimeError):
        client().call_begins(seconds=20)


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_call_more_often_at_once_than_allowed(settings):
    settings.ORG_CALLS_AT_ONCE = 2
    settings.ORG_CALL_WAIT_SECONDS = 60
    inside, most, problems = set(), [], []
    together = threading.Barrier(6, timeout=30)

    def work(number):
        try:
            together.wait()
            for _call in range(4):
                mine = OrgPace(org_id=ORG, sleep=lambda _seconds: threading.Event().wait(0.02))
                mine.call_begins(seconds=20)
                inside.add(number)
                most.append(len(inside))
                threading.Event().wait(0.01)
                inside.discard(number)
                mine.close()
        except Exception as error:  # noqa: BLE001 (shown by the assertion below)
            problems.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert len(most) == 24
    assert max(most) <= 2
    assert OrgCallSlot.objects.filter(org_id=ORG).count() == 2


# --- the reserve ------------------------------------------------------------------------------


def test_bulk_work_stops_at_the_reserve_and_other_work_goes_on(client, connected):
    used(connected, 800)
    with pytest.raises(LimitReached) as caught:
        client(connection=connected, bulk=True).call_begins(seconds=20)
    assert caught.value.code == "API_RESERVE"
    assert caught.value.daily
    assert caught.value.family == Family.TRY_AGAIN
    client(connection=connected).call_begins(seconds=20)


def test_below_the_reserve_bulk_work_goes_on(client, connected):
    used(connected, 799)
    client(connection=connected, bulk=True).call_begins(seconds=20)


def test_bulk_work_that_reaches_the_reserve_on_its_way_stops(client, connected):
    used(connected, 790)
    mine = client(connection=connected, bulk=True)
    mine.call_begins(seconds=20)
    mine.call_ended(ApiUsage(801, 1000))
    with pytest.raises(LimitReached):
        mine.call_begins(seconds=20)


def test_what_was_heard_long_ago_lets_one_call_go_and_tell(client, connected, settings):
    used(connected, 990, ago=settings.API_USAGE_FRESH_SECONDS + 1)
    mine = client(connection=connected, bulk=True)
    mine.call_begins(seconds=20)
    mine.call_ended(ApiUsage(990, 1000))
    with pytest.raises(LimitReached):
        mine.call_begins(seconds=20)


def test_the_share_is_a_setting(client, connected, settings):
    settings.API_RESERVE_SHARE = 0.5
    used(connected, 500)
    with pytest.raises(LimitReached):
        client(connection=connected, bulk=True).call_begins(seconds=20)


def test_an_org_that_names_no_limit_stops_nothing(client, connected):
    used(connected, 0, limit=0)
    client(connection=connected, bulk=True).call_begins(seconds=20)


def test_bulk_work_that_may_not_go_holds_no_place(client, connected, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    used(connected, 900)
    with pytest.raises(LimitReached):
        client(connection=connected, bulk=True).call_begins(seconds=20)
    client().call_begins(seconds=20)


# --- what is remembered -----------------------------------------------------------------------


def test_closing_writes_down_usage_and_last_answer(client, connected, clock):
    mine = client(connection=connected)
    mine.call_begins(seconds=20)
    mine.call_ended(ApiUsage(12, 1000))
    mine.call_ended(None)
    mine.close()
    connected.refresh_from_db()
    assert (connected.api_calls_used, connected.api_calls_limit) == (12, 1000)
    assert connected.api_calls_at == connected.answered_at == clock.now


def test_nothing_is_written_when_nothing_much_changed(client, connected, django_assert_num_queries):
    used(connected, 100)
    mine = client(org_id="", connection=connected)
    mine.call_begins(seconds=20)
    mine.call_ended(ApiUsage(104, 1000))
    with django_assert_num_queries(0):
        mine.close()


@pytest.mark.parametrize("now_used", [110, 30])
def test_a_hundredth_of_the_day_is_worth_a_write(client, connected, now_used):
    used(connected, 100)
    mine = client(connection=connected)
    mine.call_ended(ApiUsage(now_used, 1000))
    mine.close()
    connected.refresh_from_db()
    assert connected.api_calls_used == now_used


def test_so_is_another_limit(client, connected):
    used(connected, 100)
    mine = client(connection=connected)
    mine.call_ended(ApiUsage(100, 1005))
    mine.close()
    connected.refresh_from_db()
    assert connected.api_calls_limit == 1005


def test_so_is_an_answer_after_a_minute_so_that_pages_know_it_answers(client, connected, clock):
    used(connected, 100)
    clock.pass_by(61)
    mine = client(connection=connected)
    mine.call_ended(ApiUsage(101, 1000))
    mine.close()
    connected.refresh_from_db()
    assert connected.answered_at == clock.now


def test_so_is_the_reserve(client, connected):
    used(connected, 799)
    mine = client(connection=connected)
    mine.call_ended(ApiUsage(800, 1000))
    mine.close()
    connected.refresh_from_db()
    assert connected.api_calls_used == 800


def test_an_answer_that_came_later_stays(client, connected, clock):
    mine = client(connection=connected)
    mine.call_ended(ApiUsage(12, 1000))
    later = clock.now + datetime.timedelta(seconds=5)
    Connection.objects.filter(pk=connected.pk).update(api_calls_used=50, api_calls_at=later)
    mine.close()
    connected.refresh_from_db()
    assert connected.api_calls_used == 50
