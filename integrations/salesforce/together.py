"""Several questions of different kinds in one call, each of which may be refused for itself.

A composite call takes 25 subrequests, 5 of them queries (platform reference, 2.4); the Tooling API
has a composite resource of its own, of the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent

from integrations.salesforce.composite import MAX_PARTS, MAX_QUERIES, composite_parts
from integrations.salesforce.describe import DESCRIBES_A_CALL
from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import checked_id, checked_name, checked_path
from integrations.salesforce.query import COLLECTION_READ, rows_from
from integrations.salesforce.soql import MAX_LENGTH

# Rows of Layout and FlexiPage carry their whole metadata: few in one answer.
ROWS_A_CALL = 10


@dataclass(frozen=True)
class Read:
    """One question. `kind` is query, describe, row or records; those of one `lane` go together:
    "rest", "tooling", "records", and "slow" for what may take so long that nothing else should
    wait with it.
    """

    kind: str
    lane: str
    path: str

    @classmethod
    def query(cls, soql: str, *, tooling: bool = False, slow: bool = False) -> Read:
        """A query. Raises ValueError for one of more than 20,000 characters."""
        if len(soql) > MAX_LENGTH:
            raise ValueError(f"A query may have {MAX_LENGTH} characters; use soql.chunked_in.")
        path = f"query?q={percent(soql, safe='')}"
        if tooling:
            return cls("query", "tooling", f"tooling/{path}")
        return cls("query", "slow" if slow else "rest", path)

    @classmethod
    def describe(cls, object_name: str) -> Read:
        """An object with its fields."""
        return cls("describe", "rest", f"sobjects/{checked_name(object_name)}/describe")

    @classmethod
    def objects(cls) -> Read:
        """The names of all objects."""
        return cls("describe", "rest", "sobjects")

    @classmethod
    def row(cls, object_name: str, row_id: str) -> Read:
        """One row of a Tooling object with all its columns, `Metadata` among them."""
        path = f"tooling/sobjects/{checked_name(object_name)}/{checked_id(row_id)}"
        return cls("row", "tooling", path)

    @classmethod
    def records(cls, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Read:
        """Up to 200 records of an object by id; the answer has null for each that is not there."""
        if len(ids) > COLLECTION_READ:
            raise ValueError(f"One read takes {COLLECTION_READ} records.")
        wanted = ",".join(checked_id(one) for one in ids)
        names = ",".join(checked_path(name) for name in fields)
        path = f"composite/sobjects/{checked_name(object_name)}?ids={wanted}&fields={names}"
        return cls("records", "records", path)


# Collections of records count as queries do.
RECORD_READS_A_CALL = MAX_QUERIES
# How many of a kind one call takes.
MOST = {
    "query": MAX_QUERIES,
    "describe": DESCRIBES_A_CALL,
    "row": ROWS_A_CALL,
    "records": RECORD_READS_A_CALL,
}


@dataclass(frozen=True)
class Reply:
    """What was answered: `body` (of a query: all its records), or why it was refused."""

    body: Any = None
    error: SalesforceError | None = None


def packed(reads: Sequence[Read]) -> list[int]:
    """Places of the reads that go together with the first one into one call."""
    taken: list[int] = []
    room = dict(MOST)
    for place, read in enumerate(reads):
        if read.lane == reads[0].lane and room[read.kind] and len(taken) < MAX_PARTS:
            room[read.kind] -= 1
            taken.append(place)
    return taken


def read_together(door: Door, reads: Sequence[Read]) -> list[Reply]:
    """Reads of one lane in one call, and one call more for each further page of a query.

    Raises ValueError for reads that do not go together (`packed`), SalesforceError when the call
    as a whole fails.
    """
    if len(packed(reads)) != len(reads):
        raise ValueError("These reads do not fit into one call.")
    tooling = bool(reads) and reads[0].lane == "tooling"
    parts = composite_parts(door, [read.path for read in reads], tooling=tooling)
    replies = []
    for read, part in zip(reads, parts, strict=True):
        try:
            if part.error is not None:
                raise part.error
            body = rows_from(door, part.body) if read.kind == "query" else part.body
            replies.append(Reply(body))
        except SalesforceError as error:
            replies.append(Reply(error=error))
    return replies
