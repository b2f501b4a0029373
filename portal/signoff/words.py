"""What is hashed, as a person reads it. The same words on the page, in the PDF and in differences.

Each function takes plain JSON (`content` and `shown` of a summary), so that an old summary reads
as it did when it was signed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment, Path
from integrations.checks.registry import check_find
from integrations.models import Outcome
from portal import settings_words
from portal.mirror.words import KIND_TITLES
from portal.models import PeopleSource
from portal.steps import step_find

JSONMap = Mapping[str, Any]


def path_words(content: JSONMap) -> str:
    """Sandbox first, or production only."""
    return _choice(Path, content.get("path", ""))


def org_words(content: JSONMap, shown: JSONMap) -> str:
    """The production org with its id."""
    org = content.get("org")
    if not org:
        return _("not connected")
    return _named(str(shown.get("org", "")), org["id"])


def user_words(content: JSONMap) -> str:
    """The Salesforce user that holds the connection."""
    org = content.get("org") or {}
    return _named(str(org.get("username", "")), org.get("user_id", ""))


def app_words(content: JSONMap) -> str:
    """Whether our connected app is installed there."""
    org = content.get("org") or {}
    return _("installed") if org.get("app_installed") else _("not installed")


def package_words(content: JSONMap) -> str:
    """The package's version, and which generation of it."""
    org = content.get("org") or {}
    if not org.get("package_installed"):
        return _("not found")
    version, manifest = org.get("package_version", ""), org.get("package", "")
    words = _("version %(version)s") % {"version": version} if version else _("installed")
    return f"{words} ({manifest})" if manifest else words


def record_mode_words(content: JSONMap) -> str:
    """Which record a job change becomes."""
    return settings_words.record_mode_words(content["settings"])


def owner_rule_words(content: JSONMap) -> str:
    """Who owns a created contact."""
    return settings_words.contact_owner_words(content["settings"])


def lead_owner_words(content: JSONMap) -> str:
    """Who owns a created lead."""
    return settings_words.lead_owner_words(content["settings"])


def turns_words(content: JSONMap, shown: JSONMap) -> str:
    """The people in turn with their ids, in their order."""
    return settings_words.turns_words(content["settings"], shown.get("round_robin", {}))


def lead_account_words(content: JSONMap) -> str:
    """The customer's own lookup on the lead."""
    return settings_words.lead_account_words(content["settings"])


def past_words(content: JSONMap) -> str:
    """What happens to the record at the past company."""
    return settings_words.past_words(content["settings"])


def assignment_words(content: JSONMap) -> str:
    """Whether the org's assignment rules run on new leads."""
    return settings_words.assignment_words(content["settings"])


def alerts_words(content: JSONMap) -> str:
    """What happens to a record about which a duplicate rule alerts."""
    return settings_words.alerts_words(content["settings"])


def lead_source_words(content: JSONMap) -> str:
    """The lead source, where anything is created that has one."""
    settings = content["settings"]
    if settings_words.is_flow(settings):
        return settings_words.unused_words()
    return str(settings["lead_source"])


def default_owner_words(content: JSONMap, shown: JSONMap) -> str:
    """The default owner with the id."""
    if settings_words.is_flow(content["settings"]):
        return settings_words.unused_words()
    return _named(str(shown.get("default_owner", "")), content["settings"]["default_owner_id"])


def campaign_words(content: JSONMap, shown: JSONMap) -> str:
    """The campaign with the id, and the member status; "none"."""
    settings = content["settings"]
    if settings_words.is_flow(settings):
        return settings_words.unused_words()
    if not settings["campaign_id"]:
        return _("none")
    words = _named(str(shown.get("campaign", "")), settings["campaign_id"])
    status = settings["campaign_status"]
    if not status:
        return words
    return _("%(campaign)s, as %(status)s") % {"campaign": words, "status": status}


def people_words(content: JSONMap) -> str:
    """Where the list of people comes from."""
    return _choice(PeopleSource.Kind, content.get("people", "")) or _("not chosen")


def step_title(content: JSONMap, key: str) -> str:
    """What a step is called on screen."""
    paths = (content.get("path", ""), *Path.values)
    found = (step_find(path, key) for path in paths if path)
    return next((step.title for step in found if step is not None), _("A step of the setup"))


def outcome_words(outcome: JSONMap | None, shown: JSONMap) -> str:
    """How a step stands, and by whom; never reads as checked where a person vouched."""
    outcome = outcome or {}
    person = person_words(outcome.get("by"), shown)
    match outcome.get("state"):
        case "confirmed":
            return _("confirmed by %(person)s, not checked") % {"person": person}
        case "waived":
            return _("waived by %(person)s") % {"person": person}
        case "not_needed":
            return _("not needed with these settings")
        case "done":
            return _("done, by what your org says")
        case "open":
            return _("not done")
    return _("not part of the setup")


