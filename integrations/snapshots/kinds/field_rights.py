"""Field rights of the integration user on both sides, together for each object."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.rights import plural
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.kinds.object_rights import carried, marketing_differs, set_path
from integrations.snapshots.pairing import Pair

KIND = "user_permissions"

# Object, change, and whether it is about seeing or writing.
Group = tuple[str, Change, str]


def fields_compare(pair: Pair) -> Iterator[Difference]:
    """One difference for the fields of an object that cannot be seen, one for those not written."""
    groups: dict[Group, list[tuple[str, Facts]]] = {}
    for name, then, now in pair.in_both(KIND, "fields"):
        object_name, _dot, field = name.partition(".")
        if pair.goes_with_package(field):
            continue
        found = _lost_and_gained(pair, object_name, then, now)
        for change, aspect in found:
            shown = {**now, "label": now["label"] or then["label"] or field}
            groups.setdefault((object_name, change, aspect), []).append((field, shown))
    for group, fields in sorted(groups.items()):
        yield _difference(pair, group, fields)


def _lost_and_gained(
    pair: Pair, object_name: str, then: Facts, now: Facts
) -> Iterator[tuple[Change, str]]:
    before, after = set(then["rights"]), set(now["rights"])
    if ("read" in before) != ("read" in after):
        yield (Change.MISSING if "read" in before else Change.EXTRA), "see"
        return
    if object_name == "CampaignMember" and marketing_differs(pair):
        return
    # What may not be done with the object at all is told there.
    wanted = {*then["wanted"], *now["wanted"]} & {"create", "edit"}
    usable = {right for right in wanted if _on_both(pair, object_name, right)}
    if (before - after) & usable:
        yield Change.MISSING, "edit"
    if (after - before) & usable:
        yield Change.EXTRA, "edit"


def _on_both(pair: Pair, object_name: str, right: str) -> bool:
    sides = pair.part(KIND, "objects")
    return all(right in side.get(object_name, {"rights": ()})["rights"] for side in sides)


def _difference(pair: Pair, group: Group, fields: list[tuple[str, Facts]]) -> Difference:
    object_name, change, aspect = group
    missing = change == Change.MISSING
    grade = Grade.COSMETIC
    if missing and any(facts["essential"] for _field, facts in fields):
        grade = Grade.BLOCKS
    elif missing and any(facts["written"] for _field, facts in fields):
        grade = Grade.CHANGES
    words = _("The integration user sees %(fields)s on %(objects)s %(here)s, not %(there)s.")
    if aspect == "edit":
        words = _(
            "The integration user may write %(fields)s on %(objects)s %(here)s, not %(there)s."
        )
    fix = _(
        "%(set)s, Object Settings, %(objects)s, Edit: tick Read Access and Edit Access on "
        "%(fields)s, then Save."
    )
    objects = plural(object_name, {})
    said = {
        "fields": listed([facts["label"] for _field, facts in fields]),
        "objects": pair.object_label(object_name) if objects == object_name else objects,
    }
    return pair.difference(
        KIND,
        f"{object_name}:{aspect}",
        grade,
        change,
        pair.say(words, **said, **pair.side(change)),
        fix=fix % {"set": set_path(pair), **said} if missing else "",
        setup_path=setup_links.PERMISSION_SETS,
        names=tuple(field for field, _facts in fields),
        change_set=carried(pair) if missing else (),
    )
