"""The live example of the settings page: the planner's own plans, tried on people who wait."""

import html
import re

import pytest
from django.utils import timezone

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings
from jobchanges.planning.types import AccountFact, FieldFacts, Matches, PersonFact
from jobchanges.services.erasing import job_changes_erase
from jobchanges.settings_fields import FieldChoice
from jobchanges.settings_known import Known, fields_assumed
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    JobChangeFactory,
    OrgOfferFactory,
    OutputSettingsFactory,
)
from tests.portal.checks_world import words

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/?environment=sandbox"
OLGA, DANA, SDR = "005000000000002AAA", "005000000000003AAA", "SDR__c"
CAMPAIGN = "701000000000001AAA"
ACCOUNT = AccountFact(id="001000000000001AAA", name="Acme Inc", owner_id=OLGA, owner_active=True)
LOOKUP = FieldChoice(name=SDR, label="SDR", type="reference", reference_to=("User",))
STATUS = FieldChoice(name="Contact_Status__c", label="Contact Status", type="string", length=80)


@pytest.fixture
def jordan(customer):
    return JobChangeFactory(
        customer=customer,
        first_name="Jordan",
        last_name="Avery",
        past_company_name="Oldco",
        new_company_name="Acme",
    )


@pytest.fixture
def offered(customer, admin_person, jordan):
    connection = ConnectionFactory(customer=customer, epoch__package_manifest="usergem-1")
    return OrgOfferFactory(
        epoch=connection.epoch,
        users=((OLGA, "Olga Owner"), (DANA, "Dana Fields")),
        org_fields=(("Account", (LOOKUP,)), ("Contact", (STATUS,))),
    )


def known(jordan, **found) -> dict:
    """What the org said of Jordan."""
    names = ("Account", "Contact", "Lead", "CampaignMember", USERGEM_1.object_name)
    return Known(
        asked_at=timezone.now(),
        fields={name: fields_assumed(name, USERGEM_1) for name in names},
        matches={jordan.key: Matches(default_owner_active=True, **found)},
        lookups={ACCOUNT.id: {SDR: DANA}},
        campaign_id=CAMPAIGN,
    ).as_json()


def past(**values) -> PersonFact:
    return PersonFact(
        id="003000000000001AAA",
        object_name="Contact",
        values={"UserGem__NoLongerAtCompany__c": False, **values},
    )


CHOSEN = {
    "record_mode": "contact_if_account",
    "contact_owner_rule": "account_owner",
    "lead_owner_rule": "default_owner",
    "update_past_record": "on",
    "default_owner_id": DANA,
    "lead_source": "UserGems",
    "campaign": "",
}


def tried(browser, **changed):
    values = {**CHOSEN, "campaign": f"{CAMPAIGN}|Sent", "show": "yes", **changed}
    answer = browser.post(ADDRESS, values)
    assert answer.status_code == 200
    return part(answer)


def part(answer, anchor="example") -> str:
    found = re.search(
        rf'<(section|div)[^>]* id="{anchor}".*?</section>', answer.content.decode(), flags=re.S
    )
    assert found, anchor
    return words_of(found[0])


def words_of(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_before_the_org_was_asked_it_says_what_is_assumed(offered, admin_person, signed_in):
    said = tried(signed_in(admin_person))
    assert "Jordan Avery would become a lead owned by Dana Fields, in the campaign" in said
    assert "Your org was not asked about these people yet. Assumed until then" in said
    assert "As your org answered" not in said


def test_without_a_default_owner_it_says_once_why_nobody_would_be_written(
    offered, admin_person, signed_in
):
    said = tried(signed_in(admin_person), default_owner_id="")
    assert "Nobody would be written yet. No default owner is chosen for this org." in said
    assert "Jordan Avery" not in said


def test_what_the_org_said_decides_and_nothing_is_saved(offered, jordan, admin_person, signed_in):
    OrgOffer.objects.update(known=known(jordan, account=ACCOUNT, past=past()))
    browser = signed_in(admin_person)
    said = tried(browser)
    assert "Jordan Avery would become a contact of Acme Inc owned by Olga Owner" in said
    assert "On the contact at Oldco: UserGem__NoLongerAtCompany__c: yes." in said
    assert "As your org answered" in said
    assert "Assumed" not in said
    assert not EnvironmentSettings.objects.exists()
    assert not OutputSettings.objects.exists()


def test_each_choice_stands_beside_what_the_others_would_do(
    offered, jordan, admin_person, signed_in
):
    OrgOffer.objects.update(known=known(jordan, account=ACCOUNT, past=past()))
    browser = signed_in(admin_person)
    answer = browser.get(ADDRESS)
    record = words(answer)
    assert "Always a lead a lead owned by" not in record  # no default owner is chosen yet
    answer = browser.post(ADDRESS, {"show": "1", **CHOSEN, "contact_owner_field": SDR})
    said = words(answer)
    assert "Always a lead a lead owned by Dana Fields" in said
    assert "Contact: The owner of the account Olga Owner (Jordan Avery)" in said
    assert "Contact: Another user named on the account Dana Fields (Jordan Avery)" in said
    assert "Jordan Avery, not ticked nothing is written there" in said


def test_fields_and_campaigns_that_nobody_read_yet_are_assumed_aloud(
    offered, jordan, admin_person, signed_in
):
    found = known(jordan, person=past(), past=past())
    OrgOffer.objects.update(known={**found, "campaign_id": ""})
    said = tried(
        signed_in(admin_person),
        map_past_contact_0_field="Contact_Status__c",
        map_past_contact_0_source="",
        map_past_contact_0_text="Gone",
    )
    assert "Assumed: nobody is a member of this campaign yet." in said
    OrgOffer.objects.update(known=known(jordan, past=past()))
    said = tried(
        signed_in(admin_person),
        map_past_contact_0_field="Contact_Status__c",
        map_past_contact_0_source="",
        map_past_contact_0_text="Gone",
    )
    assert "Contact Status: “Gone”" in said
    assert "Assumed: fields added here are empty" in said


def test_colleagues_who_only_read_see_what_comes_of_the_saved_choices(
    offered, jordan, customer, reviewer, signed_in
):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer, default_owner_id=OLGA)
    page = words(signed_in(reviewer).get(ADDRESS))
    assert "What comes of it" in page
    assert "Jordan Avery would become a lead owned by Olga Owner" in page
    assert "Show with what I typed" not in page


def test_without_job_changes_it_says_when_there_will_be_an_example(
    offered, jordan, admin_person, signed_in
):
    jordan.delete()
    assert "As soon as job changes are imported" in tried(signed_in(admin_person))


def test_what_the_org_said_of_people_goes_with_an_erased_person(offered, jordan, customer):
    OrgOffer.objects.update(known=known(jordan))
    job_changes_erase([jordan])
    assert OrgOffer.objects.get().known == {}


def test_what_is_kept_reads_back_as_it_was(jordan):
    facts = {"Lead": {"X": FieldFacts(name="X", allowed=frozenset({"a"}), reference_to=("User",))}}
    kept = Known(fields=facts, matches={"k": Matches(account=ACCOUNT, past=past(Title="CEO"))})
    assert Known.from_json(kept.as_json()) == kept
