"""Whose turn it is, side by side: the first open step of each, and what holds a live customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role, User
from jobchanges.models import Batch
from portal.steps.base import CUSTOMER, VENDOR, Finding, Step, StepStatus
from portal.steps.facts import Facts
from portal.steps.go_live_words import halted_words
from portal.steps.words import manager_name, turn_of

# What follows the last step: new job changes, day by day.
LIVE_KEY = "live.sending"
_BOTH = "both"


@dataclass(frozen=True)
class Turn:
    """What one side has to do now, and since when. `wrong`: something stands still over it."""

    key: str
    title: str
    sentence: str
    side: str
    since: datetime | None
    wrong: bool = False


def turns_of(steps: Iterable[Step], findings: Mapping[str, Finding]) -> dict[str, Turn]:
    """The first open step of each side of a stage, by side; a side with none is left out."""
    turns: dict[str, Turn] = {}
    for step in steps:
        finding = findings[step.key]
        if finding.finished or finding.status == StepStatus.LOCKED or not finding.side:
            continue
        turn = Turn(
            step.key,
            step.title,
            finding.sentence,
            finding.side,
            finding.since,
            wrong=finding.status == StepStatus.ATTENTION,
        )
        turns.setdefault(finding.side, turn)
    return turns


def live_turns(facts: Facts) -> dict[str, Turn]:
    """Who has to do something although the customer is live: new job changes stand still.

    A later batch that was paused or stopped is for who may let it go on; a schedule stopped by a
    person for the side that stopped it; a schedule held by the portal for whom the reason names.
    """
    row, later = facts.live.schedule, facts.live.batch
    if later is not None and later.batch.state in {Batch.State.PAUSED, Batch.State.STOPPED}:
        batch = later.batch
        side = CUSTOMER if batch.halted_side == CUSTOMER else VENDOR
        title = _("Batch %(number)s stands still") % {"number": batch.number}
        turn = Turn(LIVE_KEY, title, halted_words(batch), side, batch.halted_at, wrong=True)
        return {side: turn}
    if row is None or not row.is_on:
        return {}
    if row.is_stopped:
        side = CUSTOMER if row.stopped_side == CUSTOMER else VENDOR
        title = _("New job changes are stopped")
        return {side: Turn(LIVE_KEY, title, row.stop_reason, side, row.stopped_at)}
    sides = (CUSTOMER, VENDOR) if row.held_turn == _BOTH else (row.held_turn,)
    title = _("New job changes wait")
    return {
        side: Turn(LIVE_KEY, title, row.held_reason, side, row.held_since)
        for side in sides
        if side and row.held_reason
    }


def is_yours(step: Step, finding: Finding, facts: Facts, person: User | None) -> bool:
    """Whether the reader is the one to act."""
    if person is not None and person.is_staff:
        return finding.side == VENDOR and person.pk == facts.customer.implementation_manager_id
    if finding.side != CUSTOMER:
        return False
    return person is None or facts.role_of(person) in step.roles


def turn_words(step: Step, finding: Finding, facts: Facts, person: User | None) -> str:
    """Whose turn it is, by name unless it is the reader's."""
    if is_yours(step, finding, facts, person):
        return _("Your turn")
    if finding.side == VENDOR:
        return _vendors_turn(facts, person)
    if finding.side == CUSTOMER:
        return turn_of(customer_name(facts))
    if finding.status == StepStatus.CHECKING:
        return finding.detail.get("chip") or _("Checking")
    return ""


def waiting_of(turns: Mapping[str, Turn], side: str) -> Turn | None:
    """The reader's own turn, else the other side's."""
    return turns.get(side) or next(iter(turns.values()), None)


def live_turn_words(turn: Turn, facts: Facts, person: User | None) -> str:
    """Whose turn it is once the customer is live, by name unless it is the reader's."""
    staff = person is not None and person.is_staff
    if turn.side == VENDOR:
        managed_by = facts.customer.implementation_manager_id
        ours = person is not None and person.is_staff and person.pk == managed_by
        return _("Your turn") if ours else _vendors_turn(facts, person)
    # Regular batches are stopped, let go on and signed for by those who may sign.
    may = person is None or facts.role_of(person) in {Role.ADMIN, Role.APPROVER}
    return _("Your turn") if may and not staff else turn_of(customer_name(facts))


def _vendors_turn(facts: Facts, person: User | None) -> str:
    """By the manager's name; staff read of a customer without one that it is UserGems’ turn."""
    if facts.customer.implementation_manager is None and person is not None and person.is_staff:
        return _("UserGems’ turn")
    return turn_of(manager_name(facts.customer))


def customer_name(facts: Facts) -> str:
    """Who acts for the customer: its first admin, else the person invited, else the company."""
    for admin in facts.admins():
        return admin.first_name
    for link in facts.links:
        return link.person_name.split(" ")[0]
    return facts.customer.name
