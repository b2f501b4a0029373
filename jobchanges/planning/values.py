"""Which fields a job change fills, and fitting each value to what the org's describe says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC

from jobchanges.planning.text import as_data, shorten, utf16_length
from jobchanges.planning.types import (
    FieldFacts,
    JobChangeData,
    MapTarget,
    PlanSettings,
    Ref,
    Value,
)

# Standard fields of a person: API name → attribute of the job change.
PERSON_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Contact": {
        "FirstName": "first_name",
        "LastName": "last_name",
        "Email": "new_email",
        "Title": "new_title",
        "Phone": "phone",
        "MailingState": "person_state",
        "MailingCountry": "person_country",
    },
    "Lead": {
        "FirstName": "first_name",
        "LastName": "last_name",
        "Company": "new_company_name",
        "Email": "new_email",
        "Title": "new_title",
        "Phone": "phone",
        "State": "person_state",
        "Country": "person_country",
        "NumberOfEmployees": "new_company_employees",
    },
}
# An address is filled as a whole or left alone: half of ours would sit beside half of theirs.
ADDRESS_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Contact": (
        "MailingStreet",
        "MailingCity",
        "MailingPostalCode",
        "MailingState",
        "MailingCountry",
    ),
    "Lead": ("Street", "City", "PostalCode", "State", "Country"),
}
# What a customer may have written into fields of their own, in the order in which it is offered:
# attribute of the job change → what it is called (contact-tracking, section 9).
MAPPING_SOURCES: Mapping[str, str] = {
    "first_name": "First name",
    "last_name": "Last name",
    "person_name": "Full name",
    "linkedin_url": "LinkedIn address of the person",
    "phone": "Phone",
    "person_country": "Country of the person",
    "person_state": "State of the person",
    "past_email": "Past e-mail",
    "new_email": "New e-mail",
    "past_company_name": "Past company",
    "past_title": "Past title",
    "relationship_type": "Relationship",
    "new_company_name": "New company",
    "new_company_domain": "New company: domain",
    "new_company_website": "New company: website",
    "new_company_employees": "New company: employees",
    "new_company_country": "New company: country",
    "new_company_city": "New company: city",
    "new_title": "New title",
    "job_started_date": "Date the job started",
    "role_started_date": "Date the role started",
    "detected_at": "Date and time the job change was noticed",
    "is_target_company": "New company is a target company",
    "kind": "Kind of job change",
    "key": "ID of the job change",
}
KIND_WORDS = {"joined": "Job change", "left": "Left company", "promotion": "Promotion"}
# Half an address of these kinds is worse than none.
WHOLE_OR_NOTHING = frozenset({"email", "url", "phone", "reference", "id"})
PICKLISTS = frozenset({"picklist", "combobox", "multipicklist"})


@dataclass
class Fitted:
    """Values that the org takes, what was changed or left out, and what makes it impossible."""

    fields: dict[str, Value | Ref] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    shortened: bool = False


def person_values(job_change: JobChangeData, object_name: str) -> dict[str, Value]:
    """Standard fields of the person's record at the new company. Empty ones are left out."""
    wanted: dict[str, Value] = {
        name: getattr(job_change, attribute)
        for name, attribute in PERSON_FIELDS[object_name].items()
    }
    if object_name == "Lead":
        wanted["Website"] = website_of(job_change)
    return {name: value for name, value in wanted.items() if value not in ("", None)}


def account_values(job_change: JobChangeData) -> dict[str, Value]:
    """Standard fields of a new account. Empty ones are left out."""
    wanted: dict[str, Value] = {
        "Name": job_change.new_company_name,
        "Website": website_of(job_change),
        "NumberOfEmployees": job_change.new_company_employees,
        "BillingCity": job_change.new_company_city,
        "BillingCountry": job_change.new_company_country,
    }
    return {name: value for name, value in wanted.items() if value not in ("", None)}


def is_empty(value: object) -> bool:
    """Whether a field with this value holds nothing; an unticked checkbox and 0 are values."""
    return value is None or value == ""


def website_of(job_change: JobChangeData) -> str:
    """The new company's website, or its domain."""
    return job_change.new_company_website or job_change.new_company_domain


def package_person_values(job_change: JobChangeData, names: Mapping[str, str]) -> dict[str, Value]:
    """The package's own fields on the person's record, without lookups (reference, 6.2)."""
    ours: dict[str, Value] = {
        "past_company": job_change.past_company_name,
        "past_title": job_change.past_title,
        "relationship_type": job_change.relationship_type,
        "job_started_date": iso_date(job_change.job_started_date),
        "role_started_date": iso_date(job_change.role_started_date),
        "linkedin_url": job_change.linkedin_url,
        "is_target_company": job_change.is_target_company,
    }
    return {names[name]: value for name, value in ours.items() if name in names and value != ""}


