"""The same records as the orgs hold them now: read again, few calls, nothing stored."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit
from jobchanges.delivery.reading import records_ask, wanted_of
from jobchanges.delivery.visits import CannotVisit, visit_open
from jobchanges.overwriting.verdicts import Touched

WRITES_AT_ONCE = 1_000


def asked_now(touched: Iterable[Touched]) -> Iterator[Touched]:
    """Each with what its fields hold now; where the org cannot be asked, with a note why not.

    Expects them org by org. Raises nothing for an org that is gone or refuses.
    """
    for epoch_id, group in groupby(touched, key=attrgetter("epoch_id")):
        yield from _asked_in(epoch_id, iter(group))


def _asked_in(epoch_id: int, group: Iterator[Touched]) -> Iterator[Touched]:
    first = list(islice(group, WRITES_AT_ONCE))
    try:
        with visit_open(epoch_id, uuid.uuid4().hex, writes=False) as visit:
            part = first
            while part:
                yield from _part(visit, part)
                part = list(islice(group, WRITES_AT_ONCE))
            return
    except CannotVisit as reason:
        problem = str(reason)
    for one in (*first, *group):
        yield replace(one, note=f"{one.note} {problem}".strip())


def _part(visit: Visit, part: list[Touched]) -> Iterator[Touched]:
    wanted: dict[str, tuple[set[str], set[str]]] = {}
    for one in part:
        ids, fields = wanted.setdefault(one.object_name, (set(), set()))
        ids.add(one.record_id)
        known = visit.settings.fields.get(one.object_name, {})
        fields.update(item.name for item in one.fields if item.name in known)
    try:
        found = records_ask(visit.org, wanted_of(wanted)).rows
    except SalesforceError as error:
        for one in part:
            yield replace(one, note=f"{one.note} {error.sentence}".strip())
        return
    for one in part:
        yield _with(one, found.get(one.record_id))


def _with(touched: Touched, row: Mapping[str, Any] | None) -> Touched:
    if row is None:
        return touched
    return replace(
        touched,
        fields=[
            replace(item, now=row[item.name]) if item.name in row else item
            for item in touched.fields
        ],
    )
