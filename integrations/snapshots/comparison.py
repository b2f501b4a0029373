"""What was tested against what there is: the tested sandbox and production, or one org's drift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _

from integrations.salesforce import setup_links
from integrations.snapshots.content import KINDS as KINDS
from integrations.snapshots.content import Content
from integrations.snapshots.difference import Change as Change
from integrations.snapshots.difference import Difference as Difference
from integrations.snapshots.difference import Grade as Grade
from integrations.snapshots.kinds import (
    campaigns,
    custom_fields,
    lead_conversion,
    page_layouts,
    related_lists,
    user_permissions,
)
from integrations.snapshots.pairing import Pair, changed

_COMPARE: Mapping[str, Callable[[Pair], Iterator[Difference]]] = {
    "custom_fields": custom_fields.compare,
    "page_layouts": page_layouts.compare,
    "lead_conversion": lead_conversion.compare,
    "campaigns": campaigns.compare,
    "related_lists": related_lists.compare,
    "user_permissions": user_permissions.compare,
}
# Nothing of these is there to compare where the package is not.
_OF_THE_PACKAGE = ("page_layouts", "lead_conversion", "related_lists")
_WORST_FIRST = tuple(Grade)


def compare(then: Content, now: Content) -> list[Difference]:
    """Every difference, kind by kind in the guide's order, the worst first within a kind.

    `then` is what was tested, `now` what there is. Two contents of one environment are taken as
    one org at two times: the words then speak of the change. What either side could not read is
    not among them (`unknown`).
    """
    pair = Pair(then, now)
    same_package = then.package == now.package
    found: list[Difference] = []
    for kind in KINDS:
        differences = _package(pair) if kind == custom_fields.KIND else []
        if same_package or kind not in _OF_THE_PACKAGE:
            differences += _COMPARE[kind](pair)
        found += sorted(differences, key=lambda one: (_WORST_FIRST.index(one.grade), one.key))
    return found


def unknown(then: Content, now: Content) -> dict[str, str]:
    """Kinds that cannot be compared, wholly or in part: kind to a sentence that says why."""
    pair = Pair(then, now)
    found: dict[str, str] = {}
    for kind in KINDS:
        reasons = [
            pair.say(words, **said)
            for side, content in (("then", then), ("now", now))
            for words, said in _reasons(pair, side, content, kind)
        ]
        if kind == page_layouts.KIND:
            reasons += page_layouts.not_read(pair)
        if then.package != now.package and kind in _OF_THE_PACKAGE:
            reasons = [_("Nothing to compare while the UserGems package is on one side only.")]
        if reasons:
            found[kind] = " ".join(dict.fromkeys(reasons))
    return found


def _reasons(
    pair: Pair, side: str, content: Content, kind: str
) -> Iterator[tuple[str, dict[str, str]]]:
    where = pair.words[side]
    by_right: dict[str, list[str]] = {}
    for part, right in content.rights_missing(kind).items():
        by_right.setdefault(right, []).append(part_word(kind, part))
    for right, parts in by_right.items():
        said = {"parts": ", ".join(parts), "right": right, "where": where}
        if right:
            words = _("%(parts)s: the integration user lacks “%(right)s” %(where)s.")
        else:
            words = _("%(parts)s: the org does not say %(where)s.")
        yield words, said


def part_word(kind: str, part: str) -> str:
    """A part of a kind, in words."""
    words = {
        "custom_fields.fields": _("Fields"),
        "page_layouts.layouts": _("Page layouts"),
        "page_layouts.pages": _("Lightning pages"),
        "page_layouts.activation": _("Activation of Lightning pages"),
        "page_layouts.assignments": _("Who sees which page layout"),
        "lead_conversion.pairs": _("Lead conversion mapping"),
        "campaigns.campaign": _("The campaign"),
        "campaigns.owner": _("The default owner"),
        "related_lists.layouts": _("Related lists on page layouts"),
        "related_lists.pages": _("Related lists on Lightning pages"),
        "user_permissions.system": _("System permissions"),
        "user_permissions.user": _("The integration user"),
        "user_permissions.sets": _("Permission sets"),
        "user_permissions.all_records": _("View All and Modify All"),
    }
    return words.get(f"{kind}.{part}", part)


def _package(pair: Pair) -> list[Difference]:
    if pair.then.package != pair.now.package:
        return [_package_gone(pair)]
    if pair.then.package_version and pair.now.package_version:
        return _version(pair)
    return []


def _package_gone(pair: Pair) -> Difference:
    change = changed(pair.then.package, pair.now.package)
    missing = change == Change.MISSING
    fix = _(
        "Install the UserGems package with the link of this org, for all users; or give the "
        "integration user access to its object and fields."
    )
    return pair.difference(
        custom_fields.KIND,
        "package",
        Grade.BLOCKS if missing else Grade.COSMETIC,
        change,
        pair.say(
            _("The integration user sees the UserGems package %(here)s, not %(there)s."),
            **pair.side(change),
        ),
        fix=fix if missing else "",
        setup_path=setup_links.PACKAGES,
    )


def _version(pair: Pair) -> list[Difference]:
    """What a version brings or lacks shows in its fields; the number alone is as expected."""
    then, now = pair.then.package_version, pair.now.package_version
    if then == now:
        return []
    return [
        pair.difference(
            custom_fields.KIND,
            "package:version",
            Grade.EXPECTED,
            Change.DIFFERENT,
            pair.say(
                _("UserGems %(new)s is installed %(now)s, %(old)s %(then)s."), new=now, old=then
            ),
            then=then,
            now=now,
        )
    ]
