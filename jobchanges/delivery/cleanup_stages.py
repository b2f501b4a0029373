"""The stages of a clean-up: read the records again, write, and save what became of each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.salesforce.client import ObjectDescribe, Record, RowResult
from integrations.salesforce.collections import MAX_RECORDS
from integrations.salesforce.errors import OutcomeUnknown
from integrations.salesforce.families import Family
from jobchanges.delivery.cleanup_facts import (
    Described,
    Facts,
    by_record,
    facts_ask,
    put_back_found,
    unseen,
)
from jobchanges.delivery.cleanup_reading import rows_ask
from jobchanges.delivery.cleanup_rules import Finding, delete_finding, edited_after
from jobchanges.delivery.context import Visit
from jobchanges.delivery.results import error_kept
from jobchanges.delivery.states import call_may_start
from jobchanges.models import CleanUp, CleanUpItem, RecordWrite, WriteRole
from jobchanges.planning.types import ASSIGN, RECORD_HEADERS
from jobchanges.selectors.values import same_value

Action = CleanUpItem.Action
Outcome = CleanUpItem.Outcome
# Called before each call; raises when the clean-up is no longer this worker's.
Keep = Callable[[], None]

PUT_BACK, PEOPLE, ACCOUNTS, PACKAGE = range(4)
STAGES: Final = (PUT_BACK, PEOPLE, ACCOUNTS, PACKAGE)
_STAGE: Final[Mapping[str, int]] = {
    WriteRole.CAMPAIGN_MEMBER: PEOPLE,
    WriteRole.PERSON: PEOPLE,
    WriteRole.ACCOUNT: ACCOUNTS,
    WriteRole.PACKAGE: PACKAGE,
}
# In one call members go before their people: a person takes its members along.
ORDER: Final[tuple[str, ...]] = (
    WriteRole.CAMPAIGN_MEMBER,
    WriteRole.PERSON,
    WriteRole.ACCOUNT,
    WriteRole.PACKAGE,
)
SETTLED: Final = (Outcome.DONE, Outcome.GONE, Outcome.LEFT)
# Gone by the time of our call: the next reading says so.
_GONE_CODES = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
# Reasons of ours, where Salesforce was not even asked.
NO_RIGHT, GOES_LAST = "NO_DELETE_RIGHT", "GOES_LAST"


def stage_of(item: CleanUpItem) -> int:
    """When it is an item's turn."""
    return PUT_BACK if item.action == Action.PUT_BACK else _STAGE.get(item.write.role, PEOPLE)


def is_through(item: CleanUpItem) -> bool:
    """Whether nothing is left to do about it."""
    return item.outcome in SETTLED


def fields_put_back(
    visit: Visit,
    items: Sequence[CleanUpItem],
    described: Described,
    keep: Keep,
) -> bool:
    """Put back what still holds our values. Returns whether an answer is missing.

    What a flow of theirs does to the record on this update is the org's own doing.
    """
    keep()
    rows = rows_ask(visit, [item.write for item in items], described)
    found = {
        write.pk: finding
        for record_id, writes in by_record(item.write for item in items).items()
        for write, finding in put_back_found(writes, rows.get(record_id), described)
    }
    going: dict[str, list[CleanUpItem]] = defaultdict(list)
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    tried = _tried_values(items)
    # Newest first: of several writes of ours, what stood there before the first wins.
    for item in reversed(items):
        finding, record_id = found[item.write_id], item.write.record_id
        # Of what a person read, what still may be.
        agreed = {name: one for name, one in finding.values.items() if name in item.fields}
        if finding.gone:
            end(item, Outcome.GONE)
        elif item.tried_at and _holds(rows[record_id], tried[record_id], item.fields):
            end(item, Outcome.DONE)
        elif not agreed:
            end(item, Outcome.LEFT, finding.reason or _("It was edited since, so it stays."))
        else:
            going[record_id].append(item)
            values[record_id] |= agreed
    if not going:
        return False
    ids = sorted(going, key=lambda one: (going[one][0].write.object_name, one))[:MAX_RECORDS]
    keep()
    _try([item for one in ids for item in going[one]])
    call_may_start()
    try:
        results = visit.org.records_update(
            [Record(going[one][0].write.object_name, values[one], record_id=one) for one in ids],
            # Nothing is handed to another owner by putting back what we wrote.
            headers={**RECORD_HEADERS, ASSIGN: "FALSE"},
        )
    except OutcomeUnknown:
        return True
    for one, result in zip(ids, results, strict=True):
        for item in going[one]:
            _answered(item, result)
    return False


