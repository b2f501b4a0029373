"""Single records: create, read, change, delete, upsert by external id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.describe import sobject_summary
from integrations.rehearsal.errors import not_found, refuse
from integrations.rehearsal.options import Options
from integrations.rehearsal.records import Ambiguous, Writer
from integrations.rehearsal.resource_calls import http_date
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.setup.rows import Rows
from integrations.rehearsal.soql_show import attributes
from integrations.rehearsal.store import Row
from integrations.rehearsal.values import read

CREATED_IS_TOLD_FROM = 46


def options(call: Call) -> Options:
    """What the headers ask for."""
    found = Options.from_headers(call.headers, call.version)
    if call.access.org.config.conditions_honoured:
        return found
    return replace(found, modified_since=None, unmodified_since=None)


def writer(call: Call) -> Writer:
    """A writer for the caller, with what the headers ask for."""
    return Writer(call.access, options(call))


def location(call: Call, sobject: SObject, key: str) -> str:
    """A record's address."""
    return f"/services/data/v{call.version}/sobjects/{sobject.name}/{key}"


def created(call: Call, sobject: SObject, key: str, **more: Any) -> Reply:
    """The 201 of a new record."""
    body = {"id": key, "success": True, "errors": [], **more}
    return Reply(201, body, {"Location": location(call, sobject, key)})


@route("/sobjects/<name>", "POST")
def create(call: Call, name: str) -> Reply:
    """`POST /sobjects/X`."""
    sobject = call.sobject(name)
    return created(call, sobject, writer(call).create(sobject, call.json_object()))


@route("/sobjects/<name>", "GET")
def summary(call: Call, name: str) -> Reply:
    """`GET /sobjects/X`."""
    return Reply(200, sobject_summary(call.access, call.sobject(name), call.version))


def record_body(call: Call, sobject: SObject, row: Row, names: list[str] | None) -> dict[str, Any]:
    """A record with its attributes and either all readable fields or those named."""
    fields = [item for item in sobject.fields if call.access.readable(sobject, item)]
    if names is not None:
        fields = []
        for name in names:
            found = call.access.field(sobject, name)
            if found is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise refuse("INVALID_FIELD", message)
            fields.append(found)
    body: dict[str, Any] = {"attributes": attributes(sobject, row["Id"], call.version)}
    space = call.access.org.space
    body.update((item.name, read(space, sobject, item, row)) for item in fields)
    if names is not None:
        body.setdefault("Id", row["Id"])
    return body


def wanted_fields(call: Call) -> list[str] | None:
    """The `fields` parameter; None if absent."""
    text = call.query.get("fields", "")
    return [name.strip() for name in text.split(",") if name.strip()] or None


def live_row(call: Call, sobject: SObject, key: str) -> Row:
    """The record in the address; deleted and unknown ones look the same."""
    full = ids.to18(key)
    if full is None or not full.startswith(sobject.key_prefix or "~"):
        message = f"Provided external ID field does not exist or is not accessible: {key}"
        raise not_found(message)
    row = Rows(call.access).get(sobject.name, full)
    if row is None or row.get("IsDeleted"):
        raise not_found()
    return row


@route("/sobjects/<name>/<key>", "GET")
def retrieve(call: Call, name: str, key: str) -> Reply:
    """One record by id."""
    sobject = call.sobject(name)
    row = live_row(call, sobject, key)
    return _retrieved(call, sobject, row)


def _retrieved(call: Call, sobject: SObject, row: Row) -> Reply:
    """The record, or 304 or 412 as the conditional headers ask."""
    asked, changed = options(call), row["LastModifiedDate"]
    asked.check_unmodified(changed)
    headers = {"Last-Modified": http_date(changed)}
    if asked.unchanged(changed):
        return Reply(304, None, headers)
    return Reply(200, record_body(call, sobject, row, wanted_fields(call)), headers)


def _address_id(sobject: SObject, key: str) -> str:
    full = ids.to18(key)
    if full is None or not full.startswith(sobject.key_prefix or "~"):
        message = f"Provided external ID field does not exist or is not accessible: {key}"
        raise not_found(message)
    return full


@route("/sobjects/<name>/<key>", "PATCH")
def update(call: Call, name: str, key: str) -> Reply:
    """Change one record by id."""
    sobject = call.sobject(name)
    full, values = _address_id(sobject, key), call.json_object()
    _check_absent(values, "Id")
    writer(call).update(sobject, full, values)
    return Reply(204)


@route("/sobjects/<name>/<key>", "DELETE")
def delete(call: Call, name: str, key: str) -> Reply:
    """Delete one record by id."""
    sobject = call.sobject(name)
    writer(call).delete(sobject, _address_id(sobject, key))
    return Reply(204)


def _check_absent(values: dict[str, Any], name: str) -> None:
    """What the address says already must not stand in the body."""
    if any(field.lower() == name.lower() for field in values):
        message = f"The {name} field should not be specified in the sobject data."
        raise refuse("INVALID_FIELD", message, [name])


@route("/sobjects/<name>/<external>/<value>", "GET")
def retrieve_by_external_id(call: Call, name: str, external: str, value: str) -> Reply:
    """One record by external id; 300 if several have it."""
    sobject = call.sobject(name)
    _, matches = writer(call).external_matches(sobject, external, value)
    if not matches:
        raise not_found()
    if len(matches) > 1:
        return _choices(call, sobject, [row["Id"] for row in matches])
    return _retrieved(call, sobject, matches[0])


@route("/sobjects/<name>/<external>/<value>", "PATCH")
def upsert(call: Call, name: str, external: str, value: str) -> Reply:
    """Create or change by external id; 300 if several have it."""
    sobject = call.sobject(name)
    update_only = call.query.get("updateOnly", "").lower() == "true"
    values = call.json_object()
    _check_absent(values, external)
    try:
        key, is_new = writer(call).upsert(sobject, external, value, values, update_only)
    except Ambiguous as error:
        return _choices(call, sobject, error.record_ids)
    told = {"created": is_new} if float(call.version) >= CREATED_IS_TOLD_FROM else {}
    if is_new:
        return created(call, sobject, key, **told)
    if not told:
        return Reply(204)
    return Reply(200, {"id": key, "success": True, "errors": [], **told})


@route("/sobjects/<name>/<external>/<value>", "DELETE")
def delete_by_external_id(call: Call, name: str, external: str, value: str) -> Reply:
    """Delete one record by external id; 300 if several have it."""
    sobject = call.sobject(name)
    _, matches = writer(call).external_matches(sobject, external, value)
    if not matches:
        raise not_found()
    if len(matches) > 1:
        return _choices(call, sobject, [row["Id"] for row in matches])
    writer(call).delete(sobject, matches[0]["Id"])
    return Reply(204)


def _choices(call: Call, sobject: SObject, keys: list[str]) -> Reply:
    """The 300 of an external id on several records: their addresses."""
    return Reply(300, [location(call, sobject, key) for key in keys])
