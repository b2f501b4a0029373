"""Fields that the customer has filled besides ours: what may be chosen, and its value. Pure.

On new records these are filled like any other; on the past record an empty one is filled, and a
filled one replaced only where the customer chose that for this field (product.md, rule 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from integrations.salesforce.manifest import PackageManifest
from jobchanges.planning.text import as_data, utf16_length
from jobchanges.planning.typed import TAKES, TEXT_TYPES, Unfit, typed
from jobchanges.planning.types import FieldFacts, FieldMap, JobChangeData, MapTarget, Value
from jobchanges.planning.values import (
    ADDRESS_FIELDS,
    KIND_WORDS,
    MAPPING_SOURCES,
    PERSON_FIELDS,
    iso_date,
    iso_moment,
)

OBJECT_OF: Final[Mapping[str, str]] = {
    MapTarget.NEW_LEAD: "Lead",
    MapTarget.NEW_CONTACT: "Contact",
    MapTarget.NEW_ACCOUNT: "Account",
    MapTarget.PAST_LEAD: "Lead",
    MapTarget.PAST_CONTACT: "Contact",
}
PAST_TARGETS: Final = frozenset({MapTarget.PAST_LEAD, MapTarget.PAST_CONTACT})

_SYSTEM = frozenset(
    {
        "Id", "IsDeleted", "MasterRecordId", "Name", "OwnerId", "RecordTypeId", "SystemModstamp",
        "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate",
    }
)  # fmt: skip
# Fields that plans fill themselves or that say whose record it is, besides the package's: never
# mapped, on new records or past ones.
FIELDS_OF_OURS: Final[Mapping[str, frozenset[str]]] = {
    "Lead": _SYSTEM
    | frozenset(PERSON_FIELDS["Lead"])
    | frozenset(ADDRESS_FIELDS["Lead"])
    | {
        "Website", "LeadSource", "CountryCode", "StateCode", "IsConverted", "ConvertedDate",
        "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
    },
    "Contact": _SYSTEM
    | frozenset(PERSON_FIELDS["Contact"])
    | frozenset(ADDRESS_FIELDS["Contact"])
    | {"AccountId", "LeadSource", "MailingCountryCode", "MailingStateCode"},
    "Account": _SYSTEM
    | {
        "ParentId", "Website", "NumberOfEmployees", "BillingStreet", "BillingCity",
        "BillingPostalCode", "BillingState", "BillingCountry", "BillingCountryCode",
        "BillingStateCode",
    },
}  # fmt: skip

# What a source is, where it is more than a text.
_SOURCE_KINDS: Final[Mapping[str, str]] = {
    "linkedin_url": "url",
    "new_company_website": "url",
    "new_company_domain": "url",
    "phone": "phone",
    "past_email": "email",
    "new_email": "email",
    "new_company_employees": "number",
    "job_started_date": "date",
    "role_started_date": "date",
    "detected_at": "datetime",
    "is_target_company": "boolean",
}


def mapping_from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[FieldMap, ...]:
    """`OutputSettings.field_mapping` as planning takes it, in its order."""
    return tuple(
        FieldMap(
            target=str(item.get("target", "")),
            field=str(item.get("field", "")),
            source=str(item.get("source", "")),
            text=str(item.get("text", "")),
            replace=item.get("replace") is True,
        )
        for item in stored
    )


def mapping_problem(item: FieldMap, facts: FieldFacts | None, manifest: PackageManifest) -> str:
    """Why a field cannot be filled as chosen, in a sentence; "" when it can.

    `facts`: what describe says of the field as the integration user sees it, None where it does
    not see it. Of a source only the type is judged here; each value is fitted when it is known.
    """
    object_name = OBJECT_OF.get(item.target, "")
    if not object_name or not item.field:
        return "Choose a record and a field of it."
    if item.source and item.source not in MAPPING_SOURCES:
        return "Choose a value that comes with a job change, or a text of your own."
    if not item.source and not as_data(item.text):
        return "Choose what goes into the field: a value of the job change or a text of your own."
    if is_ours(item.field, object_name, manifest):
        return "UserGems fills this field itself, or it belongs to Salesforce."
    if facts is None:
        return "The integration user does not see this field in this org."
    is_past = item.target in PAST_TARGETS
    if not (facts.updateable if is_past else facts.createable):
        return "The integration user may not write this field."
    if item.replace and not is_past:
        return "Only a field of the past record can be replaced: a new record has no values yet."
    if is_past and facts.type == "boolean" and not item.replace:
        return (
            "A checkbox is never empty, so it is filled only with “Also replace what stands there”."
        )
    return _type_problem(item, facts)


def is_ours(field: str, object_name: str, manifest: PackageManifest) -> bool:
    """Whether nobody may map this field: API names differ in more than capitals."""
    name = field.casefold()
    return name.startswith(manifest.prefix.casefold()) or name in {
        one.casefold() for one in FIELDS_OF_OURS[object_name] | manifest.fields_on(object_name)
    }


def _type_problem(item: FieldMap, facts: FieldFacts) -> str:
    if facts.type not in TEXT_TYPES and facts.type not in TAKES:
        return f"Fields of the type {facts.type} cannot be filled."
    if facts.unique and item.source != "key":
        return "No two records may have the same value in this field, so it is not filled."
    if item.source:
        if facts.type in TEXT_TYPES:
            return ""
        kinds, words = TAKES[facts.type]
        if _SOURCE_KINDS.get(item.source, "text") in kinds:
            return ""
        return f"This field takes {words}, and “{MAPPING_SOURCES[item.source]}” is none."
    try:
        value = typed(as_data(item.text), facts)
    except Unfit as problem:
        return str(problem)
    if isinstance(value, str):
        if facts.length and utf16_length(value) > facts.length:
            return f"“{value}” is longer than the {facts.length} characters that the field takes."
        return _list_problem(value, facts)
    return ""


def _list_problem(value: str, facts: FieldFacts) -> str:
    chosen = value.split(";") if facts.type == "multipicklist" else [value]
    for one in chosen:
        if facts.allowed is not None and one not in facts.allowed:
            return f"“{one}” is not among the values of this field."
    return ""


def mapped_value(item: FieldMap, job_change: JobChangeData, facts: FieldFacts) -> tuple[Value, str]:
    """The value that the field gets from one job change, and "" or why it gets none.

    Of the type the field has; its length is fitted like that of any other (`values_fit`). Only
    for a mapping without a problem. A job change without this value gives (None, "").
    """
    raw = _raw(item, job_change)
    if raw is None or raw == "":
        return None, ""
    try:
        return typed(raw, facts), ""
    except Unfit as problem:
        return None, str(problem)


def _raw(item: FieldMap, job_change: JobChangeData) -> Value:
    """The value as text, or as number or truth where it is one."""
    if not item.source:
        return as_data(item.text)
    if item.source == "kind":
        return KIND_WORDS[job_change.kind]
    if item.source == "detected_at":
        return iso_moment(job_change)
    value = getattr(job_change, item.source)
    if isinstance(value, date):
        return iso_date(value)
    plain: Value = value
    return plain


def lookup_problem(field: str, facts: FieldFacts | None, manifest: PackageManifest) -> str:
    """Why the customer's own lookup on Lead cannot take the matched account; "" when it can."""
    if is_ours(field, "Lead", manifest):
        return "UserGems fills this field itself, or it belongs to Salesforce."
    if facts is None:
        return "The integration user does not see this field in this org."
    if facts.type != "reference" or "Account" not in facts.reference_to:
        return "This field is no lookup to Account."
    if not facts.createable:
        return "The integration user may not write this field."
    return ""


def owner_field_problem(facts: FieldFacts | None) -> str:
    """Why a field of Account cannot name the owner of a new contact; "" when it can."""
    if facts is None:
        return "The integration user does not see this field in this org."
    if facts.type != "reference" or "User" not in facts.reference_to:
        return "This field is no lookup to User."
    return ""
