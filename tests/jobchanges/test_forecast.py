"""The forecast: everything of the coming batch is asked, planned and counted; nothing written."""

import datetime
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Environment
from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery import worker
from jobchanges.delivery.counting import visit_count
from jobchanges.forecast import ForecastError, forecast_make, making
from jobchanges.forecast.cost import seconds_per_graph, write_calls
from jobchanges.forecast.tally import Tally
from jobchanges.models import (
    Attempt,
    Batch,
    Delivery,
    EnvironmentSettings,
    OrgLease,
    OutputSettings,
    RecordMode,
    TestRun,
)
from jobchanges.planning import Plan, Write
from jobchanges.services import batch_release, imports_read
from tests.factories import (
    AttemptFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    JobChangeFactory,
    MembershipFactory,
    OutputSettingsFactory,
    TestRunFactory,
)
from tests.jobchanges.conftest import PACKAGE

ORG = "northwind"
DAY = datetime.timedelta(days=1)
FILE = Path(__file__).parents[2] / "portal" / "demo" / "data" / "job-changes.csv"
WRITTEN = ("Account", "Contact", "Lead", "CampaignMember", PACKAGE)


@pytest.fixture
def production(rehearsal, customer):
    """Northwind's production, connected, with the package and a default owner."""
    rehearsal.package_install(ORG)
    connection = rehearsal.connect(customer, ORG)
    OutputSettingsFactory(customer=customer)
    owner = next(row for row in rehearsal.records(ORG, "User") if row["IsActive"])
    EnvironmentSettingsFactory(
        customer=customer, environment=Environment.PRODUCTION, default_owner_id=owner["Id"]
    )
    return connection


def imported(customer, count):
    """The first rows of the demo's file."""
    lines = FILE.read_bytes().splitlines(keepends=True)
    imports_read(
        customer=customer, file_name=FILE.name, content=b"".join(lines[: count + 1]), by=None
    )


def forecast(connection):
    return forecast_make(connection.epoch_id, timezone.now()).as_json()


def counted(rehearsal):
    return {name: len(rehearsal.records(ORG, name, fields="Id")) for name in WRITTEN}


def somebody(customer, number, **words):
    """Joins a company that the org does not know, unless `words` say otherwise."""
    return JobChangeFactory(
        customer=customer,
        first_name="Ada",
        last_name=f"Lovelace{chr(65 + number)}",
        person_country="United States",
        past_email=f"ada{number}@analytical{number}.example",
        past_company_name=f"Analytical Engines {number}",
        **{
            "new_email": f"ada{number}@difference{number}.example",
            "new_company_name": f"Difference Works {chr(65 + number) * 3}",
            "new_company_domain": f"difference{number}.example",
            "new_company_website": f"https://difference{number}.example",
        }
        | words,
    )


def test_everything_is_counted_and_nothing_is_written(production, customer, rehearsal):
    imported(customer, 120)
    before = counted(rehearsal)
    asked = len(rehearsal.calls(ORG))
    told = forecast(production)
    assert told["total"] == told["new"] == 120
    assert sum(told["outcomes"].values()) == 120
    assert counted(rehearsal) == before
    assert not Delivery.objects.exists()
    assert not OrgLease.objects.exists()
    assert told["api_calls"]["made_for_this"] == len(rehearsal.calls(ORG)) - asked
    assert not any("graph" in call["path"] for call in rehearsal.calls(ORG))
    assert json.loads(json.dumps(told)) == told


def test_owners_are_named_in_one_call_and_add_up(production, customer, monkeypatch):
    imported(customer, 60)
    asked = []
    real = making.names_ask
    monkeypatch.setattr(
        making, "names_ask", lambda visit, ids: (asked.append(ids), real(visit, ids))
    )
    told = forecast(production)
    outcomes = told["outcomes"]
    assert len(asked) == 1
    assert all(owner["name"] != owner["id"] for owner in told["owners"])
    counts = [owner["count"] for owner in told["owners"]]
    assert counts == sorted(counts, reverse=True)
    created = outcomes["contacts"] + outcomes["leads"] + told["new_accounts"]
    assert sum(counts) + told["more_owners"]["count"] == created


