"""Records as they are now, by id: many of several objects, few calls, each object for itself."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from integrations.salesforce.describe import ObjectDescribe
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.query import COLLECTION_READ, plain
from integrations.salesforce.shapes import items, reading, record_id
from integrations.salesforce.together import RECORD_READS_A_CALL, Read, Reply
from jobchanges.delivery.states import call_may_start

logger = structlog.get_logger(__name__)

# A subrequest's address: servers and proxies refuse what is longer than some 16,000 characters.
ADDRESS = 12_000
# What stands in it besides ids and fields, and how much of it the fields may take.
_AROUND = 120
_FIELDS = 6_000
_ID = 19  # an id and its comma
# A field or the object is missing, or hidden from the connected user (platform reference, 3.2).
_HIDDEN = {"INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND"}
Row = dict[str, Any]


class Asked(Protocol):
    """What is needed of `integrations.salesforce.Org` here."""

    def read_together(self, reads: Sequence[Read]) -> list[Reply]:
        """Several reads in one call."""

    def describes(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """Several objects by name."""


@dataclass(frozen=True)
class Wanted:
    """Records of one object, and the fields to read of them."""

    object_name: str
    ids: Collection[str]
    fields: Collection[str]


@dataclass
class Found:
    """What there is. `rows` by 18-character id: whose object answered and is missing is deleted
    or hidden. `refused`: objects that could not be read. `visible`: the fields of an object that
    the connected user may read, where it had to be asked because one of those wanted is hidden.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    refused: dict[str, SalesforceError] = field(default_factory=dict)
    visible: dict[str, frozenset[str]] = field(default_factory=dict)


def records_ask(org: Asked, wanted: Sequence[Wanted]) -> Found:
    """Read records, five collections of 200 a call; what one object refuses, the others answer.

    When a field turns out to be hidden, describe is asked again and the rest of them read.
    Raises SalesforceError when the first call as a whole fails; of a later one, what it was about
    counts as refused.
    """
    found = _ask(org, wanted)
    hiding = [name for name, error in found.refused.items() if error.code in _HIDDEN]
    if hiding:
        _ask_without_hidden(org, [one for one in wanted if one.object_name in hiding], found)
    return found


def _ask_without_hidden(org: Asked, wanted: Sequence[Wanted], found: Found) -> None:
    try:
        call_may_start()
        described = org.describes([one.object_name for one in wanted])
        for name, seen in described.items():
            found.visible[name] = frozenset(one.name for one in seen.fields.values())
        again = _ask(
            org,
            [
                Wanted(name, one.ids, [item for item in one.fields if item in found.visible[name]])
                for one in wanted
                if (name := one.object_name) in found.visible
            ],
        )
    except SalesforceError as error:
        logger.info("hidden_fields_not_asked", code=error.code)
        return
    for one in wanted:
        if one.object_name in found.visible:
            found.refused.pop(one.object_name, None)
        else:
            # Not even the object is there for this user.
            found.visible[one.object_name] = frozenset()
    found.rows |= again.rows
    found.refused |= again.refused


def _ask(org: Asked, wanted: Sequence[Wanted]) -> Found:
    found = Found()
    rows: dict[str, Row] = defaultdict(dict)
    reads = [read for one in wanted for read in _reads(one)]
    for start in range(0, len(reads), RECORD_READS_A_CALL):
        group = reads[start : start + RECORD_READS_A_CALL]
        call_may_start()
        try:
            replies = org.read_together([read for _name, read in group])
        except SalesforceError as error:
            if not start:
                raise
            logger.info("records_not_read", code=error.code)
            replies = [Reply(error=error)] * len(group)
        for (name, _read), reply in zip(group, replies, strict=True):
            problem = reply.error or _rows_take(reply.body, rows)
            if problem is not None:
                found.refused[name] = problem
    # Half of an object would look as if the other half were gone.
    refused = {
        one for item in wanted if item.object_name in found.refused for one in _ids(item.ids)
    }
    found.rows = {one: row for one, row in rows.items() if one[:15] not in refused}
    return found


def _ids(ids: Collection[str]) -> Iterator[str]:
    return (one[:15] for one in ids)


def _rows_take(body: Any, rows: dict[str, Row]) -> SalesforceError | None:
    try:
        with reading("collection read"):
            for row in items([row for row in body if row is not None]):
                rows[record_id(row["Id"])].update(plain(row))
    except SalesforceError as error:
        return error
    return None


def _reads(wanted: Wanted) -> Iterator[tuple[str, Read]]:
    """The reads of one object, none with an address too long for its way."""
    ids = sorted(set(wanted.ids))
    for names in _fields_parted(wanted.fields):
        room = ADDRESS - _AROUND - len(wanted.object_name) - len(",".join(names))
        most = max(1, min(COLLECTION_READ, room // _ID))
        for start in range(0, len(ids), most):
            yield (
                wanted.object_name,
                Read.records(wanted.object_name, ids[start : start + most], names),
            )


def _fields_parted(fields: Collection[str]) -> Iterator[list[str]]:
    part, length = ["Id"], 2
    for name in sorted(set(fields) - {"Id"}):
        if length + len(name) + 1 > _FIELDS:
            yield part
            part, length = ["Id"], 2
        part.append(name)
        length += len(name) + 1
    yield part


def wanted_of(asked: Mapping[str, tuple[Collection[str], Collection[str]]]) -> list[Wanted]:
    """From ids and fields by object, in the order of the objects' names."""
    return [Wanted(name, ids, fields) for name, (ids, fields) in sorted(asked.items())]
