"""Owners: the people whom the settings name, and the field that names them, in this org."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import OwnerFacts
from integrations.checks.base import (
    Check,
    CheckContext,
    Finding,
    Item,
    Outcome,
    Who,
    once_settings_chosen,
)
from integrations.checks.written import OBJECT_SETTINGS, field_label
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class Owners(Check):
    """Whether the people of the settings can own what we create, and are found as they say."""

    name = "owners"
    step = "settings"
    needs = ("owner", "turn_owners", "described")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Are the owners of the settings active users of this org?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Salesforce gives no record to a user who is inactive or not in the org. The default "
            "owner gets what the owner rules give to nobody: new accounts, and leads and contacts "
            "whose owner by the rules is inactive."
        )

    def applies(self, context: CheckContext) -> bool:
        """Only once an owner is chosen."""
        return bool(context.default_owner_id or context.turns or context.contact_owner_field)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown before."""
        if not context.record_mode:
            return once_settings_chosen()
        if context.leaves_it_to_a_flow:
            return _("Not needed: your own flow decides who owns what.")
        return _("No default owner is chosen in the settings.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the users, and at the field of the account."""
        items: list[Item] = []
        found = _("The people in turn are active.")
        if context.default_owner_id:
            owner = survey.owner
            if item := _default_owner(owner, context):
                items.append(item)
            if owner is not None:
                found = _("%(name)s (%(username)s) is active.") % {
                    "name": owner.name or context.default_owner_name or owner.user_id,
                    "username": owner.username or owner.user_id,
                }
        if context.turns:
            people = survey.turn_owners
            items += _turns(people, context)
            active = sum(one.active for one in people.values())
            said = _("%(active)d of %(all)d people in turn are active.")
            found += " " + said % {"active": active, "all": len(context.turns)}
        if context.contact_owner_field:
            items += _field(survey, context)
        return Finding.of(items, found=items[0].sentence if items else found)


def _default_owner(owner: OwnerFacts | None, context: CheckContext) -> Item | None:
    """What is wrong with the default owner; None where nothing is."""
    if owner is not None and owner.active:
        return None
    name = (owner.name if owner else "") or context.default_owner_name
    name = name or context.default_owner_id
    if owner is None:
        key, sentence = "missing", _("%(name)s is not a user of this org.")
        fix = _(
            "Choose an active user of this org as default owner in the settings. Ids of users "
            "differ between orgs; Users in Setup lists who is here."
        )
    else:
        key, sentence = "inactive", _("%(name)s is inactive in this org.")
        fix = _(
            "Choose another default owner in the settings. Or Users, %(name)s, Edit: "
            "tick Active, then Save."
        ) % {"name": name}
    return _of_user(f"{key}.{context.default_owner_id}", sentence % {"name": name}, fix)


def _turns(people: Mapping[str, OwnerFacts], context: CheckContext) -> Iterator[Item]:
    """People in turn who cannot own anything: they are skipped, so others get more."""
    for user_id, name in context.turns:
        owner = people.get(user_id)
        if owner is not None and owner.active:
            continue
        words = {"name": (owner.name if owner else "") or name or user_id}
        if owner is None:
            key, sentence = "missing", _("%(name)s, one of the people in turn, is not in this org.")
        else:
            key = "inactive"
            sentence = _("%(name)s, one of the people in turn, is inactive in this org.")
        fix = _(
            "Take %(name)s out of the people in turn in the settings, or put somebody else in the "
            "place. Or Users, %(name)s, Edit: tick Active, then Save."
        )
        yield _of_user(f"turn.{key}.{user_id}", sentence % words, fix % words)


def _field(survey: Survey, context: CheckContext) -> Iterator[Item]:
    """The lookup on Account: missing, hidden, or none to a user."""
    account = survey.described.get("Account")
    if account is None:
        # That the user does not see accounts at all is said by the check of the objects.
        return
    field = account.fields.get(context.contact_owner_field)
    words = {"field": context.contact_owner_field, "place": OBJECT_SETTINGS}
    if field is None:
        yield Item(
            f"Account.{context.contact_owner_field}.hidden",
            Outcome.FAIL,
            _(
                "The field %(field)s of Account names the owner of new contacts, and is not in "
                "this org or hidden from the integration user."
            )
            % words,
            _(
                "%(place)s, Accounts, Edit: tick Read Access on %(field)s, then Save. Or choose "
                "another owner rule in the settings."
            )
            % words,
            Who.ADMINISTRATOR,
            setup.PERMISSION_SETS,
        )
    elif "User" not in field.reference_to:
        words["field"] = field_label(field)
        yield Item(
            f"Account.{context.contact_owner_field}.type",
            Outcome.FAIL,
            _("%(field)s of Account is no lookup to a user, so it names no owner.") % words,
            _("Choose another field, or another owner rule, in the settings."),
            Who.MANAGER,
            setup.setup_path(setup.FIELDS, "Account"),
        )


def _of_user(key: str, sentence: str, fix: str) -> Item:
    return Item(key, Outcome.FAIL, sentence, fix, Who.ADMINISTRATOR, setup.USERS)