def test_who_is_not_among_the_first_twenty_owners_is_counted_together():
    tally = Tally()
    for number in range(25):
        tally.add(
            JobChangeFactory.build(customer=None),
            Plan(
                outcome="created",
                writes=(
                    Write(
                        role="person",
                        object_name="Lead",
                        operation="create",
                        fields={"OwnerId": f"005{number:012d}"},
                    ),
                ),
            ),
        )
    shares, more_owners, more_records = tally.owners_top()
    assert (len(shares), more_owners, more_records) == (20, 5, 5)


def test_two_people_who_join_one_new_company_make_one_account(production, customer):
    OutputSettings.objects.update(record_mode=RecordMode.ALWAYS_CONTACT)
    same = {
        "new_company_name": "Difference Works",
        "new_company_domain": "difference.example",
        "new_company_website": "",
    }
    for number in range(2):
        somebody(customer, number, new_email=f"ada{number}@difference.example", **same)
    somebody(customer, 2)
    told = forecast(production)
    assert told["outcomes"]["contacts"] == 3
    assert told["new_accounts"] == 2
    assert [owner["count"] for owner in told["owners"]] == [5]


def test_what_production_has_is_left_out_and_what_it_overtakes_is_held(production, customer):
    early = somebody(customer, 0, detected_at=timezone.now() - DAY)
    late = somebody(customer, 0)
    run = TestRunFactory(
        customer=customer, environment=Environment.PRODUCTION, epoch=production.epoch
    )
    DeliveryFactory(test_run=run, job_change=late, state=Delivery.State.DELIVERED)
    told = forecast(production)
    assert (told["total"], told["already_there"]) == (1, 1)
    assert told["outcomes"]["held"] == 1
    assert told["held_reasons"][0]["reason"].startswith("A later job change of the same person")
    assert early.pk


def test_reasons_to_hold_are_counted(production, customer):
    EnvironmentSettings.objects.update(default_owner_id="")
    for number in range(3):
        somebody(customer, number)
    somebody(customer, 4, kind="promotion")
    told = forecast(production)
    assert told["outcomes"]["held"] == 4
    assert [item["count"] for item in told["held_reasons"]] == [3, 1]
    assert "No default owner is chosen" in told["held_reasons"][0]["reason"]


def test_job_changes_imported_after_the_cut_off_are_not_counted(production, customer):
    somebody(customer, 0)
    told = forecast_make(production.epoch_id, timezone.now() - DAY).as_json()
    assert told["total"] == 0
    assert sum(told["outcomes"].values()) == 0


def test_refusals_are_said_not_to_be_foretold(production, customer):
    somebody(customer, 0)
    assert "shows only when it is sent" in forecast(production)["not_foretold"]


