"""Differences to plant between a tested sandbox and its production: three and more of each kind.

Each is a few fields of `OrgConfig`, in the form that `Rehearsal.configure(org, **fields)` takes,
and independent of all others: any of them can be laid on together (`merged`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CAMPAIGN = "Champion moves FY26"
# The people whose username begins so; Amy Brown is 0057z000000001jAAA in both orgs.
OWNER = "amy.brown"


@dataclass(frozen=True)
class Plant:
    """One difference: its kind in the mirror, a name, the fields to lay on, what is then so."""

    kind: str
    name: str
    fields: Mapping[str, Any]
    says: str


PLANTS = (
    Plant(
        "custom_fields",
        "required",
        {"required_fields": [{"sobject": "Lead", "name": "Region__c", "label": "Region"}]},
        "Region is required on leads.",
    ),
    Plant(
        "custom_fields",
        "own-field-missing",
        {"field_changes": {"UserGem__UserGem__c.NPS_Score__c": {"missing": True}}},
        "NPS Score is not on the package's object.",
    ),
    Plant(
        "custom_fields",
        "picklist",
        {"restricted_picklists": {"Lead.LeadSource": ["Web", "Referral", "Event"]}},
        "Lead Source of leads is restricted and lacks UserGems.",
    ),
    Plant(
        "page_layouts",
        "component",
        {"components_off": ["Contact"]},
        "The contact page lacks the package's component.",
    ),
    Plant(
        "page_layouts",
        "activation",
        {"pages_inactive": ["Lead"]},
        "The lead page is not the org's default.",
    ),
    Plant(
        "page_layouts",
        "field",
        {"layout_fields_off": ["Contact.UserGem__PastCompany__c"]},
        "Contact Layout lacks UG - Past Company.",
    ),
    Plant(
        "lead_conversion",
        "unmapped",
        {"unmapped_fields": ["UserGem__Persona__c"]},
        "UG - Persona is not mapped.",
    ),
    Plant(
        "lead_conversion",
        "elsewhere-title",
        {"mapped_elsewhere": {"UserGem__PastTitle__c": "UserGem__PastCompany__c"}},
        "UG - Past Title goes to UG - Past Company of the contact.",
    ),
    Plant(
        "lead_conversion",
        "elsewhere-date",
        {"mapped_elsewhere": {"UserGem__JobStartedDate__c": "UserGem__RoleStartedDate__c"}},
        "UG - Job Started Date goes to UG - Role Started Date of the contact.",
    ),
    Plant(
        "campaigns",
        "inactive",
        {"campaigns_changed": {CAMPAIGN: {"active": False}}},
        f"The campaign {CAMPAIGN} is not active.",
    ),
    Plant(
        "campaigns",
        "statuses",
        {"campaigns_changed": {CAMPAIGN: {"statuses": ["Sent", "Attended"]}}},
        f"The campaign {CAMPAIGN} has the status Attended instead of Responded.",
    ),
    Plant(
        "campaigns",
        "owner",
        {"inactive_users": [OWNER]},
        "Amy Brown, the default owner, is not active.",
    ),
    Plant(
        "related_lists",
        "account",
        {"related_lists_off": ["Account.UserGem__NewAccount__c"]},
        "Account Layout lacks the list of UserGems by New Account.",
    ),
    Plant(
        "related_lists",
        "contact-past",
        {"related_lists_off": ["Contact.UserGem__PastContact__c"]},
        "Contact Layout lacks the list of UserGems by Past Contact.",
    ),
    Plant(
        "related_lists",
        "contact-new",
        {"related_lists_off": ["Contact.UserGem__NewContact__c"]},
        "Contact Layout lacks the list of UserGems by New Contact.",
    ),
    Plant(
        "user_permissions",
        "field",
        {"read_only_fields": ["Contact.Phone"]},
        "The integration user may only read Business Phone of contacts.",
    ),
    Plant(
        "user_permissions",
        "system",
        {"removed_permissions": ["RunReports"]},
        "The integration user has no Run Reports.",
    ),
    Plant(
        "user_permissions",
        "object",
        {"no_create": ["CampaignMember"]},
        "The integration user may not create campaign members.",
    ),
)


def merged(plants: Iterable[Plant]) -> dict[str, Any]:
    """The fields of several plants together: lists one after the other, tables joined."""
    found: dict[str, Any] = {}
    for plant in plants:
        found = _joined(found, plant.fields)
    return found


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(one)
    for key, value in other.items():
        before = result.get(key)
        if isinstance(value, Mapping):
            result[key] = _joined(before or {}, value)
        elif isinstance(value, list):
            result[key] = [*(before or ()), *value]
        else:
            result[key] = value
    return result
