"""The owners of the settings: the same people in both orgs, by username.

A sandbox appends its name to usernames, so the suffix is no difference (platform reference, 5.3).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.base import Who
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair, changed

KIND = "campaigns"


def owner_take(taking: Taking) -> Facts | None:
    """The owner that the settings of this org name; None where users cannot be read."""
    context = taking.context
    if not context.default_owner_id:
        return {"chosen": False}
    refused = f"{KIND}.owner"
    found = taking.ask(refused, lambda: taking.survey.owner)
    if refused in taking.unreadable:
        return None
    if found is None:
        return {"chosen": True, "found": False, "name": context.default_owner_name}
    return {
        "chosen": True,
        "found": True,
        "name": found.name,
        "username": found.username.lower(),
        "active": found.active,
    }


def turns_take(taking: Taking) -> Facts | None:
    """The people in turn by the settings of this org, in their order; None where nobody is.

    Who is not in the org has no username.
    """
    context = taking.context
    if not context.turns:
        return None
    refused = f"{KIND}.owner"
    found = taking.ask(refused, lambda: taking.survey.turn_owners)
    if found is None or refused in taking.unreadable:
        return None
    people = [(found.get(user_id), name) for user_id, name in context.turns]
    return {
        "names": [owner.name if owner else name for owner, name in people],
        "usernames": [owner.username.lower() if owner else "" for owner, _name in people],
    }


def turns_compare(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    """Whether the same people take turns, in the same order."""
    before, after = then["usernames"], now["usernames"]
    if len(before) == len(after) and all(map(same_person, before, after)):
        return
    yield pair.difference(
        KIND,
        "owner:turns",
        Grade.CHANGES,
        Change.DIFFERENT,
        pair.say(
            _("The people in turn are %(new)s %(now)s, %(old)s %(then)s."),
            new=listed(now["names"]),
            old=listed(then["names"]),
        ),
        fix=_(
            "Choose the same people in the same order for both orgs in the settings for job "
            "changes, or accept it with a reason."
        ),
        who=Who.MANAGER,
        setup_path=setup_links.USERS,
        then=", ".join(before),
        now=", ".join(after),
    )


def same_person(one: str, other: str) -> bool:
    """Whether two usernames are the same but for the suffix of a sandbox."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def owner_compare(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    """Whether somebody can own what is created, and whether it is the same person."""
    if then["chosen"] != now["chosen"]:
        yield _choice(pair, then, now)
    elif not now["chosen"]:
        return
    elif then["found"] != now["found"]:
        yield _usable(pair, then, now, "found")
    elif now["found"]:
        yield from _person(pair, then, now)
        if then["active"] != now["active"]:
            yield _usable(pair, then, now, "active")


def _choice(pair: Pair, then: Facts, now: Facts) -> Difference:
    change = changed(then["chosen"], now["chosen"])
    return pair.difference(
        KIND,
        "owner:choice",
        Grade.CHANGES,
        change,
        pair.say(
            _(
                "A default owner is chosen %(here)s (%(owner)s), none %(there)s: what nobody else "
                "owns then belongs to the integration user."
            ),
            owner=(now if now["chosen"] else then)["name"],
            **pair.side(change),
        ),
        fix=_("Choose the default owner for both orgs in the settings for job changes."),
        who=Who.MANAGER,
    )


def _usable(pair: Pair, then: Facts, now: Facts, fact: str) -> Difference:
    change = changed(then[fact], now[fact])
    missing = change == Change.MISSING
    words = _("The default owner %(owner)s is an active user %(here)s, not %(there)s.")
    if fact == "found":
        words = _("The default owner %(owner)s is there %(here)s, not %(there)s.")
    fix = _("Users, %(owner)s: tick Active, then Save. Or choose another owner in the settings.")
    return pair.difference(
        KIND,
        f"owner:{fact}",
        Grade.BLOCKS if missing else Grade.COSMETIC,
        change,
        pair.say(words, owner=now["name"], **pair.side(change)),
        fix=fix % {"owner": now["name"]} if missing else "",
        setup_path=setup_links.USERS,
        names=(now["name"],),
        by_hand=fix % {"owner": now["name"]} if missing else "",
    )


def _person(pair: Pair, then: Facts, now: Facts) -> Iterator[Difference]:
    if then["username"] == now["username"]:
        return
    same = same_person(then["username"], now["username"])
    words = _("The default owner is %(new)s %(now)s, %(old)s %(then)s.")
    said = {"new": now["name"], "old": then["name"]}
    if same:
        words = _(
            "The default owner is the same person; the username is %(new)s %(now)s, %(old)s "
            "%(then)s."
        )
        said = {"new": now["username"], "old": then["username"]}
    yield pair.difference(
        KIND,
        "owner:username" if same else "owner:person",
        Grade.EXPECTED if same else Grade.CHANGES,
        Change.DIFFERENT,
        pair.say(words, **said),
        fix=""
        if same
        else _(
            "Choose the same person for both orgs in the settings for job "
            "changes, or accept it with a reason."
        ),
        who=Who.MANAGER,
        setup_path="" if same else setup_links.USERS,
        then=then["username"],
        now=now["username"],
    )
