"""The forecast that both sides sign: claimed, asked of the org, stored once."""

import json
from datetime import UTC, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import canonical_json, content_hash
from accounts.models import Environment
from integrations.selectors import connection_find
from jobchanges.forecast import ForecastError, forecast_make
from jobchanges.requeue import batch_counts
from portal.alerts import firing_of
from portal.models import Summary
from portal.signoff.signals import summary_ready
from portal.signoff.standing import event_summary, summary_check

log = structlog.get_logger(__name__)

# A worker that is at it longer than this is taken for dead.
CLAIM = timedelta(minutes=10)
# A wake-up call that was not followed by a claim for so long is taken for lost.
LOST_AFTER = timedelta(minutes=1)


def signed_content(summary: Summary) -> dict[str, Any]:
    """Exactly what both sides sign, as plain JSON. `signed_hash` is its hash."""
    return {
        "content": summary.content,
        "shown": summary.shown,
        "forecast": summary.forecast,
        "cut_off": summary.cut_off.astimezone(UTC).isoformat(),
    }


def forecast_run(summary_pk: int) -> bool:
    """Make the forecast of a frozen summary; returns whether it was stored.

    No transaction is open while the org is asked. What goes wrong is stored as a sentence, and a
    person asks again. A second worker at it does nothing.
    """
    now = timezone.now()
    claimed = (
        _unmade()
        .filter(Q(forecast_claimed_until=None) | Q(forecast_claimed_until__lte=now))
        .filter(pk=summary_pk)
        .update(forecast_claimed_until=now + CLAIM)
    )
    if not claimed:
        return False
    summary = Summary.objects.select_related("customer", "continues").get(pk=summary_pk)
    connection = connection_find(summary.customer, Environment.PRODUCTION)
    if connection is None or connection.epoch is None:
        return _fail(summary, _("Production is not connected."))
    try:
        made = forecast_make(connection.epoch.pk, summary.cut_off).as_json()
        counts = batch_counts(summary.customer, connection.epoch.org_id, summary.cut_off)
        return _store(
            summary,
            made
            | {
                "total": counts.total,
                "new": counts.new,
                "tried_in_sandbox": counts.tried_in_sandbox,
                "already_there": counts.already_there,
                "fires": _fires(connection.epoch.pk),
            }
            | _notified(summary),
        )
    except ForecastError as error:
        return _fail(summary, error.sentence)
    except Exception:
        # Said, not tried again for ever: whoever waits for it learns that it stands still.
        log.exception("forecast_not_stored", summary=summary.pk)
        return _fail(
            summary,
            _("UserGems could not work out the forecast. We were told and look into it."),
        )


def _fires(epoch_pk: int) -> dict[str, Any] | None:
    """What production said last of its own rules, triggers and flows; None where it was not asked.

    Signed as it is shown (product.md, section 7): in a line, and point by point.
    """
    firing = firing_of(epoch_pk)
    return firing.as_json() if firing else None


def _notified(summary: Summary) -> dict[str, str]:
    """Since when UserGems' own notifications are on; nothing where they are off."""
    on_at = summary.customer.notifications_on_at
    return {"notifications_on_at": on_at.astimezone(UTC).isoformat()} if on_at else {}


def _store(summary: Summary, forecast: dict[str, Any]) -> bool:
    """Keep it as shown, with the hash over everything; once, whoever is second."""
    # What is hashed is what the database gives back: plain JSON, once around.
    summary.forecast = json.loads(canonical_json(forecast))
    summary.signed_hash = content_hash(signed_content(summary))
    with transaction.atomic():
        stored = (
            _unmade()
            .filter(pk=summary.pk)
            .update(
                forecast=summary.forecast,
                forecast_at=timezone.now(),
                forecast_claimed_until=None,
                signed_hash=summary.signed_hash,
            )
        )
        if stored:
            event_summary(
                summary,
                "sign_off.forecast_made",
                by=None,
                content_hash=summary.content_hash,
                signed_hash=summary.signed_hash,
            )
            summary_ready.send(sender=Summary, summary=summary)
    return bool(stored)


def _fail(summary: Summary, sentence: str) -> bool:
    _unmade().filter(pk=summary.pk).update(
        forecast_error=sentence[:500], forecast_claimed_until=None
    )
    return False


def _unmade() -> QuerySet[Summary]:
    """Standing summaries that wait for their forecast."""
    return Summary.objects.filter(voided_at=None, signed_hash="", forecast_error="")


def summaries_look() -> list[int]:
    """Compare every standing summary with the facts; returns those whose forecast nobody makes.

    Summaries of customers whose first batch is through are history and are not looked at.
    """
    now = timezone.now()
    standing = Summary.objects.filter(voided_at=None).exclude(batch__state="ended")
    for summary in standing.select_related("customer"):
        try:
            summary_check(summary.customer)
        except Exception:
            # One customer's trouble keeps nobody else from being looked at (rule 10).
            log.exception("summary_not_checked", summary=summary.pk)
    return list(
        _unmade()
        .filter(Q(forecast_claimed_until=None) | Q(forecast_claimed_until__lte=now))
        .filter(forecast_requested_at__lte=now - LOST_AFTER)
        .values_list("pk", flat=True)
    )
