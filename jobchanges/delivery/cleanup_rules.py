"""What may become of a record that a sandbox test wrote: deleted, put back, or left. Pure.

Whatever is not surely ours is left: nothing that somebody else made or edited is touched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.delivery.moments import org_moment
from jobchanges.models import CleanUpItem, RecordWrite
from jobchanges.selectors.values import same_value

Action = CleanUpItem.Action

# What is read of each record beside the fields we wrote.
AUDIT = ("CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate")
CONVERTED = ("IsConverted", "ConvertedContactId")
# The org's clock and ours may differ by this much; a flow may still be at work for as long.
SKEW = timedelta(minutes=5)
# The key prefixes of the standard objects; an org's describe has to say the same.
PREFIXES = {"Account": "001", "Contact": "003", "Lead": "00Q", "CampaignMember": "00v"}


@dataclass(frozen=True)
class Finding:
    """What was found about one record of the ledger, and what is to become of it."""

    action: str
    reason: str = ""
    gone: bool = False
    edited: bool = False
    edited_by_id: str = ""
    modified: str = ""
    edited_at: datetime | None = None
    # Of a record that is put back: field → value before we wrote.
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left(self) -> bool:
        """Whether nothing is done about the record."""
        return self.action == Action.LEAVE


@dataclass(frozen=True)
class Around:
    """What has to be known beside the record itself."""

    user_id: str  # the connected user, as which we write
    key_prefix: str  # of the object, as the org's describe says
    # A sentence about what stands on the record and is not of this clean-up.
    hanging: str = ""
    merged: bool = False  # somebody merged another record into it
    # Ids of what the test created: Salesforce empties the lookups to what is deleted of it.
    ours: Collection[str] = ()
    # When the clean-up itself was at work.
    cleaning_since: datetime | None = None


def delete_finding(
    writes: Sequence[RecordWrite], row: Mapping[str, Any] | None, around: Around
) -> Finding:
    """Whether a record that the first of these writes created may be deleted.

    `writes` are all of ours on the record, oldest first, with their attempts; `row` is the record
    as it stands, None when it is not there.
    """
    first = writes[0]
    if first.operation != RecordWrite.Operation.CREATE:
        return _left(_("It was there before the test, so it stays."))
    if row is None:
        return Finding(Action.DELETE, gone=True)
    prefix = PREFIXES.get(first.object_name, around.key_prefix)
    if not first.record_id.startswith(prefix) or around.key_prefix != prefix:
        return _left(_("Its ID is not one of the kind of record that the test created."))
    if not _same_id(row.get("CreatedById"), around.user_id):
        return _left(_("It was created by somebody else than the integration user."))
    if not _within(org_moment(row.get("CreatedDate")), _spans(writes[:1])):
        return _left(_("It was not created when the test was sent."))
    if row.get("IsConverted"):
        return _left(
            _("It was converted meanwhile, into contact %(contact)s. Both stay.")
            % {"contact": row.get("ConvertedContactId") or "?"}
        )
    if around.merged:
        return _left(_("Somebody merged another record into it."))
    if around.hanging:
        return _left(around.hanging)
    found = Finding(Action.DELETE, modified=str(row.get("LastModifiedDate") or ""))
    if reason := _edited(writes, row, around):
        by = str(row.get("LastModifiedById") or "")
        at = org_moment(row.get("LastModifiedDate"))
        return replace(found, reason=reason, edited=True, edited_by_id=by, edited_at=at)
    return found


def put_back_findings(
    writes: Sequence[RecordWrite], row: Mapping[str, Any] | None, writable: Collection[str]
) -> dict[int, Finding]:
    """Which fields of an existing record go back to what stood there before, by write.

    `writes` are those of this clean-up on the record, oldest first. A field goes back while it
    still holds what the org stored after our write; where two of ours wrote one after the other,
    back to what stood there before the first. Fields outside `writable` stay.
    """
    if row is None:
        return {item.pk: Finding(Action.PUT_BACK, gone=True) for item in writes}
    if row.get("IsConverted"):
        why = _("The lead was converted meanwhile, so Salesforce lets nobody change it.")
        return {item.pk: _left(why) for item in writes}
    now = dict(row)
    found: dict[int, Finding] = {}
    for write in reversed(writes):
        values, kept = {}, False
        for name in write.sent:
            if name not in write.before or name in write.hidden:
                kept = True
                continue
            ours = write.sent[name] if write.stored is None else write.stored.get(name)
            same = name in now and same_value(now[name], ours)
            if same and same_value(ours, write.before[name]):
                continue
            if not same or name not in writable:
                kept = True
                continue
            values[name] = write.before[name]
            now[name] = write.before[name]
        found[write.pk] = _put_back(write, values, row, kept=kept)
    return found


def edited_after(item: CleanUpItem, found: Finding) -> bool:
    """Whether somebody edited the record after a person read that it would be deleted."""
    return found.edited and (not item.edited or item.modified != found.modified)


def _put_back(
    write: RecordWrite, values: dict[str, Any], row: Mapping[str, Any], *, kept: bool
) -> Finding:
    modified = str(row.get("LastModifiedDate") or "")
    if values:
        why = _("Fields that were edited since stay as they are.") if kept else ""
        return Finding(Action.PUT_BACK, why, modified=modified, values=values)
    if not write.before or not write.sent:
        return _left(_("What stood there before is not kept any more."))
    if kept:
        return _left(_("Its fields were edited since, so they stay as they are."))
    return _left(_("Its fields hold what stood there before."))


def _edited(writes: Sequence[RecordWrite], row: Mapping[str, Any], around: Around) -> str:
    """What makes us think that somebody else edited it since; "" for nothing."""
    if not _same_id(row.get("LastModifiedById"), around.user_id):
        return _("It was edited since.")
    spans = _spans(writes)
    if around.cleaning_since is not None:
        spans.append((around.cleaning_since - SKEW, datetime.max.replace(tzinfo=UTC)))
    if not _within(org_moment(row.get("LastModifiedDate")), spans):
        return _("It was edited since, by an automation or as the integration user.")
    stored: dict[str, Any] = {}
    for write in writes:
        stored |= write.stored or {}
    for name, value in stored.items():
        if name not in row or same_value(row[name], value):
            continue
        if row[name] in (None, "") and value in around.ours:
            continue
        return _("It was edited since, by an automation or as the integration user.")
    return ""


def _spans(writes: Sequence[RecordWrite]) -> list[tuple[datetime, datetime]]:
    """When we were writing the record, as far as anybody can tell."""
    return [
        (item.attempt.started_at - SKEW, (item.attempt.ended_at or item.attempt.started_at) + SKEW)
        for item in writes
    ]


def _within(moment: datetime | None, spans: Sequence[tuple[datetime, datetime]]) -> bool:
    return moment is not None and any(start <= moment <= end for start, end in spans)


def _left(reason: str) -> Finding:
    return Finding(Action.LEAVE, reason)


def _same_id(left: Any, right: str) -> bool:
    return bool(right) and str(left or "")[:15] == right[:15]
