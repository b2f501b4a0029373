"""What a set of job changes exercises, and which set exercises most (product.md, section 6).

No org is asked: what only the org can tell (does the account exist) is known from a preview.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.models import Delivery, JobChange, Kind
from jobchanges.planning.text import LONG, long_or_non_latin
from jobchanges.planning.types import Branch
from jobchanges.selectors.types import CoverageLine, Fact

# What is known before the org is asked; the preview says the rest.
KNOWN = frozenset(
    {
        Branch.PAST_CONTACT,
        Branch.PAST_LEAD,
        Branch.LEFT_ONLY,
        Branch.PROMOTION,
        Branch.NO_EMAIL,
        Branch.LONG_OR_NON_LATIN,
    }
)
# The columns of a job change that `branches_of` reads.
COLUMNS = ("kind", "past_contact_id", "past_lead_id", *LONG)

# So many ways to go on are looked at together: all there are of nine branches.
_WIDTH = 2**9

Branches = frozenset[str]


def labels() -> dict[str, str]:
    """Every branch a test should meet, in the words of the list, in the order they are shown."""
    return {
        Branch.EXISTING_ACCOUNT: _("Account exists"),
        Branch.NEW_ACCOUNT: _("New account"),
        Branch.EXISTING_PERSON: _("Person exists (enriched)"),
        Branch.NEW_CONTACT: _("New contact"),
        Branch.NEW_LEAD: _("New lead"),
        Branch.PAST_CONTACT: _("Past contact"),
        Branch.PAST_LEAD: _("Past lead"),
        Branch.LEFT_ONLY: _("Left, new job unknown"),
        Branch.PROMOTION: _("Promotion"),
        Branch.NO_EMAIL: _("No e-mail"),
        Branch.INACTIVE_OWNER: _("Inactive owner"),
        Branch.LONG_OR_NON_LATIN: _("Long or non-Latin text"),
        Branch.CAMPAIGN: _("Campaign"),
        Branch.MAPPED: _("Mapped fields filled"),
        Branch.REPLACED: _("Filled field replaced"),
    }


# Of customers who chose so: with others they are no gap of a test.
_BY_CHOICE = {Branch.MAPPED, Branch.REPLACED}


def branches_of(row: Any) -> Branches:
    """What is known from the job change alone: any row that has the attributes `COLUMNS`."""
    found = set()
    if row.kind == Kind.LEFT:
        found.add(Branch.LEFT_ONLY)
    if row.kind == Kind.PROMOTION:
        found.add(Branch.PROMOTION)
    if row.past_contact_id:
        found.add(Branch.PAST_CONTACT)
    elif row.past_lead_id:
        found.add(Branch.PAST_LEAD)
    if row.kind != Kind.LEFT and not row.new_email:
        found.add(Branch.NO_EMAIL)
    if long_or_non_latin(row):
        found.add(Branch.LONG_OR_NON_LATIN)
    return frozenset(found)


def facts_of(job_change: JobChange, previewed: Collection[str] = ()) -> list[Fact]:
    """What a job change exercises: by its preview where there is one, else as far as is known."""
    branches = previewed or branches_of(job_change)
    return [Fact(key, label) for key, label in labels().items() if key in branches]


def coverage_of_run(
    deliveries: Iterable[Delivery], waiting: Mapping[str, int] | None = None
) -> list[CoverageLine]:
    """How many deliveries of a run exercise each branch: by their plans where there are plans.

    `waiting`: as for `coverage_of`.
    """
    exercised: list[Collection[str]] = []
    for item in deliveries:
        branches = item.plan.get("branches")
        exercised.append(branches_of(item.job_change) if branches is None else branches)
    return coverage_of(exercised, waiting)


def coverage_of(
    exercised: Sequence[Collection[str]], waiting: Mapping[str, int] | None = None
) -> list[CoverageLine]:
    """How many of a set exercise each branch.

    `waiting`: how many others, not in the set, exercise it; with it a branch that nobody has and
    one that was not picked are told apart. What only the org can tell stays unknown, unless a
    preview said so.
    """
    lines = [
        CoverageLine(
            key, label, sum(key in branches for branches in exercised), _left(key, waiting)
        )
        for key, label in labels().items()
    ]
    return [line for line in lines if line.count or line.waiting or line.key not in _BY_CHOICE]


def _left(key: str, waiting: Mapping[str, int] | None) -> int | None:
    if waiting is None:
        return None
    return waiting.get(key, 0) if key in KNOWN else waiting.get(key)


def set_suggest(
    exercised: Mapping[int, Branches],
    *,
    kept: Sequence[int] = (),
    touched: Mapping[int, Collection[str]] | None = None,
    minimum: int,
    maximum: int,
) -> list[int]:
    """The smallest set that covers as many branches as `maximum` job changes can, filled up to
    `minimum` with the cases that differ most; what was picked before (`kept`) stays in it.

    `exercised` says what each may be picked for, the preferred ones first; the same question gets
    the same answer. `touched` names what each touches, where two that touch the same must not be
    in one set (a production test). Exact for up to nine branches where nothing is in the other's
    way; else never two that meet, and close to it. Fewer than `minimum` where there are no more.
    """
    touched = touched or {}
    chosen = list(dict.fromkeys(pk for pk in kept if pk in exercised))
    chosen += _covering(exercised, chosen, touched, maximum - len(chosen))
    for pk in _varied(exercised, chosen):
        if len(chosen) >= minimum:
            break
        if _apart(pk, chosen, touched):
            chosen.append(pk)
    return chosen


def _covering(
    exercised: Mapping[int, Branches],
    chosen: Sequence[int],
    touched: Mapping[int, Collection[str]],
    room: int,
) -> list[int]:
    """What to add so that most branches are covered, by as few as possible: breadth first over
    the sets of branches that can be covered at all, so the first to cover most is the smallest."""
    have = frozenset[str]().union(*(exercised[pk] for pk in chosen))
    free = [pk for pk in exercised if pk not in chosen and _apart(pk, chosen, touched)]
    adds: dict[Branches, list[int]] = {}
    for pk in free:
        if more := exercised[pk] - have:
            adds.setdefault(more, []).append(pk)
    wanted = frozenset[str]().union(*adds)
    if not any(touched.get(pk) for pk in free):
        # What adds less than another one is never needed, unless that one is in the way.
        adds = {more: ids for more, ids in adds.items() if not any(more < other for other in adds)}
    best: tuple[Branches, list[int]] = (frozenset(), [])
    reached: dict[Branches, list[int]] = {best[0]: []}
    edge = dict(reached)
    for _step in range(max(room, 0)):
        found: dict[Branches, list[int]] = {}
        for covered, ids in edge.items():
            for more, sources in adds.items():
                both = covered | more
                if both in reached or both in found:
                    continue
                fitting = (one for one in sources if _apart(one, ids, touched))
                if first := list(islice(fitting, 1)):
                    found[both] = [*ids, *first]
        reached |= found
        edge = dict(sorted(found.items(), key=lambda item: -len(item[0]))[:_WIDTH])
        best = max([best, *found.items()], key=lambda item: len(item[0]))
        if not edge or best[0] == wanted:
            break
    return best[1]


def _varied(exercised: Mapping[int, Branches], chosen: Sequence[int]) -> list[int]:
    """What to fill up with: of each kind of case not in the set the first, then the others; the
    usual case is one, too, and comes first among the others: what becomes of it the org decides."""
    have = {exercised[pk] for pk in chosen}
    first: list[int] = []
    others: list[int] = []
    for pk, branches in exercised.items():
        if pk in chosen:
            continue
        if branches in have:
            others.append(pk)
        else:
            have.add(branches)
            first.append(pk)
    return first + sorted(others, key=lambda pk: bool(exercised[pk]))


def _apart(pk: int, ids: Iterable[int], touched: Mapping[int, Collection[str]]) -> bool:
    """Whether it touches nothing that one of these touches."""
    mine = set(touched.get(pk, ()))
    return not mine or not any(mine.intersection(touched.get(other, ())) for other in ids)
