"""Whether the integration user reaches records that others own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.checks.answers import CannotAsk, Role, UserFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import key_of, own_sets, plural
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# Words of Organization's Default…Access, and of Setup for the same.
_PRIVATE = frozenset({"None", "Private"})
_READ_ONLY = frozenset({"Read", "PublicReadOnly"})
_BY_PARENT = "ControlledByParent"


class RecordSharing(Check):
    """Org-wide defaults first: role height matters only where they keep records apart."""

    name = "record_sharing"
    step = "permissions"
    needs = (
        "organization",
        "system_permissions",
        "user",
        "permission_sets",
        "object_grants",
        "roles",
    )

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Does the integration user reach the records that your reps own?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Where records are private, a user sees and changes only its own and those of people "
            "below it in the role hierarchy. Past contacts and leads of others would not be "
            "found, and new ones made beside them."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Open defaults pass; otherwise the place of the user's role among the others."""
        sharing = survey.organization.sharing
        if not sharing:
            return Finding(
                Outcome.WARNING,
                _("The org does not say how records are shared by default."),
                [
                    Item(
                        "sharing.unknown",
                        Outcome.WARNING,
                        _("How leads, contacts and accounts are shared could not be read."),
                        _(
                            "Sharing Settings, Organization-Wide Defaults: if one of them is "
                            "Private, the integration user needs a role above your reps’."
                        ),
                        Who.ADMINISTRATOR,
                        setup.SHARING,
                    )
                ],
            )
        apart = [name for name in ("Lead", "Contact", "Account") if _kept_apart(name, sharing)]
        apart = [name for name in apart if not _reaches_all(survey, name)]
        if not apart:
            return Finding(Outcome.PASS, _("Roles do not matter: it reaches every record."))
        objects = ", ".join(plural(name, {}) for name in apart)
        if not survey.user.role_id:
            return Finding.of(
                [_no_role(survey.user, objects)],
                found=_("%(objects)s are kept apart by owner, and the user has no role.")
                % {"objects": objects},
            )
        return _by_roles(survey.user, objects, survey.roles)


def _kept_apart(name: str, sharing: Mapping[str, str]) -> bool:
    """Whether the default keeps a user from changing (an account: from seeing) what others own."""
    value = sharing.get(name, "")
    if name == "Account":
        # Accounts of others are only looked up, never changed.
        return value in _PRIVATE
    if value == _BY_PARENT:
        return sharing.get("Account", "") in _PRIVATE | _READ_ONLY
    return value in _PRIVATE | _READ_ONLY


def _reaches_all(survey: Survey, name: str) -> bool:
    """Whether a right over all records makes sharing of no account."""
    has = survey.system_permissions
    if has.get("ModifyAllData") or (name == "Account" and has.get("ViewAllData")):
        return True
    own = {found.set_id for found in own_sets(survey)}
    try:
        grants = survey.object_grants
    except CannotAsk:
        return False
    return any(
        grant.modify_all or (name == "Account" and grant.view_all)
        for grant in grants
        if grant.object_name == name and grant.set_id in own
    )


def _no_role(user: UserFacts, objects: str) -> Item:
    return Item(
        "role.none",
        Outcome.WARNING,
        _(
            "%(name)s has no role. %(objects)s are kept apart by owner, so it reaches only what "
            "it owns or is shared with it."
        )
        % {"name": user.name, "objects": objects},
        _("Users, %(name)s, Edit: choose a role above those of your reps, then Save.")
        % {"name": user.name},
        Who.ADMINISTRATOR,
        setup.USERS,
    )


def _by_roles(user: UserFacts, objects: str, roles: Sequence[Role]) -> Finding:
    """Above everybody's role: pass. Else a warning that names the roles out of reach.

    The role at the top of the user's own branch is left out: the chief executive's records are
    rarely somebody's past lead, and nobody puts an integration above them.
    """
    by_id = {role.role_id: role for role in roles}
    top = {role_id for role_id in _above(user.role_id, by_id) if _is_top(role_id, by_id)}
    below = {role.role_id for role in roles if user.role_id in _above(role.role_id, by_id)}
    # People of the same role do not reach each other's records; one of them is the user itself.
    out_of_reach = [
        (role.name, role.users - (1 if role.role_id == user.role_id else 0))
        for role in roles
        if role.role_id not in below and role.role_id not in top
    ]
    out_of_reach = sorted(
        ((name, users) for name, users in out_of_reach if users > 0), key=lambda one: -one[1]
    )
    own = by_id[user.role_id].name if user.role_id in by_id else user.role or _("its role")
    reached = sum(by_id[role_id].users for role_id in below)
    found = ngettext(
        "%(objects)s are kept apart by owner. Below the role %(role)s: %(reached)d person.",
        "%(objects)s are kept apart by owner. Below the role %(role)s: %(reached)d people.",
        reached,
    ) % {"objects": objects, "role": own, "reached": reached}
    if not out_of_reach:
        return Finding(Outcome.PASS, found)
    count = sum(users for _name, users in out_of_reach)
    item = Item(
        key_of("role", "reach", [name for name, _users in out_of_reach]),
        Outcome.WARNING,
        ngettext(
            "%(objects)s are kept apart by owner, and %(count)d person has a role that is not "
            "below %(role)s: %(roles)s. Their records cannot be changed; private ones are not "
            "even found.",
            "%(objects)s are kept apart by owner, and %(count)d people have roles that are not "
            "below %(role)s: %(roles)s. Their records cannot be changed; private ones are not "
            "even found.",
            count,
        )
        % {
            "objects": objects,
            "count": count,
            "role": own,
            "roles": ", ".join(f"{name} ({users})" for name, users in out_of_reach),
        },
        _(
            "Users, %(name)s, Edit: choose a role above them, then Save. Or Roles, Set Up Roles: "
            "move the role %(role)s above theirs."
        )
        % {"name": user.name, "role": own},
        Who.ADMINISTRATOR,
        setup.ROLES,
    )
    return Finding.of([item], found=found)


def _above(role_id: str, by_id: Mapping[str, Role]) -> set[str]:
    """The roles above one. A circle, which no org has, ends the walk."""
    found: set[str] = set()
    parent = by_id[role_id].parent_id if role_id in by_id else ""
    while parent and parent not in found:
        found.add(parent)
        parent = by_id[parent].parent_id if parent in by_id else ""
    return found


def _is_top(role_id: str, by_id: Mapping[str, Role]) -> bool:
    return role_id not in by_id or by_id[role_id].parent_id not in by_id
