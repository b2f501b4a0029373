"""Why a field of a record holds something else than was sent, as far as it can be known. Pure.

What is known: what we sent, what stood there right after saving, what stood there later, who saved
the record last and when, and which fields the connected user may not read. Who changed a field
between two readings is not known for certain: only the last one to save the record is. So it says
"likely" wherever it is no more than that (platform reference, 2 and 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import ChangedBy, RecordWrite, WriteRole
from jobchanges.notations import normalised
from jobchanges.selectors.values import same_value, value_shown, was_truncated


class Kind(StrEnum):
    """What became of a field."""

    SAME = "same"
    PENDING = "pending"  # not read yet
    DEFAULTED = "defaulted"
    TRUNCATED = "truncated"
    NORMALISED = "normalised"
    CHANGED_ON_SAVE = "changed_on_save"
    CHANGED_LATER = "changed_later"
    EMPTIED = "emptied"
    HIDDEN = "hidden"
    GONE = "gone"
    REMOVED = "removed"  # what was read is not kept any more (retention)


class Nothing(Enum):
    """Stands for a value that there is none of; null is a value."""

    NOT_SENT = "not sent"
    NOT_READ = "not read"
    UNRESOLVED = "the id of a record that is not known"


NOT_SENT: Final = Nothing.NOT_SENT
NOT_READ: Final = Nothing.NOT_READ
UNRESOLVED: Final = Nothing.UNRESOLVED

_WORDS = {
    Kind.PENDING: gettext_lazy("Being read"),
    Kind.DEFAULTED: gettext_lazy("Filled in by the org"),
    Kind.TRUNCATED: gettext_lazy("Cut short"),
    Kind.NORMALISED: gettext_lazy("Same, written otherwise"),
    Kind.CHANGED_ON_SAVE: gettext_lazy("Changed at save"),
    Kind.CHANGED_LATER: gettext_lazy("Changed later"),
    Kind.EMPTIED: gettext_lazy("Emptied"),
    Kind.HIDDEN: gettext_lazy("Not readable"),
    Kind.GONE: gettext_lazy("Record gone"),
    Kind.REMOVED: gettext_lazy("Not kept"),
}
_TINTS = {
    **dict.fromkeys(
        (Kind.TRUNCATED, Kind.CHANGED_ON_SAVE, Kind.CHANGED_LATER, Kind.EMPTIED, Kind.HIDDEN),
        "warn",
    ),
    Kind.GONE: "bad",
    Kind.PENDING: "wait",
}
# It holds something else than was sent.
CHANGED: Final = frozenset({Kind.TRUNCATED, Kind.CHANGED_ON_SAVE, Kind.CHANGED_LATER, Kind.EMPTIED})


@dataclass(frozen=True)
class Difference:
    """What became of a field: a word, a sentence, and who saved the record last where it counts."""

    kind: Kind = Kind.SAME
    sentence: str = ""
    by: str = ""
    at: datetime | None = None

    @property
    def word(self) -> str:
        """The kind in a word or two; "" for a field that holds what was sent."""
        return str(_WORDS.get(self.kind, ""))

    @property
    def tint(self) -> str:
        """The colour of a chip that stands beside the word."""
        return _TINTS.get(self.kind, "")

    @property
    def changed(self) -> bool:
        """Whether it holds something else than was sent."""
        return self.kind in CHANGED


SAME: Final = Difference()


@dataclass(frozen=True, kw_only=True)
class FieldReading:
    """All that is known of one field of one record."""

    name: str
    sent: Any = NOT_SENT
    stored: Any = NOT_READ
    settled: Any = NOT_READ
    hidden: bool = False
    gone: bool = False
    removed: bool = False
    stored_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    changed_by_kind: str = ""
    # The attempt of ours that wrote the field again before it settled, to what it holds now.
    corrected_by: int | None = None
    # Only the package's record was written: its lookups are the org's own flow's to fill.
    left_to_flow: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def field_reading(
    write: RecordWrite,
    name: str,
    names: Mapping[str, str] | None = None,
    *,
    later: Mapping[str, tuple[int, Any]] | None = None,
    left_to_flow: bool = False,
) -> FieldReading:
    """What the ledger knows of a field. `later`: what later attempts wrote to the same record, by
    field: their number and the value. `left_to_flow`: nothing but the package's record was written.
    """
    names = names or {}
    stored = NOT_READ if write.stored is None else write.stored.get(name, NOT_READ)
    settled = NOT_READ if write.settled is None else write.settled.get(name, NOT_READ)
    number, value = (later or {}).get(name, (None, None))
    unread = stored is NOT_READ and settled is NOT_READ
    was_read = write.stored is not None or write.settled is not None
    return FieldReading(
        name=name,
        sent=_resolved(write.sent[name], names) if name in write.sent else NOT_SENT,
        stored=stored,
        settled=settled,
        # What was read without this field was read by somebody who may not see it.
        hidden=name in write.hidden or (name in write.sent and unread and was_read),
        gone=write.gone,
        removed=unread and not was_read and write.settled_at is not None,
        stored_at=write.stored_at,
        changed_at=write.changed_at,
        changed_by=write.changed_by,
        changed_by_kind=write.changed_by_kind,
        left_to_flow=left_to_flow and write.role == WriteRole.PACKAGE,
        corrected_by=number if number is not None and same_value(value, settled) else None,
        names=names,
    )


def difference_of(read: FieldReading) -> Difference:
    """Say what became of a field. Never raises, whatever the org holds."""
    if read.gone:
        return Difference(
            Kind.GONE,
            _("The record was deleted in Salesforce, or is hidden from the integration user."),
        )
    if read.hidden:
        return Difference(Kind.HIDDEN, _hidden(read))
    if read.stored is NOT_READ and read.settled is NOT_READ:
        return _unread(read)
    both = read.stored is not NOT_READ and read.settled is not NOT_READ
    if both and not same_value(read.stored, read.settled):
        return _changed_later(read)
    return _at_save(read, read.stored if read.settled is NOT_READ else read.settled)


def _at_save(read: FieldReading, value: Any) -> Difference:
    """What saving itself made of it."""
    sent = read.sent
    if sent is UNRESOLVED or (sent is NOT_SENT and _is_empty(value)):
        return SAME
    if sent is NOT_SENT:
        return Difference(Kind.DEFAULTED, _("Not sent by us: the org filled in its own value."))
    if same_value(sent, value):
        return SAME
    if _is_empty(sent):
        return Difference(
            Kind.DEFAULTED, _("We sent nothing here: the org filled in its own value.")
        )
    if _is_empty(value):
        return Difference(
            Kind.EMPTIED,
            _(
                "Salesforce stored nothing here, likely because the integration user may not "
                "edit the field, or because automation cleared it."
            ),
        )
    if was_truncated(sent, value):
        return Difference(
            Kind.TRUNCATED,
            _(
                "Salesforce cut it to the length of the field: %(kept)d of %(sent)d characters "
                "are kept."
            )
            % {"kept": len(value), "sent": len(sent)},
        )
    if how := normalised(sent, value):
        return Difference(Kind.NORMALISED, how)
    if read.name == "OwnerId":
        return Difference(
            Kind.CHANGED_ON_SAVE,
            _("Changed while it was saved, likely by an assignment rule, flow or trigger."),
        )
    return Difference(
        Kind.CHANGED_ON_SAVE, _("Changed while it was saved, likely by a flow or trigger.")
    )


def _unread(read: FieldReading) -> Difference:
    if read.sent is NOT_SENT and not read.removed:
        return SAME
    if read.removed:
        return Difference(
            Kind.REMOVED,
            _("What Salesforce stored was read and is not kept any more."),
        )
    return Difference(Kind.PENDING)


def _hidden(read: FieldReading) -> str:
    if read.stored is not NOT_READ:
        return _(
            "%(value)s when saved. The integration user may not read it any more: ask an "
            "administrator to look."
        ) % {"value": _shown(read.stored, read)}
    return _(
        "We wrote it, and the integration user may not read it: ask an administrator to look at "
        "what stands there."
    )


def _changed_later(read: FieldReading) -> Difference:
    if read.left_to_flow and read.sent is NOT_SENT and _is_empty(read.stored):
        return Difference(
            Kind.DEFAULTED,
            _("Filled in %(time)s, as expected: we wrote only this record, your flow the rest.")
            % {"time": _later(read)},
            by=read.changed_by,
            at=read.changed_at,
        )
    kind = Kind.EMPTIED if _is_empty(read.settled) else Kind.CHANGED_LATER
    first = _("%(value)s when saved.") % {"value": _shown(read.stored, read)}
    if read.corrected_by is not None:
        words = _("Corrected by our attempt %(number)d.") % {"number": read.corrected_by}
    else:
        words = _who(read)
    return Difference(kind, f"{first} {words}", by=read.changed_by, at=read.changed_at)


def _who(read: FieldReading) -> str:
    """Who is likely behind a change after saving: all we know is who saved the record last."""
    told = {"who": read.changed_by, "time": _later(read)}
    if read.changed_by_kind == ChangedBy.PERSON:
        if not read.changed_by:
            return (
                _(
                    "The record was last saved %(time)s by a user whom the integration user may "
                    "not see."
                )
                % told
            )
        return _("%(who)s saved the record last, %(time)s.") % told
    if not read.changed_by and not read.changed_by_kind:
        return _("The org does not say who changed it.")
    if read.changed_by_kind == ChangedBy.US:
        if read.name == "OwnerId":
            return (
                _(
                    "Changed %(time)s, likely by an assignment rule or flow that ran as the "
                    "integration user."
                )
                % told
            )
        return (
            _("Changed %(time)s, likely by a flow or trigger that ran as the integration user.")
            % told
        )
    return _("Changed %(time)s by %(who)s, likely an assignment rule or flow.") % {
        **told,
        "who": read.changed_by or _("an automated process"),
    }


def _later(read: FieldReading) -> str:
    """How long after saving, as one reads it."""
    if read.changed_at is None or read.stored_at is None:
        return _("later")
    seconds = max(0, round((read.changed_at - read.stored_at).total_seconds()))
    if seconds < 120:
        return _("%(count)d s later") % {"count": seconds}
    if seconds < 2 * 3600:
        return _("%(count)d min later") % {"count": seconds // 60}
    if seconds < 48 * 3600:
        return _("%(count)d h later") % {"count": seconds // 3600}
    return _("%(count)d days later") % {"count": seconds // 86_400}


def _shown(value: Any, read: FieldReading) -> str:
    return value_shown(value, read.names) or _("Empty")


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """A sent value; a reference to a record created by the same graph is its id, when known."""
    if isinstance(value, Mapping):
        return names.get(f"id:{value.get('ref', '')}", UNRESOLVED)
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
