"""A small org as planning sees it, and builders with sensible defaults."""

from datetime import UTC, date, datetime
from typing import Any

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning.types import (
    AccountFact,
    FieldFacts,
    JobChangeData,
    Matches,
    PersonFact,
    PlanSettings,
)

ORG = "00D7z000000000AEAQ"
OWNER = "0057z000000001cAAA"
DEFAULT_OWNER = "0057z000000001dAAA"
CAMPAIGN = "7017z000000000AAAQ"

_TEXTS = {
    "Account": {"Name": 255, "BillingCity": 40, "BillingCountry": 80},
    "Contact": {
        "FirstName": 40,
        "LastName": 80,
        "Title": 128,
        "MailingStreet": 255,
        "MailingCity": 40,
        "MailingState": 80,
        "MailingPostalCode": 20,
        "MailingCountry": 80,
    },
    "Lead": {
        "FirstName": 40,
        "LastName": 80,
        "Company": 255,
        "Title": 128,
        "Street": 255,
        "City": 40,
        "State": 80,
        "PostalCode": 20,
        "Country": 80,
    },
    "CampaignMember": {},
}
_TYPED = {
    "Account": {"Website": "url", "NumberOfEmployees": "int", "OwnerId": "reference"},
    "Contact": {
        "AccountId": "reference",
        "OwnerId": "reference",
        "Email": "email",
        "Phone": "phone",
        "LeadSource": "picklist",
    },
    "Lead": {
        "OwnerId": "reference",
        "Email": "email",
        "Phone": "phone",
        "Website": "url",
        "NumberOfEmployees": "int",
        "LeadSource": "picklist",
        "IsConverted": "boolean",
        "ConvertedContactId": "reference",
    },
    "CampaignMember": {
        "CampaignId": "reference",
        "LeadId": "reference",
        "ContactId": "reference",
        "Status": "picklist",
    },
}
_TYPE_LENGTHS = {"email": 80, "phone": 40, "url": 255, "picklist": 255, "reference": 18}
_REQUIRED = {
    "Account": {"Name"},
    "Contact": {"LastName"},
    "Lead": {"LastName", "Company"},
    "CampaignMember": {"CampaignId"},
}
_READ_ONLY = {"IsConverted", "ConvertedContactId"}


def _package_type(api_name: str) -> str:
    if "Date__c" in api_name:
        return "date"
    if api_name.endswith("DetectedAt__c"):
        return "datetime"
    ours = api_name.split("__")[1]
    if ours.startswith(("NoLonger", "CreatedBy", "Is")):
        return "boolean"
    if ours in {"PastContact", "PastLead", "PastAccount", "NewContact", "NewLead", "NewAccount"}:
        return "reference"
    return {"NewEmail": "email", "PersonLinkedInUrl": "url", "DeliveryAttempt": "double"}.get(
        ours, "string"
    )


def fields(**changes: dict[str, FieldFacts | None]) -> dict[str, dict[str, FieldFacts]]:
    """Describe of the whole org; `Lead={"Title": None}` hides a field, or replaces its facts."""
    found: dict[str, dict[str, FieldFacts]] = {}
    for name in ("Account", "Contact", "Lead", "CampaignMember", USERGEM_1.object_name):
        facts = {
            field: FieldFacts(name=field, label=field, length=length)
            for field, length in _TEXTS.get(name, {}).items()
        }
        for field, kind in _TYPED.get(name, {}).items():
            facts[field] = FieldFacts(
                name=field, label=field, type=kind, length=_TYPE_LENGTHS.get(kind, 0)
            )
        for field in USERGEM_1.fields_on(name):
            kind = _package_type(field)
            length = {"string": 255, "url": 255, "email": 80, "reference": 18}.get(kind, 0)
            facts[field] = FieldFacts(
                name=field,
                label=field,
                type=kind,
                length=80 if field == USERGEM_1.key_field else length,
            )
        for field in _REQUIRED.get(name, set()):
            facts[field] = FieldFacts(
                **{**vars(facts[field]), "required": True},
            )
        for field in _READ_ONLY & set(facts):
            facts[field] = FieldFacts(
                **{**vars(facts[field]), "createable": False, "updateable": False}
            )
        found[name] = facts
    for name, replaced in changes.items():
        for field, fact in replaced.items():
            if fact is None:
                del found[name][field]
            else:
                found[name][field] = fact
    return found


