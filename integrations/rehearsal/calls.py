"""One API call, or one part of a composite: from method, address and body to an answer.

HTTP stays outside, so that composite and graph run their parts through the same door.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, RequestRedirect, Rule

from integrations.rehearsal.access import Access
from integrations.rehearsal.config import VERSIONS
from integrations.rehearsal.errors import SalesforceError, not_found, refuse
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.soql_show import Cursors

OFFERED = tuple(version for _, version in VERSIONS)
RETIRED_BELOW = 31
METHODS = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")
JSON_TYPES = ("application/json", "text/json")
# Stand-ins while an address is taken apart: a slash inside a value, and a value that is empty.
_SLASH, _EMPTY = "\x00", "\x01"


@dataclass
class Reply:
    """Status, JSON body (None: empty) and headers of an answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """What a handler gets: who asks, for which version, with what."""

    access: Access
    cursors: Cursors
    version: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    parse_error: str | None = None

    def sobject(self, name: str) -> SObject:
        """The object in the address; 404 if the user does not know it."""
        found = self.access.sobject(name)
        if found is None:
            raise not_found()
        return found

    def json_object(self) -> dict[str, Any]:
        """The request's body as a JSON object; 415 if it says it is something else."""
        kind = self.header("Content-Type").partition(";")[0].strip()
        if kind and kind.lower() not in JSON_TYPES:
            # The status is documented, the text is not.
            message = f"Content type '{kind}' not supported"
            raise refuse("UNSUPPORTED_MEDIA_TYPE", message, status=415)
        if self.parse_error:
            raise refuse("JSON_PARSER_ERROR", self.parse_error)
        if not isinstance(self.body, dict):
            message = "Unexpected end-of-input: expected a JSON object at [line:1, column:1]"
            raise refuse("JSON_PARSER_ERROR", message)
        return self.body

    def header(self, name: str) -> str:
        """A request header by name in any case; empty if absent."""
        lower = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == lower), "")


Handler = Callable[..., Reply]
_HANDLERS: dict[str, Handler] = {}
_RULES: list[Rule] = []
_routes_lock = threading.Lock()


def route(pattern: str, *methods: str) -> Callable[[Handler], Handler]:
    """Register a handler for an address below `/services/data/vXX.0`."""

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__name__}"
        _HANDLERS[name] = handler
        _RULES.append(Rule(pattern, methods=methods, endpoint=name))
        return handler

    return register


@cache
def _build_routes() -> Map:
    return Map(_RULES, strict_slashes=False, merge_slashes=False)


def _routes() -> Map:
    # A rule can be bound to one map only, so two first calls must not both make it.
    with _routes_lock:
        return _build_routes()


def version_of(path: str, offered: Sequence[str] = ()) -> tuple[str, str]:
    """Version and rest of an address such as `/services/data/v68.0/query`.

    Old versions answer although they are not listed; those below `RETIRED_BELOW` are gone (410).
    """
    rest = path.removeprefix("/services/data/")
    head, _, tail = rest.partition("/")
    number = head.removeprefix("v").removesuffix(".0")
    known = rest != path and head.startswith("v") and number.isdecimal() and len(number) < 4
    if not known or not head.endswith(".0"):
        raise not_found()
    if int(number) < RETIRED_BELOW:
        message = f"API version {number}.0 is no longer supported"
        raise refuse("UNSUPPORTED_API_VERSION", message, status=410)
    if int(number) > max(float(version) for version in offered or OFFERED):
        raise not_found()
    return f"{number}.0", "/" + tail


def perform(
    access: Access,
    cursors: Cursors,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: Any,
    parse_error: str | None = None,
) -> Reply:
    """Answer one call; refusals become replies, never exceptions.

    `path` is the address as sent, still percent-encoded, without the query.
    """
    try:
        version, tail = version_of(path, access.org.config.versions)
        method = "GET" if method == "HEAD" else method
        override = query.get("_HttpMethod", "").upper()
        if method == "POST" and override == "PATCH":
            method = override
        handler, arguments = match(tail, method)
        call = Call(access, cursors, version, method, query, headers, body, parse_error)
        return handler(call, **arguments)
    except SalesforceError as error:
        return Reply(error.status, error.body)
    except RecursionError:
        fault = refuse("JSON_PARSER_ERROR", "The request is nested too deeply")
        return Reply(fault.status, fault.body)


def match(tail: str, method: str) -> tuple[Handler, dict[str, Any]]:
    """The handler for an address still percent-encoded; 404 or 405 as the platform words them."""
    adapter = _routes().bind("org")
    try:
        endpoint, arguments = adapter.match(_decode(tail, method), method=method)
    except RequestRedirect as error:
        raise not_found() from error
    except MethodNotAllowed as error:
        message = not_allowed(method, error.valid_methods or ())
        raise refuse("METHOD_NOT_ALLOWED", message, status=405) from error
    except HTTPException as error:
        raise not_found() from error
    return _HANDLERS[endpoint], {
        name: value.replace(_SLASH, "/").replace(_EMPTY, "") if isinstance(value, str) else value
        for name, value in arguments.items()
    }


def not_allowed(method: str, allowed: Iterable[str]) -> str:
    """The text of a 405, with the methods in the order the platform names them."""
    named = ",".join(name for name in METHODS if name in set(allowed))
    return f"HTTP Method '{method}' not allowed. Allowed are {named}"


def _decode(tail: str, method: str) -> str:
    """The address decoded, with encoded slashes still told from those that part it.

    An upsert whose external id is empty ends in a slash: `/sobjects/Lead/Ext__c/`.
    """
    steps = [unquote(step).replace("/", _SLASH) for step in tail.split("/")]
    if method == "PATCH" and len(steps) == 5 and steps[1] == "sobjects" and steps[4] == "":
        steps[4] = _EMPTY
    return "/".join(steps)


def perform_part(call: Call, method: str, url: str, headers: Mapping[str, str], body: Any) -> Reply:
    """One part of a composite: inherits nothing of the outer request but who asks."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return perform(call.access, call.cursors, method, parts.path, query, headers, body)


def read_json(data: bytes) -> tuple[Any, str | None]:
    """The body of a request, or the parser's complaint in the platform's manner."""
    if not data:
        return None, None
    try:
        value = json.loads(data)
        if b"\\u" in data:
            # Half of a surrogate pair is no character; it could not be stored.
            json.dumps(value, ensure_ascii=False).encode()
        return value, None
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
    except RecursionError:
        return None, "The request is nested too deeply"
    except (UnicodeError, ValueError):
        return None, "Invalid UTF-8 start byte at [line:1, column:1]"
