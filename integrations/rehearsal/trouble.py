"""Faults that strike a whole request: before it is carried out, or its answer on the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from flask import make_response, request
from waitress.channel import ClientDisconnected
from werkzeug.wrappers import Response

from integrations.rehearsal.host import host

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
MAINTENANCE = (
    "<!DOCTYPE html><html lang=en><title>Maintenance</title>"
    "<h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly."
)
PROXY = (
    "upstream connect error or disconnect/reset before headers. reset reason: connection failure\n"
)
JSON, HTML, TEXT = "application/json;charset=UTF-8", "text/html; charset=utf-8", "text/plain"


def _refused(code: str, message: str) -> str:
    return json.dumps([{"message": message, "errorCode": code}])


# Kind → status, content type and body of what comes instead of an answer.
ANYWHERE = {
    "http_503_html": (503, HTML, MAINTENANCE),
    "proxy_text": (502, TEXT, PROXY),
}
IN_THE_API = {
    "expired_session": (401, JSON, _refused("INVALID_SESSION_ID", "Session expired or invalid")),
    "concurrent_limit": (
        403,
        JSON,
        _refused(
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
    ),
}
DROP, CUT_OFF = "rehearsal.drop", "rehearsal.cut_off"


def facts() -> dict[str, str]:
    """What of the request a fault can be matched by."""
    here = host()
    key = here.org.config.key if here.org else ""
    return {"path": request.path, "method": request.method, "org": key}


def before() -> Response | None:
    """Strike before the call is carried out."""
    if request.path.startswith("/rehearsal/"):
        return None
    faults, given = host().world.faults, facts()
    faults.wait(**given)
    # The version list needs no session and counts as no call.
    in_the_api = request.path.startswith("/services/data/v")
    answers = {**ANYWHERE, **IN_THE_API} if in_the_api else ANYWHERE
    fault = faults.take(("drop_before", *answers), **given)
    if fault is None:
        return None
    if fault.kind == "drop_before":
        request.environ[DROP] = True
        return make_response("", 500)
    status, kind, text = answers[fault.kind]
    response = make_response(text, status)
    response.content_type = kind
    return response


def after(response: Response) -> None:
    """Strike when the call is done: nothing of the answer arrives, or half of it."""
    if request.path.startswith("/rehearsal/") or request.environ.get(DROP):
        return
    length = response.content_length or response.calculate_content_length() or 0
    has_body = request.method != "HEAD" and length > 1
    kinds = (
        ("drop_answer_after_commit", "cut_off_body") if has_body else ("drop_answer_after_commit",)
    )
    fault = host().world.faults.take(kinds, **facts())
    if fault:
        request.environ[DROP if fault.kind == "drop_answer_after_commit" else CUT_OFF] = True


def with_broken_lines(app: WsgiApp) -> WsgiApp:
    """The application, its connections closing where a fault said so."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # A dropped answer must not even have a status line, so nothing may be started before.
        held: list[tuple[Any, ...]] = []

        def hold(*arguments: Any) -> Callable[[bytes], object]:
            held.append(arguments)
            return lambda data: None

        body = app(environ, hold)
        if environ.get(DROP):
            raise ClientDisconnected
        start_response(*held[0][:2])
        if environ.get(CUT_OFF):
            whole = b"".join(body)
            # Less than Content-Length says: the server closes the line after it.
            return [whole[: len(whole) // 2]]
        return body

    return answer
