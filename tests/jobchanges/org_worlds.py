"""Worlds for properties over many job changes: an org, its settings, and what comes in order."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning import JobChangeData, PlanSettings
from jobchanges.planning.text import shorten
from jobchanges.planning.types import FieldFacts
from tests.jobchanges.org_model import OrgModel
from tests.jobchanges.planning_wild import (
    BESIDES,
    SHAPE,
    USERS,
    keys,
    org_shapes,
    settings_with,
    wild,
)
from tests.jobchanges.planning_world import ACCOUNT_USER, CAMPAIGN

# What finding records needs; the rest of a shape may be hidden, short or read-only.
FINDING = frozenset(
    {
        "FirstName", "LastName", "Email", "Company", "AccountId", "Name", "Website", "IsConverted",
        "ConvertedContactId", "OwnerId", "LastModifiedDate", "CampaignId", "LeadId", "ContactId",
        USERGEM_1.key_field,
    }
)  # fmt: skip


class World:
    """An org with what stands in it, the settings, and the job changes in their order."""

    def __init__(
        self, org: OrgModel, chosen: PlanSettings, job_changes: list[JobChangeData]
    ) -> None:
        self.org, self.chosen, self.job_changes = org, chosen, tuple(job_changes)

    def __repr__(self) -> str:
        """What stood there and what came, as short as it can be read."""
        rows = {
            name: [{one: held for one, held in row.items() if held} for row in found.values()]
            for name, found in self.org.rows.items()
            if found and name != "User"
        }
        came = [
            {one: said for one, said in vars(item).items() if said and one not in BESIDES}
            for item in self.job_changes
        ]
        return f"{self.chosen.record_mode}\n  org: {rows}\n  came: {came}\n"[:5_000]


def importable(text: str) -> str:
    """A wild text as an import lets it through."""
    clean = "".join(
        sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cc"
    )
    return " ".join(clean.split())[:100]


texts = wild.map(importable)
names = st.one_of(
    st.sampled_from(
        [
            ("Cathy", "Manning"), ("cathy", "MANNING"), ("", "高橋"), ("Zoë", "O'Brien"),
            ("Robert", "'); DROP TABLE--"), ("A", "x" * 100), ("=1+1", "100%_"), ("", "-"),
            ("José", "Núñez"), ("@{person.id}", "Joseé"), ("🚀", "🚀"),
        ]
    ),
    st.tuples(texts, texts.filter(bool)),
)  # fmt: skip
companies = st.tuples(
    st.one_of(
        st.sampled_from(
            ["Swedbank", "Lowe's", "@{account.id}", "日本電気", "3M", "X", "& Söhne", "+++"]
        ),
        texts.filter(bool),
    ),
    st.sampled_from(["", "swedbank.example", "lowes.example", "acme.co.uk", "bücher.example"]),
)


@st.composite
def worlds(draw) -> World:
    """Few people and few companies, so that they meet again and again."""
    shape = draw(st.one_of(st.just(SHAPE), org_shapes(FINDING, whole_objects=False)))
    chosen = draw(settings_with(st.just(_with_dates(shape))))
    inactive = draw(st.one_of(st.just(set()), st.sets(st.sampled_from(USERS), max_size=3)))
    org = OrgModel(dict(chosen.fields), {user: user not in inactive for user in USERS})
    persons = draw(st.lists(names, min_size=1, max_size=2))
    places = draw(st.lists(companies, min_size=2, max_size=3))
    accounts = _accounts(draw, org, places)
    _people(draw, org, persons, places, accounts)
    if chosen.campaign_id:
        _members(draw, org)
    came: list[JobChangeData] = []
    for number in range(draw(st.integers(1, 5))):
        common = {
            "key": f"{draw(keys)[:40]}-{number}",
            "detected_at": datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=number),
            **draw(st.fixed_dictionaries(BESIDES)),
        }
        if came and draw(st.booleans()):
            # The same person and company once more.
            came.append(replace(draw(st.sampled_from(came)), **common))
        else:
            known = _job_change(draw, org, persons, places)
            came.append(JobChangeData(**known, **common))
    return World(org, chosen, came)


def _with_dates(shape):
    """The columns that only matching reads."""
    found = {name: dict(facts) for name, facts in shape.items()}
    for name in ("Contact", "Lead"):
        found[name]["LastModifiedDate"] = FieldFacts(
            name="LastModifiedDate", type="datetime", createable=False, updateable=False
        )
    return found


def _accounts(draw, org, places) -> dict[int, str]:
    accounts: dict[int, str] = {}
    for place, (name, domain) in enumerate(places):
        for _again in range(draw(st.sampled_from([0, 0, 1, 2]))):
            accounts[place] = org.add(
                "Account",
                Name=draw(st.sampled_from([name, name.upper(), f"{name} Inc.", "Formerly Else"])),
                Website=draw(st.sampled_from(["", domain, domain and f"https://www.{domain}/x"])),
                OwnerId=draw(st.sampled_from(USERS)),
                **{ACCOUNT_USER: draw(st.sampled_from([None, *USERS]))},
            )
    return accounts


def _people(draw, org, persons, places, accounts) -> None:
    for _record in range(draw(st.integers(0, 4))):
        first, last = draw(st.sampled_from(persons))
        place = draw(st.integers(0, len(places) - 1))
        company, domain = places[place]
        own = {
            "FirstName": shorten(first, 40),
            # Somebody may have married: the e-mail address says who it is.
            "LastName": draw(st.sampled_from([shorten(last, 80), "Miller-Jones"])),
            "Email": _email(draw, last, domain),
        }
        if draw(st.booleans()):
            org.add("Contact", **_fill(draw, org, "Contact"), **own, AccountId=accounts.get(place))
            continue
        converted = draw(st.sampled_from([None, None, "", *org.rows["Contact"]]))
        org.add(
            "Lead",
            **_fill(draw, org, "Lead"),
            **own,
            Company=company,
            IsConverted=converted is not None,
            ConvertedContactId=converted or None,
        )


def _fill(draw, org, object_name) -> dict[str, object]:
    """Some of a record's other fields hold something of the customer's."""
    kinds = {"boolean": True, "int": 3, "double": 1.5, "date": "2020-02-02"}
    facts = org.shape[object_name]
    filled = draw(st.sets(st.sampled_from(sorted(set(facts) - FINDING)), max_size=8))
    return {name: kinds.get(facts[name].type, "theirs") for name in filled}


def _members(draw, org) -> None:
    for object_name in ("Contact", "Lead"):
        standing = sorted(org.rows[object_name])
        for record_id in draw(st.sets(st.sampled_from(standing))) if standing else ():
            org.add("CampaignMember", CampaignId=CAMPAIGN, **{f"{object_name}Id": record_id})


def _job_change(draw, org, persons, places) -> dict[str, str]:
    """Who moved from where to where. The ids that came may be somebody else's."""
    first, last = draw(st.sampled_from(persons))
    past, past_domain = draw(st.sampled_from(places))
    new, new_domain = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["joined", "joined", "joined", "left", "promotion"]))
    known = {
        "kind": kind,
        "first_name": first,
        "last_name": last,
        "past_company_name": past,
        "past_email": _email(draw, last, past_domain),
        "past_contact_id": draw(st.sampled_from(["", *org.rows["Contact"]])),
        "past_lead_id": draw(st.sampled_from(["", *org.rows["Lead"]])),
        "past_account_id": draw(st.sampled_from(["", *org.rows["Account"]])),
    }
    if kind == "left":
        return known
    return {
        **known,
        "new_email": _email(draw, last, new_domain),
        "new_company_name": new,
        "new_company_domain": draw(st.sampled_from(["", new_domain])),
        "new_company_website": draw(st.sampled_from(["", new_domain])),
    }


def _email(draw, last: str, domain: str) -> str:
    local = re.sub(r"[^a-z0-9]", "", last.lower())[:60] or "someone"
    host = domain or draw(st.sampled_from(["gmail.com", "mail.example"]))
    local = draw(st.sampled_from([local, local.upper(), "x" * 64]))
    return draw(st.sampled_from(["", f"{local}@{host}"]))
