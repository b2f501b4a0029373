"""Reports and Dashboards API: describe a report, run it now or in the background."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.errors import SalesforceError, refuse
from integrations.rehearsal.report_runs import CannotRun, metadata, run, told_columns
from integrations.rehearsal.setup.reports import ASKED, RUNS, Report, report_by_id, visible_reports
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import now, stamp

INSTANCE = "report_instance"
# Kind of run → most in an hour.
MOST = {"sync": 500, "async": 1200}
KEPT = timedelta(hours=24)
MOST_LISTED = 200


def _base(call: Call) -> str:
    return f"/services/data/v{call.version}/analytics/reports"


def _report(call: Call, report_id: str) -> Report:
    """The report; one in somebody else's private folder is not there. The text is a guess."""
    ASKED[call.access.org.base.key] += 1
    if "RunReports" not in call.access.permissions:
        text = "You don't have sufficient privileges to perform this operation."
        raise refuse("FORBIDDEN", text, status=403)
    found = report_by_id(call.access, report_id)
    if found is None:
        text = "The data you’re trying to access is unavailable."
        raise refuse("NOT_FOUND", text, status=404)
    return found


def _attributes(call: Call, report: Report) -> dict[str, Any]:
    path = f"{_base(call)}/{report.report_id}"
    return {
        "describeUrl": f"{path}/describe",
        "instancesUrl": f"{path}/instances",
        "reportId": report.report_id,
        "reportName": report.name,
        "type": "Report",
    }


@route("/analytics/reports", "GET")
def list_reports(call: Call) -> Reply:
    """Reports the user may see. The platform lists those viewed lately; here it is all."""
    ASKED[call.access.org.base.key] += 1
    if "RunReports" not in call.access.permissions:
        return Reply(200, [])
    listed = [
        {
            "describeUrl": f"{_base(call)}/{report.report_id}/describe",
            "fieldsUrl": f"{_base(call)}/{report.report_id}/fields",
            "id": report.report_id,
            "instancesUrl": f"{_base(call)}/{report.report_id}/instances",
            "name": report.name,
            "url": f"{_base(call)}/{report.report_id}",
        }
        for report in visible_reports(call.access)
    ]
    return Reply(200, listed[:MOST_LISTED])


@route("/analytics/reports/<report_id>/describe", "GET")
def describe(call: Call, report_id: str) -> Reply:
    """What the report shows and by what it filters."""
    report = _report(call, report_id)
    columns = told_columns(call.access, report.type, report.columns)
    every = told_columns(call.access, report.type, tuple(c.name for c in report.type.columns))
    category = {
        "columns": {
            item.name: {
                "allowedInCustomDetailFormula": False,
                "dataType": item.data_type,
                "filterValues": [],
                "filterable": True,
                "isLookup": False,
                "label": item.label,
            }
            for item in every
        },
        "label": report.type.label,
    }
    body = {
        "attributes": _attributes(call, report),
        "reportExtendedMetadata": _extended(columns),
        "reportMetadata": metadata(report, report.filters, columns),
        "reportTypeMetadata": {"categories": [category]},
    }
    return Reply(200, body)


def _extended(columns: Any) -> dict[str, Any]:
    info = {item.name: {"dataType": item.data_type, "label": item.label} for item in columns}
    return {
        "aggregateColumnInfo": {"RowCount": {"dataType": "int", "label": "Record Count"}},
        "detailColumnInfo": info,
        "groupingColumnInfo": {},
    }


@route("/analytics/reports/<report_id>", "GET", "POST")
def run_now(call: Call, report_id: str) -> Reply:
    """Run at once; a POST may bring other filters and columns for this run only."""
    report = _report(call, report_id)
    details = call.query.get("includeDetails", "false").lower() == "true"
    asked = _asked(call)
    _count_run(call.access, "sync")
    return Reply(200, _answer(call, report, asked, details))


def _asked(call: Call) -> dict[str, Any]:
    if call.method != "POST" or call.body in (None, "", {}):
        return {}
    found = call.json_object().get("reportMetadata")
    return found if isinstance(found, dict) else {}