def reason_words(outcome: JSONMap | None, shown: JSONMap, key: str) -> str:
    """Why it is waived, in the words of whoever waived it; "" otherwise."""
    if (outcome or {}).get("state") != "waived":
        return ""
    return str(shown.get("reasons", {}).get(key, ""))


def check_title(name: str) -> str:
    """What a check asks; its name where the portal asks it no longer."""
    check = check_find(name)
    return str(check.question) if check else name


def answer_words(answer: JSONMap | None, shown: JSONMap) -> str:
    """How a check ended, and who set aside what of it."""
    if not answer:
        return _("not checked")
    word = _choice(Outcome, answer["outcome"])
    return "; ".join([word, *point_lines(answer["points"], shown)])


def point_lines(points: Iterable[JSONMap], shown: JSONMap) -> list[str]:
    """What was set aside or vouched for, a line each: the point, by whom, why."""
    return [_point_words(one, shown) for one in points]


def _point_words(point: JSONMap, shown: JSONMap) -> str:
    subject = str(point["point"])
    words = str(shown.get("points", {}).get(subject, "")) or subject
    if "by" not in point:
        return words
    said = {"point": words.rstrip("."), "person": person_words(point["by"], shown)}
    words = _("%(point)s (accepted by %(person)s)")
    if point.get("outcome") == Outcome.FAIL or point.get("grade") == "blocks":
        words = _("%(point)s (waived by %(person)s)")
    reason = str(shown.get("reasons", {}).get(subject, ""))
    return f"{words % said}: {reason}" if reason else words % said


def difference_words(point: JSONMap | None, shown: JSONMap) -> str:
    """What a difference between the orgs does, and who let it be; nothing where there is none."""
    if not point:
        return _("none")
    grade = {
        "blocks": _("blocks delivery"),
        "changes": _("changes the result"),
    }.get(str(point["grade"]), str(point["grade"]))
    if "by" not in point:
        return grade
    reason = str(shown.get("reasons", {}).get(str(point["point"]), ""))
    said = _("%(grade)s, accepted by %(person)s: %(reason)s")
    if point["grade"] == "blocks":
        said = _("%(grade)s, waived by %(person)s: %(reason)s")
    return said % {
        "grade": grade,
        "person": person_words(point["by"], shown),
        "reason": reason,
    }


def point_title(point: str, *shown: JSONMap) -> str:
    """A difference in the sentence that was shown with it."""
    found = (str(one.get("points", {}).get(point, "")) for one in shown)
    return next(filter(None, found), point).rstrip(".")


def reports_words(content: JSONMap, shown: JSONMap) -> str:
    """The tracking reports by name, each with the columns that count."""
    named = []
    for one in content.get("reports", []):
        name = str(shown.get("reports", {}).get(one["id"], "")) or one["id"]
        columns = ", ".join(str(column) for _ours, column in sorted(one["columns"].items()))
        named.append(f"{name} ({columns})" if columns else name)
    return "; ".join(named) or _("none")


def kinds_words(content: JSONMap) -> str:
    """The parts of the orgs that could not be compared."""
    kinds = content.get("not_compared", [])
    return ", ".join(str(KIND_TITLES.get(kind, kind)) for kind in kinds) or _("none")


def test_title(environment: str) -> str:
    """What a test is called."""
    if environment == Environment.SANDBOX:
        return _("Test in the sandbox")
    return _("Test in production")


def test_words(test: JSONMap | None, shown: JSONMap) -> str:
    """Which test was approved by whom, and how many of it were right."""
    if not test:
        return _("not approved")
    # Databases give back the keys of JSON in an order of their own.
    people = [person_words(one["by"], shown) for _side, one in sorted(test["approvals"].items())]
    right, aside = test.get("right", 0), test.get("set_aside", 0)
    words = [
        _("test %(number)s, approved by %(people)s")
        % {"number": test["number"], "people": _(" and ").join(people)},
        ngettext("%(count)s looks right", "%(count)s look right", right) % {"count": right},
    ]
    if aside:
        words.append(
            ngettext("%(count)s set aside", "%(count)s set aside", aside) % {"count": aside}
        )
    return ", ".join(words)


def allowances_words(test: JSONMap | None) -> str:
    """What of it the customer allowed, by its hash."""
    hashes = (test or {}).get("allowances", [])
    return ", ".join(one[:12] for one in hashes) or _("none")


def person_words(pk: int | None, shown: JSONMap) -> str:
    """A person's name as it was then."""
    return str(shown.get("people", {}).get(str(pk), "")) or _("somebody")


def _named(name: str, identifier: str) -> str:
    """A name with the id behind it, whichever of them there is."""
    return f"{name} ({identifier})" if name and identifier else name or identifier


def _choice(choices: Any, value: str) -> str:
    """The words of a stored choice, also of one that exists no longer."""
    return str(choices(value).label) if value in choices.values else value
