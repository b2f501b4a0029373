"""Whether Marketing User is ticked, where people are added to a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.permissions import permission_list, uses_campaign
from integrations.checks.rights import API_LICENSE
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class MarketingUser(Check):
    """The vendor's list asks for it. Salesforce itself needs it to create campaigns; members of
    an existing one can be added without (platform reference, 4.4), so it never fails.
    """

    name = "marketing_user"
    step = "permissions"
    needs = ("user",)

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is Marketing User ticked for the integration user?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "UserGems’ list asks for it where people are added to a campaign. It uses one feature "
            "license."
        )

    def applies(self, context: CheckContext) -> bool:
        """Where a campaign is chosen, or still may be, and the customer's list asks for it."""
        return permission_list(context.permission_list).marketing_user and uses_campaign(context)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown otherwise."""
        return _("Not needed: nobody is added to a campaign.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """A warning without it."""
        user = survey.user
        if user.marketing_user:
            return Finding(Outcome.PASS, _("Marketing User is ticked."))
        fix = _("Users, %(name)s, Edit: tick Marketing User, then Save.") % {"name": user.name}
        if user.license == API_LICENSE:
            fix += " " + _(
                "The license “Salesforce Integration” brings none of its own: a spare feature "
                "license is needed (Company Information, Feature Licenses)."
            )
        item = Item(
            "user.marketing_user",
            Outcome.WARNING,
            _(
                "Marketing User is not ticked for %(name)s. People can be added to an existing "
                "campaign without it; some orgs refuse even that."
            )
            % {"name": user.name},
            fix,
            Who.ADMINISTRATOR,
            setup.USERS,
        )
        return Finding.of([item], found=_("Marketing User is not ticked."))
