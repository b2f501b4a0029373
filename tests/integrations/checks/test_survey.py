"""The survey over the wire: few calls, and one refused question spoils no other."""

from contextlib import closing

import pytest

from integrations.checks import survey_round
from integrations.checks.answers import (
    DOWNLOAD_PACKAGES,
    METADATA,
    VIEW_ROLES,
    VIEW_SETUP,
    CannotAsk,
)
from integrations.checks.base import CheckContext
from integrations.checks.survey import Asked, Survey
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.services.orgs import org_open
from tests.rehearsal_server import ADMINISTRATOR

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = [name for name, value in vars(Survey).items() if isinstance(value, Asked)]
CAMPAIGN = "7017z000000000AAAQ"


@pytest.fixture
def asked(rehearsal, customer):
    """Ask a rehearsal org: `survey = asked("northwind")`; everything at once, unless told."""
    opened = []

    def ask(org="northwind-full", *, username=None, needs=EVERYTHING, **context):
        rehearsal.package_install(org)
        named = {"username": username} if username else {}
        connection = rehearsal.connect(customer, org, **named)
        contacts = rehearsal.records(org, "Contact", fields="Id")[:30]
        values = {
            "environment": connection.environment,
            "campaign_id": CAMPAIGN,
            "default_owner_id": connection.epoch.user_id,
            "past_contact_ids": [row["Id"] for row in contacts] + ["003000000000001AAA"],
        } | context
        door = org_open(connection)
        opened.append(door)
        survey = Survey(door, CheckContext(**values), user_id=connection.epoch.user_id)
        survey.ask_together(needs)
        return survey

    yield ask
    for door in opened:
        door.close()


def refused(survey):
    """Which attributes may not be asked, with the right that is missing."""
    found = {}
    for name in EVERYTHING:
        try:
            getattr(survey, name)
        except CannotAsk as error:
            found[name] = error.right
    return found


@pytest.mark.parametrize("org", ["northwind-full", "northwind", "northwind-dev"])
def test_everything_about_an_org_costs_at_most_fifteen_calls(asked, rehearsal, org):
    survey = asked(org)
    counted = len(rehearsal.calls(org))
    assert counted <= 15
    assert survey.calls <= 15


def test_reading_an_attribute_after_that_asks_nothing_more(asked, rehearsal):
    survey = asked()
    before = len(rehearsal.calls("northwind-full"))
    for name in EVERYTHING:
        getattr(survey, name)
    assert len(rehearsal.calls("northwind-full")) == before


def test_a_healthy_org_answers_every_question(asked):
    survey = asked()
    assert refused(survey) == {}
    assert survey.organization.is_sandbox
    assert survey.organization.sharing["Lead"]
    assert survey.user.license == "Salesforce Integration"
    assert survey.user.administrator is False
    assert survey.user.app_installed is True
    assert survey.system_permissions["ViewSetup"] is True
    assert survey.package.version == "1.42"
    assert survey.manifest.name == "usergem-1"
    assert "UserGem__Persona__c" in survey.defined_fields["Lead"]
    assert survey.described["Lead"].createable
    assert {grant.object_name for grant in survey.object_grants} > {"Lead", "UserGem__UserGem__c"}
    assert {grant.profile for grant in survey.field_grants} > {"System Administrator"}
    assert sum(profile.users for profile in survey.profiles) > 10
    assert all(profile.set_ids for profile in survey.profiles)
    assert any(role.parent_id for role in survey.roles)
    assert survey.campaign.statuses
    assert survey.owner.active
    assert len(survey.existing_ids) == 30
    assert survey.emails["Contact"].total >= survey.emails["Contact"].unmasked > 0
    assert survey.storage_mb
    assert survey.usage.used > 0
    assert survey.record_counts["Contact"] > 4_000
    assert set(survey.layouts) == {"Lead", "Contact", "Account"}
    assert all(layout.profile_ids for layout in survey.layouts["Lead"])
    assert {page.org_default for page in survey.record_pages} == {True}
    assert survey.lead_mapping.fields


def test_a_production_is_not_asked_for_masked_addresses(asked):
    assert asked("northwind").emails == {}


def test_a_user_without_rights_is_told_each_right_that_is_missing(asked, rehearsal):
    rehearsal.configure("northwind-full", "low-rights-user")
    survey = asked()
    found = refused(survey)
    assert found["defined_fields"] == VIEW_SETUP
    assert found["object_grants"] == VIEW_SETUP
    assert found["validation_rules"] == VIEW_SETUP
    assert found["layouts"] == VIEW_SETUP
    assert found["record_pages"] == VIEW_SETUP
    assert found["roles"] == VIEW_ROLES
    assert found["lead_mapping"] == METADATA
    assert survey.package.installed is True
    assert survey.package.missing_right == DOWNLOAD_PACKAGES
    # What needs no such right is answered all the same.
    assert survey.user.active
    assert survey.described["Contact"].updateable
    assert survey.campaign is not None
    assert survey.storage_mb is None


def test_a_refused_survey_costs_no_more_calls(asked, rehearsal):
    rehearsal.configure("northwind-full", "low-rights-user")
    asked()
    assert len(rehearsal.calls("northwind-full")) <= 15


def test_an_administrator_who_sees_no_package_proves_that_it_is_missing(asked, rehearsal):
    survey = asked(username=ADMINISTRATOR, needs=[])
    rehearsal.configure("northwind-full", "package-missing")
    assert survey.package.installed is False
    assert survey.manifest is None


