"""What an org does to us, from its answer to what a person reads: configurations and faults."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from integrations.salesforce import door
from jobchanges import tasks
from jobchanges.models import Attempt
from tests.jobchanges.conftest import ORG

GRAPH = "composite/graph"
LATER = datetime.timedelta(minutes=4)
LONG_AFTER = datetime.timedelta(minutes=30)
LEAD = "/lightning/setup/ObjectManager/Lead/"
ADMINISTRATOR = "Who fixes it: your Salesforce administrator."


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """Repeats of a read come at once."""
    monkeypatch.setattr(door, "BUSY_STEP", 0)
    monkeypatch.setattr(door, "REPEAT_STEP", 0)


@pytest.fixture
def seen(client, admin_person):
    """The page of a run, with one delivery open, as the customer's administrator sees it."""

    def see(run, delivery=None) -> str:
        client.force_login(admin_person)
        query = {"open": delivery.pk} if delivery else {}
        return client.get(reverse("test_run", args=[run.pk]), query).content.decode()

    return see


def after(delta: datetime.timedelta):
    return time_machine.travel(timezone.now() + delta, tick=True)


@pytest.mark.parametrize(
    ("name", "code", "words", "setup"),
    [
        (
            "required-field",
            "REQUIRED_FIELD_MISSING",
            "The org requires Region__c, which we do not fill.",
            f"{LEAD}FieldsAndRelationships/view",
        ),
        (
            "restricted-picklist",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "is a restricted picklist without the value we write.",
            f"{LEAD}FieldsAndRelationships/view",
        ),
        (
            "failing-trigger",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "An Apex trigger in the org stopped this record",
            "/lightning/setup/ApexTriggers/home",
        ),
        (
            "field-read-only",
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "The integration user may not edit Title.",
            f"{LEAD}FieldsAndRelationships/view",
        ),
        (
            "object-no-create",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "The integration user may not create or change records of this object.",
            "/lightning/setup/PermSets/home",
        ),
        (
            "storage-full",
            "STORAGE_LIMIT_EXCEEDED",
            "The org has no storage left.",
            "/lightning/setup/CompanyResourceDisk/home",
        ),
    ],
)
def test_a_refusal_is_kept_and_read_with_its_way_into_setup(
    sandbox, seen, name, code, words, setup
):
    """Laid on after the preview: what the preview knows, the plan leaves out or says."""
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.configure(ORG, name)
    sandbox.deliver()
    assert sandbox.states(run) == ["refused"] * 5
    delivery = run.deliveries.first()
    (error,) = delivery.attempts.get().errors
    assert (error["code"], error["setup"]) == (code, setup)
    html = seen(run, delivery)
    assert words in html
    assert ADMINISTRATOR in html
    assert code in html
    assert f'href="{sandbox.connection.epoch.instance_url}{setup}"' in html


def test_a_blocking_duplicate_rule_leads_to_the_duplicate_rules(sandbox, seen):
    company = sandbox.records("Lead", fields="Id,Company,IsDeleted")[0]["Company"]
    taken = sandbox.job_change(new_company_name=company)
    sandbox.rehearsal.configure(ORG, "duplicate-block")
    run = sandbox.delivered_run([taken, *(sandbox.job_change() for _ in range(4))])
    refused = sandbox.delivery(taken)
    assert refused.state == "refused"
    html = seen(run, refused)
    assert "A duplicate rule of the org stopped this record." in html
    assert "/lightning/setup/DuplicateRules/home" in html


@pytest.mark.parametrize(
    ("name", "words", "setup"),
    [
        ("user-without-api", "Give it the permission API Enabled.", "PermSets/home"),
        (
            "api-disabled",
            "This edition of Salesforce comes without API access",
            "CompanyProfileInfo/home",
        ),
        (
            "api-limit-used-up",
            "used its API calls for the last 24 hours",
            "CompanyProfileInfo/home",
        ),
        (
            "field-hidden",
            "make UserGem__PastCompany__c visible",
            "ObjectManager/Contact/FieldsAndRelationships/view",
        ),
    ],
)
def test_an_org_that_lets_nothing_through_is_said_on_the_page_and_nothing_is_lost(
    sandbox, seen, name, words, setup
):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.configure(ORG, name)
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5
    html = seen(run)
    assert words in html
    assert f'href="{sandbox.connection.epoch.instance_url}/lightning/setup/{setup}"' in html
    assert sandbox.delivery_keys() == []
    sandbox.rehearsal.control(ORG, "configuration", method="DELETE")
    with after(datetime.timedelta(hours=2)):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5


def test_a_session_that_ended_in_the_middle_is_renewed_and_nobody_notices(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("expired_session", path=GRAPH)
    before = sandbox.connection.token_generation
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    sandbox.connection.refresh_from_db()
    assert sandbox.connection.token_generation == before + 1
    assert len(sandbox.delivery_keys()) == 5


def test_too_many_calls_at_once_while_matching_are_asked_again(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("concurrent_limit", times=2)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5


def test_too_many_calls_at_once_while_writing_wait_and_go_on_by_themselves(sandbox, seen):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("concurrent_limit", path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5
    assert "too many long calls at the same moment" in seen(run)
    with after(LATER):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5


def test_an_answer_cut_in_the_middle_is_found_by_its_keys(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("cut_off_body", path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"found"}
    assert len(sandbox.delivery_keys()) == 5


def test_a_proxys_text_proves_nothing_and_is_asked_for(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("proxy_text", path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["unknown"] * 5
    with after(LONG_AFTER):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5


def test_graphs_that_were_not_tried_go_with_the_next_call(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("halted_graphs", after=2, path=GRAPH)
    sandbox.deliver()
    with after(LATER):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 5
