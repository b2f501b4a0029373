"""What an org said of a few waiting job changes, kept so that settings can be tried on them.

Facts only: which fields there are, whom and what was found. What is written follows from them by
planning, with whatever choices somebody looks at (`settings_example`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from integrations.salesforce.manifest import PackageManifest
from jobchanges.planning.mapping import FIELDS_OF_OURS
from jobchanges.planning.types import AccountFact, FieldFacts, Matches, PersonFact
from jobchanges.planning.values import ADDRESS_FIELDS, PERSON_FIELDS

Fields = Mapping[str, Mapping[str, FieldFacts]]
_PEOPLE, _ACCOUNTS = ("person", "past"), ("account", "past_account")


@dataclass(frozen=True)
class Known:
    """What was found, by the key of the job change; empty before the org was asked.

    `lookups`: by account, the users named in its lookups. `campaign_id`: whose members were asked
    for. `why_not`: why nothing could be asked, as a sentence.
    """

    asked_at: datetime | None = None
    fields: Fields = field(default_factory=dict)
    matches: Mapping[str, Matches] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    campaign_id: str = ""
    why_not: str = ""

    def as_json(self) -> dict[str, Any]:
        """As an `OrgOffer` keeps it."""
        return {
            "asked_at": self.asked_at.isoformat() if self.asked_at else "",
            "fields": {
                name: [_facts_to_json(one) for one in facts.values()]
                for name, facts in self.fields.items()
            },
            "matches": {key: _matches_to_json(found) for key, found in self.matches.items()},
            "lookups": {key: dict(named) for key, named in self.lookups.items()},
            "campaign_id": self.campaign_id,
            "why_not": self.why_not,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Known:
        """What is kept; empty for nothing."""
        asked_at = stored.get("asked_at")
        return cls(
            asked_at=datetime.fromisoformat(asked_at) if asked_at else None,
            fields={
                name: {one["name"]: _facts_from_json(one) for one in facts}
                for name, facts in stored.get("fields", {}).items()
            },
            matches={
                key: _matches_from_json(found) for key, found in stored.get("matches", {}).items()
            },
            lookups=stored.get("lookups", {}),
            campaign_id=stored.get("campaign_id", ""),
            why_not=stored.get("why_not", ""),
        )


def fields_kept(fields: Fields, manifest: PackageManifest) -> Fields:
    """Of describe, what plans write or must write; the customer's own fields stand in the offer."""
    return {
        name: {
            one.name: one
            for one in facts.values()
            if one.required or one.name in _ours(name, manifest)
        }
        for name, facts in fields.items()
    }


def fields_assumed(object_name: str, manifest: PackageManifest) -> dict[str, FieldFacts]:
    """The fields of ours on an object as Salesforce and the package bring them, if all may be
    written: before the org was asked.
    """
    links = {*manifest.lookups.values(), "OwnerId", "AccountId", "CampaignId"}
    return {
        name: FieldFacts(
            name=name,
            type="boolean" if name in _flags(manifest) else "string",
            reference_to=("User",) if name in links else (),
        )
        for name in _ours(object_name, manifest)
    }


def _flags(manifest: PackageManifest) -> set[str]:
    names = ("created_by", "no_longer_at_company", "is_target_company")
    return {manifest.person_fields.get(one, "") for one in names}


def _ours(object_name: str, manifest: PackageManifest) -> frozenset[str]:
    if object_name == "CampaignMember":
        return frozenset({"CampaignId", "LeadId", "ContactId", "Status"})
    standard = {*FIELDS_OF_OURS.get(object_name, ()), *PERSON_FIELDS.get(object_name, ())}
    standard |= {*ADDRESS_FIELDS.get(object_name, ())}
    if object_name == "Account":
        standard.add("Name")
    return frozenset(standard) | manifest.fields_on(object_name)


# --- as JSON -------------------------------------------------------------------------------------


def _facts_to_json(facts: FieldFacts) -> dict[str, Any]:
    """Only what differs from the usual."""
    usual = FieldFacts(name=facts.name)
    found: dict[str, Any] = {"name": facts.name}
    for key, value in vars(facts).items():
        if value != getattr(usual, key):
            found[key] = sorted(value) if isinstance(value, frozenset | tuple) else value
    return found


def _facts_from_json(stored: Mapping[str, Any]) -> FieldFacts:
    values = dict(stored)
    if "allowed" in values:
        values["allowed"] = frozenset(values["allowed"])
    if "reference_to" in values:
        values["reference_to"] = tuple(values["reference_to"])
    return FieldFacts(**values)


def _matches_to_json(found: Matches) -> dict[str, Any]:
    return asdict(found)


def _matches_from_json(stored: Mapping[str, Any]) -> Matches:
    values = dict(stored)
    for name in _PEOPLE:
        values[name] = PersonFact(**values[name]) if values.get(name) else None
    for name in _ACCOUNTS:
        values[name] = AccountFact(**values[name]) if values.get(name) else None
    return Matches(**values)