def test_nothing_seen_and_no_list_of_packages_is_unknown(asked, rehearsal):
    survey = asked(needs=[])
    rehearsal.configure("northwind-full", "package-missing", "low-rights-user")
    assert survey.package.installed is None
    assert survey.package.missing_right == DOWNLOAD_PACKAGES
    assert "sees nothing of the package" in survey.package.error


def test_a_campaign_chosen_in_the_other_org_is_found_by_its_name(asked, rehearsal):
    name = rehearsal.records("northwind-full", "Campaign", fields="Id,Name")[0]["Name"]
    survey = asked(campaign_id="", campaign_name=name, needs=["campaign"])
    assert survey.campaign.name == name
    assert survey.calls == 1


def test_without_a_chosen_campaign_nothing_is_asked(asked):
    survey = asked(campaign_id="", needs=["campaign"])
    assert survey.campaign is None
    assert survey.calls == 0


def test_an_owner_of_another_org_is_not_there(asked):
    survey = asked(default_owner_id="005000000000001AAA", needs=["owner"])
    assert survey.owner is None


@pytest.mark.parametrize(
    ("needs", "calls"),
    [(["record_counts"], 1), (["described"], 2), (["profiles", "roles", "organization"], 1)],
)
def test_a_question_alone_costs_a_call_or_two(asked, needs, calls):
    assert asked(needs=needs).calls == calls


def test_one_call_that_fails_spoils_only_what_it_asked(asked, rehearsal):
    survey = asked(needs=[])
    # Reads are tried three times.
    rehearsal.fault("drop_before", times=3, path="/tooling/composite")
    survey.ask_together(EVERYTHING)
    unanswered = {name for name in EVERYTHING if _fails(survey, name)}
    assert unanswered
    assert not unanswered & {"organization", "user", "described", "profiles", "record_counts"}
    assert survey.failed is None


def _fails(survey, name):
    try:
        getattr(survey, name)
    except SalesforceError:
        return True
    except CannotAsk:
        return False
    return False


def test_an_org_that_answers_nothing_is_not_asked_on_and_on(asked, rehearsal):
    survey = asked(needs=[])
    rehearsal.fault("http_503_html", times=100, path="/services/data")
    survey.ask_together(EVERYTHING)
    assert survey.failed is not None
    assert not survey.answered
    # Two questions, each tried three times.
    assert survey.calls == 6
    with pytest.raises(SalesforceError):
        _ = survey.organization


def test_a_connection_whose_access_was_revoked_ends_the_survey_at_once(asked, rehearsal):
    survey = asked(needs=[])
    rehearsal.configure("northwind-full", "revoked-token")
    survey.ask_together(EVERYTHING)
    assert isinstance(survey.failed, ConnectionLost)
    assert survey.calls <= 2


def test_what_the_first_questions_bring_up_is_asked_for_in_later_calls(asked, rehearsal):
    """Rights, versions, layouts and pages are known by name only after a first answer."""
    survey = asked(needs=[])
    steps = list(survey.asking(EVERYTHING))
    assert len(steps) == survey.calls
    assert survey.settled(EVERYTHING)


def test_some_attributes_are_settled_before_the_last_call(asked):
    survey = asked(needs=[])
    asking = survey.asking(EVERYTHING)
    next(asking)
    assert survey.settled(["organization"])
    assert not survey.settled(["layouts"])


def test_an_answer_of_another_form_is_an_error_of_that_question_only(asked, monkeypatch):
    survey = asked(needs=["organization", "campaign"])
    replies = survey._round._replies
    replies["campaign"].body[0]["Id"] = {"not": "an id"}
    with pytest.raises(SalesforceError) as said:
        _ = survey.campaign
    assert said.value.code == "UNEXPECTED_ANSWER"
    assert survey.organization.name == "Northwind"


def test_an_org_without_newer_columns_is_asked_again_without_them(customer, rehearsal, monkeypatch):
    from integrations.checks import survey_rights

    monkeypatch.setattr(survey_rights, "_SHARING", "DefaultNobodyKnowsAccess")
    connection = rehearsal.connect(customer)
    with closing(org_open(connection)) as org:
        survey = Survey(org, CheckContext(environment="sandbox"), user_id=connection.epoch.user_id)
        assert survey.organization.name == "Northwind"
        assert survey.organization.sharing == {}
        assert survey.calls == 2


def test_a_count_that_takes_too_long_spoils_nothing_else(asked, rehearsal, monkeypatch):
    """Millions of addresses are counted in a call of their own."""
    survey = asked(needs=[])
    read_together = survey._round.org.read_together

    def slowly(reads):
        if any("COUNT%28Id%29%20n" in read.path for read in reads):
            raise SalesforceError("NO_ANSWER")
        return read_together(reads)

    monkeypatch.setattr(survey._round.org, "read_together", slowly)
    survey.ask_together(EVERYTHING)
    assert {name for name in EVERYTHING if _fails(survey, name)} == {"emails"}


def test_an_org_that_is_slow_each_time_is_given_up_with_what_it_said_so_far(asked, monkeypatch):
    survey = asked(needs=["organization"])
    asked_before = survey.calls
    monkeypatch.setattr(survey_round, "MOST_SECONDS", -1.0)
    survey.ask_together(EVERYTHING)
    assert survey.calls == asked_before
    assert survey.failed is not None
    assert survey.failed.code == "NO_ANSWER"
    assert survey.organization.name == "Northwind"
    assert _fails(survey, "layouts")
