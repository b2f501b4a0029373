"""Campaign IDs: the campaign, owner and record types that the settings of each org name.

Ids of records differ between orgs, and a person maps one onto the other by choosing it in the
settings: production's own choice is compared with the sandbox's, whatever its name.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.base import Who
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.kinds.owners import (
    owner_compare,
    owner_take,
    turns_compare,
    turns_take,
)
from integrations.snapshots.pairing import Pair, changed

KIND = "campaigns"
NEEDS = ("campaign", "owner", "turn_owners", "described", "manifest")


def take(taking: Taking) -> dict[str, Part]:
    """What the settings name in this org."""
    parts: dict[str, Part] = {}
    campaign = _campaign_take(taking)
    if campaign is not None:
        parts["campaign"] = {"campaign": campaign}
    owner = owner_take(taking)
    if owner is not None:
        parts["owner"] = {"owner": owner}
    if turns := turns_take(taking):
        parts["turns"] = {"turns": turns}
    parts["record_types"] = {
        name: {
            "default": next((one.developer_name for one in found.record_types if one.default), "")
        }
        for name in taking.created
        if (found := taking.described.get(name)) is not None and found.record_types
    }
    return parts


def _campaign_take(taking: Taking) -> Facts | None:
    context = taking.context
    if not context.campaign_id:
        return {"chosen": False}
    refused = f"{KIND}.campaign"
    found = taking.ask(refused, lambda: taking.survey.campaign)
    if refused in taking.unreadable:
        return None
    if found is None:
        return {"chosen": True, "found": False, "name": context.campaign_name}
    default = found.statuses[0] if found.statuses else ""
    return {
        "chosen": True,
        "found": True,
        "id": found.campaign_id,
        "name": found.name,
        "active": found.active,
        "statuses": sorted(found.statuses),
        # What a member gets: a status that the campaign lacks falls back to its default one.
        "status": context.campaign_status if context.campaign_status in found.statuses else default,
    }


def compare(pair: Pair) -> Iterator[Difference]:
    """What the settings name, and what it is like in each org."""
    for _name, then, now in pair.in_both(KIND, "campaign"):
        yield from _campaign(pair, then, now)
    for _name, then, now in pair.in_both(KIND, "owner"):
        yield from owner_compare(pair, then, now)
    for _name, then, now in pair.in_both(KIND, "turns"):
        yield from turns_compare(pair, then, now)
    for name, then, now in pair.in_both(KIND, "record_types"):
        if then["default"] != now["default"]:
            yield _record_type(pair, name, then["default"], now["default"])


def _campaign(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    if then["chosen"] != now["chosen"]:
        yield _choice(pair, then, now)
    elif not now["chosen"]:
        return
    elif then["found"] != now["found"]:
        yield _found(pair, then, now)
    elif now["found"]:
        yield from _same_campaign(pair, then, now)
        yield from _state(pair, then, now)
        yield from _statuses(pair, then, now)


def _choice(pair: Pair, then: Facts, now: Facts) -> Difference:
    change = changed(then["chosen"], now["chosen"])
    return pair.difference(
        KIND,
        "campaign:choice",
        Grade.CHANGES,
        change,
        pair.say(
            _(
                "A campaign is chosen %(here)s (“%(campaign)s”), none %(there)s: people become "
                "members only where one is chosen."
            ),
            campaign=(now if now["chosen"] else then)["name"],
            **pair.side(change),
        ),
        fix=_("Choose the same for both orgs in the settings for job changes."),
        who=Who.MANAGER,
        by_hand=_("Have an active campaign “%(campaign)s”, and choose it in the settings.")
        % {"campaign": then["name"]}
        if change == Change.MISSING
        else "",
    )


def _found(pair: Pair, then: Facts, now: Facts) -> Difference:
    change = changed(then["found"], now["found"])
    missing = change == Change.MISSING
    name = (now if missing else then)["name"]
    words = _("The chosen campaign “%(campaign)s” is found %(here)s, not %(there)s.")
    if missing:
        words = _(
            "The campaign “%(campaign)s”, chosen %(there)s, is not there or hidden from the "
            "integration user; %(here)s the chosen one is found."
        )
    return pair.difference(
        KIND,
        "campaign:found",
        Grade.BLOCKS if missing else Grade.COSMETIC,
        change,
        pair.say(words, campaign=name, **pair.side(change)),
        fix=_(
            "Make the campaign, or share it with the integration user, or choose another one in "
            "the settings."
        )
        if missing
        else "",
        names=(name,),
        by_hand=_("Have an active campaign “%(campaign)s”.") % {"campaign": then["name"]}
        if missing
        else "",
    )


def _same_campaign(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    """Another record in another org is as it should be; in the same org it is another choice."""
    if then["id"] == now["id"]:
        return
    words = _("The campaign is “%(new)s” %(now)s, “%(old)s” %(then)s.")
    if not pair.is_drift:
        words = _(
            "The campaign “%(new)s” %(now)s stands for “%(old)s” %(then)s; its ID is another."
        )
    yield pair.difference(
        KIND,
        "campaign:record",
        Grade.CHANGES if pair.is_drift else Grade.EXPECTED,
        Change.DIFFERENT,
        pair.say(words, new=now["name"], old=then["name"]),
        fix=_("Choose the campaign that was tested in the settings for job changes.")
        if pair.is_drift
        else "",
        who=Who.MANAGER,
        then=then["id"],
        now=now["id"],
    )


def _state(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    if then["active"] == now["active"]:
        return
    change = changed(then["active"], now["active"])
    missing = change == Change.MISSING
    fix = _("Open the campaign “%(campaign)s”: tick Active, then Save.") % {"campaign": now["name"]}
    yield pair.difference(
        KIND,
        "campaign:active",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(
            _("The campaign “%(campaign)s” is active %(here)s, not %(there)s."),
            campaign=now["name"],
            **pair.side(change),
        ),
        fix=fix if missing else "",
        names=(now["name"],),
        by_hand=fix if missing else "",
    )


def _statuses(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    """The status that members get; the others only where that one is the same."""
    if then["status"] != now["status"]:
        fix = _(
            "Open the campaign “%(campaign)s”, Campaign Member Statuses: add “%(status)s”, then "
            "choose it in the settings."
        ) % {"campaign": now["name"], "status": then["status"]}
        yield pair.difference(
            KIND,
            "campaign:status",
            Grade.CHANGES,
            Change.DIFFERENT,
            pair.say(
                _(
                    "People become members with the status “%(new)s” %(now)s, with “%(old)s” "
                    "%(then)s."
                ),
                new=now["status"],
                old=then["status"],
            ),
            fix=fix,
            names=(now["name"],),
            then=then["status"],
            now=now["status"],
            by_hand=fix,
        )
        return
    before, after = set(then["statuses"]), set(now["statuses"])
    for change, statuses in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        if statuses:
            yield pair.difference(
                KIND,
                "campaign:statuses",
                Grade.COSMETIC,
                change,
                pair.say(
                    _(
                        "The campaign has the member status %(statuses)s %(here)s, not %(there)s. "
                        "Nobody gets it from UserGems."
                    ),
                    statuses=listed([f"“{one}”" for one in sorted(statuses)]),
                    **pair.side(change),
                ),
                names=tuple(sorted(statuses)),
            )


def _record_type(pair: Pair, name: str, then: str, now: str) -> Difference:
    label = pair.object_label(name)
    fix = _(
        "Profiles, the integration user’s profile, Object Settings, %(object)s, Record Types and "
        "Page Layout Assignments, Edit: assign “%(type)s”, tick it as Default, then Save."
    ) % {"object": label, "type": then}
    return pair.difference(
        KIND,
        f"{name}:record_type",
        Grade.CHANGES,
        Change.DIFFERENT,
        pair.say(
            _("A new %(object)s gets the record type “%(new)s” %(now)s, “%(old)s” %(then)s."),
            object=label,
            new=now,
            old=then,
        ),
        fix=fix,
        setup_path=setup_links.PROFILES,
        names=(name,),
        then=then,
        now=now,
        by_hand=fix,
    )
