"""Sending again after "something is off": a patch of what we wrote and nobody edited since."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Environment
from jobchanges.delivery.context import Visit
from jobchanges.delivery.states import call_may_start
from jobchanges.models import Attempt, Delivery, RecordWrite, WriteRole
from jobchanges.planning import Matches, Plan, Write, plan_make
from jobchanges.planning.types import (
    ASSIGN,
    RECORD_HEADERS,
    AccountFact,
    JobChangeData,
    PersonFact,
    Ref,
)
from jobchanges.selectors.values import same_value

MODIFIED = "LastModifiedDate"


def correction_plan(
    visit: Visit,
    delivery: Delivery,
    job_change: JobChangeData,
    matches: Matches,
    attempt_number: int,
) -> Plan:
    """Plan the patch: what the settings of today would have written, where it differs.

    Held, with the reason, when the right result would be another kind of record or another
    account: then the first result has to be cleaned up before (write-protocol, Sending again).
    Raises SalesforceError when the records cannot be read.
    """
    written = _written(delivery)
    call_may_start()
    current = visit.org.records_get(
        [
            (item.object_name, [item.record_id], _visible(visit, item))
            for item in written.values()
            if item.record_id  # a member that was not found has none
        ]
    )
    wanted = plan_make(
        job_change,
        visit.settings,
        as_before(matches, written),
        attempt_number=attempt_number,
    )
    return patch_make(
        wanted,
        written,
        current,
        visit.settings.manifest.attempt_field,
        sandbox=visit.connection.environment == Environment.SANDBOX,
    )


def _visible(visit: Visit, item: RecordWrite) -> list[str]:
    """What we wrote and the connected user may still see: asking for more fails as a whole.

    With when it was changed last: the patch asks that nothing has happened since.
    """
    seen = visit.settings.fields.get(item.object_name, {})
    return [name for name in (*item.sent, MODIFIED) if name in seen]


def as_before(matches: Matches, written: Mapping[str, RecordWrite]) -> Matches:
    """The matches as they would be had we written nothing: our records gone, our fields empty."""
    created = {
        item.record_id
        for item in written.values()
        if item.operation == RecordWrite.Operation.CREATE
    }
    return replace(
        matches,
        account=_account_before(matches.account, created),
        person=_person_before(matches.person, written),
        past=_person_before(matches.past, written),
        member_exists=matches.member_exists and WriteRole.CAMPAIGN_MEMBER not in written,
    )


def patch_make(
    wanted: Plan,
    written: Mapping[str, RecordWrite],
    current: Mapping[str, Mapping[str, Any]],
    attempt_field: str,
    *,
    sandbox: bool = True,
) -> Plan:
    """The patch that turns what is there into what is wanted. Pure.

    A field goes when it should be different, we wrote it, and it still holds what the org stored
    after our write. The package's record always goes, with the attempt number. Where it should
    be another record, a `sandbox` has the clean-up; in production nothing is deleted.
    """
    if wanted.is_held:
        return wanted
    ids = {role: item.record_id for role, item in written.items()}
    writes: list[Write] = []
    notes: list[str] = []
    for write in wanted.writes:
        ours = written.get(write.role)
        if ours is None and write.role == WriteRole.CAMPAIGN_MEMBER:
            writes.append(replace(write, fields=_with_ids(write, ids)))
            continue
        if ours is None or ours.object_name != write.object_name or _elsewhere(write, ours):
            return replace(
                wanted,
                writes=(),
                outcome="",
                held_reason=_another_record(sandbox=sandbox),
            )
        row = current.get(ours.record_id)
        if row is None:
            return replace(
                wanted,
                writes=(),
                outcome="",
                held_reason=_("A record of the first attempt is not in the org any more."),
            )
        fields = _changed(write, ours, row, ids, notes)
        if write.role == WriteRole.PACKAGE:
            fields[attempt_field] = write.fields[attempt_field]
        if fields:
            writes.append(
                Write(
                    role=write.role,
                    object_name=write.object_name,
                    operation="update",
                    record_id=ours.record_id,
                    fields=fields,
                    before={name: row.get(name) for name in fields},
                    # A lead that is corrected stays with whom it was given.
                    headers={**(write.headers or RECORD_HEADERS), ASSIGN: "FALSE"},
                    modified_at=str(row.get(MODIFIED) or ""),
                )
            )
    if len(writes) == 1:
        notes.append(_("Nothing we wrote differs from what the settings ask for now."))
    return replace(
        wanted,
        writes=tuple(writes),
        explanations=(*wanted.explanations, *notes),
    )


def _another_record(*, sandbox: bool) -> str:
    if sandbox:
        return _(
            "With these settings it would become another record. Remove what the first "
            "attempt created, then send it anew."
        )
    return _(
        "With these settings it would become another record. In production nothing is deleted: "
        "it is corrected there by hand."
    )


def _written(delivery: Delivery) -> dict[str, RecordWrite]:
    """What we wrote, by role: the first write of each record, with all later patches in it.

    What a clean-up removed is not ours any more; what it left is.
    """
    found: dict[str, RecordWrite] = {}
    attempts = delivery.attempts.filter(
        outcome__in=[Attempt.Outcome.DELIVERED, Attempt.Outcome.FOUND]
    )
    for write in RecordWrite.objects.filter(attempt__in=attempts, removed_at=None).order_by(
        "attempt__number", "sequence"
    ):
        first = found.get(write.role)
        if first is None or first.record_id != write.record_id:
            found[write.role] = write
            continue
        first.sent = {**first.sent, **write.sent}
        first.stored = {**(first.settled or first.stored or {}), **(write.stored or {})}
        first.settled = write.settled and {**first.stored, **write.settled}
    return found


def _changed(
    write: Write,
    ours: RecordWrite,
    row: Mapping[str, Any],
    ids: Mapping[str, str],
    notes: list[str],
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in _with_ids(write, ids).items():
        if same_value(value, row.get(name)) or name not in ours.sent:
            continue
        if ours.operation == RecordWrite.Operation.CREATE and name in FIXED_ON_CREATE:
            continue
        left = (ours.settled or ours.stored or ours.sent).get(name)
        first = (ours.stored or ours.sent).get(name)
        if same_value(row.get(name), left) or same_value(row.get(name), first):
            fields[name] = value
        else:
            notes.append(
                _("%(field)s was edited in Salesforce since, so it stays as it is.")
                % {"field": name}
            )
    return fields


# Salesforce takes these when a record is created and never again.
FIXED_ON_CREATE = frozenset({"CampaignId", "ContactId", "LeadId"})


def _with_ids(write: Write, ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: ids.get(value.reference, value) if isinstance(value, Ref) else value
        for name, value in write.fields.items()
    }


def _elsewhere(write: Write, ours: RecordWrite) -> bool:
    """Whether the wanted write is aimed at another record than ours."""
    if write.record_id:
        return write.record_id[:15] != ours.record_id[:15]
    return ours.operation != RecordWrite.Operation.CREATE


def _account_before(account: AccountFact | None, created: set[str]) -> AccountFact | None:
    return None if account and account.id in created else account


def _person_before(
    person: PersonFact | None, written: Mapping[str, RecordWrite]
) -> PersonFact | None:
    if person is None:
        return None
    for write in written.values():
        if write.record_id == person.id:
            if write.operation == RecordWrite.Operation.CREATE:
                return None
            return replace(person, values={**person.values, **write.before})
    return person
