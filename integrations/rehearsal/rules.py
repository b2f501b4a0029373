"""What an org checks before it keeps a record: required, references, rules, duplicates."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import Fault, SalesforceError, refuse
from integrations.rehearsal.indexes import index_key
from integrations.rehearsal.schema import Field, SObject, key_prefixes
from integrations.rehearsal.schema.variations import RECORD_TYPE_FIELD
from integrations.rehearsal.setup.record_types import record_types
from integrations.rehearsal.store import Row, Space

PREFIXES = key_prefixes()


def check_required(sobject: SObject, row: Row) -> None:
    """Every required field has a value; REQUIRED_FIELD_MISSING names all that have none."""
    missing = [
        field.name
        for field in sobject.fields
        if field.required and field.type != "boolean" and row.get(field.name) is None
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise refuse("REQUIRED_FIELD_MISSING", message, missing)


def check_reference(access: Access, sobject: SObject, field: Field, value: str) -> None:
    """The id points to a live record of an allowed object."""
    if field.name == RECORD_TYPE_FIELD:
        _check_record_type(access, sobject, value)
        return
    target = PREFIXES.get(value[:3])
    if target is None or target.name not in field.reference_to:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise refuse("MALFORMED_ID", message, [field.name])
    found = access.org.space.get(target.name, value)
    if found is None:
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if found.get("IsDeleted"):
        raise refuse("ENTITY_IS_DELETED", "entity is deleted", [])
    if field.name == "OwnerId" and target.name == "User" and not found.get("IsActive"):
        message = (
            f"operation performed with inactive user [{value}] as owner of {sobject.name.lower()}"
        )
        raise refuse("INACTIVE_OWNER_OR_USER", message, [])


def _check_record_type(access: Access, sobject: SObject, value: str) -> None:
    if value not in {item.record_type_id for item in record_types(access.org, sobject)}:
        message = f"Record Type ID: this ID value isn't valid for the user: {value}"
        raise refuse("INVALID_CROSS_REFERENCE_KEY", message, [RECORD_TYPE_FIELD])


def complete_record_type(access: Access, sobject: SObject, row: Row) -> None:
    """A new record without a record type gets the default one; the master is none."""
    if sobject.field(RECORD_TYPE_FIELD) is None or row.get(RECORD_TYPE_FIELD):
        return
    for item in record_types(access.org, sobject):
        if item.default and not item.master:
            row[RECORD_TYPE_FIELD] = item.record_type_id


def check_validation_rules(access: Access, sobject: SObject, row: Row, moment: str) -> None:
    """The customer's own rules; all that fail are reported together."""
    faults = [
        Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [])
        for rule in access.org.config.validation_rules
        if rule.sobject == sobject.name
        and moment in rule.on
        and not any(row.get(name) for name in rule.blank)
        and (rule.when is None or row.get(rule.when[0]) == rule.when[1])
    ]
    if faults:
        raise SalesforceError(faults)


def check_unique(space: Space, sobject: SObject, row: Row) -> None:
    """Fields marked unique: DUPLICATE_VALUE names the field and the record that has the value."""
    for field in sobject.fields:
        value = row.get(field.name)
        if not field.unique or value is None:
            continue
        for other in space.find(sobject.name, field.name, [value]):
            # A value in the recycle bin is free again.
            if other["Id"] == row["Id"] or other.get("IsDeleted"):
                continue
            same = other.get(field.name) == value
            if not field.case_sensitive and isinstance(value, str):
                same = str(other.get(field.name)).lower() == value.lower()
            if same:
                message = (
                    f"duplicate value found: {field.name} duplicates value on record with id: "
                    f"{other['Id']}"
                )
                raise refuse("DUPLICATE_VALUE", message, [])


def check_duplicates(
    access: Access, sobject: SObject, row: Row, before: Row | None, allow_save: bool
) -> None:
    """The org's duplicate rules; an alert can be saved past with the header, a block cannot.

    A change that leaves the compared field alone is not looked at.
    """
    space = access.org.space
    for rule in access.org.config.duplicate_rules:
        value = row.get(rule.match_on)
        if rule.sobject != sobject.name or not value or (rule.action == "alert" and allow_save):
            continue
        if before is not None and before.get(rule.match_on) == value:
            continue
        wanted = index_key(value)
        matches = [
            other["Id"]
            for other in space.find(sobject.name, rule.match_on, [value])
            if index_key(other.get(rule.match_on)) == wanted
            and other["Id"] != row["Id"]
            and not other.get("IsDeleted")
        ]
        if matches:
            raise SalesforceError([_duplicate_fault(sobject, rule.action, matches)])


def _duplicate_fault(sobject: SObject, action: str, matches: list[str]) -> Fault:
    text = (
        "Use one of these records?"
        if action == "alert"
        else "You're creating a duplicate record. We recommend you use an existing record instead."
    )
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {
                    "type": sobject.name,
                    "url": f"/services/data/v68.0/sobjects/{sobject.name}/{key}",
                },
                "Id": key,
            },
        }
        for key in matches
    ]
    result: dict[str, Any] = {
        "allowSave": action == "alert",
        "duplicateRule": f"Standard_{sobject.name}_Duplicate_Rule",
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": text,
        "matchResults": [
            {
                "entityType": sobject.name,
                "errors": [],
                "matchEngine": "FuzzyMatchEngine",
                "matchRecords": records,
                "rule": f"Standard_{sobject.name}_Match_Rule_v1_1",
                "size": len(records),
                "success": True,
            }
        ],
    }
    return Fault("DUPLICATES_DETECTED", text, [], {"duplicateResult": result})


def complete_member(access: Access, row: Row) -> None:
    """What the platform fills in and checks on a campaign member."""
    space = access.org.space
    persons = [key for key in ("LeadId", "ContactId") if row.get(key)]
    if len(persons) != 1:
        message = (
            "Required fields are missing: [LeadId or ContactId]"
            if not persons
            else "You must specify a lead or a contact, not both"
        )
        code = "REQUIRED_FIELD_MISSING" if not persons else "FIELD_INTEGRITY_EXCEPTION"
        raise refuse(code, message, ["LeadId", "ContactId"])
    person = persons[0]
    others = space.find("CampaignMember", person, [row[person]])
    for other in others:
        if other["CampaignId"] == row["CampaignId"] and other["Id"] != row["Id"]:
            raise refuse("DUPLICATE_VALUE", "Already a campaign member.", [])
    row["LeadOrContactId"] = row[person]
    row["Type"] = person.removesuffix("Id")
    statuses = space.find("CampaignMemberStatus", "CampaignId", [row["CampaignId"]])
    by_label = {status["Label"].lower(): status for status in statuses}
    default = next((status for status in statuses if status.get("IsDefault")), None)
    # A status the campaign does not have is silently replaced by the campaign's default.
    status = by_label.get(str(row.get("Status") or "").lower(), default)
    if status:
        row["Status"], row["HasResponded"] = status["Label"], status["HasResponded"]
