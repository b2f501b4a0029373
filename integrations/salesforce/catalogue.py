"""Every error code we know, in customers' words (platform reference, 3.2; tracking, 10.2).

Decisions follow the code, never the text: Salesforce words it in the user's language. The few
texts looked at here are exception names and phrases that stay English inside a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrations.salesforce.families import NOBODY, USERGEMS, Explanation, Family
from integrations.salesforce.messages import MESSAGES

# Codes that only say that something else failed: look for the other row.
NEIGHBOURS = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})

_RETRY_INSIDE = (
    "UNABLE_TO_LOCK_ROW",
    "Apex CPU time limit exceeded",
    "QUERY_TIMEOUT",
)
_INNER_CAUSE = frozenset({"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"})

_UNKNOWN = Explanation(
    Family.WE_MUST_ACT,
    "Salesforce gave a reason we have not seen before. UserGems looks into it.",
    USERGEMS,
)
_BUSY_INSIDE = Explanation(
    Family.TRY_AGAIN,
    "The org’s own automation was busy with the same record. We send it again by ourselves.",
    NOBODY,
)
_CONCURRENT = Explanation(
    Family.TRY_AGAIN,
    "The org is answering too many long calls at the same moment. We slow down and go on in a "
    "few seconds.",
    NOBODY,
)
_NO_REST = Explanation(
    Family.CUSTOMER_MUST_ACT,
    "Salesforce does not let this sign-in use its API. Allow it for the integration user, then "
    "connect the org again.",
    MESSAGES["API_CURRENTLY_DISABLED"].who,
    MESSAGES["API_CURRENTLY_DISABLED"].where,
)
_MISSING_PARENT = Explanation(
    Family.CUSTOMER_MUST_ACT,
    "A record that this one has to be linked to does not exist in this org.",
    MESSAGES["INVALID_CROSS_REFERENCE_KEY"].who,
    "",
)
_PERSON_ALREADY_MEMBER = Explanation(
    Family.TRY_AGAIN,
    "The person joined the campaign in the meantime. We look again and send only what is missing.",
    NOBODY,
)

# 401 with these texts must not lead to a refresh: the next token is refused just the same.
NOT_A_TOKEN_PROBLEM = (
    "not valid for use with the rest api",
    "connected app is not attached to agent",
)


def explain(code: str, message: str = "", fields: Sequence[str] = ()) -> Explanation:
    """What an error means for the customer.

    A code we do not know is ours to look into, with code and text shown as they came.
    """
    found = _special(code, message) or MESSAGES.get(code) or _by_status(code) or _UNKNOWN
    named = ", ".join(fields)
    sentence = found.sentence.replace("{fields}", named or "a field")
    return replace(
        found,
        sentence=sentence if named else sentence[0].upper() + sentence[1:],
        where=found.where.replace("{fields}", named or "the field"),
    )


def _special(code: str, message: str) -> Explanation | None:
    """The codes whose meaning depends on what stands inside the message."""
    lower = message.lower()
    if code in _INNER_CAUSE and any(sign.lower() in lower for sign in _RETRY_INSIDE):
        return _BUSY_INSIDE
    if code == "REQUEST_LIMIT_EXCEEDED" and is_concurrent_limit(message):
        return _CONCURRENT
    if code == "INVALID_SESSION_ID" and any(sign in lower for sign in NOT_A_TOKEN_PROBLEM):
        return _NO_REST
    if code == "INVALID_FIELD" and "foreign key external id" in lower:
        return _MISSING_PARENT
    if code == "DUPLICATE_VALUE" and "already a campaign member" in lower:
        return _PERSON_ALREADY_MEMBER
    return None


def is_concurrent_limit(message: str) -> bool:
    """Whether REQUEST_LIMIT_EXCEEDED means "too many at once" and not the limit of the day."""
    return "concurrent" in message.lower()


def _by_status(code: str) -> Explanation | None:
    """Answers without a code of Salesforce's: `HTTP_503` and the like, made by `parse_errors`."""
    status = code.removeprefix("HTTP_")
    if status == code or not status.isdigit():
        return None
    if int(status) >= 500 or int(status) in {408, 420, 429}:
        return MESSAGES["SERVER_UNAVAILABLE"]
    if int(status) in {301, 302, 303, 307, 308}:
        return MESSAGES["REDIRECTED"]
    return None
