"""Collections: up to 200 records a call, each with its own result inside one HTTP 200."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.errors import UNSUPPORTED_TYPE, Fault, SalesforceError, refuse
from integrations.rehearsal.record_calls import record_body, writer
from integrations.rehearsal.records import Ambiguous, ambiguous
from integrations.rehearsal.rules import PREFIXES
from integrations.rehearsal.schema import SObject

MOST = 200
MOST_READ = 2000
MOST_RUNS = 10
Result = dict[str, Any]
Write = Callable[[], Result]
ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header"
)


class _RolledBack(Exception):
    pass


def _records(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        message = "Cannot deserialize instance of list from the request at [line:1, column:1]"
        raise refuse("JSON_PARSER_ERROR", message)
    _check_size(records)
    kinds = [str(_type_name(item)).lower() for item in records]
    runs = sum(1 for place, kind in enumerate(kinds) if place == 0 or kinds[place - 1] != kind)
    if runs > MOST_RUNS:
        message = f"The number of chunks of different types exceeds the limit of {MOST_RUNS}"
        raise refuse("INVALID_INPUT", message)
    return records, body.get("allOrNone") is True


def _check_size(records: list[Any]) -> None:
    if len(records) > MOST:
        message = f"record limit reached. cannot submit more than {MOST} records in this operation"
        raise refuse("EXCEEDED_ID_LIMIT", message)


def _type_name(record: dict[str, Any]) -> Any:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _sobject(call: Call, record: dict[str, Any]) -> SObject:
    name = _type_name(record)
    if not isinstance(name, str) or not name:
        message = "The attributes type must be specified on each record"
        raise refuse("INVALID_TYPE", message)
    found = call.access.sobject(name)
    if found is None:
        raise refuse("INVALID_TYPE", UNSUPPORTED_TYPE.format(name=name))
    return found


def _run(call: Call, writes: list[Write], all_or_none: bool) -> Reply:
    """Each write for itself, or all together and none if one fails."""
    results: list[Result] = []
    space = call.access.org.space
    try:
        with space.transaction():
            for write in writes:
                results.append(_attempt(space, write))
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBack
    except _RolledBack:
        fault = Fault("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, [])
        results = [
            _rolled_back(result, fault) if result["success"] else result for result in results
        ]
    return Reply(200, results)


def _rolled_back(result: Result, fault: Fault) -> Result:
    # An upsert goes on saying what it would have done, even "created": true.
    told = {"created": result["created"]} if "created" in result else {}
    return {"success": False, "errors": [fault.collected()], **told}


def _repeated(values: Iterable[Any]) -> set[Any]:
    """The values that stand there more than once."""
    return {value for value, times in Counter(values).items() if times > 1}


def _attempt(space: Any, write: Write) -> Result:
    try:
        with space.transaction():
            return {**write(), "success": True, "errors": []}
    except SalesforceError as error:
        faults = [_in_collection(fault).collected() for fault in error.faults]
        return {"success": False, "errors": faults}


def _in_collection(fault: Fault) -> Fault:
    """Where a single call says 404, a collection speaks of a cross reference."""
    if fault.code == "NOT_FOUND":
        return Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    return fault


@route("/composite/sobjects", "POST")
def create(call: Call) -> Reply:
    """Create up to 200 records."""
    records, all_or_none = _records(call)

    def write(record: dict[str, Any]) -> Write:
        return lambda: {"id": writer(call).create(_sobject(call, record), record)}

    return _run(call, [write(record) for record in records], all_or_none)


def _split_id(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The record's id and its other values; the id may be spelled in any case."""
    values = {name: value for name, value in record.items() if name.lower() != "id"}
    given = _named(record, "Id")
    if given is None:
        raise refuse("MISSING_ARGUMENT", "Id not specified in an update call", [])
    full = ids.to18(given)
    if full is None:
        raise refuse("MALFORMED_ID", f"malformed id {str(given)[:80]}", [])
    return full, values


def _named(record: dict[str, Any], name: str) -> Any:
    """A value of the record, its name spelled in any case."""
    lower = name.lower()
    return next((value for key, value in record.items() if key.lower() == lower), None)


def _given_id(record: dict[str, Any]) -> str | None:
    return ids.to18(_named(record, "Id"))


