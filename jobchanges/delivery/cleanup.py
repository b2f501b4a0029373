"""Looking at and removing what a sandbox test wrote, from the ledger (product.md, section 6).

Four stages, in this order: fields put back, campaign members and people, accounts, the package's
records. The package's record carries the key, so it goes last: while anything of a job change
could not be removed, the key stands, and a send would be answered "delivered before" (rule 3).
Every stage reads the records again right before it writes, so that it can be repeated at any
point: after a lost answer, a kill, or a day.
"""

from collections import defaultdict

from django.db.models import QuerySet

from accounts.models import Environment
from integrations.models import OrgEpoch, OrgKind
from jobchanges.delivery.cleanup_facts import (
    Action,
    Described,
    by_record,
    facts_ask,
    ledger,
    put_back_found,
    unseen,
)
from jobchanges.delivery.cleanup_reading import describes_ask, rows_ask
from jobchanges.delivery.cleanup_rules import Finding, delete_finding
from jobchanges.delivery.cleanup_stages import (
    GOES_LAST,
    NO_RIGHT,
    ORDER,
    PUT_BACK,
    STAGES,
    Keep,
    Outcome,
    end,
    fields_put_back,
    goes_last_sentence,
    is_through,
    no_right_sentence,
    records_delete,
    stage_of,
)
from jobchanges.delivery.context import Visit, names_ask
from jobchanges.delivery.keys import keys_find
from jobchanges.delivery.states import call_may_start
from jobchanges.models import CleanUp, CleanUpItem, Delivery, RecordWrite, WriteRole

# How often a stage is repeated in one visit, after a lost answer or a locked row.
ROUNDS = 3


class NotASandbox(Exception):
    """Nothing is ever removed from such an org (rule 1)."""


class StillUnanswered(Exception):
    """Salesforce did not answer some calls; the clean-up goes on later, where it stopped."""


def sandbox_only(visit: Visit) -> None:
    """The lowest guard: by what is stored about the org, and by asking it now.

    Raises NotASandbox, and what the client raises.
    """
    if not is_sandbox(visit.connection.environment, visit.epoch):
        raise NotASandbox("The connection's org is not a sandbox.")
    call_may_start()
    if visit.org.organization().get("IsSandbox") is not True:
        raise NotASandbox("The org says that it is not a sandbox.")


def is_sandbox(environment: str, epoch: OrgEpoch) -> bool:
    """Whether an org is a sandbox by everything that is stored about it."""
    return (
        environment == Environment.SANDBOX
        and epoch.connection.environment == Environment.SANDBOX
        and epoch.kind in (OrgKind.SANDBOX, OrgKind.SCRATCH)
    )


def cleanable(clean_up: CleanUp) -> QuerySet[Delivery]:
    """The deliveries a clean-up is about: delivered to this very sandbox, nothing under way."""
    run = clean_up.test_run
    found = Delivery.objects.filter(
        test_run=run,
        epoch=run.epoch,
        org_id=run.epoch.org_id,
        environment=Environment.SANDBOX,
        batch=None,
        state=Delivery.State.DELIVERED,
        correction_asked_at=None,
    )
    return found.filter(job_change__key=clean_up.only_key) if clean_up.only_key else found


def items_find(visit: Visit, clean_up: CleanUp) -> list[CleanUpItem]:
    """Look at everything the ledger names, and say of each record what would become of it.

    Nothing is written, here or there; the items are not saved. Raises what the client raises.
    """
    writes = ledger(cleanable(clean_up))
    if not writes:
        return []
    records = by_record(writes)
    described = describes_ask(visit, (item.object_name for item in writes))
    rows = rows_ask(visit, writes, described)
    created = {
        record_id: mine
        for record_id, mine in records.items()
        if mine[0].operation == RecordWrite.Operation.CREATE
    }
    there = {one: mine for one, mine in created.items() if one in rows}
    facts = facts_ask(visit, clean_up, there, described, created)
    known = {one for one, mine in created.items() if mine[0].role == WriteRole.PACKAGE}
    found: list[tuple[RecordWrite, Finding]] = []
    # What stays keeps what it stands on: members before people, people before accounts.
    for role in ORDER:
        for record_id, mine in created.items():
            if mine[0].role != role:
                continue
            finding = unseen(mine[0], described) or delete_finding(
                mine, rows.get(record_id), facts(record_id, known)
            )
            found.append((mine[0], finding))
            if not finding.left:
                known.add(record_id)
    for record_id, mine in records.items():
        if record_id not in created:
            found += put_back_found(mine, rows.get(record_id), described)
    names_ask(visit, {item.edited_by_id for _write, item in found if item.edited_by_id})
    items = [_item(visit, clean_up, write, finding, described) for write, finding in found]
    _keys_last(items)
    return items