# Fields of the customer's own: name → what describe says of it, on Lead, Contact and Account.
_OWN: dict[str, dict[str, Any]] = {
    "Region__c": {"length": 20},
    "Notes__c": {"type": "textarea", "length": 300},
    "Reason__c": {
        "type": "picklist",
        "length": 255,
        "allowed": frozenset({"Left company", "Job change"}),
    },
    "Tags__c": {"type": "multipicklist", "length": 255, "allowed": frozenset({"Hot", "Moved"})},
    "Score__c": {"type": "double", "precision": 6, "scale": 1},
    "Seats__c": {"type": "int"},
    "Moved_On__c": {"type": "date"},
    "Noticed__c": {"type": "datetime"},
    "Do_Not_Mail__c": {"type": "boolean"},
    "Other_Mail__c": {"type": "email", "length": 80},
    "Other_Phone__c": {"type": "phone", "length": 40},
    "Page__c": {"type": "url", "length": 255},
    "Sponsor__c": {"type": "reference", "length": 18, "reference_to": ("User",)},
    "Code__c": {"length": 40, "unique": True},
    "Sum__c": {"type": "double", "createable": False, "updateable": False},
}
OWN_FIELDS = frozenset(_OWN)
LEAD_ACCOUNT = "Known_Account__c"
ACCOUNT_USER = "SDR_Owner__c"


def own_fields(**changes: dict[str, FieldFacts | None]) -> dict[str, dict[str, FieldFacts]]:
    """Like `fields`, and the customer has fields of their own."""
    found = fields()
    for name in ("Account", "Contact", "Lead"):
        for field, facts in _OWN.items():
            found[name][field] = FieldFacts(name=field, label=field, **facts)
    found["Lead"][LEAD_ACCOUNT] = FieldFacts(
        name=LEAD_ACCOUNT,
        label="Known account",
        type="reference",
        length=18,
        reference_to=("Account",),
        relationship="Known_Account__r",
    )
    found["Account"][ACCOUNT_USER] = FieldFacts(
        name=ACCOUNT_USER,
        label="SDR",
        type="reference",
        length=18,
        reference_to=("User",),
        relationship="SDR_Owner__r",
    )
    for name, replaced in changes.items():
        for field, fact in replaced.items():
            if fact is None:
                del found[name][field]
            else:
                found[name][field] = fact
    return found


def settings(**changes: Any) -> PlanSettings:
    values: dict[str, Any] = {
        "org_id": ORG,
        "record_mode": "contact_if_account",
        "lead_source": "UserGems",
        "contact_owner_rule": "account_owner",
        "default_owner_id": DEFAULT_OWNER,
        "manifest": USERGEM_1,
        "fields": fields(),
    }
    return PlanSettings(**{**values, **changes})


def job_change(**changes: Any) -> JobChangeData:
    values: dict[str, Any] = {
        "key": "jc-07-00072",
        "kind": "joined",
        "first_name": "Cathy",
        "last_name": "Manning",
        "linkedin_url": "https://www.linkedin.com/in/cathymanning",
        "person_country": "United States",
        "person_state": "NE",
        "phone": "+1 413 860 7544",
        "past_email": "cmanning@lowes.example",
        "past_company_name": "Lowe's",
        "past_title": "Analyst",
        "past_contact_id": "0037z00000002DBAAY",
        "past_account_id": "0017z00000000RJAAY",
        "relationship_type": "User",
        "new_email": "cmanning@swedbank.example",
        "new_company_name": "Swedbank",
        "new_company_domain": "swedbank.example",
        "new_company_website": "https://swedbank.example",
        "new_company_employees": 15614,
        "new_company_country": "Sweden",
        "new_company_city": "Sundbyberg",
        "new_title": "Director of Customer Success",
        "job_started_date": date(2026, 3, 27),
        "detected_at": datetime(2026, 4, 1, 18, 39, tzinfo=UTC),
    }
    return JobChangeData(**{**values, **changes})


def left(**changes: Any) -> JobChangeData:
    empty = {
        name: "" for name in job_change().__dataclass_fields__ if name.startswith("new_company")
    }
    return job_change(
        **{
            **empty,
            "kind": "left",
            "new_company_employees": None,
            "new_email": "",
            "new_title": "",
            "job_started_date": None,
            **changes,
        }
    )


def account(**changes: Any) -> AccountFact:
    values = {
        "id": "0017z00000000G8AAI",
        "name": "Swedbank AB",
        "website": "www.swedbank.example",
        "owner_id": OWNER,
    }
    return AccountFact(**{**values, **changes})


def person(object_name: str = "Contact", **changes: Any) -> PersonFact:
    """A record with all fields empty but names, unless `values` says more."""
    is_contact = object_name == "Contact"
    values = dict.fromkeys(
        name
        for name in own_fields()[object_name]
        if name not in {"AccountId", "OwnerId", "LeadSource", "IsConverted", "ConvertedContactId"}
    )
    more = {
        "id": "0037z00000001IeAAI" if is_contact else "00Q7z00000002LAEAY",
        "object_name": object_name,
        "first_name": "Cathy",
        "last_name": "Manning",
        **changes,
    }
    values.update({"FirstName": more["first_name"], "LastName": more["last_name"]})
    values.update(changes.get("values", {}))
    return PersonFact(**{**more, "values": values})


def past_contact(**changes: Any) -> PersonFact:
    return person(
        **{
            "id": "0037z00000002DBAAY",
            "account_id": "0017z00000000RJAAY",
            "email": "CManning@lowes.example",
            **changes,
        }
    )


def matches(**changes: Any) -> Matches:
    return Matches(**{"default_owner_active": True, **changes})
