"""The Flask application behind all ports, and the REST API's door."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, jsonify, make_response, request
from flask import Response as FlaskResponse
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from integrations.rehearsal import (
    automation,
    bulk_calls,
    bulk_query,
    collection_calls,
    composite_calls,
    control,
    graph_calls,
    identity,
    layout_calls,
    oauth,
    packaging,
    pages,
    record_calls,
    report_calls,
    soap,
    switching,
    trouble,
)
from integrations.rehearsal.access import Access
from integrations.rehearsal.calls import METHODS, Reply, not_allowed, perform, read_json
from integrations.rehearsal.host import host
from integrations.rehearsal.resource_calls import versions
from integrations.rehearsal.signin import SignIn
from integrations.rehearsal.soql_show import Cursors
from integrations.rehearsal.world import Org, World

LOG = logging.getLogger("rehearsal")
CALLS = (
    bulk_calls,
    bulk_query,
    collection_calls,
    composite_calls,
    graph_calls,
    layout_calls,
    record_calls,
    report_calls,
)
LONGEST_ADDRESS = 16_000
LONGEST_HEAD = 32_000
LARGEST_BODY = 50 * 1024 * 1024
STANDARD_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "Vary": "Accept-Encoding",
}
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'"


class Answer(FlaskResponse):
    """As Flask's, but a 304 keeps its Last-Modified, as the platform's does."""

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """The headers as they leave."""
        headers = super().get_wsgi_headers(environ)
        if self.status_code == 304 and "Last-Modified" in self.headers:
            headers["Last-Modified"] = self.headers["Last-Modified"]
        return headers


def make_app(world: World) -> trouble.WsgiApp:
    """The whole server as a WSGI application."""
    app = Flask("integrations.rehearsal")
    app.response_class = Answer
    app.extensions["world"] = world
    app.extensions["signin"] = SignIn(world)
    app.extensions["cursors"] = {port: Cursors() for port in world.orgs}
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    for module in (oauth, identity, packaging, control, switching, pages, soap):
        app.register_blueprint(module.blueprint)
    for path in ("/services", "/services/<path:rest>"):
        app.add_url_rule(path, "services", services, methods=list(METHODS))
    app.before_request(check_address)
    app.before_request(trouble.before)
    app.before_request(let_flows_run)
    app.after_request(finish)
    app.register_error_handler(Exception, unexpected)
    app.context_processor(lambda: {"here": host()})

    return trouble.with_broken_lines(app.wsgi_app)


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


def let_flows_run() -> None:
    """What the org's flows were to do by now is done before anybody looks."""
    org = host().org
    if org is not None:
        automation.run_flows(org)


def finish(response: Response) -> Response:
    """Faults that strike after the call, and the platform's usual headers."""
    trouble.after(response)
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
            text = not_allowed(request.method, getattr(error, "valid_methods", None) or ())
            return _json(405, [{"errorCode": "METHOD_NOT_ALLOWED", "message": text}])
        return _json(404 if error.code == 404 else error.code, _not_found())
    LOG.error("unforeseen at %s %s", request.method, request.path, exc_info=error)
    text = "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1"
    return _json(500, [{"message": text, "errorCode": "UNKNOWN_EXCEPTION"}])


def _not_found() -> list[dict[str, str]]:
    return [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def _json(status: int, body: Any) -> Response:
    # Bulk results are CSV already; their content type is among the reply's headers.
    done = isinstance(body, bytes) or body is None
    response = make_response((body or "") if done else jsonify(body), status)
    response.content_type = "application/json;charset=UTF-8"
    return response


def services(rest: str = "") -> Response:
    """`/services/…`: the version list for everybody, all else with a session."""
    here = host()
    if request.path.rstrip("/") == "/services/data" and request.method in ("GET", "HEAD"):
        return _json(200, versions(here.org.config.versions if here.org else ()))
    if not request.path.startswith("/services/data/") or here.org is None:
        return _json(404, _not_found())
    org = here.org
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    found = current_app.extensions["signin"].session(token) if token else None
    user = org.space.get("User", found[1]["user"]) if found else None
    if not found or found[1]["org"] != org.config.org_id or not user or not user.get("IsActive"):
        text = "Session expired or invalid"
        return _json(401, [{"message": text, "errorCode": "INVALID_SESSION_ID"}])
    return _answer(org, Access(org, user, trouble.facts()))


def _answer(org: Org, access: Access) -> Response:
    if not org.config.api_enabled:
        text = "The REST API is not enabled for this Organization."
        return _json(403, [{"message": text, "errorCode": "API_DISABLED_FOR_ORG"}])
    if "ApiEnabled" not in access.permissions:
        text = "API is disabled for this User"
        return _json(403, [{"message": text, "errorCode": "API_CURRENTLY_DISABLED"}])
    if org.calls_used >= org.config.daily_requests:
        text = "TotalRequests Limit exceeded."
        return _json(403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}])
    org.take_time()
    body, problem = read_json(request.get_data())
    query = {name: request.args[name] for name in request.args}
    usage = org.count_call()
    cursors = host_cursors(org)
    reply: Reply = perform(
        access, cursors, request.method, sent_path(), query, dict(request.headers), body, problem
    )
    org.log_call(request.method, request.path, reply.status)
    response = _json(reply.status, reply.body)
    for name, value in reply.headers.items():
        response.headers[name] = value
    response.headers["Sforce-Limit-Info"] = usage
    return response


def sent_path() -> str:
    """The address as it was sent, percent-encoded: only so a slash inside a value can be told."""
    sent = str(request.environ.get("REQUEST_URI") or "").partition("?")[0]
    return sent if sent.startswith("/services/") else quote(request.path)


def host_cursors(org: Org) -> Cursors:
    """The open queries of an org."""
    port = int(org.url.rsplit(":", 1)[1])
    found: Cursors = current_app.extensions["cursors"][port]
    return found
