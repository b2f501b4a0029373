"""Object rights of the integration user on both sides."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.rights import fix_on_object, plural, rights_words
from integrations.salesforce import setup_links
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair

KIND = "user_permissions"
ALL_RECORDS = ("view_all", "modify_all")


def set_path(pair: Pair) -> str:
    """The permission set to change, as a click path."""
    for side in (pair.now, pair.then):
        label = side.part(KIND, "user").get("user", {}).get("set")
        if label:
            return _("Permission Sets, %(set)s") % {"set": label}
    return _("Permission Sets, the integration user’s set")


def carried(pair: Pair) -> tuple[tuple[str, str], ...]:
    """The tested side's own permission sets: a change set takes them along, not who has them."""
    return tuple(("PermissionSet", name) for name in pair.then.part(KIND, "sets"))


def marketing_differs(pair: Pair) -> bool:
    """Whether Marketing User is ticked on one side only: rights to campaign members that go with
    it are told there.
    """
    return any(
        then["marketing_user"] != now["marketing_user"]
        for _name, then, now in pair.in_both(KIND, "user")
    )


def objects_compare(pair: Pair) -> Iterator[Difference]:
    """Rights that one side has and the other lacks, of those the list or delivery wants."""
    for name, then, now in pair.in_both(KIND, "objects"):
        if pair.goes_with_package(name):
            continue
        wanted = {right for side in (then, now) for right in (*side["delivery"], *side["listed"])}
        if name == "CampaignMember" and marketing_differs(pair):
            wanted -= {"create", "edit"}
        before, after = set(then["rights"]) & wanted, set(now["rights"]) & wanted
        for change, rights in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
            if rights:
                yield _difference(pair, name, now, change, rights)
    for name, then, now in pair.in_both(KIND, "all_records"):
        before = {right for right in ALL_RECORDS if then[right]}
        after = {right for right in ALL_RECORDS if now[right]}
        for change, rights in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
            if rights:
                yield _difference(pair, name, {"delivery": []}, change, rights)


def _difference(pair: Pair, name: str, now: Facts, change: Change, rights: set[str]) -> Difference:
    missing = change == Change.MISSING
    said = {"rights": rights_words(rights), "objects": plural(name, {})}
    if said["objects"] == name:
        said["objects"] = pair.object_label(name)
    grade = Grade.COSMETIC
    if missing and rights & set(now["delivery"]):
        grade = Grade.BLOCKS
    elif missing and rights & set(ALL_RECORDS):
        grade = Grade.CHANGES
    key = f"{name}:all_records" if rights & set(ALL_RECORDS) else f"{name}:object"
    fix = fix_on_object(set_path(pair), name, said["objects"], rights)
    return pair.difference(
        KIND,
        key,
        grade,
        change,
        pair.say(
            _("The integration user has %(rights)s on %(objects)s %(here)s, not %(there)s."),
            **said,
            **pair.side(change),
        ),
        fix=fix if missing else "",
        setup_path=setup_links.PERMISSION_SETS,
        names=tuple(sorted(rights)),
        change_set=carried(pair) if missing else (),
    )
