"""What holds for any names: questions are SOQL, values stay values, and company does not matter."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.rehearsal.soql import Comparison, Group, Query, parse, unescape
from integrations.salesforce.soql import MAX_LENGTH, in_address
from jobchanges.matching import matches_ask
from jobchanges.planning import questions
from jobchanges.planning.asking import (
    questions_contacts,
    questions_first,
    questions_members,
    questions_second,
)
from jobchanges.planning.likes import company_like_anywhere, company_likes, last_name_like
from jobchanges.planning.types import AccountFact
from tests.jobchanges.planning_world import CAMPAIGN, DEFAULT_OWNER, job_change, left, settings
from tests.jobchanges.soql_org import SoqlOrg

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
CASES = hypothesis_settings(
    max_examples=EXAMPLES or 60, derandomize=not EXAMPLES, database=None, deadline=None
)
WILD = [
    "O'Brien", "') OR Name != ('", "\\", "\\'", "100%_", "a\nb\r\t", '"quoted"', "null", "NOT IN",
    "SELECT Id FROM User", "高橋", "Ωmega", "מיכל", "\u202eevil", "🚀", "e\u0301", "Zoë", "Ö", "ß",
    "@{person.id}", "a+b&c=d#e?f", "%00", "\x00", "\ud800", "The", "the The", "S.A.", "-", "  ",
    "Straße", "İstanbul", "Lowe's", "Lowes", "s", "L'Oréal S.A.", "C++", "x" * 300,
]  # fmt: skip
wild = st.one_of(st.sampled_from(WILD), st.text(max_size=60))
wild_changes = st.builds(
    job_change,
    key=st.uuids().map(str),
    kind=st.sampled_from(["joined", "left", "promotion"]),
    first_name=wild,
    last_name=wild,
    past_email=wild,
    new_email=st.one_of(wild, wild.map(lambda name: f"{name}@münchen.de")),
    new_company_name=wild,
    new_company_domain=st.one_of(wild, st.sampled_from(["", "gmail.com", "münchen.de", "ge.com"])),
    new_company_website=wild,
    past_contact_id=st.sampled_from(["", "0037z00000002DBAAY", "nonsense"]),
    past_lead_id=st.sampled_from(["", "00Q7z00000002LAEAY"]),
    past_account_id=st.sampled_from(["", "0017z00000000RJAAY", "' OR Id != '"]),
)
ACCOUNTS = [AccountFact(id=f"0017z0000000{number:04}AAA", name="Any") for number in range(30)]


def meant(raw: str) -> str:
    """What a literal stands for; the rehearsal leaves `\\u007f` to Salesforce."""
    return unescape(re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), raw))


def comparisons(tree: Query) -> list[Comparison]:
    found, waiting = [], [tree.where]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Group):
            waiting += one.conditions
        else:
            found.append(one)
    return found


@given(st.lists(wild_changes, min_size=1, max_size=5), st.integers(0, 30))
@CASES
def test_every_question_is_soql_and_fits_into_an_address(changes, at_once_of):
    chosen = settings(campaign_id=CAMPAIGN)
    candidates = {item.key: ACCOUNTS[:at_once_of] for item in changes}
    asked = [
        *questions_first(changes, chosen),
        *questions_first(changes, chosen, at_once=True),
        *questions_second(changes, candidates, changes, chosen),
        *questions_contacts(["0037z00000001IeAAI"], chosen),
        *questions_members(["00Q7z00000002LAEAY", "0037z00000001IeAAI"], chosen),
    ]
    narrower = [more for question in asked for more in question.narrower()]
    emails = {text for item in changes for text in (item.past_email, item.new_email)}
    asked_for = {re.sub("[\ud800-\udfff]", "\ufffd", text) for text in emails}
    for question in [*asked, *narrower, *(more for one in narrower for more in one.narrower())]:
        tree = parse(question.soql)
        assert tree.limit == questions.MOST_ROWS
        assert len(question.soql) <= MAX_LENGTH
        assert len(in_address(question.soql)) <= questions.LONGEST
        for one in comparisons(tree):
            assert one.operator in ("=", "in", "like")
            if one.path.text == "Email" and one.operator == "in":
                assert {meant(value.raw) for value in one.values} <= asked_for


@given(wild)
@CASES
def test_a_name_is_found_by_its_own_pattern(name):
    assert last_name_like(name).fits(name.strip() if len(last_name_like(name).pieces) > 1 else name)
    likes = company_likes(name)
    assert not likes or any(like.fits(name) for like in (*likes, *company_like_anywhere(name)))


FIRST = ["Ann", "Ann Marie", "Bob", "Robert", "José", "Jose", ""]
LAST = ["Lee", "Núñez", "Nunez", "O'Brien", "OBrien", "Müller", "Mueller", "Lee-Ray"]
COMPANIES = [
    "Acme", "Acme Inc.", "The Acme Company", "ACME", "Acme Holding", "Fresenius Medical Care",
    "Fresenius Medicall Care", "Nestlé S.A.", "Nestle", "HP", "HP Inc.", "Lowe's", "Lowes", "",
]  # fmt: skip
DOMAINS = ["acme.com", "acme.co.uk", "fresenius.example", "münchen.de", "gmail.com"]
SITES = [
    "", "acme.com", "https://www.ACME.com:8080/de?x=1", "http://shop.acme.co.uk", "gmail.com",
    "https://münchen.de/", "xn--mnchen-3ya.de", "not a site", "fresenius.example",
]  # fmt: skip
emails = st.one_of(
    st.just(""),
    st.builds(
        "{}@{}{}".format,
        st.sampled_from(["ann", "ANN", "ann+crm", "info"]),
        st.sampled_from(["", "mail."]),
        st.sampled_from(DOMAINS),
    ),
)


@st.composite
def worlds(draw):
    number = iter(range(10, 100))
    accounts = [
        {
            "Id": f"0017z00000000{next(number)}AAA",
            "Name": draw(st.sampled_from(COMPANIES)) or "Nameless",
            "Website": draw(st.sampled_from(SITES)),
            "OwnerId": DEFAULT_OWNER,
            "Owner": {"IsActive": True, "Name": "Somebody"},
        }
        for _ in range(draw(st.integers(0, 4)))
    ]
    contacts = []
    for _ in range(draw(st.integers(0, 5))):
        account = draw(st.sampled_from([None, *accounts]))
        contacts.append(
            {
                "Id": f"0037z00000000{next(number)}AAA",
                "FirstName": draw(st.sampled_from(FIRST)),
                "LastName": draw(st.sampled_from(LAST)),
                "Email": draw(emails),
                "AccountId": account["Id"] if account else None,
                "Account": account,
            }
        )
    leads = []
    for _ in range(draw(st.integers(0, 5))):
        converted = draw(st.booleans())
        contact = draw(st.sampled_from([None, *contacts])) if converted else None
        leads.append(
            {
                "Id": f"00Q7z00000000{next(number)}AAA",
                "FirstName": draw(st.sampled_from(FIRST)),
                "LastName": draw(st.sampled_from(LAST)),
                "Email": draw(emails),
                "Company": draw(st.sampled_from(COMPANIES)) or "Nameless",
                "IsConverted": converted,
                "ConvertedContactId": contact["Id"] if contact else None,
            }
        )
    members = [
        {
            "Id": f"00v7z00000000{next(number)}AAA",
            "CampaignId": CAMPAIGN,
            "ContactId": row["Id"] if row["Id"].startswith("003") else None,
            "LeadId": row["Id"] if row["Id"].startswith("00Q") else None,
        }
        for row in contacts + leads
        if draw(st.booleans())
    ]
    users = [{"Id": DEFAULT_OWNER, "Name": "Somebody", "IsActive": True}]
    changes = []
    for key in range(draw(st.integers(1, 5))):
        past = draw(st.sampled_from([{"Id": ""}, *contacts, *leads]))["Id"]
        make = draw(st.sampled_from([job_change, job_change, left]))
        changes.append(
            make(
                key=str(key),
                first_name=draw(st.sampled_from(FIRST)),
                last_name=draw(st.sampled_from(LAST)),
                past_email=draw(emails),
                past_contact_id=past if past.startswith("003") else "",
                past_lead_id=past if past.startswith("00Q") else "",
                past_account_id=draw(st.sampled_from(["", *(row["Id"] for row in accounts)])),
                past_company_name=draw(st.sampled_from(COMPANIES)),
                **(
                    {}
                    if make is left
                    else {
                        "kind": draw(st.sampled_from(["joined", "promotion"])),
                        "new_email": draw(emails),
                        "new_company_name": draw(st.sampled_from(COMPANIES)),
                        "new_company_domain": draw(st.sampled_from(["", *DOMAINS])),
                        "new_company_website": draw(st.sampled_from(SITES)),
                    }
                ),
            )
        )
    rows = {"Account": accounts, "Contact": contacts, "Lead": leads, "User": users}
    return {**rows, "CampaignMember": members}, changes


@pytest.mark.parametrize("longest", [1_500, 12_000])
def test_many_together_are_matched_as_each_alone(monkeypatch, longest):
    """In few questions or in many rounds: a preview of ten and a batch of thousands agree."""

    @given(worlds())
    @CASES
    def check(world):
        rows, changes = world
        chosen = settings(campaign_id=CAMPAIGN)
        monkeypatch.setattr(questions, "LONGEST", longest)
        together = matches_ask(SoqlOrg(**rows), changes, chosen)
        monkeypatch.setattr(questions, "LONGEST", 12_000)
        for item in changes:
            assert matches_ask(SoqlOrg(**rows), [item], chosen)[item.key] == together[item.key]

    check()
