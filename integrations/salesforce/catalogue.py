"""Every error code we know, in customers' words (platform reference, 3.2; tracking, 10.2).

Decisions follow the code, never the text: Salesforce words it in the user's language. The few
texts looked at here are exception names and phrases that stay English inside a message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from integrations.salesforce.families import NOBODY, USERGEMS, Explanation, Family
from integrations.salesforce.messages import MESSAGES
from integrations.salesforce.setup_links import setup_path

# Codes that only say that something else failed: look for the other row.
NEIGHBOURS = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})

_RETRY_INSIDE = (
    "UNABLE_TO_LOCK_ROW",
    "Apex CPU time limit exceeded",
    "QUERY_TIMEOUT",
)
_INNER_CAUSE = frozenset({"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"})

UNKNOWN = Explanation(
    Family.WE_MUST_ACT,
    "Salesforce gave a reason we have not seen before. UserGems looks into it; sending again may "
    "help.",
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
_MAY_NOT_SAVE = Explanation(
    Family.CUSTOMER_MUST_ACT,
    "The integration user may not create or change records of this object. Give it create and "
    "edit access to the object.",
    MESSAGES["INSUFFICIENT_ACCESS_OR_READONLY"].who,
    "Setup → Permission Sets → the integration user’s set → Object Settings",
    MESSAGES["INSUFFICIENT_ACCESS_OR_READONLY"].setup_path,
)
_NO_REST = Explanation(
    Family.CUSTOMER_MUST_ACT,
    "Salesforce does not let this sign-in use its API. Allow it for the integration user, then "
    "connect the org again.",
    MESSAGES["API_CURRENTLY_DISABLED"].who,
    MESSAGES["API_CURRENTLY_DISABLED"].where,
    MESSAGES["API_CURRENTLY_DISABLED"].setup_path,
)
_MISSING_PARENT = Explanation(
    Family.CUSTOMER_MUST_ACT,
    "A record that this one has to be linked to does not exist in this org.",
    MESSAGES["INVALID_CROSS_REFERENCE_KEY"].who,
    "Settings in the portal",
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


# Explanations chosen by what stands inside a message, for the table of the docs.
BY_TEXT: tuple[tuple[str, str, Explanation], ...] = (
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "a lock or time limit inside", _BUSY_INSIDE),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted", _MAY_NOT_SAVE),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", "a lock or time limit inside", _BUSY_INSIDE),
    ("REQUEST_LIMIT_EXCEEDED", "concurrent calls", _CONCURRENT),
    ("INVALID_SESSION_ID", "not valid for the REST API", _NO_REST),
    ("INVALID_FIELD", "foreign key external ID not found", _MISSING_PARENT),
    ("DUPLICATE_VALUE", "already a campaign member", _PERSON_ALREADY_MEMBER),
)


def explain(
    code: str, message: str = "", fields: Sequence[str] = (), object_name: str = ""
) -> Explanation:
    """What an error means for the customer; `object_name` is the object it is about, if known.

    A code we do not know is ours to look into, with code and text shown as they came.
    """
    found = _special(code, message) or MESSAGES.get(code) or _by_form(code) or UNKNOWN
    inside = _names_inside(code, message)
    named = ", ".join(fields or inside[:1])
    sentence = found.sentence.replace("{fields}", named or "a field")
    return replace(
        found,
        sentence=sentence if named else sentence[0].upper() + sentence[1:],
        where=_place(found.where, object_name).replace("{fields}", named or "the field"),
        setup_path=setup_path(found.setup_path, object_name or "".join(inside[1:2])),
    )


def _place(where: str, object_name: str) -> str:
    """The way through Setup with the object as Object Manager lists it: `Campaign Member`.

    A package's own object is listed under a label that we do not know.
    """
    if not object_name or "__" in object_name:
        return where
    listed = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", object_name)
    return where.replace("→ the object →", f"→ {listed} →")


def _names_inside(code: str, message: str) -> list[str]:
    """Field and object that a refusal names only in its text: `No such column 'X' on entity 'Y'`.

    API names are the same in every language. Before the last line stands our own query.
    """
    if code != "INVALID_FIELD" or not message:
        return []
    last = message.strip().splitlines()[-1:]
    return re.findall(r"['\"“„«]([A-Za-z][A-Za-z0-9_.]{0,79})['\"”“»]", "".join(last))


def _special(code: str, message: str) -> Explanation | None:
    """The codes whose meaning depends on what stands inside the message."""
    lower = message.lower()
    if code in _INNER_CAUSE and any(sign.lower() in lower for sign in _RETRY_INSIDE):
        return _BUSY_INSIDE
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and "entity type cannot be" in lower:
        return _MAY_NOT_SAVE
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


def _by_form(code: str) -> Explanation | None:
    """Families of codes, and answers without one: `HTTP_503` and the like (`parse_errors`)."""
    if re.fullmatch(r"CANNOT_[A-Z_]+", code):
        return MESSAGES["CANNOT_…"]
    if re.fullmatch(r"INVALID_DATE[A-Z_]*", code):
        return MESSAGES["INVALID_DATE"]
    found = re.fullmatch(r"HTTP_([0-9]{3})", code)
    return MESSAGES[by_status(int(found[1]))] if found else None


def by_status(status: int) -> str:
    """The code of the catalogue that stands for a bare HTTP status that is no success."""
    if status >= 500 or status in {408, 420, 429}:
        return "SERVER_UNAVAILABLE"
    special = {
        304: "NOT_MODIFIED",
        401: "INVALID_AUTH_HEADER",
        405: "METHOD_NOT_ALLOWED",
        410: "UNSUPPORTED_API_VERSION",
        412: "PRECONDITION_FAILED",
    }
    if status in special:
        return special[status]
    if status in {301, 302, 303, 307, 308}:
        return "REDIRECTED"
    return "REFUSED_WITHOUT_REASON"
