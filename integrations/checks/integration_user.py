"""Whether the user that the connection acts as can work: active, not frozen, licensed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import UserFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import API_LICENSE, RECOMMENDED_SET
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

API_SET_LICENSE = "SalesforceAPIIntegrationPsl"
# Words in the names of licenses that bring no leads and no campaigns.
_WITHOUT_SALES = ("platform", "chatter", "identity", "community", "partner", "knowledge")


class IntegrationUser(Check):
    """The user's row, as far as the org shows it; the license pitfalls of the domain (5.3)."""

    name = "integration_user"
    step = "permissions"
    needs = ("user",)

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is the integration user active, and does its license let it work?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Everything is written as this user. If it is frozen or deactivated, or if its "
            "license brings no leads, nothing arrives."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Active and not frozen, or it fails; what its license may keep from it warns."""
        user = survey.user
        items = [*_state(user), *_license(user)]
        found = _("%(name)s (%(username)s), profile %(profile)s, license %(license)s.") % {
            "name": user.name or _("The integration user"),
            "username": user.username,
            "profile": user.profile or _("not known"),
            "license": user.license or _("not known"),
        }
        return Finding.of(items, found=found)


def _state(user: UserFacts) -> Iterator[Item]:
    if not user.active:
        yield Item(
            "user.inactive",
            Outcome.FAIL,
            _("%(name)s is deactivated: Salesforce ends the connection.") % {"name": user.name},
            _("Users, %(name)s, Edit: tick Active, then Save.") % {"name": user.name},
            Who.ADMINISTRATOR,
            setup.USERS,
        )
    if user.frozen:
        yield Item(
            "user.frozen",
            Outcome.FAIL,
            _("%(name)s is frozen: the next sign-in is refused.") % {"name": user.name},
            _("Users, %(name)s: Unfreeze.") % {"name": user.name},
            Who.ADMINISTRATOR,
            setup.USERS,
        )


def _license(user: UserFacts) -> Iterator[Item]:
    if user.license == API_LICENSE:
        # None: whoever may not read the assignments cannot tell (View Setup).
        if user.set_licenses is not None and API_SET_LICENSE not in user.set_licenses:
            yield Item(
                "user.set_license",
                Outcome.WARNING,
                _(
                    "The license “Salesforce Integration” gives no objects by itself, and "
                    "%(name)s has no permission set license “Salesforce API Integration”."
                )
                % {"name": user.name},
                _(
                    "Users, %(name)s, Permission Set License Assignments, Edit Assignments: tick "
                    "Salesforce API Integration, then Save. Make the permission set “%(set)s” "
                    "with the license “None”: with another, standard objects may not be offered."
                )
                % {"name": user.name, "set": RECOMMENDED_SET},
                Who.ADMINISTRATOR,
                setup.USERS,
            )
        return
    if any(word in user.license.lower() for word in _WITHOUT_SALES):
        yield Item(
            "user.license",
            Outcome.WARNING,
            _("Users with the license “%(license)s” have no leads and campaigns as a rule.")
            % {"license": user.license},
            _(
                "Users, %(name)s, Edit: choose the license “Salesforce” or “Salesforce "
                "Integration”, then Save. Or connect again with a user that has it."
            )
            % {"name": user.name},
            Who.ADMINISTRATOR,
            setup.USERS,
        )
