"""What an answer means (the table of write-protocol, "One graph per job change"). Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.salesforce.client import GraphResult, NodeResult
from integrations.salesforce.errors import ApiError, SalesforceError
from jobchanges.models import WriteRole
from jobchanges.planning.types import Plan

DUPLICATE_VALUE = "DUPLICATE_VALUE"
PRECONDITION_FAILED = 412


class Meaning(StrEnum):
    """What to do about one graph's answer."""

    WRITTEN = "written"
    KEY_IS_THERE = "key_is_there"
    PLAN_WAS_STALE = "plan_was_stale"
    TRY_AGAIN = "try_again"
    REFUSED = "refused"
    NOT_TRIED = "not_tried"
    # Not an answer of the org: the plan itself says why it is not sent.
    HELD = "held"


@dataclass(frozen=True)
class Reading:
    """One graph's answer, read: its meaning, ids by role, and the errors as they are kept."""

    meaning: Meaning
    record_ids: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    sentence: str = ""
    held_code: str = ""


def answer_read(result: GraphResult, plan: Plan) -> Reading:
    """Read one graph's answer. Every real error of every node is kept, in its order."""
    if result.successful:
        ids = {node.reference: node.record_id for node in result.nodes if node.record_id}
        return Reading(Meaning.WRITTEN, record_ids=ids)
    if result.not_attempted:
        return Reading(Meaning.NOT_TRIED)
    errors = [
        error_kept(error, plan, node.reference)
        for node in result.nodes
        for error in node.errors
        if not error.is_neighbour
    ]
    causes = [node for node in result.nodes if _codes(node)]
    if any(_is_duplicate(node, WriteRole.PACKAGE) for node in causes):
        meaning = Meaning.KEY_IS_THERE
    elif all(_shows_stale(node) for node in causes):
        meaning = Meaning.PLAN_WAS_STALE
    elif result.transient:
        meaning = Meaning.TRY_AGAIN
    else:
        meaning = Meaning.REFUSED
    return Reading(meaning, errors=errors, sentence=errors[0]["sentence"])


def _codes(node: NodeResult) -> list[str]:
    return [error.code for error in node.errors if not error.is_neighbour]


def _is_duplicate(node: NodeResult, role: WriteRole) -> bool:
    return node.reference == role and DUPLICATE_VALUE in _codes(node)


def _shows_stale(node: NodeResult) -> bool:
    """Whether the org is no longer as it was when the plan was made.

    Somebody changed the record after it was read (the condition on the patch), or made the person
    a member of the campaign.
    """
    if node.status == PRECONDITION_FAILED:
        return True
    return node.reference == WriteRole.CAMPAIGN_MEMBER and _codes(node) == [DUPLICATE_VALUE]


def error_kept(error: ApiError, plan: Plan | None = None, reference: str = "") -> dict[str, Any]:
    """One error as an attempt keeps it: Salesforce's words, ours, who fixes it and where.

    `setup` is the path of that place in Setup: an org's address can change, so the page adds it.
    """
    write = plan.write(reference) if plan else None
    explanation = error.explained(write.object_name if write else "")
    return {
        "code": error.code,
        "message": error.message,
        "fields": list(error.fields),
        "family": str(explanation.family.value),
        "sentence": str(explanation.sentence),
        "who": str(explanation.who),
        "where": str(explanation.where),
        "setup": str(explanation.setup_path),
        "role": write.role if write else "",
        "object_name": write.object_name if write else "",
        "operation": write.operation if write else "",
    }


def refusal_kept(error: SalesforceError) -> list[dict[str, Any]]:
    """The errors of a call that Salesforce refused as a whole."""
    return [error_kept(item) for item in error.errors if not item.is_neighbour]
