"""What the go-live steps say: who signed, how far the batch is, who stopped it and why."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import Batch, SendingSchedule
from portal.steps.go_live_facts import BatchFacts, SummaryFacts
from portal.steps.words import day, when


def signature_lines(found: SummaryFacts) -> list[tuple[str, str]]:
    """Who signed for which side and when, for the opened step."""
    order = ("customer", "vendor")
    return [
        (
            str(one.get_side_display()),
            _("%(person)s, %(when)s") % {"person": one.name, "when": when(one.at)},
        )
        for side in order
        if (one := found.signatures.get(side)) is not None
    ]


def signed_words(found: SummaryFacts) -> str:
    """Both names, the day of the second signature, and the start window."""
    given = [found.signatures[side] for side in ("customer", "vendor") if side in found.signatures]
    words = _("Signed by %(people)s, %(day)s") % {
        "people": _(" and ").join(one.name for one in given),
        "day": day(max(one.at for one in given)),
    }
    window = found.signatures.get("customer")
    if window is not None and window.starts_at is not None:
        start = when(window.starts_at)
        if window.ends_at is not None:
            words += " · " + _("starts between %(start)s and %(end)s") % {
                "start": start,
                "end": when(window.ends_at),
            }
        else:
            words += " · " + _("starts from %(start)s on") % {"start": start}
    return words


def answered_words(found: BatchFacts) -> str:
    """How far it is, in true counts."""
    words = _("%(done)s of %(total)s have an answer") % {
        "done": intcomma(found.answered),
        "total": intcomma(found.total),
    }
    if found.exceptions:
        words += " · " + ngettext(
            "%(count)s refused or held", "%(count)s refused or held", found.exceptions
        ) % {"count": intcomma(found.exceptions)}
    return words


def halted_words(batch: Batch) -> str:
    """Who paused or stopped it, since when, and why."""
    stopped = batch.state == Batch.State.STOPPED
    moment = when(batch.halted_at) if batch.halted_at else ""
    if batch.halted_by is None:
        words = _("Paused by itself %(when)s") % {"when": moment}
    elif stopped:
        words = _("Stopped by %(person)s %(when)s") % {"person": batch.halted_by, "when": moment}
    else:
        words = _("Paused by %(person)s %(when)s") % {"person": batch.halted_by, "when": moment}
    return f"{words}: {batch.halt_reason}" if batch.halt_reason else words


def ended_words(found: BatchFacts) -> str:
    """The numbers, adding up: "1,765 of 1,772 in production, 7 refused or held …"."""
    words = _("%(delivered)s of %(total)s in production") % {
        "delivered": intcomma(found.delivered),
        "total": intcomma(found.total),
    }
    if found.exceptions:
        words += ", " + ngettext(
            "%(count)s refused or held with its reason",
            "%(count)s refused or held, each with its reason",
            found.exceptions,
        ) % {"count": intcomma(found.exceptions)}
    if found.left:
        words += ", " + ngettext(
            "%(count)s being sent again", "%(count)s being sent again", found.left
        ) % {"count": intcomma(found.left)}
    return words


def cadence_words(schedule: SendingSchedule | None) -> str:
    """How often new job changes go, in words, with the zone."""
    if schedule is None or not schedule.is_on:
        return _("New job changes are not sent by themselves")
    words = {
        "hour": f"{schedule.hour:02d}:00",
        "day": WEEKDAYS[schedule.weekday],
        "zone": schedule.time_zone.replace("_", " "),
    }
    if schedule.cadence == SendingSchedule.Cadence.WEEKLY:
        return _("Every %(day)s at %(hour)s, %(zone)s") % words
    return _("Every day at %(hour)s, %(zone)s") % words
