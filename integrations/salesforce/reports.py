"""Reports (platform reference, 2.11): which there are, what they show, and their rows.

Salesforce gives at most 2,000 detail rows and 100 columns; `all_data` says whether that was all.
A report in somebody's private folder is not there for us.

Reports are read in production only (product.md, rule 5): every function here refuses, before it
asks anything, unless the client was opened for an org that is known to be production.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from integrations.salesforce.ids import checked_id, id18
from integrations.salesforce.query import query
from integrations.salesforce.shapes import (
    items,
    mapping,
    named,
    number,
    reading,
    record_id,
    text,
    texts,
)

MAX_DETAIL_ROWS = 2_000
MAX_FILTERS = 20

_ALL = "SELECT Id, Name, DeveloperName, FolderName, Format, LastRunDate FROM Report ORDER BY Name"


@dataclass(frozen=True)
class ReportName:
    """A report in a folder the running user may open; `last_run` is "" for never."""

    report_id: str
    name: str
    developer_name: str
    folder: str
    report_format: str
    last_run: str


@dataclass(frozen=True)
class ReportColumn:
    """A column: the name filters use, the words above it, the type of its values."""

    name: str
    label: str
    data_type: str


@dataclass(frozen=True)
class ReportFilter:
    """One condition, such as `ReportFilter("Account.Name", "equals", "Acme")`."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True)
class ReportDescribe:
    """What a report shows; `report_format` is TABULAR, SUMMARY, MATRIX or MULTI_BLOCK."""

    report_id: str
    name: str
    report_format: str
    columns: tuple[ReportColumn, ...]
    filters: tuple[ReportFilter, ...]


@dataclass(frozen=True)
class ReportCell:
    """A value as the report words it, and as data: an id, a number, a text, or nothing."""

    label: str
    value: Any


@dataclass(frozen=True)
class ReportResult:
    """The detail rows, each with one cell for each column."""

    report: ReportDescribe
    rows: tuple[tuple[ReportCell, ...], ...]
    all_data: bool


@dataclass(frozen=True)
class ReportSize:
    """How many rows a report has; not `exact`: at least so many."""

    rows: int
    exact: bool

    @property
    def within_limit(self) -> bool:
        """Whether all of them can be read."""
        return self.exact and self.rows <= MAX_DETAIL_ROWS


@dataclass(frozen=True)
class ReportInstance:
    """A run in the background, kept for a day; `result` once it is through."""

    instance_id: str
    status: str
    result: ReportResult | None = field(default=None)

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in {"Success", "Error"}


def _in_production(door: Door) -> None:
    """Raises SalesforceError `REPORT_IN_SANDBOX`, with nothing asked, anywhere else."""
    if not door.production:
        raise SalesforceError("REPORT_IN_SANDBOX")


def reports(door: Door) -> list[ReportName]:
    """All reports the running user may open, by name."""
    _in_production(door)
    rows = query(door, _ALL)
    with reading("Report"):
        return [
            ReportName(
                record_id(row["Id"]),
                text(row["Name"]),
                text(row.get("DeveloperName")),
                text(row.get("FolderName")),
                text(row.get("Format")),
                text(row.get("LastRunDate")),
            )
            for row in rows
        ]


def describe(door: Door, report_id: str) -> ReportDescribe:
    """What a report shows. Raises SalesforceError when it is gone, or in a closed folder."""
    _in_production(door)
    answer = door.get(f"analytics/reports/{checked_id(report_id)}/describe")
    with reading("report"):
        return _describe(report_id, answer)


def run(door: Door, report_id: str, filters: Sequence[ReportFilter] | None = None) -> ReportResult:
    """Run a report now, with its own filters or with these instead; nothing is saved.

    An org runs 500 reports an hour, 20 at a time.
    """
    _in_production(door)
    path = f"analytics/reports/{checked_id(report_id)}"
    if filters is None:
        answer = door.get(path, {"includeDetails": "true"})
    else:
        answer = door.ask(f"{path}?includeDetails=true", _with_filters(filters))
    with reading("report"):
        return _result(report_id, answer)


