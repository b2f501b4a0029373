"""Probes: is this process alive, and can it do its work? Answered before everything else.

Load balancers ask by address and over plain http, without cookies. `ProbesMiddleware` stands first,
so that neither ALLOWED_HOSTS nor the redirect to https, sessions or request logs touch a probe.
Answers hold words and no exception texts: those carry addresses and passwords.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import KombuError

from portal.heartbeats import WORKER
from portal.models import Heartbeat

logger = structlog.get_logger(__name__)

SECONDS_TO_ANSWER = 2


@dataclass(frozen=True)
class Part:
    """One thing the site cannot do without, and how it is, in words."""

    ok: bool
    state: str


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all. Asks nobody."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, broker and a worker answer; 503 otherwise, saying which does not."""
    database, worker = database_and_worker()
    parts = {"database": database, "broker": broker(), "worker": worker}
    is_ready = all(part.ok for part in parts.values())
    if not is_ready:
        logger.warning("not_ready", parts=[name for name, part in parts.items() if not part.ok])
    return JsonResponse(
        {
            "ready": is_ready,
            "parts": {name: {"ok": part.ok, "state": part.state} for name, part in parts.items()},
        },
        status=200 if is_ready else 503,
    )


def database_and_worker() -> tuple[Part, Part]:
    """One query answers for both: the worker's sign of life stands in the database."""
    try:
        at = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("database_does_not_answer", problem=type(error).__name__)
        # Not kept for the next request: it may be the half-open remains of a lost server.
        connection.close()
        return (
            Part(False, "does not answer, or is not migrated"),
            Part(False, "not known while the database does not answer"),
        )
    database = Part(True, "answers")
    if at is None:
        return database, Part(False, "no worker has reported yet")
    age = max(0, round((timezone.now() - at).total_seconds()))
    late = age > settings.HEARTBEAT_SECONDS_LATE
    words = f"last heard of {age} seconds ago"
    if late:
        words += f"; {settings.HEARTBEAT_SECONDS_LATE} are allowed"
    return database, Part(not late, words)


def broker() -> Part:
    """Whether the broker lets us in, within a short time."""
    options: dict[str, Any] = {}
    if settings.BROKER_URL.startswith(("redis", "valkey")):
        options = {
            "socket_connect_timeout": SECONDS_TO_ANSWER,
            "socket_timeout": SECONDS_TO_ANSWER,
        }
    try:
        with Connection(
            settings.BROKER_URL, connect_timeout=SECONDS_TO_ANSWER, transport_options=options
        ) as asked:
            asked.ensure_connection(max_retries=1, timeout=SECONDS_TO_ANSWER, interval_start=0)
    except (KombuError, OSError, ValueError) as error:
        logger.warning("broker_does_not_answer", problem=type(error).__name__)
        return Part(False, "does not answer")
    return Part(True, "answers")


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": live,
    "/health/ready": ready,
}


class ProbesMiddleware:
    """Answers the probes; stands before every other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe; hand everything else on."""
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = probe(request)
        response["Cache-Control"] = "no-store"
        return response