def package_record_values(job_change: JobChangeData, names: Mapping[str, str]) -> dict[str, Value]:
    """Everything we know, on the package's own record (reference, 6.3), without lookups."""
    ours: dict[str, Value] = {
        "person_name": job_change.person_name,
        "linkedin_url": job_change.linkedin_url,
        "past_company": job_change.past_company_name,
        "past_title": job_change.past_title,
        "new_company": job_change.new_company_name,
        "new_title": job_change.new_title,
        "new_email": job_change.new_email,
        "relationship_type": job_change.relationship_type,
        "kind": KIND_WORDS[job_change.kind],
        "job_started_date": iso_date(job_change.job_started_date),
        "role_started_date": iso_date(job_change.role_started_date),
        "detected_at": iso_moment(job_change),
    }
    return {names[name]: value for name, value in ours.items() if name in names and value != ""}


def iso_date(value: object) -> str:
    """A date as Salesforce writes it; nothing for none."""
    return str(value) if value else ""


def iso_moment(job_change: JobChangeData) -> str:
    """When the job change was detected, in UTC, as Salesforce writes it."""
    return job_change.detected_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def fields_read(settings: PlanSettings, object_name: str) -> list[str]:
    """Fields of a lead or contact that matching must read, so that plans know the before-image.

    Sorted; only those the connected user may see.
    """
    wanted = {*PERSON_FIELDS[object_name], *ADDRESS_FIELDS[object_name]}
    wanted.update(settings.manifest.person_fields.values())
    past = MapTarget.PAST_LEAD if object_name == "Lead" else MapTarget.PAST_CONTACT
    wanted.update(item.field for item in settings.field_mapping if item.target == past)
    if object_name == "Lead":
        wanted.add("Website")
    return sorted(wanted & set(settings.fields.get(object_name, {})))


def as_stored(job_change: JobChangeData, settings: PlanSettings) -> JobChangeData:
    """The job change with the person's name as an org holds it once we have written it.

    Matching looks for this form: a name too long for its field, or with signs that are taken
    out, would not be found again, and its person get a second record.
    """
    return replace(
        job_change,
        first_name=_name_stored(job_change.first_name, "FirstName", settings),
        last_name=_name_stored(job_change.last_name, "LastName", settings),
    )


def _name_stored(text: str, field_name: str, settings: PlanSettings) -> str:
    fields = (settings.fields.get(name, {}).get(field_name) for name in PERSON_FIELDS)
    lengths = [facts.length for facts in fields if facts and facts.length]
    clean = as_data(text)
    return shorten(clean, min(lengths)) if lengths else clean


def values_fit(
    wanted: Mapping[str, Value | Ref],
    *,
    object_name: str,
    operation: str,
    settings: PlanSettings,
) -> Fitted:
    """Fit values to the org: leave out what cannot be written, shorten what is too long.

    Empty values are dropped. What Salesforce requires and we cannot give is `impossible` when
    it was ours to give, and a note when it is the customer's own required field.
    """
    facts = settings.fields.get(object_name, {})
    fitted = Fitted()
    for name, value in wanted.items():
        if is_empty(value):
            continue
        _fit_one(fitted, facts.get(name), name, value, object_name, operation)
    if operation == "create":
        _note_required(fitted, facts, wanted, object_name)
    return fitted


def _fit_one(
    fitted: Fitted,
    facts: FieldFacts | None,
    name: str,
    value: Value | Ref,
    object_name: str,
    operation: str,
) -> None:
    where = f"{object_name} field {(facts and facts.label) or name}"
    if facts is None:
        fitted.notes.append(f"{where}: not visible to the integration user, left out.")
        return
    if not (facts.createable if operation == "create" else facts.updateable):
        fitted.notes.append(f"{where}: the integration user may not write it, left out.")
        return
    if not isinstance(value, str):
        fitted.fields[name] = value
        return
    text = as_data(value)
    if text != value.strip():
        fitted.notes.append(f"{where}: characters with a meaning for Salesforce were taken out.")
    if not text:
        return
    chosen = text.split(";") if facts.type == "multipicklist" else [text]
    if facts.allowed is not None and facts.type in PICKLISTS and not set(chosen) <= facts.allowed:
        fitted.notes.append(f"{where}: “{text}” is not among its values, left out.")
        return
    if facts.length and utf16_length(text) > facts.length:
        if facts.type in WHOLE_OR_NOTHING or facts.type in PICKLISTS:
            fitted.notes.append(f"{where}: longer than {facts.length} characters, left out.")
            return
        text = shorten(text, facts.length)
        fitted.shortened = True
        fitted.notes.append(f"{where}: shortened to {facts.length} characters.")
    fitted.fields[name] = text


def _note_required(
    fitted: Fitted,
    facts: Mapping[str, FieldFacts],
    wanted: Mapping[str, Value | Ref],
    object_name: str,
) -> None:
    for name, fact in facts.items():
        if not fact.required or name in fitted.fields:
            continue
        label = fact.label or name
        if wanted.get(name) not in (None, ""):
            fitted.impossible.append(
                f"{object_name} field {label} is required, and its value cannot be written."
            )
        elif fact.createable:
            fitted.notes.append(
                f"{object_name} field {label} is required in this org and has no value here."
            )
