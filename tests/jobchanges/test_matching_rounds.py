"""How an org is asked: in few calls, in narrower questions where it has too much, around faults."""

from types import SimpleNamespace

import pytest

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery import digest
from jobchanges.matching import matches_ask
from jobchanges.planning import Matches, questions
from jobchanges.planning.types import FieldFacts
from tests.jobchanges.planning_world import (
    CAMPAIGN,
    DEFAULT_OWNER,
    OWNER,
    fields,
    job_change,
    settings,
)
from tests.jobchanges.soql_org import SoqlOrg

CONTACT, OTHER_CONTACT = "0037z00000001IeAAI", "0037z00000001IfAAI"
LEAD = "00Q7z00000002LAEAY"
ACCOUNT = "0017z00000000G8AAI"


def account(record_id=ACCOUNT, name="Swedbank AB", website="www.swedbank.example", **more):
    owner = {"OwnerId": OWNER, "Owner": {"IsActive": True, "Name": "Mario Hernandez"}}
    return {"Id": record_id, "Name": name, "Website": website, **owner, **more}


def contact(record_id=CONTACT, at=None, **more):
    values = {"FirstName": "Cathy", "LastName": "Manning", "Email": "", **more}
    return {"Id": record_id, "Account": at, "AccountId": at and at["Id"], **values}


def lead(**more):
    values = {"FirstName": "Cathy", "LastName": "Manning", "Email": "", "Company": "Swedbank"}
    return {"Id": LEAD, **values, **more}


def in_rounds(monkeypatch):
    """As for hundreds: what only the accounts tell is asked in a second call."""
    monkeypatch.setattr(questions, "LONGEST", 1_000)


def matched(org, change=None, **chosen):
    change = change or job_change()
    return matches_ask(org, [change], settings(**chosen))[change.key]


def test_a_few_job_changes_are_one_call():
    org = SoqlOrg(Account=[account()], Contact=[contact(at=account())])
    assert matched(org).person.id == CONTACT
    assert org.calls == 1


def test_members_are_asked_for_when_somebody_was_found():
    member = {"Id": "00v7z0000000001AAA", "CampaignId": CAMPAIGN, "ContactId": CONTACT}
    org = SoqlOrg(Contact=[contact(at=account())], CampaignMember=[member])
    assert matched(org, campaign_id=CAMPAIGN).member_exists
    assert org.calls == 2
    nobody = SoqlOrg(CampaignMember=[member])
    assert not matched(nobody, campaign_id=CAMPAIGN).member_exists
    assert nobody.calls == 1


def test_a_member_found_late_by_name_is_asked_for_late(monkeypatch):
    in_rounds(monkeypatch)
    there = account()
    member = {"Id": "00v7z0000000001AAA", "CampaignId": CAMPAIGN, "ContactId": CONTACT}
    org = SoqlOrg(Account=[there], Contact=[contact(at=there)], CampaignMember=[member])
    found = matches_ask(
        org,
        [job_change(key=str(number), past_email=f"{number}@x.example") for number in range(60)],
        settings(campaign_id=CAMPAIGN),
    )
    assert all(one.person.id == CONTACT and one.member_exists for one in found.values())


def test_a_lead_that_was_converted_leads_to_a_contact_nobody_asked_for():
    became = contact(OTHER_CONTACT, LastName="Miller", Email="c@elsewhere.example")
    converted = lead(IsConverted=True, ConvertedContactId=OTHER_CONTACT)
    org = SoqlOrg(Lead=[converted], Contact=[became])
    found = matched(org, job_change(past_contact_id="", past_email=""))
    assert found.person.id == OTHER_CONTACT
    assert "converted to this contact" in found.person_why
    assert org.calls == 2


def test_an_id_that_leads_to_a_stranger_is_followed_by_the_past_email(monkeypatch):
    in_rounds(monkeypatch)
    changes = [
        job_change(key=str(number), past_email=f"cathy{number}@x.example", past_contact_id=CONTACT)
        for number in range(60)
    ]
    stranger = contact(FirstName="Ole", LastName="Berg", Email="ole@x.example")
    hers = contact(OTHER_CONTACT, Email="cathy7@x.example")
    found = matches_ask(SoqlOrg(Contact=[stranger, hers]), changes, settings())
    assert found["7"].past.id == OTHER_CONTACT
    assert found["8"].past is None
    assert "somebody else in this org" in found["7"].past_why


def test_an_answer_that_was_cut_off_is_asked_for_in_narrower_questions(monkeypatch):
    monkeypatch.setattr(questions, "MOST_ROWS", 10)
    monkeypatch.setattr("jobchanges.matching.MOST_ROWS", 10)
    crowd = [
        account(f"0017z0000000{number:03}AAA", f"Data {number} Works", "") for number in range(50)
    ]
    data = account("0017z0000000999AAA", "DATA", "")
    org = SoqlOrg(Account=[*crowd, data, account()])
    changes = [
        job_change(key="data", new_company_name="Data", new_company_domain="data.example"),
        *(job_change(key=str(number)) for number in range(5)),
    ]
    found = matches_ask(org, changes, settings())
    assert found["data"].account.id == data["Id"]
    assert {found[str(number)].account.id for number in range(5)} == {ACCOUNT}
    assert org.calls < 8


