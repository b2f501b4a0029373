"""What checks are told of the settings: names, people, and what goes into which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.salesforce.manifest import PackageManifest
from jobchanges.models import (
    EnvironmentSettings,
    JobChange,
    OutputSettings,
    OwnerRule,
    RecordMode,
)
from jobchanges.planning.filled import Filled
from jobchanges.planning.mapping import (
    OBJECT_OF,
    PAST_TARGETS,
    mapping_from_json,
    mapping_problem,
)
from jobchanges.planning.types import FieldFacts, FieldMap
from jobchanges.planning.values import KIND_WORDS
from jobchanges.settings_fields import TYPES_FILLED
from jobchanges.settings_used import contacts_made, takes_turns


def choices_told(
    shared: OutputSettings,
    own: EnvironmentSettings,
    manifest: PackageManifest,
    listed: Sequence[JobChange],
    filled: Filled,
) -> dict[str, Any]:
    """Fields of a `CheckContext`, by name. What the record mode has no use for is left out."""
    mapped = _used(mapping_from_json(shared.field_mapping), filled)
    written = _values(shared, own, manifest, listed, mapped)
    rules = {
        "run_assignment_rules": shared.run_assignment_rules,
        "save_past_alerts": shared.save_past_alerts,
    }
    if shared.record_mode == RecordMode.FLOW_TEMPLATE:
        own_object = f"{manifest.object_name}."
        kept = {name: some for name, some in written.items() if name.startswith(own_object)}
        return {**rules, "values_written": kept}
    by_lookup = shared.contact_owner_rule == OwnerRule.ACCOUNT_LOOKUP
    return {
        **rules,
        "lead_source": shared.lead_source,
        "contact_owner_rule": str(shared.contact_owner_rule),
        "default_owner_id": own.default_owner_id,
        "default_owner_name": own.default_owner_name,
        "campaign_id": own.campaign_id,
        "campaign_name": own.campaign_name,
        "campaign_status": own.campaign_status,
        "turns": [(one["id"], one["name"]) for one in own.round_robin]
        if takes_turns(shared)
        else [],
        "contact_owner_field": shared.contact_owner_field
        if by_lookup and contacts_made(shared.record_mode)
        else "",
        "values_written": written,
        "types_written": _types(mapped, shared, filled, manifest),
    }


def _used(mapped: Iterable[FieldMap], filled: Filled) -> list[FieldMap]:
    """The mapped fields that plans fill at all under the other choices."""
    return [
        one
        for one in mapped
        if (name := OBJECT_OF.get(one.target)) is not None
        and one.field
        in (filled.updated if one.target in PAST_TARGETS else filled.created).get(name, ())
    ]


def _values(
    shared: OutputSettings,
    own: EnvironmentSettings,
    manifest: PackageManifest,
    listed: Sequence[JobChange],
    mapped: Sequence[FieldMap],
) -> Mapping[str, frozenset[str]]:
    """Texts that plans write into fields that may be restricted picklists."""

    def of(name: str) -> frozenset[str]:
        return frozenset(filter(None, (getattr(one, name) for one in listed)))

    relationship = manifest.person_fields.get("relationship_type", "")
    found = {
        "Lead.LeadSource": frozenset({shared.lead_source}),
        "Contact.LeadSource": frozenset({shared.lead_source}),
        "CampaignMember.Status": frozenset(filter(None, {own.campaign_status})),
        "Lead.Country": of("person_country"),
        "Lead.State": of("person_state"),
        "Contact.MailingCountry": of("person_country"),
        "Contact.MailingState": of("person_state"),
        "Account.BillingCountry": of("new_company_country"),
    }
    if relationship:
        found |= {f"{name}.{relationship}": of("relationship_type") for name in ("Lead", "Contact")}
    if kind := manifest.object_fields.get("kind", ""):
        kinds = frozenset(KIND_WORDS[one.kind] for one in listed if one.kind in KIND_WORDS)
        found[f"{manifest.object_name}.{kind}"] = kinds
    for one in mapped:
        key = f"{OBJECT_OF[one.target]}.{one.field}"
        written = frozenset(filter(None, (text.strip() for text in one.text.split(";"))))
        found[key] = found.get(key, frozenset()) | written
    return {name: values for name, values in found.items() if values}


def _types(
    mapped: Sequence[FieldMap], shared: OutputSettings, filled: Filled, manifest: PackageManifest
) -> Mapping[str, frozenset[str]]:
    """Which types of fields take what goes into the fields that the customer chose."""
    found: dict[str, frozenset[str]] = {}
    for one in mapped:
        name = OBJECT_OF[one.target]
        fitting = frozenset(
            kind
            for kind in TYPES_FILLED
            if not mapping_problem(one, FieldFacts(name=one.field, type=kind), manifest)
        )
        key = f"{name}.{one.field}"
        found[key] = found.get(key, fitting) & fitting
    if shared.lead_account_field in filled.created.get("Lead", ()):
        found[f"Lead.{shared.lead_account_field}"] = frozenset({"reference"})
    return found
