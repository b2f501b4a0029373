"""Rule 1, for any plan: whatever changes after it was allowed is held; what did not, goes."""

from dataclasses import replace
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.delivery.fingerprint import NOT_ALLOWED, as_allowed, plan_fingerprint
from jobchanges.planning import (
    JobChangeData,
    Plan,
    Ref,
    account_of,
    account_planned,
    matches_together,
    plan_make,
)
from tests.jobchanges.planning_world import account, job_change, matches, past_contact, settings
from tests.jobchanges.test_planning_properties import CASES, all_matches, job_changes

ATTEMPT = USERGEM_1.attempt_field
SETTINGS = settings(record_mode="always_contact")
VISIT = SimpleNamespace(settings=SETTINGS)
OTHER_ID = "0057z00000000zzAAA"


def fingerprint(plan: Plan, created: dict[str, str] | None = None) -> str:
    return plan_fingerprint(plan, attempt_field=ATTEMPT, created=created or {})


def sent_as(allowed: Plan, now: Plan) -> Plan:
    """What becomes of a plan at sending, when another one was allowed."""
    delivery = SimpleNamespace(
        pk=1,
        batch_id=None,
        test_run_id=None,
        environment="production",
        expected_plan_hash=fingerprint(allowed),
    )
    return as_allowed(VISIT, delivery, now)


def planned(job: JobChangeData, found, attempt: int = 1, **chosen) -> Plan:
    return plan_make(job, replace(SETTINGS, **chosen), found, attempt_number=attempt)


@st.composite
def changed_plans(draw, plan: Plan) -> Plan:
    """The plan with one thing different, as the org or somebody's choice could make it."""
    place = draw(st.integers(0, len(plan.writes) - 1))
    write = plan.writes[place]
    kinds = ["gone", "twice", "record", "object", "role", "extra"]
    kept = [name for name in write.fields if name != ATTEMPT]
    if kept:
        kinds += ["value", "field"]
    kind = draw(st.sampled_from(kinds))
    if kind == "gone":
        return replace(plan, writes=plan.writes[:place] + plan.writes[place + 1 :])
    if kind == "twice":
        return replace(plan, writes=(*plan.writes, write))
    if kind == "record":
        record_id = None if write.record_id else OTHER_ID
        operation = "create" if write.record_id else "update"
        write = replace(write, record_id=record_id, operation=operation)
    elif kind == "object":
        write = replace(write, object_name="Lead" if write.object_name != "Lead" else "Contact")
    elif kind == "role":
        write = replace(write, role="another")
    elif kind == "extra":
        write = replace(write, fields={**write.fields, "Another__c": draw(st.text())})
    else:
        name = draw(st.sampled_from(sorted(kept)))
        fields = dict(write.fields)
        if kind == "field":
            del fields[name]
        else:
            values = st.text() | st.booleans() | st.integers() | st.just(Ref("elsewhere"))
            was = fields[name]
            fields[name] = draw(
                values.filter(lambda value: (type(value), value) != (type(was), was))
            )
        write = replace(write, fields=fields)
    return replace(plan, writes=(*plan.writes[:place], write, *plan.writes[place + 1 :]))


@given(job=job_changes, found=all_matches(), data=st.data())
@CASES
def test_rule_1_any_change_of_a_plan_after_it_was_allowed_is_held(job, found, data):
    plan = planned(job, found)
    if plan.is_held:
        return
    other = data.draw(changed_plans(plan))
    held = sent_as(plan, other)
    assert (held.is_held, held.held_code, held.writes) == (True, NOT_ALLOWED, ())


@given(job=job_changes, found=all_matches(), attempt=st.integers(2, 30))
@CASES
def test_an_unchanged_plan_goes_whichever_attempt_it_is(job, found, attempt):
    first, later = planned(job, found), planned(job, found, attempt)
    assert sent_as(first, later) is later


@given(job=job_changes, found=all_matches())
@CASES
def test_what_is_held_for_its_own_reason_keeps_it(job, found):
    plan = planned(job, found)
    if plan.is_held:
        assert sent_as(planned(job, found), plan) is plan


def test_a_match_that_appears_or_is_gone_is_another_plan():
    alone = planned(job_change(), matches())
    for found in (
        matches(account=account()),
        matches(past=past_contact()),
        matches(person=past_contact(id="0037z00000001IeAAI")),
    ):
        met = planned(job_change(), found)
        assert sent_as(alone, met).is_held
        assert sent_as(met, alone).is_held


def test_rule_1_production_without_an_allowed_plan_is_held_whatever_it_would_write():
    plan = planned(job_change(), matches())
    delivery = SimpleNamespace(
        pk=1, batch_id=None, test_run_id=None, environment="production", expected_plan_hash=""
    )
    assert as_allowed(VISIT, delivery, plan).held_code == NOT_ALLOWED
    delivery.environment = "sandbox"
    assert as_allowed(VISIT, delivery, plan) is plan


def test_another_owner_is_another_plan():
    plan = planned(job_change(), matches())
    assert sent_as(plan, planned(job_change(), matches(), default_owner_id=OTHER_ID)).is_held


def test_what_is_read_from_existing_records_is_no_part_of_what_was_allowed():
    plan = planned(job_change(), matches(past=past_contact()))
    seen = [replace(write, before={"Title": "somebody edited it"}) for write in plan.writes]
    now = replace(plan, writes=tuple(seen), explanations=("said otherwise",))
    assert sent_as(plan, now) is now


@given(number=st.integers(0, 10**12))
@CASES
def test_a_shared_account_reads_the_same_before_and_after_it_is_there(number):
    maker, joiner = job_change(key="jc-1"), job_change(key="jc-2", last_name="Other")
    made = account_planned("jc-1", planned(maker, matches()))
    before = planned(joiner, matches_together(joiner, matches(), [made]))
    record_id = f"001{number:015d}"[:18]
    there = replace(made, id=record_id, is_planned=False)
    after = planned(joiner, matches(account=there))
    created = {record_id: account_of("jc-1")}
    assert fingerprint(before) == fingerprint(after, created)
    assert fingerprint(after) != fingerprint(after, created)


def test_an_account_of_the_org_is_taken_before_one_that_is_planned():
    made = account_planned("jc-1", planned(job_change(key="jc-1"), matches()))
    found = matches(account=account())
    assert matches_together(job_change(), found, [made]) is found


def test_who_joins_another_company_shares_nothing():
    made = account_planned("jc-1", planned(job_change(key="jc-1"), matches()))
    other = job_change(
        new_company_name="Elsewhere",
        new_company_domain="elsewhere.example",
        new_company_website="",
        new_email="",
    )
    assert matches_together(other, matches(), [made]).account is None
