"""Reading records: queries with all their pages, and reads by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from integrations.salesforce.composite import MAX_QUERIES, composite_get
from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import checked_id, checked_name, checked_path
from integrations.salesforce.shapes import items, mapping, number, odd, reading, record_id
from integrations.salesforce.soql import MAX_LENGTH, in_address

COLLECTION_READ = 200
# Objects that one recordCount call is asked about: their names stand in its address.
_COUNTED = 100
# Servers and proxies refuse addresses beyond 8 to 16 kB; a longer query goes as composite POST.
_SHORT_QUERY = 4_000

Wanted = tuple[str, Iterable[str], Sequence[str]]


def query(door: Door, soql: str) -> list[dict[str, Any]]:
    """All records of one query, without `attributes`; one call a page."""
    return queries(door, [soql])[0]


def query_all(
    door: Door, soql: str, *, deleted: bool = False, batch: int | None = None
) -> list[dict[str, Any]]:
    """As `query`; with `deleted`, also the records in the recycle bin.

    `batch` asks for pages of so many rows (200 to 2,000), which Salesforce takes as a hint.
    Raises ValueError for another batch.
    """
    if batch is not None and not 200 <= batch <= 2_000:
        raise ValueError("A page has 200 to 2,000 rows.")
    _check_length(soql)
    headers = {"Sforce-Query-Options": f"batchSize={batch}"} if batch else None
    resource = "queryAll" if deleted else "query"
    path = f"{resource}?q={in_address(soql)}"

    def first_page() -> Any:
        if len(in_address(soql)) <= _SHORT_QUERY:
            return door.query(soql, deleted=deleted, headers=headers)
        return composite_get(door, [path], headers)[0]

    return _whole(door, first_page(), first_page)


def queries(door: Door, soqls: Sequence[str]) -> list[list[dict[str, Any]]]:
    """All records of each query, in their order; at most five queries a call, then the pages.

    Raises ValueError for a query of more than 20,000 characters, SalesforceError for the first
    one that is refused.
    """
    for soql in soqls:
        _check_length(soql)
    results: list[list[dict[str, Any]]] = []
    for start in range(0, len(soqls), MAX_QUERIES):
        group = soqls[start : start + MAX_QUERIES]
        for soql, page in zip(group, _first_pages(door, group), strict=True):
            results.append(_whole(door, page, partial(_first_page, door, soql)))
    return results


def _first_pages(door: Door, soqls: Sequence[str]) -> list[Any]:
    if len(soqls) == 1 and len(in_address(soqls[0])) <= _SHORT_QUERY:
        return [door.query(soqls[0])]
    return composite_get(door, [f"query?q={in_address(soql)}" for soql in soqls])


def _first_page(door: Door, soql: str) -> Any:
    return _first_pages(door, [soql])[0]


def tooling_query(door: Door, soql: str) -> list[dict[str, Any]]:
    """All records of one Tooling API query."""
    first_page = partial(door.get, "tooling/query", {"q": soql})
    return _whole(door, first_page(), first_page)


def rows_from(door: Door, page: Any) -> list[dict[str, Any]]:
    """All records of a query whose first page came in a composite answer; one call a page more."""
    return _all_pages(door, page)


def records_get(door: Door, wanted: Sequence[Wanted]) -> dict[str, dict[str, Any]]:
    """Records by id: `(object, ids, fields)` for each object; 1,000 records a call.

    Keys are 18-character ids. What is deleted or hidden is missing. An object may be given more
    than once; its fields are then merged.
    """
    paths: list[str] = []
    for object_name, ids, fields in wanted:
        each = list(dict.fromkeys(checked_id(one) for one in ids))
        names = ",".join(dict.fromkeys(["Id", *(checked_path(name) for name in fields)]))
        for start in range(0, len(each), COLLECTION_READ):
            chunk = ",".join(each[start : start + COLLECTION_READ])
            paths.append(
                f"composite/sobjects/{checked_name(object_name)}?ids={chunk}&fields={names}"
            )
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(paths), MAX_QUERIES):
        for rows in composite_get(door, paths[start : start + MAX_QUERIES]):
            with reading("collection read"):
                for row in items([row for row in rows if row is not None]):
                    found.setdefault(record_id(row["Id"]), {}).update(plain(row))
    return found


def record_get(
    door: Door, object_name: str, wanted_id: str, fields: Sequence[str]
) -> dict[str, Any]:
    """One record; `NOT_FOUND` when it is deleted or hidden."""
    names = ",".join(dict.fromkeys(["Id", *(checked_path(name) for name in fields)]))
    path = f"sobjects/{checked_name(object_name)}/{checked_id(wanted_id)}"
    row = door.get(path, {"fields": names})
    with reading("record"):
        if record_id(row["Id"])[:15] != wanted_id[:15]:
            raise ValueError
        return dict(plain(row))


def record_counts(door: Door, object_names: Iterable[str]) -> dict[str, int]:
    """About how many records each object has (platform reference, 2.8); one call for a hundred.

    Salesforce leaves out an object without records: here it has 0.
    """
    names = list(dict.fromkeys(checked_name(name) for name in object_names))
    counts = dict.fromkeys(names, 0)
    for start in range(0, len(names), _COUNTED):
        chunk = ",".join(names[start : start + _COUNTED])
        answer = door.get("limits/recordCount", {"sObjects": chunk})
        with reading("recordCount"):
            for row in items(mapping(answer)["sObjects"]):
                if row["name"] in counts:
                    counts[row["name"]] = number(row["count"])
    return counts


def plain(value: Any) -> Any:
    """A record without `attributes`; nested lists of records become plain lists.

    Raises SalesforceError when a nested list is only the first page of itself.
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "records" in value and "totalSize" in value:
        if value.get("done") is False:
            raise odd("a nested list has more pages")
        return plain(value["records"])
    return {name: plain(item) for name, item in value.items() if name != "attributes"}


def _check_length(soql: str) -> None:
    if len(soql) > MAX_LENGTH:
        raise ValueError(f"A query may have {MAX_LENGTH} characters; use soql.chunked_in.")


def _whole(door: Door, page: Any, first_page: Callable[[], Any]) -> list[dict[str, Any]]:
    """All records from a first page on; from a new first page once, when the cursor has died.

    Cursors live two days, but Salesforce ends the oldest of a user's when there are too many.
    """
    try:
        return _all_pages(door, page)
    except SalesforceError as error:
        if error.code != "INVALID_QUERY_LOCATOR":
            raise
    return _all_pages(door, first_page())


def _all_pages(door: Door, page: Any) -> list[dict[str, Any]]:
    """The records of a first page and of all that follow.

    `count()` has no records: it comes back as one row `{"totalSize": n}`.
    """
    records: list[dict[str, Any]] = []
    seen: set[str] = set()
    while True:
        with reading("query"):
            rows, total, done = page["records"], number(page["totalSize"]), page["done"]
            if not isinstance(rows, list) or not isinstance(done, bool):
                raise TypeError
            if done and not rows and not records and total:
                return [{"totalSize": total}]
            records.extend(plain(row) for row in items(rows))
            address = page.get("nextRecordsUrl")
        if done:
            return records
        if not isinstance(address, str) or address in seen:
            # Part of an answer would look like the whole of it.
            raise odd("query pages do not go on")
        seen.add(address)
        page = door.next_page(address)
