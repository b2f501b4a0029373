"""What the integration user may do beyond what is needed: advice, nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.checks.answers import CannotAsk
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.permissions import wants
from integrations.checks.rights import (
    ADMINISTRATOR_PROFILE,
    key_of,
    own_sets,
    plural,
    set_to_change,
)
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# As Setup calls it, and what it opens. What the checks themselves profit from is not among them.
_TOO_MUCH: dict[str, tuple[str, Promise]] = {
    "ModifyAllData": (
        "Modify All Data",
        gettext_lazy("It may change and delete every record, whoever owns it."),
    ),
    "ViewAllData": ("View All Data", gettext_lazy("It sees every record, whoever owns it.")),
    "AuthorApex": ("Author Apex", gettext_lazy("It may change program code of your org.")),
    "CustomizeApplication": (
        "Customize Application",
        gettext_lazy("It may change fields, layouts and rules."),
    ),
    "ManageUsers": ("Manage Users", gettext_lazy("It may create users and change their rights.")),
    "AssignPermissionSets": (
        "Assign Permission Sets",
        gettext_lazy("It may give rights to users, itself included."),
    ),
    "ManageProfilesPermissionsets": (
        "Manage Profiles and Permission Sets",
        gettext_lazy("It may change what profiles and permission sets grant."),
    ),
    "ManageSharing": ("Manage Sharing", gettext_lazy("It may change who sees which records.")),
    "DataExport": ("Weekly Data Export", gettext_lazy("It may export all data of the org.")),
    "ViewEncryptedData": (
        "View Encrypted Data",
        gettext_lazy("It sees what you chose to mask."),
    ),
}
_STANDARD = ("Lead", "Contact", "Account", "Opportunity")


class ExcessRights(Check):
    """Effective rights again, looked at from the other side."""

    name = "excess_rights"
    step = "permissions"
    needs = (
        "user",
        "system_permissions",
        "described",
        "manifest",
        "permission_sets",
        "object_grants",
    )
    signed = False
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Does the integration user have more rights than it needs?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "UserGems needs none of these. A user that may do less can do less harm if its "
            "sign-in is ever misused."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """A warning for each right too many."""
        has = survey.system_permissions
        items = [*_system(survey)]
        # Whoever may modify all data may delete everything: said once.
        if not has.get("ModifyAllData"):
            items.extend(_objects(survey, context))
        found = _("No right more than needed that we know of.")
        if items:
            found = _("Rights that job changes do not need: %(count)d.") % {"count": len(items)}
        return Finding.of(items, found=found)


def _system(survey: Survey) -> Iterator[Item]:
    has = survey.system_permissions
    for name, (label, opens) in _TOO_MUCH.items():
        if not has.get(name):
            continue
        fix = _("%(path)s, System Permissions, Edit: untick %(right)s, then Save.") % {
            "path": _where(survey),
            "right": label,
        }
        fix += " " + _("If it is not ticked there: Users, %(name)s, View Summary tells where.") % {
            "name": survey.user.name
        }
        if survey.user.profile == ADMINISTRATOR_PROFILE:
            fix = _(
                "Make a user of its own for UserGems, with a profile that starts with Minimum "
                "Access, and connect again with it: %(name)s is an administrator."
            ) % {"name": survey.user.name}
        yield Item(
            name,
            Outcome.WARNING,
            _("The integration user has %(right)s. %(opens)s") % {"right": label, "opens": opens},
            fix,
            Who.ADMINISTRATOR,
            setup.PERMISSION_SETS,
        )


def _objects(survey: Survey, context: CheckContext) -> Iterator[Item]:
    listed = {wanted.name: wanted.listed_rights for wanted in wants(context, survey.manifest)}
    for name in _STANDARD:
        described = survey.described.get(name)
        if described is None:
            continue
        too_much = {"delete"} if described.deletable else set()
        if _modifies_all(survey, name):
            too_much.add("modify_all")
        for right in sorted(too_much - listed.get(name, frozenset())):
            label = _("Delete") if right == "delete" else _("Modify All")
            words = {"right": label, "object": plural(name, survey.described)}
            yield Item(
                key_of(name, "excess", [right]),
                Outcome.WARNING,
                _("The integration user has %(right)s on %(object)s; nothing is ever deleted.")
                % words,
                _("%(path)s, Object Settings, %(object)s, Edit: untick %(right)s, then Save.")
                % {**words, "path": _where(survey)},
                Who.ADMINISTRATOR,
                setup.PERMISSION_SETS,
            )


def _modifies_all(survey: Survey, name: str) -> bool:
    own = {found.set_id for found in own_sets(survey)}
    try:
        grants = survey.object_grants
    except CannotAsk:
        return False
    return any(
        grant.modify_all for grant in grants if grant.object_name == name and grant.set_id in own
    )


def _where(survey: Survey) -> str:
    """The set to look at first: the user's own, else whichever grants it."""
    label = set_to_change(survey)
    if label:
        return _("Permission Sets, %(set)s") % {"set": label}
    if survey.user.profile:
        return _("Profiles, %(profile)s") % {"profile": survey.user.profile}
    return _("Users, the integration user, View Summary: the set or profile that grants it")
