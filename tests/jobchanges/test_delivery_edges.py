"""Rare moments of sending: a lost lease, a late commit, settings that changed meanwhile."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.signals import connection_established
from jobchanges.delivery import leases, worker
from jobchanges.delivery.due import records_claim
from jobchanges.delivery.keys import Found, members_find
from jobchanges.delivery.settle import org_settle
from jobchanges.models import Attempt, Delivery, OrgLease, RecordWrite, TestRun
from jobchanges.planning import Plan, Write
from tests.factories import ConnectionFactory

State = Delivery.State


def test_a_worker_that_lost_the_org_between_two_calls_sends_no_more(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    write = worker.group_write

    def write_and_lose(visit, group):
        written = write(visit, group)
        OrgLease.objects.update(
            holder="another", until=timezone.now() + datetime.timedelta(minutes=3)
        )
        return written

    monkeypatch.setattr(worker, "group_write", write_and_lose)
    sandbox.deliver()
    assert sorted(sandbox.states(run)) == ["delivered"] * 5 + ["waiting"] * 5
    assert sandbox.graph_calls() == 1
    assert OrgLease.objects.get().holder == "another"


def test_a_repeat_that_is_refused_as_a_whole_asks_for_its_key_first(sandbox, monkeypatch):
    run = sandbox.delivered_run()
    late = run.deliveries.first()
    RecordWrite.objects.filter(attempt__delivery=late).delete()
    late.attempts.update(outcome=Attempt.Outcome.RELEASED)
    Delivery.objects.filter(pk=late.pk).update(state=State.WAITING, outcome="")
    leases.group_size_set(run.epoch.org_id, 1)

    def refuse(*_args):
        raise SalesforceError("MALFORMED_QUERY")

    monkeypatch.setattr(Org, "graphs", refuse)
    sandbox.deliver()
    late.refresh_from_db()
    assert late.state == State.DELIVERED
    assert late.attempts.first().writes.exists()


@pytest.mark.django_db
def test_the_member_is_looked_for_in_the_campaign_of_the_plan_not_of_today():
    asked = []

    def queries(soqls):
        asked.extend(soqls)
        return [
            [{"Id": "00v1", "CampaignId": "701A", "LeadId": "00Q1", "ContactId": None}]
            for _soql in soqls
        ]

    visit = SimpleNamespace(
        org=SimpleNamespace(queries=queries), settings=SimpleNamespace(campaign_id="701B")
    )
    member = Write(
        role="campaign_member",
        object_name="CampaignMember",
        operation="create",
        fields={"CampaignId": "701A", "LeadId": "00Q1"},
    )
    found = {"jc-1:00D": Found("a01", 1, {"new_lead": "00Q1"})}
    members = members_find(visit, found, {"jc-1:00D": Plan(writes=(member,))})
    assert members == {"jc-1:00D": "00v1"}
    assert all("CampaignId = '701A'" in soql for soql in asked)


def test_what_cannot_be_read_again_now_is_not_asked_for_at_every_sweep(sandbox):
    run = sandbox.delivered_run()
    RecordWrite.objects.update(settle_due_at=timezone.now())
    run.epoch.package_installed = False
    run.epoch.save(update_fields=["package_installed"])
    assert org_settle(run.epoch_id) == 0
    assert records_claim(run.epoch) == []
    assert TestRun.objects.get(pk=run.pk).state == TestRun.State.REVIEW


@pytest.mark.django_db
def test_connecting_again_lets_what_waited_go_at_once():
    connection = ConnectionFactory()
    org_id = connection.epoch.org_id
    leases.lease_take(org_id, "worker")
    leases.org_pause(org_id, reason="The connection was lost.")
    leases.lease_release(org_id, "worker")
    assert not leases.lease_take(org_id, "another")
    connection_established.send(sender=Connection, connection=connection)
    assert leases.lease_take(org_id, "another")
