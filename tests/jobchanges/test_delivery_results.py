"""The answer table of the write protocol."""

import pytest

from integrations.salesforce.client import GraphResult, NodeResult
from integrations.salesforce.errors import ApiError, error_for
from jobchanges.delivery.results import Meaning, answer_read, refusal_kept
from jobchanges.planning import Plan, Write

PLAN = Plan(
    writes=tuple(
        Write(role=role, object_name=name, operation="create", fields={})
        for role, name in (
            ("person", "Lead"),
            ("campaign_member", "CampaignMember"),
            ("package", "UserGem__UserGem__c"),
        )
    )
)
HALTED = ("PROCESSING_HALTED", "The transaction was rolled back.")
LOCK = ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
APEX_CODE = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
LOCK_INSIDE = (APEX_CODE, "LeadTrigger: execution of AfterUpdate\n\ncaused by: UNABLE_TO_LOCK_ROW")
CPU_INSIDE = (APEX_CODE, "LeadTrigger: System.LimitException: Apex CPU time limit exceeded")
APEX = (APEX_CODE, "LeadTrigger: execution of BeforeInsert caused by: System.NullPointerException")
RULE = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Industry is required")
DUPLICATE = ("DUPLICATE_VALUE", "duplicate value found")


def answered(person=HALTED, member=HALTED, package=HALTED):
    nodes = [
        NodeResult(write.reference, 400, None, [ApiError(*error)])
        for write, error in zip(PLAN.writes, (person, member, package), strict=True)
    ]
    return answer_read(GraphResult("delivery-1", False, nodes), PLAN)


def test_a_successful_graph_gives_the_ids_by_role():
    nodes = [NodeResult("person", 201, "00Q7z0000010000EAA", [])]
    reading = answer_read(GraphResult("delivery-1", True, nodes), PLAN)
    assert (reading.meaning, reading.record_ids) == (
        Meaning.WRITTEN,
        {"person": "00Q7z0000010000EAA"},
    )


@pytest.mark.parametrize(
    ("errors", "meaning"),
    [
        ({"package": DUPLICATE}, Meaning.KEY_IS_THERE),
        ({"member": DUPLICATE}, Meaning.PLAN_WAS_STALE),
        ({"person": LOCK}, Meaning.TRY_AGAIN),
        ({"person": LOCK, "member": LOCK}, Meaning.TRY_AGAIN),
        ({"person": LOCK_INSIDE}, Meaning.TRY_AGAIN),
        ({"person": CPU_INSIDE}, Meaning.TRY_AGAIN),
        ({"person": APEX}, Meaning.REFUSED),
        ({"person": RULE}, Meaning.REFUSED),
        ({"person": LOCK, "member": RULE}, Meaning.REFUSED),
        ({"person": DUPLICATE}, Meaning.REFUSED),
        ({"person": DUPLICATE, "member": DUPLICATE}, Meaning.REFUSED),
        ({"person": RULE, "member": DUPLICATE}, Meaning.REFUSED),
        ({"person": LOCK, "member": DUPLICATE}, Meaning.REFUSED),
        ({"person": RULE, "member": DUPLICATE, "package": DUPLICATE}, Meaning.KEY_IS_THERE),
        # A text about duplicates is not the code.
        ({"package": ("DUPLICATES_DETECTED", "duplicate value found")}, Meaning.REFUSED),
        ({"person": ("SOMETHING_NEW", "?")}, Meaning.REFUSED),
        ({}, Meaning.NOT_TRIED),
    ],
)
def test_what_an_answer_means(errors, meaning):
    assert answered(**errors).meaning == meaning


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ((412, 400, 400), Meaning.PLAN_WAS_STALE),
        ((412, 412, 400), Meaning.PLAN_WAS_STALE),
    ],
)
def test_a_record_changed_since_it_was_read_means_that_the_plan_was_stale(statuses, meaning):
    nodes = [
        NodeResult(
            write.reference,
            status,
            None,
            [ApiError("HTTP_412") if status == 412 else ApiError(*HALTED)],
        )
        for write, status in zip(PLAN.writes, statuses, strict=True)
    ]
    assert answer_read(GraphResult("delivery-1", False, nodes), PLAN).meaning == meaning


def test_a_changed_record_beside_a_rule_that_forbids_it_is_a_refusal():
    nodes = [
        NodeResult("person", 412, None, [ApiError("PRECONDITION_FAILED")]),
        NodeResult("campaign_member", 400, None, [ApiError(*RULE)]),
    ]
    assert answer_read(GraphResult("delivery-1", False, nodes), PLAN).meaning == Meaning.REFUSED


def test_every_real_error_of_every_node_is_kept_with_its_record():
    reading = answered(person=RULE, member=("STRING_TOO_LONG", "too large"))
    assert [(error["code"], error["role"]) for error in reading.errors] == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "person"),
        ("STRING_TOO_LONG", "campaign_member"),
    ]
    assert all(error["sentence"] and error["who"] for error in reading.errors)


def test_of_a_refused_call_the_causes_are_kept_and_not_their_neighbours():
    error = error_for([ApiError(*HALTED), ApiError(*RULE)], 400)
    assert [kept["code"] for kept in refusal_kept(error)] == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
