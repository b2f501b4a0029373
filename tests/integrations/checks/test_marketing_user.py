"""Marketing User, where people are added to a campaign."""

from dataclasses import replace

from integrations.checks.marketing_user import MarketingUser
from tests.integrations.checks.surveys import USER, a_context, asked, points

CHECK = MarketingUser()


def test_ticked_passes():
    assert asked(CHECK).outcome == "pass"


def test_not_ticked_warns_and_says_that_the_license_brings_none():
    finding = asked(CHECK, user=replace(USER, marketing_user=False))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "tick Marketing User" in item.fix
    assert "spare feature license" in item.fix


def test_a_full_user_needs_no_word_on_spare_licenses():
    user = replace(USER, marketing_user=False, license="Salesforce")
    (item,) = points(asked(CHECK, user=user))
    assert "spare" not in item.fix


def test_it_is_asked_only_where_people_are_added_to_a_campaign():
    assert CHECK.applies(a_context())
    none = a_context(campaign_id="", campaign_name="")
    assert not CHECK.applies(none)
    assert CHECK.not_needed(none)


def test_it_is_asked_while_no_settings_are_saved():
    assert CHECK.applies(a_context(campaign_id="", campaign_name="", record_mode=""))


def test_the_list_of_a_data_test_does_not_ask_for_it():
    assert not CHECK.applies(a_context(permission_list="DT"))
