"""What of the org's own automation meets our records, and what its names say it does.

The API tells that a rule, trigger or flow is active, not what it does: names and messages are
signs, never proof.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations.checks.answers import FlowFacts, TriggerFacts, ValidationRuleFacts
from integrations.checks.base import CheckContext
from integrations.checks.written import sometimes_empty
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe

REFUSE, OWNER, ALERT = "refuse", "owner", "alert"

# Beginnings of words in names; and words that would mean too much as a beginning. Routing tools
# are those that the tracking reference names (section 7).
_STEMS: Mapping[str, tuple[str, ...]] = {
    REFUSE: ("valid", "prevent", "require", "enforce", "restrict", "forbid", "reject", "dedup"),
    OWNER: (
        "assign",
        "reassign",
        "owner",
        "router",
        "territor",
        "distribut",
        "leandata",
        "ringlead",
        "chilipiper",
        "traction",
    ),
    ALERT: ("notif", "email", "alert", "slack", "remind", "sequence", "cadence", "outreach"),
}
_WHOLE: Mapping[str, frozenset[str]] = {
    REFUSE: frozenset({"block", "blocks", "blocker", "duplicate", "duplicates"}),
    OWNER: frozenset({"route", "routes", "routing", "queue", "robin"}),
    ALERT: frozenset({"mail", "mails", "send", "sends", "sms", "welcome", "task", "tasks"}),
}
_DEMANDS = (
    "required",
    "require",
    "need",
    "must",
    "enter",
    "choose",
    "select",
    "fill",
    "provide",
    "specify",
    "missing",
    "populate",
    "blank",
    "empty",
    "mandatory",
    "bitte",
    "pflicht",
    "erforderlich",
    "obligatoire",
    "requis",
    "obligatorio",
    "requerido",
)
# Labels that are ordinary words of a message too.
_SHORTEST_LABEL = 3
_NEVER_ASKED = frozenset({"address", "location", "id", "base64"})


@dataclass(frozen=True)
class Firing:
    """A trigger or flow that runs on records we save; `shown` names it with its kind."""

    object_name: str
    name: str
    shown: str
    signs: frozenset[str]
    packaged: bool = False


@dataclass(frozen=True)
class AskedFor:
    """Labels of fields that a rule seems to ask for: never filled by us, and not always filled."""

    left_empty: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()


def signs_in(*names: str) -> frozenset[str]:
    """What names suggest: that it refuses records, changes the owner, or alerts people."""
    words = {word for name in names for word in _words(name)}
    joined = {"".join(_words(name)) for name in names}
    return frozenset(
        sign
        for sign in (REFUSE, OWNER, ALERT)
        if words & _WHOLE[sign]
        or any(word.startswith(_STEMS[sign]) for word in words)
        or any(
            stem in one for stem in ("leandata", "chilipiper") for one in joined if sign == OWNER
        )
    )


def _words(name: str) -> list[str]:
    return [
        word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-ÿ]+|[0-9]+", name or "")
    ]


def trigger_firing(trigger: TriggerFacts, created: frozenset[str]) -> Firing | None:
    """A trigger as it meets our writes; None where it runs at other moments only."""
    if not _meets(" ".join(trigger.events), trigger.object_name in created):
        return None
    shown = f"{trigger.namespace}.{trigger.name}" if trigger.namespace else trigger.name
    return Firing(
        trigger.object_name,
        trigger.name,
        shown,
        signs_in(trigger.name, trigger.namespace),
        packaged=bool(trigger.namespace),
    )


def flow_firing(flow: FlowFacts, created: frozenset[str]) -> Firing | None:
    """A record-triggered flow as it meets our writes; None where it runs at other moments only."""
    if not _meets(flow.when, flow.object_name in created):
        return None
    return Firing(
        flow.object_name, flow.name, flow.label or flow.name, signs_in(flow.name, flow.label)
    )


def _meets(when: str, creates: bool) -> bool:
    """Whether these moments are ours; words that we do not know are."""
    low = when.lower()
    at_create = "insert" in low or "create" in low
    at_update = "update" in low
    if at_update or (at_create and creates):
        return True
    return not (at_create or "delete" in low)


def asked_for(
    rule: ValidationRuleFacts, described: ObjectDescribe | None, context: CheckContext
) -> AskedFor:
    """Which fields a rule seems to demand that a new record of ours may leave empty.

    The field it shows its error at speaks for itself; a label inside the message only where the
    message also demands something.
    """
    filled = context.fields_created.get(rule.object_name)
    if described is None or filled is None:
        return AskedFor()
    message = _plain(rule.message)
    demanding = any(demand in message for demand in _DEMANDS)
    named = [
        field
        for field in _fields_by_length(described)
        if field.name == rule.field or (demanding and _is_in(field.label, message))
    ]
    sometimes = sometimes_empty(context, rule.object_name)
    return AskedFor(
        left_empty=tuple(
            field.label
            for field in named
            if field.name not in filled and not field.defaulted_on_create
        ),
        sometimes=tuple(field.label for field in named if field.name in sometimes),
    )


def _fields_by_length(described: ObjectDescribe) -> list[FieldDescribe]:
    """Fields that can be filled at all, those with longer labels first."""
    able = [
        field
        for field in described.fields.values()
        # Who may not create the object sees every field as not createable: another check's matter.
        if (field.createable or field.updateable) and field.type not in _NEVER_ASKED
    ]
    return sorted(able, key=lambda field: (-len(field.label), field.name))


def _is_in(label: str, message: str) -> bool:
    plain = _plain(label)
    if len(plain) < _SHORTEST_LABEL:
        return False
    return re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", message) is not None


def _plain(text: str) -> str:
    """Lower case, and "e-mail" as "email"."""
    return (text or "").casefold().replace("e-mail", "email")
