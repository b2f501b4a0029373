"""Campaign of the settings."""

from dataclasses import replace

import pytest

from integrations.checks.answers import READ_CAMPAIGNS, CannotAsk
from integrations.checks.campaign import Campaign
from tests.integrations.checks.surveys import (
    CAMPAIGN,
    DESCRIBED,
    a_context,
    healthy,
    with_object,
    without_object,
)


def found_in(context=None, **answers):
    return Campaign().run(healthy(**answers), a_context(**(context or {})))


def test_an_active_campaign_with_the_status_is_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert finding.found == "UserGems job changes, new members as “Sent”."


@pytest.mark.parametrize("campaign", [None, CannotAsk(READ_CAMPAIGNS)])
def test_a_campaign_that_is_not_there_or_hidden_fails(campaign):
    finding = found_in(campaign=campaign)
    assert finding.outcome == "fail"
    assert "was not found: it is not in this org, or" in finding.items[0].sentence
    assert "UserGems job changes" in finding.items[0].sentence


def test_an_inactive_campaign_fails():
    finding = found_in(campaign=replace(CAMPAIGN, active=False))
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "The campaign UserGems job changes is not active."


def test_a_status_that_it_does_not_have_names_those_it_has():
    finding = found_in({"campaign_status": "Moved"})
    assert finding.outcome == "fail"
    assert "“Moved” is not a member status" in finding.items[0].sentence
    assert "“Sent” and “Responded”" in finding.items[0].sentence


def test_no_status_chosen_means_the_campaigns_default():
    finding = found_in({"campaign_status": ""})
    assert finding.outcome == "pass"
    assert "“Sent”" in finding.found


@pytest.mark.parametrize(
    "described",
    [
        without_object(DESCRIBED, "CampaignMember"),
        with_object(DESCRIBED, "CampaignMember", createable=False),
    ],
)
def test_a_user_who_may_not_add_members_fails(described):
    finding = found_in(described=described)
    assert finding.outcome == "fail"
    assert "may not add members" in finding.items[0].sentence
    assert "Marketing User" in finding.items[0].fix


def test_without_a_campaign_there_is_nothing_to_ask():
    context = a_context(campaign_id="")
    assert not Campaign().applies(context)
    assert Campaign().not_needed(context) == "No campaign is chosen in the settings."