@route("/composite/sobjects", "PATCH")
def update(call: Call) -> Reply:
    """Change up to 200 records by id."""
    records, all_or_none = _records(call)
    repeated = _repeated(_given_id(record) for record in records)

    def write(record: dict[str, Any]) -> Write:
        def run() -> Result:
            sobject = _sobject(call, record)
            key, values = _split_id(record)
            if key in repeated:
                raise refuse("DUPLICATE_VALUE", f"Duplicate id specified: {key}", ["Id"])
            writer(call).update(sobject, key, values)
            return {"id": key}

        return run

    return _run(call, [write(record) for record in records], all_or_none)


@route("/composite/sobjects", "DELETE")
def delete(call: Call) -> Reply:
    """Delete up to 200 records named in the address."""
    given = [key for key in call.query.get("ids", "").split(",") if key]
    _check_size(given)
    if not given:
        raise refuse("INVALID_INPUT", "The ids parameter is required")

    def write(value: str) -> Write:
        def run() -> Result:
            key = ids.to18(value)
            target = PREFIXES.get((key or "")[:3])
            known = target and call.access.sobject(target.name)
            if key is None or not known:
                raise refuse("MALFORMED_ID", f"malformed id {value[:80]}", [])
            writer(call).delete(known, key)
            return {"id": key}

        return run

    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    return _run(call, [write(value) for value in given], all_or_none)


@route("/composite/sobjects/<name>/<external>", "PATCH")
def upsert(call: Call, name: str, external: str) -> Reply:
    """Create or change up to 200 records by external id; rows that share one are all refused."""
    sobject = call.sobject(name)
    records, all_or_none = _records(call)
    field, _ = writer(call).external_matches(sobject, external, "~")

    def value_of(record: dict[str, Any]) -> str:
        value = _named(record, field.name)
        return "" if value is None else str(value)

    def compared(value: str) -> str:
        return value if field.case_sensitive else value.lower()

    repeated = _repeated(compared(value_of(record)) for record in records) - {""}

    def write(record: dict[str, Any]) -> Write:
        def run() -> Result:
            value = value_of(record)
            values = {k: v for k, v in record.items() if k.lower() != field.name.lower()}
            if value == "":
                if field.name == "Id":
                    return {"id": writer(call).create(sobject, values), "created": True}
                raise refuse("MISSING_ARGUMENT", f"{field.name} not specified", [])
            if compared(value) in repeated:
                text = f"Duplicate external id specified: {value}"
                raise refuse("DUPLICATE_VALUE", text, [field.name])
            try:
                key, is_new = writer(call).upsert(sobject, field.name, value, values)
            except Ambiguous as error:
                raise ambiguous(field.name, error.record_ids) from error
            return {"id": key, "created": is_new}

        return run

    return _run(call, [write(record) for record in records], all_or_none)


@route("/composite/sobjects/<name>", "GET")
def retrieve(call: Call, name: str) -> Reply:
    """Read records by id; null where there is none."""
    keys = [key for key in call.query.get("ids", "").split(",") if key]
    names = [field for field in call.query.get("fields", "").split(",") if field]
    return _retrieve(call, name, keys, names)


@route("/composite/sobjects/<name>", "POST")
def retrieve_by_post(call: Call, name: str) -> Reply:
    """As `retrieve`, with the ids in the body for long lists."""
    body = call.json_object()
    keys, names = body.get("ids"), body.get("fields")
    for value in (keys, names):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            message = "The ids and fields must be lists of strings at [line:1, column:1]"
            raise refuse("JSON_PARSER_ERROR", message)
    return _retrieve(call, name, keys or [], names or [])


def _retrieve(call: Call, name: str, keys: list[str], names: list[str]) -> Reply:
    sobject = call.sobject(name)
    if not keys or not names:
        raise refuse("INVALID_INPUT", "The ids and fields are required")
    if len(keys) > MOST_READ:
        raise refuse("EXCEEDED_ID_LIMIT", f"record limit reached. no more than {MOST_READ} ids")
    return Reply(200, list(_found(call, sobject, keys, names)))


def _found(
    call: Call, sobject: SObject, keys: list[str], names: list[str]
) -> Iterator[dict[str, Any] | None]:
    for key in keys:
        row = call.access.org.space.get(sobject.name, ids.to18(key) or "")
        gone = row is None or row.get("IsDeleted")
        yield None if row is None or gone else record_body(call, sobject, row, names)
