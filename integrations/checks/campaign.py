"""Campaign: there, active, with the member status, and open to the integration user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import CampaignFacts, CannotAsk
from integrations.checks.base import (
    Check,
    CheckContext,
    Finding,
    Item,
    Outcome,
    Who,
    once_settings_chosen,
)
from integrations.checks.written import OBJECT_SETTINGS, Described, listed
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class Campaign(Check):
    """Whether people can become members of the chosen campaign, with the chosen status."""

    name = "campaign"
    step = "settings"
    needs = ("campaign", "described")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Can people be added to the campaign that the settings name?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Campaign ids differ from org to org, and Salesforce replaces a member status that the "
            "campaign does not have by the campaign’s default, without a word."
        )

    def applies(self, context: CheckContext) -> bool:
        """Only with a campaign in the settings."""
        return bool(context.campaign_id)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown without one."""
        if not context.record_mode:
            return once_settings_chosen()
        return _("No campaign is chosen in the settings.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the campaign, its statuses, and the right to add members."""
        try:
            campaign = survey.campaign
        except CannotAsk:
            # Nobody can be added to a campaign that the integration user may not see.
            campaign = None
        items = [
            *(_of_campaign(campaign, context) if campaign else [_missing(context)]),
            *_of_members(survey.described),
        ]
        if campaign is None:
            found = _("The campaign was not found.")
        elif items:
            found = items[0].sentence
        else:
            status = context.campaign_status or next(iter(campaign.statuses), "")
            found = (
                _("%(campaign)s, new members as “%(status)s”.")
                if status
                else _("%(campaign)s; it has no member status.")
            ) % {"campaign": campaign.name or campaign.campaign_id, "status": status}
        return Finding.of(items, found=found)


def _missing(context: CheckContext) -> Item:
    return Item(
        f"missing.{context.campaign_id}",
        Outcome.FAIL,
        _(
            "The campaign %(campaign)s was not found: it is not in this org, or the integration "
            "user may not see it."
        )
        % {"campaign": context.campaign_name or context.campaign_id},
        _(
            "Choose the campaign again in the settings. If it is there: %(place)s, Campaigns, "
            "Edit: tick Read and View All, then Save."
        )
        % {"place": OBJECT_SETTINGS},
        Who.ADMINISTRATOR,
        setup.PERMISSION_SETS,
    )


def _of_campaign(campaign: CampaignFacts, context: CheckContext) -> Iterator[Item]:
    words = {
        "campaign": campaign.name or campaign.campaign_id,
        "status": context.campaign_status,
        "known": listed([f"“{status}”" for status in campaign.statuses]) or _("none"),
    }
    if not campaign.active:
        yield Item(
            f"inactive.{campaign.campaign_id}",
            Outcome.FAIL,
            _("The campaign %(campaign)s is not active.") % words,
            _(
                "Open the campaign in Salesforce, Edit, tick Active, then Save. Or choose another "
                "one in the settings."
            ),
            Who.ADMINISTRATOR,
        )
    if context.campaign_status and context.campaign_status.casefold() not in {
        status.casefold() for status in campaign.statuses
    }:
        yield Item(
            f"status.{campaign.campaign_id}.{context.campaign_status}",
            Outcome.FAIL,
            _(
                "“%(status)s” is not a member status of %(campaign)s: members would get its "
                "default instead. It has %(known)s."
            )
            % words,
            _(
                "Open the campaign in Salesforce, Related, Campaign Member Statuses, New: add "
                "“%(status)s”. Or choose another status in the settings."
            )
            % words,
            Who.ADMINISTRATOR,
        )


def _of_members(described: Described) -> Iterator[Item]:
    """Members need Read on the campaign and Edit on the person (platform reference, 4.4)."""
    members = described.get("CampaignMember")
    if members is not None and members.createable:
        return
    yield Item(
        "CampaignMember.create",
        Outcome.FAIL,
        _("The integration user may not add members to campaigns."),
        _(
            "%(place)s: tick Read on Campaigns, and Edit on Leads and Contacts. On the user’s page "
            "in Setup, Users, tick “Marketing User”."
        )
        % {"place": OBJECT_SETTINGS},
        Who.ADMINISTRATOR,
        setup.PERMISSION_SETS,
    )
