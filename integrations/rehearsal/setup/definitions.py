"""Objects and fields as Setup defines them, whether or not the running user may see the data."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.schema.fields import NUMBERS
from integrations.rehearsal.setup.made import KEY, NO_ID, durable_id, made, setup_id, split_name
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

LONG_TEXT = 255
TYPES = {
    "id": "Lookup()",
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "Date/Time",
    "picklist": "Picklist",
    "email": "Email",
    "phone": "Phone",
    "address": "Address",
}
METADATA_TYPES = {
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "DateTime",
    "picklist": "Picklist",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "reference": "Lookup",
    "string": "Text",
    "int": "Number",
    "double": "Number",
    "currency": "Currency",
    "percent": "Percent",
}


def data_type(field: Field) -> str:
    """The type as Object Manager words it, such as `Text(255)`."""
    if field.auto_number:
        return "Auto Number"
    if field.type == "reference":
        return f"Lookup({','.join(field.reference_to)})"
    if field.type in NUMBERS:
        digits = field.digits or field.precision - field.scale
        kind = {"currency": "Currency", "percent": "Percent"}.get(field.type, "Number")
        return f"{kind}({digits}, {field.scale})"
    if field.type == "textarea":
        long_text = field.length > LONG_TEXT
        return f"{'Long Text Area' if long_text else 'Text Area'}({field.length})"
    return TYPES.get(field.type) or f"{'URL' if field.type == 'url' else 'Text'}({field.length})"


def data_objects(org: Org) -> list[SObject]:
    """The objects of the normal API, by name."""
    found = (item for item in org.schema.values() if not item.tooling or item.both_apis)
    return sorted(found, key=lambda item: item.name)


def _entities(access: Access) -> list[Row]:
    rows = []
    for sobject in data_objects(access.org):
        namespace, name = split_name(sobject.name)
        key = durable_id(access.org, sobject)
        rows.append(
            {
                KEY: key,
                "Id": NO_ID,
                "DurableId": key,
                "QualifiedApiName": sobject.name,
                "DeveloperName": name,
                "NamespacePrefix": namespace,
                "MasterLabel": sobject.label,
                "Label": sobject.label,
                "PluralLabel": sobject.label_plural,
                "KeyPrefix": sobject.key_prefix,
                "IsCustomizable": sobject.layoutable,
                "IsLayoutable": sobject.layoutable,
                "IsQueryable": True,
                "IsTriggerable": sobject.createable,
            }
        )
    return rows


def custom_field_id(org: Org, sobject: SObject, field: Field) -> str:
    """The id of a custom field's definition."""
    return setup_id(org, "00N", sobject.name, field.name)


def _fields(access: Access) -> list[Row]:
    """All fields, those hidden from the running user too: it is Setup that is read, not data."""
    org = access.org
    rows = []
    for sobject in data_objects(org):
        for field in sobject.fields:
            namespace, name = split_name(field.name)
            own = custom_field_id(org, sobject, field)[:15] if field.custom else field.name
            key = f"{durable_id(org, sobject)}.{own}"
            rows.append(
                {
                    KEY: key,
                    "Id": NO_ID,
                    "DurableId": key,
                    "QualifiedApiName": field.name,
                    "EntityDefinitionId": durable_id(org, sobject),
                    "DeveloperName": name,
                    "NamespacePrefix": namespace,
                    "MasterLabel": field.label,
                    "Label": field.label,
                    "DataType": data_type(field),
                    "Length": field.length,
                    "Precision": field.precision,
                    "Scale": field.scale,
                    "RelationshipName": field.relationship,
                    "IsCompound": field.type == "address",
                    "IsNameField": field.name_field,
                    "IsNillable": field.nillable,
                }
            )
    return rows


def field_metadata(field: Field) -> dict[str, Any]:
    """A custom field as both metadata APIs show it."""
    kind = "AutoNumber" if field.auto_number else METADATA_TYPES.get(field.type, "LongTextArea")
    found: dict[str, Any] = {"label": field.label, "type": kind, "required": field.required}
    if kind in ("Text", "LongTextArea"):
        found["length"] = field.length
    if kind in ("Number", "Currency", "Percent"):
        found |= {"precision": field.precision or field.digits, "scale": field.scale}
    if kind == "Lookup":
        found |= {"referenceTo": field.reference_to[0], "relationshipName": field.children}
    if kind == "Checkbox":
        found["defaultValue"] = str(bool(field.default)).lower()
    if field.external_id or field.unique:
        found |= {"externalId": field.external_id, "unique": field.unique}
        found["caseSensitive"] = field.case_sensitive
    if kind == "Picklist":
        values = [
            {"fullName": value, "label": value, "default": value == field.default}
            for value in field.picklist
        ]
        definition = {"sorted": False, "value": values}
        found["valueSet"] = {"restricted": field.restricted, "valueSetDefinition": definition}
    return found


def _custom_fields(access: Access) -> list[Row]:
    org = access.org
    rows = []
    for sobject in data_objects(org):
        for field in sobject.fields:
            if not field.custom:
                continue
            namespace, name = split_name(field.name)
            rows.append(
                made(
                    org,
                    Id=custom_field_id(org, sobject, field),
                    DeveloperName=name,
                    NamespacePrefix=namespace,
                    TableEnumOrId=durable_id(org, sobject),
                    EntityDefinitionId=durable_id(org, sobject),
                    FullName=f"{sobject.name}.{field.name}",
                    Metadata=lambda field=field: field_metadata(field),
                )
            )
    return rows


MAKERS = {
    "EntityDefinition": _entities,
    "FieldDefinition": _fields,
    "CustomField": _custom_fields,
}
