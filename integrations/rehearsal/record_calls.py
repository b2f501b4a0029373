"""Single records: create, read, change, delete, upsert by external id."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.describe import sobject_summary
from integrations.rehearsal.errors import not_found, refuse
from integrations.rehearsal.records import Ambiguous, Options, Writer
from integrations.rehearsal.resource_calls import http_date
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.soql_show import attributes
from integrations.rehearsal.store import Row
from integrations.rehearsal.values import read


def writer(call: Call) -> Writer:
    """A writer for the caller, with what the headers ask for."""
    return Writer(call.access, Options.from_headers(call.headers))


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
    row = call.access.org.space.get(sobject.name, full)
    if row is None or row.get("IsDeleted"):
        raise not_found()
    return row


@route("/sobjects/<name>/<key>", "GET")
def retrieve(call: Call, name: str, key: str) -> Reply:
    """One record by id."""
    sobject = call.sobject(name)
    row = live_row(call, sobject, key)
    headers = {"Last-Modified": http_date(row["LastModifiedDate"])}
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
    if any(field.lower() == "id" for field in values):
        message = "The Id field should not be specified in the sobject data."
        raise refuse("INVALID_FIELD", message, ["Id"])
    writer(call).update(sobject, full, values)
    return Reply(204)


@route("/sobjects/<name>/<key>", "DELETE")
def delete(call: Call, name: str, key: str) -> Reply:
    """Delete one record by id."""
    sobject = call.sobject(name)
    writer(call).delete(sobject, _address_id(sobject, key))
    return Reply(204)


@route("/sobjects/<name>/<external>/<path:value>", "GET")
def retrieve_by_external_id(call: Call, name: str, external: str, value: str) -> Reply:
    """One record by external id; 300 if several have it."""
    sobject = call.sobject(name)
    _, matches = writer(call).external_matches(sobject, external, value)
    if not matches:
        raise not_found()
    if len(matches) > 1:
        return Reply(300, [location(call, sobject, row["Id"]) for row in matches])
    return Reply(200, record_body(call, sobject, matches[0], wanted_fields(call)))


@route("/sobjects/<name>/<external>/<path:value>", "PATCH")
def upsert(call: Call, name: str, external: str, value: str) -> Reply:
    """Create or change by external id; 300 if several have it."""
    sobject = call.sobject(name)
    update_only = call.query.get("updateOnly", "").lower() == "true"
    try:
        key, is_new = writer(call).upsert(sobject, external, value, call.json_object(), update_only)
    except Ambiguous as error:
        return Reply(300, [location(call, sobject, key) for key in error.record_ids])
    if is_new:
        return created(call, sobject, key, created=True)
    return Reply(200, {"id": key, "success": True, "errors": [], "created": False})