def test_the_duration_is_unknown_until_the_org_was_seen_writing(production, customer):
    somebody(customer, 0)
    assert forecast(production)["minutes"] is None
    now = timezone.now()
    for number in range(4):
        delivery = DeliveryFactory(
            test_run__customer=customer,
            test_run__environment=Environment.PRODUCTION,
            test_run__epoch=production.epoch,
            test_run__state=TestRun.State.CLOSED,
            job_change=somebody(customer, 10 + number),
            state=Delivery.State.DELIVERED,
        )
        # Two calls of two, ten seconds each.
        started = now - DAY + datetime.timedelta(seconds=60 * (number // 2))
        AttemptFactory(
            delivery=delivery,
            started_at=started,
            ended_at=started + datetime.timedelta(seconds=10),
            outcome=Attempt.Outcome.DELIVERED,
        )
    assert seconds_per_graph(production.epoch) == 5.0
    low, high = forecast(production)["minutes"]
    assert 1 <= low < high


def test_an_org_that_needs_a_rest_is_not_asked(production, customer, rehearsal):
    OrgLease.objects.create(
        org_id=production.epoch.org_id,
        paused_until=timezone.now() + DAY,
        pause_reason="Salesforce did not answer.",
    )
    asked = len(rehearsal.calls(ORG))
    with pytest.raises(ForecastError, match="Salesforce did not answer"):
        forecast(production)
    assert len(rehearsal.calls(ORG)) == asked


def test_the_last_api_calls_of_the_day_are_left_to_the_customer(production, customer, monkeypatch):
    somebody(customer, 0)
    monkeypatch.setattr(making, "LEFT_ALONE", 1.0)
    with pytest.raises(ForecastError, match="nearly used up"):
        forecast(production)


def test_what_salesforce_refuses_is_the_reason(production, customer, monkeypatch):
    somebody(customer, 0)

    def refused(*_given):
        raise SalesforceError("REQUEST_LIMIT_EXCEEDED")

    monkeypatch.setattr(making, "matches_find", refused)
    with pytest.raises(ForecastError) as problem:
        forecast(production)
    assert problem.value.sentence == SalesforceError("REQUEST_LIMIT_EXCEEDED").sentence


def test_a_mistake_of_ours_is_a_sentence_too(production, customer, monkeypatch):
    somebody(customer, 0)
    monkeypatch.setattr(Tally, "add", lambda *_given: 1 / 0)
    with pytest.raises(ForecastError, match="We were told"):
        forecast(production)


@pytest.fixture
def send(production, customer, batch_gate):
    """Sends what waits, signed; what was signed is the floor above's. Answers the calls it took."""

    def call(rehearsal):
        manager = customer.implementation_manager
        batch = batch_release(
            customer=customer,
            cut_off=timezone.now(),
            signed_hash="a" * 64,
            customer_signer=MembershipFactory(customer=customer).user,
            vendor_signer=manager,
            by=manager,
        )
        asked = len(rehearsal.calls(ORG))
        worker.org_deliver(production.epoch_id)
        batch.refresh_from_db()
        assert batch.state == Batch.State.ENDED
        return len(rehearsal.calls(ORG)) - asked

    return call


def test_sending_takes_no_more_calls_than_were_foretold(production, customer, rehearsal, send):
    imported(customer, 60)
    told = forecast(production)
    assert 0 < send(rehearsal) <= told["api_calls"]["expected"]


def test_a_batch_teaches_what_the_next_one_costs(production, customer, rehearsal, send):
    imported(customer, 60)
    taken = send(rehearsal)
    lease = OrgLease.objects.get(org_id=production.epoch.org_id)
    assert (lease.calls_seen, lease.answers_seen) == (taken, 60)
    # The org's own count moved by less than one for each job change.
    assert lease.counts_once is True
    imported(customer, 120)
    told = forecast(production)
    assert told["total"] >= 60
    assert taken < told["api_calls"]["expected"] <= taken + 12


def test_an_org_that_counts_each_job_change_of_a_call_is_foretold_so(production, customer):
    imported(customer, 60)
    once = forecast(production)["api_calls"]["expected"]
    OrgLease.objects.create(org_id=production.epoch.org_id, counts_once=False)
    each = forecast(production)["api_calls"]["expected"]
    assert once + 30 < each <= once + 60


@pytest.mark.parametrize(
    ("moved", "counts_once"),
    [(9, True), (45, True), (47, False), (60, False), (500, False)],
    ids=["once", "nearly", "one by one", "and others beside", "a busy org"],
)
def test_what_the_org_counted_proves_that_many_graphs_are_one_call(production, moved, counts_once):
    """Ten calls, of which four wrote forty graphs: one by one it would be 46."""
    org = SimpleNamespace(
        calls=12,
        usage=SimpleNamespace(used=1_000 + moved),
        usage_first=SimpleNamespace(used=1_000),
    )
    visit = SimpleNamespace(epoch=production.epoch, org=org, answered=40, graphs=40, graph_calls=4)
    OrgLease.objects.create(org_id=production.epoch.org_id)
    visit_count(visit)
    lease = OrgLease.objects.get()
    assert lease.counts_once is counts_once
    assert lease.answers_seen == 0, "a small visit says nothing about a batch"
    # Once it was seen, others who call meanwhile do not hide it.
    visit.org.usage.used += 1_000
    visit_count(visit)
    assert OrgLease.objects.get().counts_once is counts_once


def test_an_org_that_lost_its_connection_is_the_reason(production, customer):
    type(production).objects.update(health="needs_reconnecting")
    with pytest.raises(ForecastError, match="connected again"):
        forecast(production)


@pytest.mark.parametrize(
    ("job_changes", "size", "seconds", "calls"),
    [
        pytest.param(0, 5, None, 0, id="nothing"),
        pytest.param(11, 5, None, 3, id="groups stay where nothing is known"),
        pytest.param(175, 5, 0.1, 6, id="groups double up to seventy-five"),
        pytest.param(20, 5, 2.0, 4, id="five at two seconds are ten already"),
        pytest.param(7, 5, 10.0, 3, id="a slow org gets one at a time"),
    ],
)
def test_write_calls_follow_the_groups_as_they_grow(job_changes, size, seconds, calls):
    assert write_calls(job_changes, size, seconds) == calls
