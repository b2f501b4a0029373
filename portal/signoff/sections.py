"""A frozen summary in words, section by section: the page and the PDF show the same."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Path
from integrations.checks.registry import all_checks
from portal.models import Summary
from portal.signoff import words
from portal.signoff.alerts_section import alerts_section
from portal.signoff.settings_sections import fields_section, settings_section
from portal.signoff.standing import summary_batch_name
from portal.signoff.types import MONO, MUTED, OK, WARN, Row, Section
from portal.steps.words import when

Moment = Callable[[datetime], str]
KINDS = {"confirmed": MUTED, "done": OK, "waived": WARN, "not_needed": MUTED, "open": WARN}


def sections_of(summary: Summary, *, moment: Moment = when) -> list[Section]:
    """Everything that is signed, in the order in which it is read. `moment` writes a time."""
    content, shown = summary.content, summary.shown
    return [
        _orgs(content, shown),
        settings_section(content, shown),
        *fields_section(content, shown),
        _alike(content, shown),
        *_answers(content, shown),
        _tests(content, shown),
        _people(content, shown),
        *alerts_section(summary, moment),
        _forecast(summary, moment),
    ]


def _orgs(content: Mapping[str, Any], shown: Mapping[str, Any]) -> Section:
    org = content.get("org") or {}
    return Section(
        "orgs",
        _("Org and user"),
        [
            Row(_("Production org"), str(shown.get("org", ""))),
            Row(_("Org ID"), str(org.get("id", "")), MONO),
            Row(_("Connected Salesforce user"), str(org.get("username", ""))),
            Row(_("User ID"), str(org.get("user_id", "")), MONO),
            Row(_("UserGems app"), words.app_words(content)),
            Row(_("UserGems package"), words.package_words(content)),
        ],
    )


def _alike(content: Mapping[str, Any], shown: Mapping[str, Any]) -> Section:
    sandbox = "production.mirror" in content["alike"]
    rows = [
        Row(
            words.step_title(content, key),
            words.outcome_words(outcome, shown),
            KINDS.get(outcome.get("state", ""), WARN),
            words.reason_words(outcome, shown, key),
        )
        for group in ("alike", "checks")
        for key, outcome in sorted(content[group].items())
    ]
    rows += [
        Row(
            words.point_title(str(point["point"]), shown),
            words.difference_words(point, shown),
            WARN,
        )
        for point in content.get("differences", [])
    ]
    if content.get("not_compared"):
        rows.append(Row(_("Not compared"), words.kinds_words(content), MUTED))
    title = _("Production matches the sandbox you tested") if sandbox else _("Production is set up")
    return Section("alike", title, rows)


def _answers(content: Mapping[str, Any], shown: Mapping[str, Any]) -> list[Section]:
    """What production says of itself, check by check; summaries of before have none of it."""
    rows = []
    answers = content.get("answers", {})
    # Databases give back the keys of JSON in an order of their own.
    places = {check.name: place for place, check in enumerate(all_checks())}
    for name in sorted(answers, key=lambda name: (places.get(name, len(places)), name)):
        answer = answers[name]
        kind = OK if answer["outcome"] == "pass" else WARN
        lines = words.point_lines(answer["points"], shown)
        said = words.answer_words({**answer, "points": []}, shown)
        rows.append(Row(words.check_title(name), said, kind, " ".join(lines)))
    return [Section("answers", _("What production says of itself"), rows)] if rows else []


def _tests(content: Mapping[str, Any], shown: Mapping[str, Any]) -> Section:
    rows = []
    for key, test in sorted(content["tests"].items(), reverse=True):
        rows.append(Row(words.test_title(key), words.test_words(test, shown), OK if test else WARN))
        allowances = (test or {}).get("allowances", [])
        if allowances:
            # By their hashes: what exactly was allowed stands in the record of the test.
            rows.append(
                Row(
                    _("Allowed by the customer, by hash"),
                    ", ".join(one[:12] for one in allowances),
                    MONO,
                )
            )
    return Section("tests", _("Tests"), rows)


def _people(content: Mapping[str, Any], shown: Mapping[str, Any]) -> Section:
    rows = [Row(_("Source"), words.people_words(content))]
    if content.get("reports"):
        rows.append(Row(_("Tracking reports"), words.reports_words(content, shown)))
    return Section("people", _("Where people come from"), rows)


def _forecast(summary: Summary, moment: Moment) -> Section:
    """What the batch will do, as it was foretold; a sentence while nothing is known."""
    batch = summary_batch_name(summary)
    title = _("What %(batch)s will do") % {"batch": batch}
    forecast = summary.forecast
    if not summary.ready:
        waiting = _("The org is being asked what %(batch)s would do.") % {"batch": batch}
        return Section("forecast", title, sentence=summary.forecast_error or waiting)
    rows = [
        Row(_("Job changes in the batch"), intcomma(forecast["total"])),
        Row(_("New since you started"), intcomma(forecast["new"])),
        *_tried(summary, forecast),
        Row(
            _("Already in production"),
            _("%(count)s, left alone") % {"count": intcomma(forecast["already_there"])},
        ),
        Row(
            _("Imported until"), moment(summary.cut_off), note=_("Later ones go to the next batch.")
        ),
        Row(_("Expected"), _expected(forecast)),
        *_held(forecast),
        Row(_("API calls"), _calls(forecast)),
        Row(_("Duration"), _duration(forecast)),
    ]
    limits = str(forecast.get("not_foretold", ""))
    if limits:
        rows.append(Row(_("Not foretold"), limits, MUTED))
    return Section("forecast", title, rows)


def _tried(summary: Summary, forecast: Mapping[str, Any]) -> list[Row]:
    """Those tried in the sandbox; nothing for a customer that never had one."""
    count = forecast["tried_in_sandbox"]
    if not count and summary.content.get("path") == Path.PRODUCTION_ONLY:
        return []
    return [Row(_("Tried in the sandbox, sent to production now"), intcomma(count))]


def _expected(forecast: Mapping[str, Any]) -> str:
    """ "1,120 leads, 486 contacts, 243 enriched"; what is nothing is left out."""
    named = [
        ("leads", lambda count: ngettext("%s lead", "%s leads", count)),
        ("contacts", lambda count: ngettext("%s contact", "%s contacts", count)),
        ("enriched", lambda count: _("%s enriched")),
        ("past_only", lambda count: _("%s past record only")),
        ("package_only", lambda count: _("%s UserGem record only")),
        ("held", lambda count: _("%s held")),
    ]
    outcomes = forecast.get("outcomes", {})
    said = [say(count) % intcomma(count) for name, say in named if (count := outcomes.get(name, 0))]
    accounts = forecast.get("new_accounts", 0)
    if accounts:
        said.append(ngettext("%s new account", "%s new accounts", accounts) % intcomma(accounts))
    return ", ".join(said) or _("nothing")


def _held(forecast: Mapping[str, Any]) -> list[Row]:
    """Why some would not be sent, the commonest reason first."""
    return [
        Row(_("Would be held"), intcomma(one["count"]), WARN, str(one["reason"]))
        for one in forecast.get("held_reasons", [])
    ]


def _calls(forecast: Mapping[str, Any]) -> str:
    calls = forecast.get("api_calls") or {}
    expected = intcomma(calls.get("expected", 0))
    if calls.get("left") is None:
        return _("about %(count)s; the org did not say how many are left") % {"count": expected}
    return _("about %(count)s of the %(left)s left in these 24 h") % {
        "count": expected,
        "left": intcomma(calls["left"]),
    }


def _duration(forecast: Mapping[str, Any]) -> str:
    minutes = forecast.get("minutes")
    if not minutes:
        return _("not known before the first 20, which go alone")
    return _("%(low)s to %(high)s min, the first 20 alone") % {
        "low": intcomma(minutes[0]),
        "high": intcomma(minutes[1]),
    }
