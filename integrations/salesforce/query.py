"""Reading records: queries with all their pages, and collection reads by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote as percent

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError, error_for, parse_errors
from integrations.salesforce.ids import checked_id, checked_name, checked_path, id18
from integrations.salesforce.soql import MAX_LENGTH

# Query and collection subrequests that one composite call may hold (platform reference, 2.4).
COMPOSITE_QUERIES = 5
COLLECTION_READ = 200
# Servers and proxies refuse addresses beyond 8 to 16 kB; a longer query goes as composite POST.
_SHORT_QUERY = 4_000

Wanted = tuple[str, Iterable[str], Sequence[str]]


def query(door: Door, soql: str) -> list[dict[str, Any]]:
    """All records of one query, without `attributes`; one call a page."""
    return queries(door, [soql])[0]


def queries(door: Door, soqls: Sequence[str]) -> list[list[dict[str, Any]]]:
    """All records of each query, in their order; at most five queries a call, then the pages.

    Raises ValueError for a query of more than 20,000 characters, SalesforceError for the first
    one that is refused.
    """
    for soql in soqls:
        if len(soql) > MAX_LENGTH:
            raise ValueError(f"A query may have {MAX_LENGTH} characters; use soql.chunked_in.")
    results: list[list[dict[str, Any]]] = []
    for start in range(0, len(soqls), COMPOSITE_QUERIES):
        group = soqls[start : start + COMPOSITE_QUERIES]
        if len(group) == 1 and len(percent(group[0])) <= _SHORT_QUERY:
            pages = [door.query(group[0])]
        else:
            pages = composite_get(door, [f"query?q={percent(soql, safe='')}" for soql in group])
        results.extend(_all_pages(door, page) for page in pages)
    return results


def tooling_query(door: Door, soql: str) -> list[dict[str, Any]]:
    """All records of one Tooling API query."""
    return _all_pages(door, door.get("tooling/query", {"q": soql}))


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
    for start in range(0, len(paths), COMPOSITE_QUERIES):
        for rows in composite_get(door, paths[start : start + COMPOSITE_QUERIES]):
            if not isinstance(rows, list):
                raise SalesforceError("UNEXPECTED_ANSWER", detail="collection read")
            for row in rows:
                if isinstance(row, dict) and "Id" in row:
                    found.setdefault(id18(row["Id"]), {}).update(plain(row))
    return found


def composite_get(door: Door, paths: Sequence[str]) -> list[Any]:
    """Several reads in one call; the bodies in the order asked.

    Raises SalesforceError for the first one that was refused.
    """
    base = f"/services/data/v{door.config.api_version}/"
    body = {
        "allOrNone": False,
        "compositeRequest": [
            {"method": "GET", "url": base + path, "referenceId": f"r{number}"}
            for number, path in enumerate(paths)
        ],
    }
    answer = door.ask("composite", body)
    try:
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        ordered = [parts[f"r{number}"] for number in range(len(paths))]
        statuses = [int(part["httpStatusCode"]) for part in ordered]
    except (KeyError, TypeError, ValueError):
        raise SalesforceError("UNEXPECTED_ANSWER", detail="composite") from None
    for part, status in zip(ordered, statuses, strict=True):
        if status != 200:
            raise error_for(parse_errors(status, "", part.get("body")), status, "in composite")
    return [part["body"] for part in ordered]


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
            raise SalesforceError("UNEXPECTED_ANSWER", detail="a nested list has more pages")
        return plain(value["records"])
    return {name: plain(item) for name, item in value.items() if name != "attributes"}


def _all_pages(door: Door, page: Any) -> list[dict[str, Any]]:
    """The records of a first page and of all that follow.

    `count()` has no records: it comes back as one row `{"totalSize": n}`.
    """
    records: list[dict[str, Any]] = []
    seen: set[str] = set()
    while True:
        try:
            rows, total, done = page["records"], int(page["totalSize"]), page["done"]
        except (KeyError, TypeError, ValueError):
            raise SalesforceError("UNEXPECTED_ANSWER", detail="query") from None
        if done and not rows and not records and total:
            return [{"totalSize": total}]
        records.extend(plain(row) for row in rows)
        address = page.get("nextRecordsUrl")
        if done:
            return records
        if not isinstance(address, str) or address in seen:
            # Part of an answer would look like the whole of it.
            raise SalesforceError("UNEXPECTED_ANSWER", detail="query pages do not go on")
        seen.add(address)
        page = door.next_page(address)
