"""What changed between two contents, in sentences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.hashing import canonical_json, content_hash
from portal import settings_words
from portal.signoff import words
from portal.signoff.answers import by_point
from portal.signoff.types import Difference

JSONMap = Mapping[str, Any]
Words = Callable[[JSONMap, JSONMap], str]


def differences_of(
    before: JSONMap, after: JSONMap, *, before_shown: JSONMap, after_shown: JSONMap
) -> list[Difference]:
    """Everything that differs, a row each; empty for equal contents, never empty for others."""
    found = [
        _difference(
            words.point_title(what, after_shown, before_shown),
            old,
            new,
            say(before, before_shown),
            say(after, after_shown),
        )
        for what, part, say in _parts(before, after, before_shown, after_shown)
        if (old := part(before)) != (new := part(after))
    ]
    if not found and content_hash(before) != content_hash(after):
        found = [_difference(_("How the summary is put together"), before, after, "", "")]
    return found


def difference_sentence(difference: Difference) -> str:
    """One line: what, before, now."""
    return _("%(what)s: before %(before)s, now %(after)s.") % {
        "what": difference.what,
        "before": _quoted(difference.before),
        "after": _quoted(difference.after),
    }


def _quoted(words_: str) -> str:
    return _("“%(words)s”") % {"words": words_} if words_ else _("nothing")


def _difference(what: str, old: Any, new: Any, before: str, after: str) -> Difference:
    """Both ends in words; where they read alike, each with the start of its hash."""
    if before == after:
        before, after = (f"{before} ({content_hash(one)[:12]})".strip() for one in (old, new))
    return Difference(str(what), before, after)


Part = tuple[str, Callable[[JSONMap], Any], Words]


def _parts(
    before: JSONMap, after: JSONMap, before_shown: JSONMap, after_shown: JSONMap
) -> Iterator[Part]:
    """Each thing that may differ: what it is called, what of the content it is, how it reads."""

    def org(*names: str) -> Callable[[JSONMap], Any]:
        return lambda content: [(content.get("org") or {}).get(name) for name in names]

    def chosen(*names: str) -> Callable[[JSONMap], Any]:
        return lambda content: [settings_words.chosen(content["settings"], name) for name in names]

    yield _("Path"), lambda content: content.get("path"), _plain(words.path_words)
    yield _("Production org"), org("id"), words.org_words
    yield _("Connected Salesforce user"), org("user_id", "username"), _plain(words.user_words)
    yield _("UserGems app in the org"), org("app_installed"), _plain(words.app_words)
    package = org("package", "package_installed", "package_version")
    yield _("UserGems package"), package, _plain(words.package_words)
    yield _("Record"), chosen("record_mode"), _plain(words.record_mode_words)
    yield (
        _("Owner of a created contact"),
        chosen("contact_owner_rule", "contact_owner_field"),
        _plain(words.owner_rule_words),
    )
    lead_owner = chosen("lead_owner_rule")
    yield _("Owner of a created lead"), lead_owner, _plain(words.lead_owner_words)
    yield _("People in turn"), chosen("round_robin"), words.turns_words
    yield _("Lead source"), chosen("lead_source"), _plain(words.lead_source_words)
    looked_up = chosen("lead_account_field")
    yield _("Account on the lead, in your field"), looked_up, _plain(words.lead_account_words)
    past = chosen("update_past_record")
    yield _("Record at the past company"), past, _plain(words.past_words)
    yield from _field_parts(before, after, before_shown, after_shown)
    yield _("Default owner"), chosen("default_owner_id"), words.default_owner_words
    yield _("Campaign"), chosen("campaign_id", "campaign_status"), words.campaign_words
    assigns, alerts = chosen("run_assignment_rules"), chosen("save_past_alerts")
    yield _("Lead assignment rules"), assigns, _plain(words.assignment_words)
    yield _("Records that look like duplicates"), alerts, _plain(words.alerts_words)
    for group in ("alike", "checks"):
        for key in sorted({*before.get(group, {}), *after.get(group, {})}):
            yield words.step_title(after, key), _entry(group, key), _outcome(group, key)
    if before.get("version") == after.get("version"):
        yield from _answer_parts(before, after)
        yield from _mirror_parts(before, after)
        reports = _("Tracking reports")
        yield reports, lambda one: one.get("reports", []), words.reports_words
    yield _("Where people come from"), lambda one: one.get("people"), _plain(words.people_words)
    for key in sorted({*before.get("tests", {}), *after.get("tests", {})}):
        yield words.test_title(key), _test(key), _test_words(key)
        allowances = _allowances(key)
        yield _("Allowance of the production test"), allowances, _allowances_words(key)


def _field_parts(
    before: JSONMap, after: JSONMap, before_shown: JSONMap, after_shown: JSONMap
) -> Iterator[Part]:
    """The fields filled besides, a row each. Their order alone says nothing."""

    def found(content: JSONMap) -> dict[str, JSONMap]:
        rows = settings_words.rows_of(content["settings"])
        return {settings_words.row_key(row): row for row in rows}

    def part(key: str) -> Callable[[JSONMap], Any]:
        return lambda content: found(content).get(key)

    def words_of(key: str) -> Words:
        return lambda content, _shown: settings_words.row_words(found(content).get(key))

    labels = {**before_shown.get("fields", {}), **after_shown.get("fields", {})}
    for key, row in {**found(before), **found(after)}.items():
        yield settings_words.row_title(row, labels), part(key), words_of(key)


def _answer_parts(before: JSONMap, after: JSONMap) -> Iterator[Part]:
    """What the checks of production say, a row each."""

    def words_of(name: str) -> Words:
        return lambda content, shown: words.answer_words(content["answers"].get(name), shown)

    for name in sorted({*before.get("answers", {}), *after.get("answers", {})}):
        yield words.check_title(name), _entry("answers", name), words_of(name)


def _mirror_parts(before: JSONMap, after: JSONMap) -> Iterator[Part]:
    """What differs between the orgs, a row each, and what could not be compared."""

    def found(content: JSONMap) -> JSONMap:
        return by_point(content.get("differences", []))

    def part(point: str) -> Callable[[JSONMap], Any]:
        return lambda content: found(content).get(point)

    def words_of(point: str) -> Words:
        return lambda content, shown: words.difference_words(found(content).get(point), shown)

    for point in sorted({*found(before), *found(after)}):
        yield point, part(point), words_of(point)
    unknown = _("Not compared with the tested sandbox")
    yield unknown, lambda one: one.get("not_compared", []), _plain(words.kinds_words)


def _plain(say: Callable[[JSONMap], str]) -> Words:
    return lambda content, _shown: say(content)


def _entry(group: str, key: str) -> Callable[[JSONMap], Any]:
    return lambda content: content.get(group, {}).get(key)


def _outcome(group: str, key: str) -> Words:
    def say(content: JSONMap, shown: JSONMap) -> str:
        outcome = content.get(group, {}).get(key)
        said = words.outcome_words(outcome, shown)
        reason = words.reason_words(outcome, shown, key)
        return f"{said}: {reason}" if reason else said

    return say


def _test(key: str) -> Callable[[JSONMap], Any]:
    """The test without its allowances, which are a row of their own."""

    def part(content: JSONMap) -> Any:
        test = content.get("tests", {}).get(key)
        if test is None:
            return None
        return canonical_json({name: test[name] for name in test if name != "allowances"})

    return part


def _test_words(key: str) -> Words:
    return lambda content, shown: words.test_words(content.get("tests", {}).get(key), shown)


def _allowances(key: str) -> Callable[[JSONMap], Any]:
    return lambda content: (content.get("tests", {}).get(key) or {}).get("allowances", [])


def _allowances_words(key: str) -> Words:
    return lambda content, _shown: words.allowances_words(content.get("tests", {}).get(key))
