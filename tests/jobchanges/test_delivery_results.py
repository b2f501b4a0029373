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