def remove(visit: Visit, clean_up: CleanUp, keep: Keep) -> None:
    """Do what was confirmed, stage by stage; what became of each record is saved as it goes.

    Raises NotASandbox, StillUnanswered, and what the client and `keep` raise.
    """
    keep()
    sandbox_only(visit)
    items = list(
        clean_up.items.select_related("write__attempt__delivery__job_change").order_by(
            "write__attempt__started_at", "write__attempt_id", "write__sequence"
        )
    )
    if all(item.outcome for item in items):
        return
    writes = by_record(ledger({item.write.attempt.delivery_id for item in items}, removed=True))
    keep()
    described = describes_ask(visit, (item.write.object_name for item in items))
    for stage in STAGES:
        _stage_run(visit, clean_up, stage, items, writes, described, keep)


def _stage_run(
    visit: Visit,
    clean_up: CleanUp,
    stage: int,
    items: list[CleanUpItem],
    writes: dict[str, list[RecordWrite]],
    described: Described,
    keep: Keep,
) -> None:
    """One stage, repeated while answers are missing or rows are locked, a few times."""
    unanswered = False
    for _round in range(ROUNDS):
        mine = [item for item in items if stage_of(item) == stage and not item.outcome]
        if not mine:
            return
        if stage == PUT_BACK:
            unanswered = fields_put_back(visit, mine, described, keep)
        else:
            unanswered = records_delete(visit, clean_up, mine, items, writes, described, keep)
    left = [item for item in items if stage_of(item) == stage and not item.outcome]
    if left and unanswered:
        raise StillUnanswered
    for item in left:
        # Salesforce asked to come back later each time; a person lets us look again.
        end(item, Outcome.REFUSED)


def keys_gone(visit: Visit, clean_up: CleanUp) -> list[Delivery]:
    """Job changes of which nothing is left to do and whose key is not in the org any more."""
    items: dict[int, list[CleanUpItem]] = defaultdict(list)
    for item in clean_up.items.select_related("write__attempt"):
        items[item.write.attempt.delivery_id].append(item)
    # One without items lost its records to an earlier clean-up that was ended half-way.
    through = [
        delivery
        for delivery in cleanable(clean_up).select_related("job_change")
        if all(is_through(item) for item in items[delivery.pk])
    ]
    if not through:
        return []
    found = keys_find(visit, [item.delivery_key for item in through])
    return [item for item in through if item.delivery_key not in found]


def _keys_last(items: list[CleanUpItem]) -> None:
    """A UserGem is by hand, too, where another record of its job change is."""
    by_hand = {item.write.attempt.delivery_id for item in items if item.outcome == Outcome.REFUSED}
    for item in items:
        mine = item.write.attempt.delivery_id in by_hand
        if mine and item.write.role == WriteRole.PACKAGE and not item.outcome:
            item.outcome = Outcome.REFUSED
            item.errors = [{"code": GOES_LAST, "sentence": goes_last_sentence()}]


def _item(
    visit: Visit, clean_up: CleanUp, write: RecordWrite, finding: Finding, described: Described
) -> CleanUpItem:
    item = CleanUpItem(
        clean_up=clean_up,
        write=write,
        action=finding.action,
        reason=finding.reason[:500],
        edited=finding.edited,
        edited_by=visit.names.get(finding.edited_by_id, "")[:200] if finding.edited else "",
        edited_at=finding.edited_at,
        modified=finding.modified[:40],
        fields=sorted(finding.values),
    )
    if finding.gone:
        item.outcome = Outcome.GONE
    elif finding.left:
        item.outcome = Outcome.LEFT
    elif finding.action == Action.DELETE and not described[write.object_name].deletable:
        item.outcome = Outcome.REFUSED
        sentence = no_right_sentence(described[write.object_name])
        item.errors = [{"code": NO_RIGHT, "sentence": sentence}]
    return item
