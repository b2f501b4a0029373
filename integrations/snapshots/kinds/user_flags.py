"""System permissions, Marketing User, license and person of the integration user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from integrations.checks.integration_user import API_SET_LICENSE
from integrations.checks.system_permissions import permission_label
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.kinds.object_rights import carried, set_path
from integrations.snapshots.kinds.owners import same_person
from integrations.snapshots.pairing import Pair, changed

KIND = "user_permissions"
# What the lack of a system permission does; what is not here does nothing to delivery.
_GRADES = {"ApiEnabled": Grade.BLOCKS, "RunReports": Grade.CHANGES}
# Permission set licenses by the label that Setup shows.
_LICENSES = {API_SET_LICENSE: "Salesforce API Integration"}


def license_words(names: Iterable[str]) -> list[str]:
    """Permission set licenses as Setup lists them, where that is known."""
    return [_LICENSES.get(name, name) for name in sorted(names)]


def flags_compare(pair: Pair) -> Iterator[Difference]:
    """What is granted to the user as such."""
    for name, then, now in pair.in_both(KIND, "system"):
        if then["has"] != now["has"]:
            yield _system(pair, name, changed(then["has"], now["has"]))
    for _name, then, now in pair.in_both(KIND, "user"):
        if then["marketing_user"] != now["marketing_user"]:
            yield _marketing(pair, changed(then["marketing_user"], now["marketing_user"]))
        yield from _license(pair, then, now)
        yield from _person(pair, then, now)


def _system(pair: Pair, name: str, change: Change) -> Difference:
    missing = change == Change.MISSING
    label = permission_label(name)
    fix = _("%(set)s, System Permissions, Edit: tick %(right)s, then Save.")
    return pair.difference(
        KIND,
        f"{name}:system",
        _GRADES.get(name, Grade.COSMETIC) if missing else Grade.COSMETIC,
        change,
        pair.say(
            _("The integration user has “%(right)s” %(here)s, not %(there)s."),
            right=label,
            **pair.side(change),
        ),
        fix=fix % {"set": set_path(pair), "right": label} if missing else "",
        setup_path=setup_links.PERMISSION_SETS,
        names=(name,),
        change_set=carried(pair) if missing else (),
    )


def _marketing(pair: Pair, change: Change) -> Difference:
    """Members of an existing campaign can be added without it (platform reference, 4.4): it blocks
    where the right to add them went with it.
    """
    missing = change == Change.MISSING
    campaign = pair.now.part("campaigns", "campaign").get("campaign", {"chosen": True})
    lost = missing and _members_lost(pair)
    grade = Grade.COSMETIC
    if missing and campaign["chosen"]:
        grade = Grade.BLOCKS if lost else Grade.CHANGES
    words = _(
        "“Marketing User” is ticked on the integration user %(here)s, not %(there)s: UserGems’ "
        "list asks for it where people are added to a campaign."
    )
    if lost:
        words = _(
            "“Marketing User” is ticked on the integration user %(here)s, not %(there)s, and "
            "there nobody can be added to a campaign."
        )
    fix = _("Users, the integration user, Edit: tick Marketing User, then Save.")
    return pair.difference(
        KIND,
        "marketing_user:user",
        grade,
        change,
        pair.say(words, **pair.side(change)),
        fix=fix if missing else "",
        setup_path=setup_links.USERS,
        by_hand=fix if missing else "",
    )


def _members_lost(pair: Pair) -> bool:
    """Whether campaign members could be made in what was tested, and cannot now."""
    sides = pair.part(KIND, "objects")
    then, now = ("create" in side.get("CampaignMember", {"rights": ()})["rights"] for side in sides)
    return then and not now


def _license(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    """What a license lacks shows in the rights: by itself it is a cosmetic difference."""
    if then["license"] != now["license"]:
        yield pair.difference(
            KIND,
            "license:user",
            Grade.COSMETIC,
            Change.DIFFERENT,
            pair.say(
                _("The integration user has the license %(new)s %(now)s, %(old)s %(then)s."),
                new=now["license"],
                old=then["license"],
            ),
            setup_path=setup_links.USERS,
            then=then["license"],
            now=now["license"],
        )
    if None in (then["set_licenses"], now["set_licenses"]):
        return
    before, after = set(then["set_licenses"]), set(now["set_licenses"])
    for change, names in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        if names:
            missing = change == Change.MISSING
            fix = _(
                "Users, the integration user, Permission Set License Assignments: assign %(names)s."
            ) % {"names": listed(license_words(names))}
            yield pair.difference(
                KIND,
                "set_licenses:user",
                Grade.COSMETIC,
                change,
                pair.say(
                    _(
                        "The integration user has the permission set license %(names)s %(here)s, "
                        "not %(there)s."
                    ),
                    names=listed(license_words(names)),
                    **pair.side(change),
                ),
                fix=fix if missing else "",
                setup_path=setup_links.USERS,
                names=tuple(sorted(names)),
                by_hand=fix if missing else "",
            )


def _person(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    if then["username"] == now["username"]:
        return
    same = same_person(then["username"], now["username"])
    words = _("UserGems acts as %(new)s %(now)s, as %(old)s %(then)s.")
    yield pair.difference(
        KIND,
        "username:user" if same else "person:user",
        Grade.EXPECTED if same else Grade.COSMETIC,
        Change.DIFFERENT,
        pair.say(words, new=now["username"], old=then["username"]),
        setup_path="" if same else setup_links.USERS,
        then=then["username"],
        now=now["username"],
    )
