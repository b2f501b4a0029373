"""Which fields plans fill at all, without any job change: what checks of an org look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from integrations.salesforce.manifest import PackageManifest
from jobchanges.planning.mapping import OBJECT_OF, PAST_TARGETS, is_ours
from jobchanges.planning.types import FieldMap
from jobchanges.planning.values import PERSON_FIELDS

# Standard fields of a new account, by our attribute (`account_values`).
ACCOUNT_FIELDS: Mapping[str, str] = {
    "Name": "new_company_name",
    "Website": "new_company_website",
    "NumberOfEmployees": "new_company_employees",
    "BillingCity": "new_company_city",
    "BillingCountry": "new_company_country",
}
# Package fields on a lead or contact that every plan fills from the job change; see
# `package_person_values` and `_Draft.package_fields_of_person`.
_PACKAGE_PERSON = {
    "past_company": "past_company_name",
    "past_title": "past_title",
    "relationship_type": "relationship_type",
    "job_started_date": "job_started_date",
    "role_started_date": "role_started_date",
    "linkedin_url": "linkedin_url",
    "is_target_company": "is_target_company",
}
_PACKAGE_LOOKUPS = ("past_contact", "past_account")
# No import leaves these empty.
_NEVER_EMPTY = {
    "last_name", "person_name", "past_company_name", "relationship_type", "is_target_company",
    "detected_at", "kind", "key",
}  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """Fields by object: on creating, on changing what exists, and those never left out."""

    created: Mapping[str, frozenset[str]] = field(default_factory=dict)
    updated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    always: Mapping[str, frozenset[str]] = field(default_factory=dict)


def fields_filled(
    manifest: PackageManifest,
    *,
    record_mode: str,
    campaign: bool,
    member_status: bool = False,
    always_known: Collection[str] = (),
    field_mapping: Iterable[FieldMap] = (),
    lead_account_field: str = "",
    update_past_record: bool = True,
) -> Filled:
    """What plans can write under these settings.

    `record_mode`: "" for not chosen yet, then both leads and contacts; with `flow_template`
    nothing but the package's record. `member_status`: whether one is chosen for members of the
    campaign. `always_known`: attributes that every waiting job change has a value for, such as
    `person_country`. `field_mapping`, `lead_account_field` and `update_past_record` as in
    `PlanSettings`.
    """
    known = _NEVER_EMPTY | set(always_known)
    made: tuple[str, ...] = {
        "always_lead": ("Lead",),
        "always_contact": ("Contact",),
        "flow_template": (),
    }.get(record_mode, ("Lead", "Contact"))
    is_left_to_flow = record_mode == "flow_template"
    created: dict[str, frozenset[str]] = {}
    always: dict[str, frozenset[str]] = {}
    for name in made:
        created[name] = _person(manifest, name, known=None)
        always[name] = _person(manifest, name, known=known)
    if record_mode == "always_contact":
        own = {"OwnerId", *_ours(manifest.account_fields, "created_by")}
        created["Account"] = frozenset({*ACCOUNT_FIELDS, *own})
        always["Account"] = frozenset(
            {"Name", *own, *(one for one, source in ACCOUNT_FIELDS.items() if source in known)}
        )
    mapped = [
        item
        for item in field_mapping
        if item.target in OBJECT_OF and not is_ours(item.field, OBJECT_OF[item.target], manifest)
    ]
    for item in mapped:
        name = OBJECT_OF[item.target]
        if item.target in PAST_TARGETS or name not in created:
            continue
        created[name] |= {item.field}
        if not item.source or item.source in known:
            always[name] |= {item.field}
    # Only where an account was matched, so never always.
    if lead_account_field and record_mode in ("", "always_lead"):
        created["Lead"] |= {lead_account_field}
    if campaign and not is_left_to_flow:
        created["CampaignMember"] = frozenset({"CampaignId", "ContactId", "LeadId", "Status"})
        said = {"CampaignId", "Status"} if member_status else {"CampaignId"}
        always["CampaignMember"] = frozenset(said)
    if manifest.can_deliver:
        keys = {manifest.key_field, manifest.attempt_field}
        created[manifest.object_name] = manifest.fields_on(manifest.object_name)
        known_to_us = ("person_name", "past_company", "kind", "relationship_type", "detected_at")
        ours = _ours(manifest.object_fields, *known_to_us)
        always[manifest.object_name] = frozenset(keys | ours)
    if is_left_to_flow:
        return Filled(created, {}, always)
    updated: dict[str, frozenset[str]] = {}
    for name in PERSON_FIELDS:
        updated[name] = _changed(manifest, name, marks=update_past_record)
        if update_past_record:
            updated[name] |= {
                item.field
                for item in mapped
                if item.target in PAST_TARGETS and OBJECT_OF[item.target] == name
            }
    return Filled(created, updated, always)


def _person(
    manifest: PackageManifest, name: str, *, known: Collection[str] | None
) -> frozenset[str]:
    """A created lead or contact. `known`: only what has a value in every job change."""
    sources = dict(PERSON_FIELDS[name])
    sources |= {
        manifest.person_fields[ours]: source
        for ours, source in _PACKAGE_PERSON.items()
        if ours in manifest.person_fields
    }
    found = {one for one, source in sources.items() if known is None or source in known}
    found |= {"OwnerId", "LeadSource", *_ours(manifest.person_fields, "created_by")}
    if name == "Contact":
        found.add("AccountId")
    if name == "Lead":
        # Without the new company nobody is created.
        found.add("Company")
    if known is None:
        found |= _ours(manifest.person_fields, *_PACKAGE_LOOKUPS)
        found |= {"Website"} if name == "Lead" else set()
    return frozenset(found)


def _changed(manifest: PackageManifest, name: str, *, marks: bool) -> frozenset[str]:
    """An existing lead or contact: its empty fields, the package's, and the mark of having left."""
    found = {*PERSON_FIELDS[name]}
    found |= _ours(manifest.person_fields, *_PACKAGE_PERSON, *_PACKAGE_LOOKUPS)
    if marks:
        found |= _ours(manifest.person_fields, "no_longer_at_company")
    if name == "Lead":
        found.add("Website")
    return frozenset(found)


def _ours(names: Mapping[str, str], *wanted: str) -> set[str]:
    """API names of the fields that this generation of the package has."""
    return {names[one] for one in wanted if one in names}
