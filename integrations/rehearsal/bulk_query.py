"""Bulk API 2.0, `/jobs/query`: a query whose answer is fetched as CSV, page by page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from integrations.rehearsal import ids, soql
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.errors import not_found, refuse
from integrations.rehearsal.soql_run import Runner
from integrations.rehearsal.soql_show import builder
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import now

KIND = "bulk_query"
OPERATIONS = ("query", "queryAll")
LARGEST_PAGE = 50_000


def _runner(call: Call, text: str, operation: str) -> Runner:
    """The query, if it is one that a job may ask: no aggregates, no nested queries."""
    query = soql.parse(text)
    if query.count_only or query.aggregates or any(item.query for item in query.select):
        raise refuse("FEATURENOTENABLED", "Aggregates and nested queries are not supported")
    return Runner(call.access, query, deleted=operation == "queryAll")


@route("/jobs/query", "POST")
def create(call: Call) -> Reply:
    """A new job; a query that cannot be understood is refused at once."""
    body = call.json_object()
    operation, text = body.get("operation"), str(body.get("query") or "")
    if operation not in OPERATIONS or not text:
        raise refuse("INVALIDJOB", "A query job needs operation and query")
    builder(_runner(call, text, operation), call.version)
    space = call.access.org.space
    with space.transaction():
        key = ids.make("750", space.count_up("750", 62**4))
        job: Row = {
            "id": key,
            "operation": operation,
            "object": _runner(call, text, operation).sobject.name,
            "createdById": call.access.user["Id"],
            "createdDate": now(),
            "systemModstamp": now(),
            "state": "UploadComplete",
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(call.version),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        space.put(KIND, key, {"job": job, "query": text})
    return Reply(200, job)


def _kept(call: Call, job_id: str) -> Row:
    found = call.access.org.space.get(KIND, ids.to18(job_id) or "")
    if found is None or found["job"]["createdById"] != call.access.user["Id"]:
        raise not_found()
    return found


@route("/jobs/query/<job_id>", "GET")
def show(call: Call, job_id: str) -> Reply:
    """How far the job is: at work when first asked, complete after that."""
    kept, space = _kept(call, job_id), call.access.org.space
    job = kept["job"]
    if job["state"] not in ("JobComplete", "Aborted"):
        state = "InProgress" if job["state"] == "UploadComplete" else "JobComplete"
        job = {**job, "state": state, "systemModstamp": now()}
        with space.transaction():
            space.put(KIND, job["id"], {**kept, "job": job})
    more: dict[str, Any] = {"jobType": "V2Query", "retries": 0, "totalProcessingTime": 1}
    if job["state"] == "JobComplete":
        more["numberRecordsProcessed"] = len(_runner(call, kept["query"], job["operation"]).slice())
    return Reply(200, {**job, **more})


@route("/jobs/query/<job_id>", "PATCH")
def abort(call: Call, job_id: str) -> Reply:
    """Stop a job."""
    kept = _kept(call, job_id)
    if call.json_object().get("state") != "Aborted" or kept["job"]["state"] == "JobComplete":
        raise refuse("INVALIDJOBSTATE", "The job cannot be brought to this state")
    job = {**kept["job"], "state": "Aborted", "systemModstamp": now()}
    with call.access.org.space.transaction():
        call.access.org.space.put(KIND, job["id"], {**kept, "job": job})
    return Reply(200, job)


@route("/jobs/query/<job_id>", "DELETE")
def delete(call: Call, job_id: str) -> Reply:
    """Forget a job."""
    kept = _kept(call, job_id)
    with call.access.org.space.transaction():
        call.access.org.space.drop(KIND, kept["job"]["id"])
    return Reply(204)


@route("/jobs/query/<job_id>/results", "GET")
def results(call: Call, job_id: str) -> Reply:
    """Rows as CSV; `Sforce-Locator` leads to the next page and is `null` on the last."""
    kept = _kept(call, job_id)
    if kept["job"]["state"] != "JobComplete":
        raise refuse("INVALIDJOBSTATE", f"Job has not ended; it is {kept['job']['state']}")
    try:
        begin = int(call.query.get("locator") or 0)
        most = min(LARGEST_PAGE, int(call.query.get("maxRecords") or LARGEST_PAGE))
    except ValueError as error:
        raise refuse("INVALIDLOCATOR", "The locator is not valid") from error
    runner = _runner(call, kept["query"], kept["job"]["operation"])
    build = builder(runner, call.version)
    with call.access.org.space.lock:
        rows = runner.slice()
        shown = [build(row) for row in rows[begin : begin + most]]
    names = [item.path.text for item in runner.select_items() if item.path]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(list(_cells(record, names)) for record in shown)
    following = str(begin + most) if begin + most < len(rows) else "null"
    headers = {
        "Content-Type": "text/csv",
        "Sforce-Locator": following,
        "Sforce-NumberOfRecords": str(len(shown)),
    }
    return Reply(200, out.getvalue().encode(), headers)


def _cells(record: dict[str, Any], names: list[str]) -> Iterator[str]:
    for name in names:
        value: Any = record
        for part in name.split("."):
            lower = {key.lower(): found for key, found in (value or {}).items()}
            value = lower.get(part.lower())
        if isinstance(value, bool):
            yield str(value).lower()
        else:
            yield "" if value is None else str(value)
