"""`POST /api/job-changes?customer=SLUG`, and the description of it for programs."""

from __future__ import annotations

from typing import Any, Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.models import Customer
from jobchanges.intake.keys import Client, client_find, clients_read
from jobchanges.intake.openapi import document
from jobchanges.intake.reading import LARGEST_BODY, BodyRefused, body_read, kind_of
from jobchanges.intake.service import intake_take
from jobchanges.models import ImportRun

PROBLEM: Final = "application/problem+json"


@csrf_exempt  # A key in a header, never a cookie, says who asks.
@never_cache
def job_changes(request: HttpRequest) -> HttpResponse:
    """Take job changes for one customer; the answer says of each what became of it."""
    if request.method != "POST":
        refused = _problem(405, _("Job changes are handed in with POST."))
        refused["Allow"] = "POST"
        return refused
    client = _client_of(request)
    if client is None:
        return _unknown(request)
    if not _goes(request, "intake", key=client.name):
        return _too_many()
    slug = request.GET.get("customer", "")
    customer = Customer.objects.filter(slug=slug).first() if client.may_write_for(slug) else None
    if customer is None:
        return _problem(
            404, _("This key knows no such customer. Name one: ?customer= and its short name.")
        )
    try:
        kind = kind_of(request.headers.get("Content-Type", ""))
        body = _body(request)
        items = body_read(kind, body)
    except BodyRefused as error:
        return _problem(error.status, error.sentence)
    run = intake_take(customer=customer, client=client.name, items=items, body=body)
    return JsonResponse(_report(customer, run), json_dumps_params={"ensure_ascii": False})


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """How to hand job changes in, as OpenAPI."""
    return JsonResponse(document(settings.SITE_URL), json_dumps_params={"indent": 2})


def _client_of(request: HttpRequest) -> Client | None:
    """By `Authorization: Bearer KEY` or `X-Api-Key: KEY`."""
    scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("X-Api-Key", "")
    return client_find(clients_read(settings.INTAKE_API_KEYS), key) if key else None


def _unknown(request: HttpRequest) -> HttpResponse:
    """No key, or one that is none. Who tries many is not answered any more."""
    if not _goes(request, "intake_refused"):
        return _too_many()
    refused = _problem(401, _("Send the key of your program: Authorization: Bearer, and the key."))
    refused["WWW-Authenticate"] = 'Bearer realm="job-changes"'
    return refused


def _goes(request: HttpRequest, action: str, **by: str) -> bool:
    """Whether it is within the limit of `ACCOUNT_RATE_LIMITS`."""
    return bool(ratelimit.consume(request, app="allauth.account", action=action, **by))


def _too_many() -> HttpResponse:
    refused = _problem(429, _("Too many requests. Wait a minute, then send larger parts."))
    refused["Retry-After"] = "60"
    return refused


def _body(request: HttpRequest) -> bytes:
    """The whole body. Raises BodyRefused for one that is too large or broke off."""
    sent = request.META.get("CONTENT_LENGTH") or ""
    if not sent.isdecimal():
        # A body in chunks has no length, and none of it would arrive here.
        raise BodyRefused(_("Say in Content-Length how long the body is."), 411)
    try:
        body = request.read(LARGEST_BODY + 1)
    except UnreadablePostError:
        raise BodyRefused(_("The body broke off before its end.")) from None
    if len(body) > LARGEST_BODY:
        raise BodyRefused(
            _("The body is larger than %(size)d MB. Send it in parts.")
            % {"size": LARGEST_BODY // 1024 // 1024},
            413,
        )
    if len(body) < int(sent):
        raise BodyRefused(_("The body broke off before its end."))
    return body


def _report(customer: Customer, run: ImportRun) -> dict[str, Any]:
    return {
        "customer": customer.slug,
        "import": run.pk,
        "counts": {
            "added": run.rows_added,
            "unchanged": run.rows_unchanged,
            "conflict": run.rows_conflicting,
            "rejected": run.rows_rejected,
        },
        "items": [
            {"line": row.line, "id": row.key, "outcome": row.outcome, "reasons": row.reasons}
            for row in run.rows.order_by("line")
        ],
    }


def _problem(status: int, sentence: str) -> HttpResponse:
    """A refusal of the whole request, after RFC 9457."""
    body = {"status": status, "title": HttpResponse(status=status).reason_phrase}
    return JsonResponse(body | {"detail": sentence}, status=status, content_type=PROBLEM)
