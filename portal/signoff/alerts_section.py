"""Whom the launch reaches: owners with what they receive, what may alert people, and by whom."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import settings_words
from portal.alerts import Firing, notified_words, owners_words
from portal.models import Summary
from portal.signoff.types import MUTED, WARN, Row, Section

TOP_OWNERS = 10
TOP_FIRING = 12
Moment = Callable[[datetime], str]


def alerts_section(summary: Summary, moment: Moment) -> list[Section]:
    """Nothing before the forecast is there: what is foretold stands in it."""
    if not summary.ready:
        return []
    forecast = summary.forecast
    on_at = parse_datetime(str(forecast.get("notifications_on_at", "")))
    rows = [
        *_owners(forecast, is_flow=settings_words.is_flow(summary.content["settings"])),
        *_firing(forecast, moment),
        Row(_("From UserGems"), notified_words(on_at), WARN if on_at else ""),
    ]
    notice = _("Alerts that your own org has sent cannot be recalled.")
    return [Section("alerts", _("Whom it reaches, and what may alert them"), rows, notice=notice)]


def _owners(forecast: Mapping[str, Any], *, is_flow: bool) -> Iterator[Row]:
    """Who receives records, with how many; those after the first ten as one line."""
    if is_flow:
        yield Row(_("Owners who receive records"), _("your own flow decides"), MUTED)
        return
    owners: Sequence[Mapping[str, Any]] = forecast.get("owners", [])
    if not owners:
        yield Row(_("Owners who receive records"), _("nobody"))
        return
    further = forecast.get("more_owners") or {}
    everybody = len(owners) + further.get("owners", 0)
    yield Row(_("Owners who receive records"), intcomma(everybody))
    for name, said in owners_words(owners[:TOP_OWNERS]):
        yield Row(_("%(owner)s receives") % {"owner": name}, said)
    more = everybody - len(owners[:TOP_OWNERS])
    if more:
        records = sum(one.get("count", 0) for one in owners[TOP_OWNERS:])
        records += further.get("count", 0)
        people = ngettext("%s more person receives", "%s more people receive", more)
        said = ngettext("%s record", "%s records", records)
        yield Row(people % intcomma(more), said % intcomma(records))


def _firing(forecast: Mapping[str, Any], moment: Moment) -> Iterator[Row]:
    """What may fire by the org itself; summaries of before say that nobody had asked."""
    firing = Firing.from_json(forecast.get("fires"))
    if firing is None:
        words = _("Alerts and automation of your own org that may fire")
        yield Row(_("Not checked"), words, MUTED)
        return
    found = firing.found
    if firing.asked_at is not None:
        found = _("%(found)s Asked %(when)s.") % {"found": found, "when": moment(firing.asked_at)}
    yield Row(_("What may fire, by your org itself"), found, note=_cut(firing.other))
    if firing.alerting:
        yield Row(
            _("Likely to alert people"),
            ngettext("%s of them", "%s of them", len(firing.alerting)) % len(firing.alerting),
            WARN,
            _cut(firing.alerting),
        )
    if firing.unread:
        yield Row(
            _("May alert people"),
            _("what it does was not read"),
            MUTED,
            _cut(firing.unread),
        )


def _cut(lines: Sequence[str]) -> str:
    """The first dozen, and how many there are besides."""
    shown = " ".join(lines[:TOP_FIRING])
    more = len(lines[TOP_FIRING:])
    if more:
        shown += " " + ngettext("And %(count)s more.", "And %(count)s more.", more) % {
            "count": more
        }
    return shown