def records_delete(
    visit: Visit,
    clean_up: CleanUp,
    items: Sequence[CleanUpItem],
    everything: Sequence[CleanUpItem],
    writes: Mapping[str, Sequence[RecordWrite]],
    described: Described,
    keep: Keep,
) -> bool:
    """Delete what is still ours alone. Returns whether an answer is missing.

    `items` are those of one stage; `everything` all of the clean-up; `writes` the ledger by record.
    """
    mine = {item.write.record_id: writes[item.write.record_id] for item in items}
    keep()
    rows = rows_ask(visit, [write for part in mine.values() for write in part], described)
    there = {one: part for one, part in mine.items() if one in rows}
    ours = {item.write.record_id for item in everything}
    facts = facts_ask(visit, clean_up, there, described, ours)
    going: list[CleanUpItem] = []
    for item in sorted(items, key=lambda one: ORDER.index(one.write.role)):
        record_id = item.write.record_id
        finding = unseen(item.write, described) or delete_finding(
            mine[record_id], rows.get(record_id), facts(record_id, _known(item, everything))
        )
        if finding.gone:
            end(item, Outcome.DONE if item.tried_at else Outcome.GONE)
        elif finding.left and _waits_for_ours(item, everything, finding, facts):
            _refuse(item, _("What stands on it could not be deleted yet."))
        elif finding.left:
            end(item, Outcome.LEFT, finding.reason)
        elif edited_after(item, finding):
            end(item, Outcome.LEFT, _("It was edited after the clean-up was confirmed."))
        elif not described[item.write.object_name].deletable:
            _refuse(item, no_right_sentence(described[item.write.object_name]), NO_RIGHT)
        elif item.write.role == WriteRole.PACKAGE and _others_left(item, everything):
            _refuse(item, goes_last_sentence(), GOES_LAST)
        else:
            going.append(item)
    if not going:
        return False
    going = going[:MAX_RECORDS]
    keep()
    _try(going)
    call_may_start()
    try:
        results = visit.org.records_delete([item.write.record_id for item in going])
    except OutcomeUnknown:
        return True
    for item, result in zip(going, results, strict=True):
        _answered(item, result)
    return False


def no_right_sentence(described: ObjectDescribe) -> str:
    """Why a record is not even tried."""
    return _("The integration user has no Delete right on %(object)s.") % {
        "object": described.label
    }


def goes_last_sentence() -> str:
    """Why a UserGem waits: it carries the key."""
    return _("It goes last, when the other records of this job change are gone.")


def end(item: CleanUpItem, outcome: str, reason: str = "") -> None:
    """Save what became of one record."""
    item.outcome = outcome
    if reason:
        item.reason = reason[:500]
    if outcome in SETTLED:
        item.errors = []
    item.save(update_fields=["outcome", "reason", "errors"])


def _known(item: CleanUpItem, everything: Sequence[CleanUpItem]) -> set[str]:
    """Records that may stand on this one: those that go with it, and the package's."""
    return {
        one.write.record_id
        for one in everything
        if one.action == Action.DELETE
        and (
            one.write.role == WriteRole.PACKAGE
            or one.outcome in (Outcome.DONE, Outcome.GONE)
            or (one.outcome != Outcome.LEFT and stage_of(one) == stage_of(item))
        )
    }


def _waits_for_ours(
    item: CleanUpItem, everything: Sequence[CleanUpItem], finding: Finding, facts: Facts
) -> bool:
    """Whether it stays only because something of this clean-up could not be deleted yet."""
    record_id, known = item.write.record_id, _known(item, everything)
    if finding.reason != facts(record_id, known).hanging:
        return False
    refused = {one.write.record_id for one in everything if one.outcome == Outcome.REFUSED}
    return not facts(record_id, known | refused).hanging


def _others_left(item: CleanUpItem, everything: Sequence[CleanUpItem]) -> bool:
    """Whether something else of the same job change is still to be done."""
    delivery = item.write.attempt.delivery_id
    return any(
        one.write.attempt.delivery_id == delivery and one.pk != item.pk and not is_through(one)
        for one in everything
    )


def _tried_values(items: Sequence[CleanUpItem]) -> dict[str, dict[str, Any]]:
    """What records would hold if a call without an answer was carried out."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for item in reversed(items):
        if item.tried_at:
            found[item.write.record_id] |= {
                name: item.write.before.get(name) for name in item.fields
            }
    return found


def _holds(row: Mapping[str, Any], values: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(name in row and same_value(row[name], values.get(name)) for name in names)


def _try(items: Sequence[CleanUpItem]) -> None:
    """Write down that a call for these is about to be made."""
    now = timezone.now()
    CleanUpItem.objects.filter(pk__in=[item.pk for item in items]).update(tried_at=now)
    for item in items:
        item.tried_at = now


def _answered(item: CleanUpItem, result: RowResult) -> None:
    """Done, refused for good, or to be asked for once more."""
    if result.success:
        end(item, Outcome.DONE)
        return
    item.errors = [
        error_kept(error) | {"role": item.write.role, "object_name": item.write.object_name}
        for error in result.errors
    ]
    again = all(
        error.code in _GONE_CODES or error.family == Family.TRY_AGAIN for error in result.errors
    )
    end(item, "" if again else Outcome.REFUSED)


def _refuse(item: CleanUpItem, sentence: str, code: str = "") -> None:
    item.errors = [{"code": code, "sentence": sentence}]
    end(item, Outcome.REFUSED)