def _answer(call: Call, report: Report, asked: dict[str, Any], details: bool) -> dict[str, Any]:
    try:
        result = run(call.access, report, asked)
    except CannotRun as error:
        raise refuse("BAD_REQUEST", str(error)) from error
    space = call.access.org.space
    with space.transaction():
        space.put(RUNS, report.report_id, {"at": now()})
    whole: dict[str, Any] = {"aggregates": [{"label": str(result.total), "value": result.total}]}
    if details:
        whole["rows"] = result.rows
    return {
        "allData": result.complete or not details,
        "attributes": _attributes(call, report),
        "factMap": {"T!T": whole},
        "groupingsAcross": {"groupings": []},
        "groupingsDown": {"groupings": []},
        "hasDetailRows": details,
        "picklistColors": {},
        "reportExtendedMetadata": _extended(result.columns),
        "reportMetadata": metadata(report, result.filters, result.columns),
    }


def hour_ago() -> str:
    """The beginning of the last hour, as rows have it."""
    return stamp(datetime.now(UTC) - timedelta(hours=1))


def runs_left(access: Access, kind: str) -> int:
    """How many runs of a kind, `sync` or `async`, the hour still has room for."""
    row = access.org.space.get(RUNS, kind) or {"at": []}
    return max(0, MOST[kind] - sum(1 for moment in row["at"] if moment > hour_ago()))


def _count_run(access: Access, kind: str) -> None:
    if runs_left(access, kind) == 0:
        how = "synchronously" if kind == "sync" else "asynchronously"
        text = f"You can't run more than {MOST[kind]} reports {how} every 60 minutes."
        raise refuse("FORBIDDEN", text, status=403)
    space = access.org.space
    with space.transaction():
        earlier = (space.get(RUNS, kind) or {"at": []})["at"]
        recent = [moment for moment in earlier if moment > hour_ago()]
        space.put(RUNS, kind, {"at": [*recent, now()]})


# In the background


@route("/analytics/reports/<report_id>/instances", "POST")
def run_later(call: Call, report_id: str) -> Reply:
    """Run in the background; the answer names the instance to ask for."""
    report, asked = _report(call, report_id), _asked(call)
    details = call.query.get("includeDetails", "true").lower() == "true"
    _count_run(call.access, "async")
    space = call.access.org.space
    with space.transaction():
        key = ids.make("0LG", space.count_up("0LG", 62**4))
        row: Row = {
            "Id": key,
            "report": report.report_id,
            "owner": call.access.user["Id"],
            "status": "New",
            "asked_at": now(),
            "done_at": None,
            "result": None,
        }
        space.put(INSTANCE, key, row)
    threading.Thread(
        target=_run_in_background, args=(call, report, asked, details, row), daemon=True
    ).start()
    return Reply(200, _told(call, row))


def _run_in_background(
    call: Call, report: Report, asked: dict[str, Any], details: bool, row: Row
) -> None:
    try:
        result: Any = _answer(call, report, asked, details)
        changes = {"status": "Success", "result": result}
    except SalesforceError as error:
        changes = {"status": "Error", "result": error.body}
    space = call.access.org.space
    with space.transaction():
        if space.get(INSTANCE, row["Id"]):
            space.put(INSTANCE, row["Id"], {**row, **changes, "done_at": now()})


def _told(call: Call, row: Row) -> dict[str, Any]:
    path = f"{_base(call)}/{row['report']}/instances/{row['Id']}"
    return {
        "completionDate": row["done_at"],
        "hasDetailRows": True,
        "id": row["Id"],
        "ownerId": row["owner"],
        "queryable": False,
        "requestDate": row["asked_at"],
        "status": row["status"],
        "url": path,
    }


@route("/analytics/reports/<report_id>/instances", "GET")
def list_instances(call: Call, report_id: str) -> Reply:
    """The runs of the last day."""
    report = _report(call, report_id)
    rows = [row for row in _instances(call) if row["report"] == report.report_id]
    return Reply(200, [_told(call, row) for row in rows])


@route("/analytics/reports/<report_id>/instances/<instance_id>", "GET")
def instance(call: Call, report_id: str, instance_id: str) -> Reply:
    """How far a run is, and its result once there is one."""
    report = _report(call, report_id)
    for row in _instances(call):
        if row["report"] == report.report_id and row["Id"][:15] == instance_id[:15]:
            told = {"attributes": {**_attributes(call, report), **_told(call, row)}}
            if row["status"] == "Success":
                attributes = {**row["result"]["attributes"], **told["attributes"]}
                return Reply(200, {**row["result"], "attributes": attributes})
            return Reply(200, told)
    raise refuse("NOT_FOUND", "The data you’re trying to access is unavailable.", status=404)


def _instances(call: Call) -> list[Row]:
    since = stamp(datetime.now(UTC) - KEPT)
    return [row for row in call.access.org.space.rows(INSTANCE) if row["asked_at"] > since]
