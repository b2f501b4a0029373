"""Running a report: its columns and filters as a query over the CRM, as the running user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import SalesforceError
from integrations.rehearsal.setup.reports import Column, Report, ReportFilter, ReportType
from integrations.rehearsal.soql import Path_, Query, parse
from integrations.rehearsal.soql_run import Runner

MOST_ROWS = 2000
MOST_COLUMNS = 100
MOST_FILTERS = 20
SIGNS = {
    "equals": "=",
    "notEqual": "!=",
    "lessThan": "<",
    "greaterThan": ">",
    "lessOrEqual": "<=",
    "greaterOrEqual": ">=",
}
PATTERNS = {"contains": "%{}%", "notContain": "%{}%", "startsWith": "{}%"}
UNQUOTED = ("datetime", "date", "int", "double", "boolean")


class CannotRun(Exception):
    """The report cannot be run as asked; the message says why. Its wording is not confirmed."""


@dataclass(frozen=True)
class Result:
    """A run: at most 2,000 rows of `dataCells`; `complete` says whether that is all of them."""

    columns: tuple[Column, ...]
    filters: tuple[ReportFilter, ...]
    rows: list[dict[str, Any]]
    total: int
    complete: bool


def told_columns(access: Access, kind: ReportType, names: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of these names, as far as the user may see their fields."""
    runner = Runner(access, _query(kind))
    found = []
    for name in names:
        column = kind.column(name)
        if column is None:
            raise CannotRun(f"The column {name} is not in this report type.")
        try:
            runner.resolve(Path_(column.path, 0))
        except SalesforceError:
            continue
        found.append(column)
    return tuple(found)


def run(access: Access, report: Report, asked: dict[str, Any]) -> Result:
    """Run a report; `asked` is the `reportMetadata` of the request, whose filters and columns win.

    Raises CannotRun, and SalesforceError where the user may not see the object at all.
    """
    names = asked.get("detailColumns", list(report.columns))
    if not isinstance(names, list | tuple):
        raise CannotRun("The columns have to be a list.")
    filters = _filters(asked["reportFilters"]) if "reportFilters" in asked else report.filters
    if len(names) > MOST_COLUMNS or len(filters) > MOST_FILTERS:
        raise CannotRun("A report can have up to 100 columns and 20 filters.")
    columns = told_columns(access, report.type, tuple(str(name) for name in names))
    where = " AND ".join(_condition(report.type, item) for item in filters)
    try:
        runner = Runner(access, _query(report.type, where))
        with access.org.space.lock:
            found = runner.rows()
    except SalesforceError as error:
        if error.faults[0].code == "INVALID_TYPE":
            raise
        raise CannotRun(f"The filters cannot be used: {error.faults[0].code}") from error
    getters = [
        (
            runner.resolve(Path_(column.path, 0))[1],
            runner.resolve(Path_(column.record or column.path, 0))[1],
        )
        for column in columns
    ]
    rows = [
        {"dataCells": [_cell(label(row), value(row)) for label, value in getters]}
        for row in found[:MOST_ROWS]
    ]
    return Result(columns, filters, rows, len(found), len(found) <= MOST_ROWS)


def _query(kind: ReportType, where: str = "") -> Query:
    # Values in the filters are quoted, and it is our own double that reads them.
    start = f"SELECT Id FROM {kind.sobject}"  # noqa: S608
    return parse(f"{start} WHERE {where}" if where else start)


def _cell(label: Any, value: Any) -> dict[str, Any]:
    if label is None:
        return {"label": "-", "value": None}
    return {"label": str(label), "value": value}


def _filters(given: Any) -> tuple[ReportFilter, ...]:
    try:
        return tuple(
            ReportFilter(str(item["column"]), str(item["operator"]), str(item.get("value") or ""))
            for item in given
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise CannotRun("Each filter needs column, operator and value.") from error


def _condition(kind: ReportType, item: ReportFilter) -> str:
    """One filter in SOQL; several values parted by commas are alternatives."""
    column = kind.column(item.column)
    if column is None or item.operator not in (*SIGNS, *PATTERNS):
        raise CannotRun(f"The filter on {item.column} is not valid.")
    if item.operator in PATTERNS:
        text = f"{column.path} LIKE {_quoted(PATTERNS[item.operator].format(item.value))}"
        return f"(NOT {text})" if item.operator == "notContain" else text
    sign, values = SIGNS[item.operator], item.value.split(",")
    joiner = " AND " if sign == "!=" else " OR "
    plain = column.data_type in UNQUOTED
    parts = [
        f"{column.path} {sign} {value.strip() if plain else _quoted(value.strip())}"
        for value in values
    ]
    return f"({joiner.join(parts)})"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def metadata(
    report: Report, filters: tuple[ReportFilter, ...], columns: tuple[Column, ...]
) -> dict[str, Any]:
    """`reportMetadata` of a report, or of one run of it."""
    return {
        "aggregates": ["RowCount"],
        "currency": None,
        "description": report.description or None,
        "detailColumns": [item.name for item in columns],
        "developerName": report.developer_name,
        "groupingsAcross": [],
        "groupingsDown": [],
        "hasDetailRows": True,
        "id": report.report_id,
        "name": report.name,
        "reportBooleanFilter": None,
        "reportFilters": [
            {
                "column": item.column,
                "filterType": "fieldValue",
                "isRunPageEditable": True,
                "operator": item.operator,
                "value": item.value,
            }
            for item in filters
        ],
        "reportFormat": "TABULAR",
        "reportType": {"label": report.type.label, "type": report.type.name},
        "scope": "organization",
        "showGrandTotal": True,
        "showSubtotals": True,
    }
