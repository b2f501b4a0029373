"""Bulk API 2.0, `/jobs/ingest`: from an upload of CSV to the lists of what became of the rows.

A job works in a thread of its own, as there: the call that closes the upload does not wait.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import request

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.bulk_jobs import (
    AT_ONCE,
    DELIMITERS,
    KIND,
    ROWS,
    CannotStart,
    Outcome,
    Running,
    Worker,
    rows_of,
    shuffled,
    to_csv,
)
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.errors import not_found, refuse
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, now

OPERATIONS = ("insert", "update", "upsert", "delete")
CSV = {"Content-Type": "text/csv"}
FINISHED = ("JobComplete", "Failed", "Aborted")
SHOWN = (
    "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state",
    "externalIdFieldName", "concurrencyMode", "contentType", "apiVersion", "contentUrl",
    "lineEnding", "columnDelimiter", "assignmentRuleId",
)  # fmt: skip
PROGRESS = (
    "jobType", "retries", "totalProcessingTime", "apiActiveProcessingTime",
    "apexProcessingTime", "numberRecordsProcessed", "numberRecordsFailed", "errorMessage",
)  # fmt: skip
RUNNING = Running()


@route("/jobs/ingest", "POST")
def create(call: Call) -> Reply:
    """Open a job."""
    body = call.json_object()
    operation = str(body.get("operation"))
    delimiter = str(body.get("columnDelimiter", "COMMA"))
    ending = body.get("lineEnding", "LF")
    sobject = call.access.sobject(str(body.get("object") or ""))
    if sobject is None or not sobject.createable:
        raise refuse("INVALIDENTITY", f"Unable to find object: {body.get('object')}")
    if operation not in OPERATIONS or delimiter not in DELIMITERS or ending not in ("LF", "CRLF"):
        raise refuse("INVALIDJOB", "The operation, delimiter or line ending is not supported")
    if body.get("contentType", "CSV") != "CSV":
        raise refuse("INVALIDJOB", "The only supported content type is CSV")
    external = body.get("externalIdFieldName")
    if operation == "upsert":
        _check_external_id(call.access, sobject, external)
    org = call.access.org
    with org.space.transaction():
        key = ids.make("750", org.space.count_up("750", 62**4))
        job: Row = {
            "id": key,
            "operation": operation,
            "object": sobject.name,
            "createdById": call.access.user["Id"],
            "createdDate": now(),
            "systemModstamp": now(),
            "state": "Open",
            "externalIdFieldName": external if operation == "upsert" else None,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(call.version),
            "contentUrl": f"services/data/v{call.version}/jobs/ingest/{key}/batches",
            "lineEnding": ending,
            "columnDelimiter": delimiter,
            "assignmentRuleId": body.get("assignmentRuleId"),
            "jobType": "V2Ingest",
            "retries": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
            "numberRecordsProcessed": 0,
            "numberRecordsFailed": 0,
            "errorMessage": None,
        }
        org.space.put(KIND, key, job)
    return Reply(200, _shown(job, SHOWN))


def _check_external_id(access: Access, sobject: SObject, name: Any) -> None:
    field = access.field(sobject, str(name or ""))
    if field is None or not (field.external_id or field.name == "Id"):
        message = f"InvalidJob : Field name provided, {name} does not match an External ID for "
        raise refuse("INVALIDJOB", message + sobject.name)


def _shown(job: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: job[name] for name in names if job.get(name) is not None}


def _job(call: Call, job_id: str) -> Row:
    found = call.access.org.space.get(KIND, ids.to18(job_id) or "")
    if found is None:
        raise not_found()
    return found


def _change(org: Org, job_id: str, **changes: Any) -> Row | None:
    """The job as changed; None if it is gone, or has ended in the meantime."""
    with org.space.transaction():
        row = org.space.get(KIND, job_id)
        if row is None or row["state"] in FINISHED:
            return None
        changed = {**row, **changes, "systemModstamp": now()}
        org.space.put(KIND, job_id, changed)
        return changed


@route("/jobs/ingest", "GET")
def list_jobs(call: Call) -> Reply:
    """The jobs of the last days."""
    jobs = [_shown(job, SHOWN) for job in call.access.org.space.rows(KIND)]
    return Reply(200, {"done": True, "nextRecordsUrl": None, "records": jobs})


@route("/jobs/ingest/<job_id>", "GET")
def show(call: Call, job_id: str) -> Reply:
    """How far the job is. One that a restart of the server cut short goes on from its start."""
    job = _job(call, job_id)
    if job["state"] in ("UploadComplete", "InProgress"):
        _start(call.access, job)
    return Reply(200, _shown(job, (*SHOWN, *PROGRESS)))


@route("/jobs/ingest/<job_id>/batches", "PUT")
def upload(call: Call, job_id: str) -> Reply:
    """The rows; one upload a job. The wording of the second refusal is not confirmed."""
    job = _job(call, job_id)
    if job["state"] != "Open":
        raise refuse("INVALIDJOBSTATE", f"Unable to upload in state {job['state']}")
    if call.header("Content-Type").partition(";")[0].strip() != "text/csv":
        raise refuse("UNSUPPORTED_MEDIA_TYPE", "The content type has to be text/csv", status=415)
    space = call.access.org.space
    if space.get(ROWS, job["id"]):
        message = f"Found multiple contents for job: <{job['id']}>"
        raise refuse("INVALIDJOBSTATE", message)
    try:
        text = request.get_data().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("INVALIDBATCH", "The content is not UTF-8") from error
    with space.transaction():
        space.put(ROWS, job["id"], {"upload": text})
    return Reply(201)


@route("/jobs/ingest/<job_id>", "PATCH")
def close(call: Call, job_id: str) -> Reply:
    """The upload is complete, or nothing more is wanted of the job."""
    job, state = _job(call, job_id), call.json_object().get("state")
    if state not in ("UploadComplete", "Aborted"):
        raise refuse("INVALIDJOBSTATE", f"{state} is not a state a job can be brought to")
    if job["state"] in FINISHED or (state == "UploadComplete" and job["state"] != "Open"):
        raise refuse("INVALIDJOBSTATE", f"Job is already in state {job['state']}")
    if state == "UploadComplete" and not call.access.org.space.get(ROWS, job["id"]):
        raise refuse("INVALIDJOBSTATE", "Nothing has been uploaded for this job")
    changed = _change(call.access.org, job["id"], state=state) or job
    if state == "UploadComplete":
        _start(call.access, changed)
    return Reply(200, _shown(changed, SHOWN))


@route("/jobs/ingest/<job_id>", "DELETE")
def delete(call: Call, job_id: str) -> Reply:
    """Forget a job that has ended or was never closed."""
    job = _job(call, job_id)
    if job["state"] in ("UploadComplete", "InProgress"):
        raise refuse("INVALIDJOBSTATE", f"Unable to delete a job in state {job['state']}")
    with call.access.org.space.transaction():
        call.access.org.space.drop(KIND, job["id"])
        call.access.org.space.drop(ROWS, job["id"])
    return Reply(204)


@route("/jobs/ingest/<job_id>/successfulResults", "GET")
def successful(call: Call, job_id: str) -> Reply:
    """Rows that were written, in no particular order."""
    return _results(call, job_id, ["sf__Id", "sf__Created"], "successes")


@route("/jobs/ingest/<job_id>/failedResults", "GET")
def failed(call: Call, job_id: str) -> Reply:
    """Rows that were refused, and why."""
    return _results(call, job_id, ["sf__Id", "sf__Error"], "failures")


@route("/jobs/ingest/<job_id>/unprocessedrecords", "GET")
def unprocessed(call: Call, job_id: str) -> Reply:
    """Rows that nobody got to: of a job that failed or was aborted."""
    return _results(call, job_id, [], "unprocessed")


def _results(call: Call, job_id: str, before: list[str], name: str) -> Reply:
    job = _job(call, job_id)
    if job["state"] not in FINISHED:
        raise refuse("INVALIDJOBSTATE", f"Job has not ended; it is in state {job['state']}")
    kept = call.access.org.space.get(ROWS, job["id"]) or {"upload": ""}
    try:
        header, all_rows = rows_of(job, kept["upload"])
    except CannotStart:
        first, *rest = kept["upload"].splitlines() or [""]
        header, all_rows = [first], [[line] for line in rest]
    # A job that never began left all its rows alone.
    rows = kept.get(name, all_rows if name == "unprocessed" else [])
    return Reply(200, to_csv([*before, *header], shuffled(rows, job["id"]), job), dict(CSV))


def _start(access: Access, job: Row) -> None:
    if RUNNING.begin((access.org, job["id"])):
        threading.Thread(target=_work, args=(access, job), daemon=True).start()


def _work(access: Access, job: Row) -> None:
    org, began = access.org, time.monotonic()
    try:
        if _change(org, job["id"], state="InProgress") is not None:
            _work_through(access, job, began)
    finally:
        RUNNING.end((org, job["id"]))


def _work_through(access: Access, job: Row, began: float) -> None:
    org, outcome, sobject = access.org, Outcome(), access.sobject(job["object"])
    kept = org.space.get(ROWS, job["id"]) or {"upload": ""}
    try:
        if sobject is None:
            raise CannotStart(f"InvalidBatch : Unable to find object: {job['object']}")
        worker = Worker(access, sobject, job, kept["upload"])
    except CannotStart as error:
        _change(org, job["id"], state="Failed", errorMessage=str(error))
        return
    going = True
    while going and outcome.done < len(worker.rows):
        # One transaction a slice: its rows are kept together with the count of them.
        with org.space.transaction():
            going = _is_wanted(org, job)
            for row in worker.rows[outcome.done :][:AT_ONCE] if going else ():
                worker.write(row, outcome)
            counted = {"numberRecordsProcessed": outcome.done}
            _change(org, job["id"], **counted, numberRecordsFailed=len(outcome.failures))
    with org.space.transaction():
        if org.space.get(ROWS, job["id"]):
            lists = {"successes": outcome.successes, "failures": outcome.failures}
            left = worker.rows[outcome.done :]
            org.space.put(ROWS, job["id"], {**kept, **lists, "unprocessed": left})
        taken = round((time.monotonic() - began) * 1000)
        times = {"totalProcessingTime": taken, "apiActiveProcessingTime": taken}
        _change(org, job["id"], state="JobComplete", **times)


def _is_wanted(org: Org, job: Row) -> bool:
    """Whether the job is still there and was not aborted."""
    found = org.space.get(KIND, job["id"])
    return found is not None and found["state"] not in FINISHED