def test_a_short_domain_that_is_in_many_others_is_asked_for_apart(monkeypatch):
    monkeypatch.setattr(questions, "MOST_ROWS", 10)
    monkeypatch.setattr("jobchanges.matching.MOST_ROWS", 10)
    crowd = [
        account(f"0017z0000000{number:03}AAA", f"Fruit {number}", f"oran{number}ge.com")
        for number in range(50)
    ]
    theirs = account("0017z0000000999AAA", "General Electric", "https://www.ge.com/de")
    change = job_change(new_company_domain="ge.com", new_company_name="GE", new_company_website="")
    assert matched(SoqlOrg(Account=[*crowd, theirs]), change).account.id == theirs["Id"]


def test_a_company_with_very_many_accounts_is_described_not_listed(monkeypatch):
    in_rounds(monkeypatch)
    many = [account(f"0017z0000000{number:03}AAA") for number in range(60)]
    org = SoqlOrg(Account=many, Contact=[contact(at=many[-1])])
    changes = [job_change(key=str(number), past_email=f"{number}@x") for number in range(60)]
    found = matches_ask(org, changes, settings())
    assert {one.person.id for one in found.values()} == {CONTACT}
    assert not any("AccountId IN" in soql for call in org.asked for soql in call)


def test_the_owner_in_the_accounts_own_lookup_is_read_with_it():
    lookup = FieldFacts(
        name="SDR__c",
        type="reference",
        reference_to=("User",),
        relationship="SDR__r",
    )
    there = account(SDR__c=DEFAULT_OWNER, SDR__r={"IsActive": True, "Name": "Sam Reed"})
    chosen = {"contact_owner_rule": "account_lookup", "contact_owner_field": "SDR__c"}
    shape = fields(Account={"SDR__c": lookup})
    found = matched(SoqlOrg(Account=[there]), **chosen, fields=shape)
    assert found.account.lookup_owner_id == DEFAULT_OWNER
    assert found.account.lookup_owner_active
    assert found.names[DEFAULT_OWNER] == "Sam Reed"
    hidden = SoqlOrg(Account=[there])
    assert matched(hidden, **chosen).account.lookup_owner_id == ""
    assert not any("SDR__" in soql for call in hidden.asked for soql in call)


def test_the_users_of_the_settings_are_asked_for_in_one_query():
    users = [
        {"Id": DEFAULT_OWNER, "Name": "Sam Reed", "IsActive": True},
        {"Id": OWNER, "Name": "Mario Hernandez", "IsActive": False},
    ]
    unknown = "0057z000000009zAAA"
    org = SoqlOrg(User=users)
    found = matched(org, lead_owner_rule="round_robin", round_robin=(OWNER[:15], unknown))
    assert found.users_active == {DEFAULT_OWNER: True, OWNER[:15]: False}
    assert found.default_owner_active is True
    assert sum("FROM User" in soql for call in org.asked for soql in call) == 1


# --- what our own code, or the org, cannot digest ------------------------------------------------

VISIT = SimpleNamespace(org=None, settings=None)


@pytest.fixture
def asking(monkeypatch):
    """Matching that fails for some job changes; answers how often it was tried."""

    def failing(spoils, error):
        tried = []

        def matches_ask(org, job_changes, settings):
            tried.append(len(job_changes))
            if any(spoils(item) for item in job_changes):
                raise error
            return {item.key: Matches() for item in job_changes}

        monkeypatch.setattr(digest, "matches_ask", matches_ask)
        return tried

    return failing


THREE_HUNDRED = [job_change(key=str(number)) for number in range(300)]
NOT_SOQL = SalesforceError("MALFORMED_QUERY")


@pytest.mark.parametrize("error", [RuntimeError("A mistake of ours."), NOT_SOQL])
def test_one_at_fault_among_three_hundred_is_found_in_few_steps(asking, error):
    tried = asking(lambda item: item.key == "123", error)
    found = digest.matches_find(VISIT, THREE_HUNDRED)
    assert set(found) == {item.key for item in THREE_HUNDRED} - {"123"}
    assert len(tried) < 20


def test_two_at_fault_are_both_found(asking):
    tried = asking(lambda item: item.key in {"3", "290"}, NOT_SOQL)
    found = digest.matches_find(VISIT, THREE_HUNDRED)
    assert {item.key for item in THREE_HUNDRED} - set(found) == {"3", "290"}
    assert len(tried) < 40


def test_an_org_that_understands_no_question_is_not_asked_three_hundred_times(asking):
    tried = asking(lambda item: True, NOT_SOQL)
    with pytest.raises(SalesforceError):
        digest.matches_find(VISIT, THREE_HUNDRED)
    assert len(tried) < 50


def test_an_org_that_runs_out_of_time_is_asked_a_few_times(asking):
    tried = asking(lambda item: True, SalesforceError("QUERY_TIMEOUT"))
    with pytest.raises(SalesforceError):
        digest.matches_find(VISIT, THREE_HUNDRED)
    assert len(tried) < 7


def test_a_mistake_in_all_of_them_ends_soon_and_holds_them(asking):
    tried = asking(lambda item: True, RuntimeError("A mistake of ours."))
    assert digest.matches_find(VISIT, THREE_HUNDRED) == {}
    assert len(tried) < 120


def test_an_org_that_does_not_answer_is_not_asked_again(asking):
    tried = asking(lambda item: True, SalesforceError("NO_ANSWER"))
    with pytest.raises(SalesforceError):
        digest.matches_find(VISIT, THREE_HUNDRED)
    assert len(tried) == 1
