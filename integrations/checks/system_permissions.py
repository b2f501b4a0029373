"""Whether the integration user has the system permissions of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.permissions import permission_list
from integrations.checks.rights import fix_system
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# Name as Setup calls it (never translated: people search Setup for it), and what is lost.
_PERMISSIONS: dict[str, tuple[str, Promise]] = {
    "ApiEnabled": ("API Enabled", gettext_lazy("Without it Salesforce answers no call.")),
    "RunReports": (
        "Run Reports",
        gettext_lazy("Without it UserGems cannot read the reports whose people it tracks."),
    ),
    "ActivitiesAccess": (
        "Access Activities",
        gettext_lazy("Without it UserGems sees no tasks and events."),
    ),
    "ViewSetup": (
        "View Setup and Configuration",
        gettext_lazy("Without it much of your setup can only be confirmed by hand."),
    ),
    "ViewRoles": (
        "View Roles and Role Hierarchy",
        gettext_lazy("Without it nobody can tell whether the user’s role is high enough."),
    ),
}
# What is refused without it; the others are for the vendor's lists and these checks.
_DELIVERY = frozenset({"ApiEnabled"})


class SystemPermissions(Check):
    """Effective permissions of the running user (`UserPermissionAccess`)."""

    name = "system_permissions"
    step = "permissions"
    needs = ("system_permissions", "permission_sets")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Does the integration user have the system permissions of UserGems’ list?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "API Enabled is what everything rests on. The others let UserGems read reports and "
            "activities, and let these checks see your setup."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Without API Enabled it fails; without another it warns; unknown ones are left out."""
        wanted = permission_list(context.permission_list).system
        has = survey.system_permissions
        lacking = [name for name in wanted if has.get(name) is False]
        items = [
            Item(
                name,
                Outcome.FAIL if name in _DELIVERY else Outcome.WARNING,
                _("The integration user lacks %(right)s. %(loss)s")
                % {"right": permission_label(name), "loss": _PERMISSIONS[name][1]},
                fix_system(survey, [permission_label(name)]),
                Who.ADMINISTRATOR,
                setup.PERMISSION_SETS,
            )
            for name in lacking
        ]
        known = [name for name in wanted if name in has]
        found = _("%(right)d of %(all)d system permissions.") % {
            "right": len(known) - len(lacking),
            "all": len(known),
        }
        return Finding.of(items, found=found)


def permission_label(name: str) -> str:
    """A system permission as Setup calls it."""
    return _PERMISSIONS[name][0]
