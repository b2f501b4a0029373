"""The Flask application behind all ports, and the REST API's door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, current_app, jsonify, make_response, request
from waitress.channel import ClientDisconnected
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from integrations.rehearsal import (
    collection_calls,
    composite_calls,
    control,
    graph_calls,
    identity,
    oauth,
    packaging,
    pages,
    record_calls,
)
from integrations.rehearsal.access import Access
from integrations.rehearsal.calls import Reply, perform, read_json
from integrations.rehearsal.host import Host, host
from integrations.rehearsal.resource_calls import versions
from integrations.rehearsal.signin import SignIn
from integrations.rehearsal.soql_show import Cursors
from integrations.rehearsal.world import Org, World

LOG = logging.getLogger("rehearsal")
CALLS = (collection_calls, composite_calls, graph_calls, record_calls)
LONGEST_ADDRESS = 16_000
LONGEST_HEAD = 32_000
LARGEST_BODY = 50 * 1024 * 1024
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
MAINTENANCE = (
    "<!DOCTYPE html><html lang=en><title>Maintenance</title>"
    "<h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly."
)
STANDARD_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "Vary": "Accept-Encoding",
}
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'"
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def make_app(world: World) -> WsgiApp:
    """The whole server as a WSGI application."""
    app = Flask("integrations.rehearsal")
    app.extensions["world"] = world
    app.extensions["signin"] = SignIn(world)
    app.extensions["cursors"] = {port: Cursors() for port in world.orgs}
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    for module in (oauth, identity, packaging, control, pages):
        app.register_blueprint(module.blueprint)
    for path in ("/services", "/services/<path:rest>"):
        app.add_url_rule(path, "services", services, methods=METHODS)
    app.before_request(check_address)
    app.before_request(trouble_before)
    app.after_request(trouble_after)
    app.register_error_handler(Exception, unexpected)
    app.context_processor(lambda: {"here": host()})

    def with_drops(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # A dropped answer must not even have a status line, so nothing may be started before.
        held: list[tuple[Any, ...]] = []

        def hold(*arguments: Any) -> Callable[[bytes], object]:
            held.append(arguments)
            return lambda data: None

        body = app.wsgi_app(environ, hold)
        if environ.get("rehearsal.drop"):
            raise ClientDisconnected
        start_response(*held[0][:2])
        return body

    return with_drops


def check_address() -> Response | None:
    """Long addresses fail at the edge, before anybody is asked who they are."""
    address = request.environ.get("REQUEST_URI") or request.full_path
    if len(address) > LONGEST_ADDRESS:
        return make_response("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414)
    head = sum(len(name) + len(value) + 4 for name, value in request.headers)
    if len(address) + head > LONGEST_HEAD:
        text = "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
        return make_response(text, 431)
    return None


def _facts(here: Host) -> dict[str, str]:
    key = here.org.config.key if here.org else ""
    return {"path": request.path, "method": request.method, "org": key}


def trouble_before() -> Response | None:
    """Faults that strike before the call is carried out."""
    here = host()
    if request.path.startswith("/rehearsal/"):
        return None
    facts = _facts(here)
    here.world.faults.wait(**facts)
    fault = here.world.faults.take(("drop_before", "http_503_html"), **facts)
    if fault and fault.kind == "drop_before":
        request.environ["rehearsal.drop"] = True
        return make_response("", 500)
    if fault:
        return make_response(MAINTENANCE, 503)
    return None


def trouble_after(response: Response) -> Response:
    """Faults that strike after the call, and the platform's usual headers."""
    here = host()
    if not request.path.startswith("/rehearsal/"):
        fault = here.world.faults.take(("drop_answer_after_commit",), **_facts(here))
        if fault:
            request.environ["rehearsal.drop"] = True
    if request.path.startswith("/services/"):
        for name, value in STANDARD_HEADERS.items():
            response.headers.setdefault(name, value)
    elif response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    return response


def unexpected(error: Exception) -> Response:
    """Anything unforeseen still looks like Salesforce; the log has the traceback."""
    api = request.path.startswith("/services")
    if isinstance(error, HTTPException) and error.code:
        if not api:
            return pages.error_page(error.code, error.name)
        if error.code == 405:
            allowed = ",".join(sorted(set(getattr(error, "valid_methods", None) or ())))
            text = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
            return _json(405, [{"errorCode": "METHOD_NOT_ALLOWED", "message": text}])
        return _json(404 if error.code == 404 else error.code, _not_found())
    LOG.error("unforeseen at %s %s", request.method, request.path, exc_info=error)
    text = "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1"
    return _json(500, [{"message": text, "errorCode": "UNKNOWN_EXCEPTION"}])


def _not_found() -> list[dict[str, str]]:
    return [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def _json(status: int, body: Any) -> Response:
    response = make_response(jsonify(body) if body is not None else "", status)
    response.content_type = "application/json;charset=UTF-8"
    return response


def services(rest: str = "") -> Response:
    """`/services/…`: the version list for everybody, all else with a session."""
    here = host()
    if request.path.rstrip("/") == "/services/data" and request.method in ("GET", "HEAD"):
        return _json(200, versions())
    if not request.path.startswith("/services/data/") or here.org is None:
        return _json(404, _not_found())
    org = here.org
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    found = current_app.extensions["signin"].session(token) if token else None
    user = org.space.get("User", found[1]["user"]) if found else None
    if not found or found[1]["org"] != org.config.org_id or not user or not user.get("IsActive"):
        text = "Session expired or invalid"
        return _json(401, [{"message": text, "errorCode": "INVALID_SESSION_ID"}])
    return _answer(org, Access(org, user))


def _answer(org: Org, access: Access) -> Response:
    if not org.config.api_enabled:
        text = "The REST API is not enabled for this Organization."
        return _json(403, [{"message": text, "errorCode": "API_DISABLED_FOR_ORG"}])
    if org.calls_used >= org.config.daily_requests:
        text = "TotalRequests Limit exceeded."
        return _json(403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}])
    body, problem = read_json(request.get_data())
    query = {name: request.args[name] for name in request.args}
    usage = org.count_call()
    cursors = host_cursors(org)
    reply: Reply = perform(
        access, cursors, request.method, request.path, query, dict(request.headers), body, problem
    )
    org.log_call(request.method, request.path, reply.status)
    response = _json(reply.status, reply.body)
    for name, value in reply.headers.items():
        response.headers[name] = value
    response.headers["Sforce-Limit-Info"] = usage
    return response


def host_cursors(org: Org) -> Cursors:
    """The open queries of an org."""
    port = int(org.url.rsplit(":", 1)[1])
    found: Cursors = current_app.extensions["cursors"][port]
    return found
