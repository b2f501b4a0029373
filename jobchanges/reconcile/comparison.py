"""Counting and comparing. Pure: no queries, no calls."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from jobchanges.models import Delivery, WriteRole
from jobchanges.reconcile.types import Counts, OrgRow, OurRow, Problem

State = Delivery.State
Outcome = Delivery.Outcome
NOT_ANSWERED = (State.WAITING, State.CLAIMED, State.UNKNOWN, State.ORG_GONE)


def counts_of(title: str, rows: Sequence[OurRow]) -> Counts:
    """The rows by what became of them."""
    by = Counter(row.outcome if row.state == State.DELIVERED else row.state for row in rows)
    return Counts(
        title=title,
        total=len(rows),
        created=by[Outcome.CREATED],
        enriched=by[Outcome.ENRICHED],
        past_only=by[Outcome.PAST_ONLY],
        package_only=by[Outcome.PACKAGE_ONLY],
        refused=by[State.REFUSED],
        held=by[State.HELD],
        not_answered=sum(by[state] for state in NOT_ANSWERED),
    )


def compare(ours: Iterable[OurRow], org: Iterable[OrgRow]) -> list[Problem]:
    """Every difference between our rows and the org's. Pure."""
    found: dict[str, list[OrgRow]] = defaultdict(list)
    for row in org:
        found[row.key].append(row)
    problems = []
    for mine in ours:
        there = found.pop(mine.delivery_key, [])
        problems += list(_differences(mine, there))
    problems += [
        Problem("unknown_key", key, _("The org holds %(key)s, which we never sent.") % {"key": key})
        for key in sorted(found)
    ]
    return problems


def _differences(mine: OurRow, there: Sequence[OrgRow]) -> Iterable[Problem]:
    if mine.state != State.DELIVERED:
        if there:
            yield Problem(
                "there_all_the_same",
                mine.key,
                _("Not delivered (%(state)s), and the org holds its key all the same.")
                % {"state": mine.state},
            )
        return
    if not there:
        yield Problem("not_there", mine.key, _("Delivered, and the org does not hold its key."))
        return
    if len(there) > 1:
        words = _("The org holds its key %(count)d times.") % {"count": len(there)}
        yield Problem("more_than_once", mine.key, words)
    for what, ours, theirs in _ids_that_differ(mine, there[0]):
        words = _("%(what)s: the ledger says %(ours)s, the org says %(theirs)s.")
        values = {"what": what, "ours": ours or _("nothing"), "theirs": theirs or _("nothing")}
        yield Problem("other_record", mine.key, words % values)


def _ids_that_differ(mine: OurRow, there: OrgRow) -> Iterable[tuple[str, str, str]]:
    """(what, our id, the org's id) for each record that the package's record names otherwise."""
    names = {WriteRole.PERSON: "new", WriteRole.ACCOUNT: "new", WriteRole.PAST_PERSON: "past"}
    package = mine.records.get(WriteRole.PACKAGE, ("", ""))[1]
    if package != there.record_id:
        yield str(WriteRole.PACKAGE.label), package, there.record_id
    for role, word in names.items():
        if role not in mine.records:
            continue
        object_name, record_id = mine.records[role]
        theirs = there.lookups.get(f"{word}_{object_name.lower()}", "")
        if theirs != record_id:
            yield str(role.label), record_id, theirs