def size(door: Door, report_id: str) -> ReportSize:
    """How many rows a report has, without reading one: its grand total of records.

    More than Salesforce gives out are counted, too (K: confirm in a real org). A report without
    a record count among its totals is run with its rows, which are counted and dropped.
    """
    _in_production(door)
    path = f"analytics/reports/{checked_id(report_id)}"
    answer = door.get(path, {"includeDetails": "false"})
    with reading("report"):
        totals = list(texts(answer["reportMetadata"].get("aggregates")))
        if "RowCount" in totals:
            whole = items(answer["factMap"]["T!T"]["aggregates"])
            return ReportSize(number(whole[totals.index("RowCount")]["value"]), exact=True)
    result = run(door, report_id)
    return ReportSize(len(result.rows), exact=result.all_data)


def start(
    door: Door, report_id: str, filters: Sequence[ReportFilter] | None = None
) -> ReportInstance:
    """Run a report in the background; look at it with `instance`. 1,200 an hour.

    Sent once: OutcomeUnknown means that one more run may have begun, which harms nobody.
    """
    _in_production(door)
    path = f"analytics/reports/{checked_id(report_id)}/instances?includeDetails=true"
    answer = door.write(path, _with_filters(filters) if filters is not None else None)
    try:
        with reading("report instance"):
            return ReportInstance(record_id(answer["id"]), named(answer["status"]))
    except SalesforceError as error:
        raise OutcomeUnknown(error.detail, status=200) from None


def instance(door: Door, report_id: str, instance_id: str) -> ReportInstance:
    """How far a run in the background is, with its rows when it is through."""
    _in_production(door)
    path = f"analytics/reports/{checked_id(report_id)}/instances/{checked_id(instance_id)}"
    answer = door.get(path)
    with reading("report instance"):
        status = named(answer["attributes"]["status"])
        result = _result(report_id, answer) if status == "Success" else None
        return ReportInstance(id18(instance_id), status, result)


def _with_filters(filters: Sequence[ReportFilter]) -> dict[str, Any]:
    if len(filters) > MAX_FILTERS:
        raise ValueError(f"A report takes {MAX_FILTERS} filters.")
    conditions = [
        {"column": each.column, "operator": each.operator, "value": each.value} for each in filters
    ]
    return {"reportMetadata": {"reportFilters": conditions}}


def _describe(report_id: str, answer: Mapping[str, Any]) -> ReportDescribe:
    metadata = answer["reportMetadata"]
    infos = mapping(answer["reportExtendedMetadata"].get("detailColumnInfo"))
    columns = []
    for name in texts(metadata["detailColumns"]):
        info = mapping(infos.get(name))
        columns.append(
            ReportColumn(name, text(info.get("label")) or name, text(info.get("dataType")))
        )
    return ReportDescribe(
        report_id=id18(report_id),
        name=text(metadata["name"]),
        report_format=text(metadata["reportFormat"]),
        columns=tuple(columns),
        filters=tuple(
            ReportFilter(text(each["column"]), text(each["operator"]), text(each.get("value")))
            for each in items(metadata.get("reportFilters"))
        ),
    )


def _result(report_id: str, answer: Mapping[str, Any]) -> ReportResult:
    """Rows stand under the groups they belong to: `T!T` for a plain list, `0!T`, `0_1!T`, …."""
    report = _describe(report_id, answer)
    all_data = answer["allData"]
    if not isinstance(all_data, bool):
        raise TypeError
    rows = []
    for fact in mapping(answer["factMap"]).values():
        for row in items(mapping(fact).get("rows")):
            cells = tuple(
                ReportCell(text(cell.get("label")), _value(cell.get("value")))
                for cell in items(row["dataCells"])
            )
            if len(cells) != len(report.columns):
                raise ValueError
            rows.append(cells)
    return ReportResult(report, tuple(rows), all_data)


def _value(value: Any) -> Any:
    """Money comes as `{"amount": …, "currency": …}`: the amount; the rest as it is."""
    return value.get("amount") if isinstance(value, Mapping) else value
