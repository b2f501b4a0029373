"""What an org says about its objects (platform reference, 2.6), reduced to what we need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.composite import composite_parts
from integrations.salesforce.door import Door
from integrations.salesforce.ids import checked_name
from integrations.salesforce.shapes import (
    flag,
    items,
    named,
    number,
    odd,
    reading,
    record_id_or_none,
    text,
    texts,
)

# A describe can have a megabyte: few in one answer, so that it comes within its time.
DESCRIBES_A_CALL = 5


@dataclass(frozen=True)
class FieldDescribe:
    """One field as the running user has it; a field hidden from that user is missing."""

    name: str
    label: str
    type: str
    length: int
    createable: bool
    updateable: bool
    nillable: bool
    picklist_values: tuple[str, ...]
    reference_to: tuple[str, ...]
    defaulted_on_create: bool = False
    restricted_picklist: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    calculated: bool = False
    precision: int = 0
    scale: int = 0
    relationship_name: str = ""

    @property
    def required(self) -> bool:
        """Whether a create call has to fill it."""
        return self.createable and not self.nillable and not self.defaulted_on_create


@dataclass(frozen=True)
class RecordTypeInfo:
    """A record type; compare by `developer_name`: the ids differ between orgs."""

    record_type_id: str
    developer_name: str
    name: str
    active: bool
    available: bool  # to the running user
    default: bool
    master: bool


@dataclass(frozen=True)
class ChildRelationship:
    """A lookup of another object to this one; `name` is empty where queries cannot follow it."""

    name: str
    object_name: str
    field: str


@dataclass(frozen=True)
class ObjectDescribe:
    """One object with the running user's effective rights; `fields` by API name."""

    name: str
    label: str
    key_prefix: str
    createable: bool
    updateable: bool
    deletable: bool
    queryable: bool
    fields: Mapping[str, FieldDescribe]
    custom: bool = False
    layoutable: bool = False
    record_types: tuple[RecordTypeInfo, ...] = ()
    child_relationships: tuple[ChildRelationship, ...] = ()
    # The Lightning page that opens for View on the desktop by default: "" for Salesforce's own,
    # None where the org does not say. Pages of single apps, record types, profiles: not told.
    view_page_id: str | None = None


def describe(door: Door, object_name: str) -> ObjectDescribe:
    """One call. Raises SalesforceError `NOT_FOUND` for an object missing or hidden."""
    return object_from(door.get(f"sobjects/{checked_name(object_name)}/describe"), object_name)


def describes(door: Door, object_names: Sequence[str]) -> dict[str, ObjectDescribe]:
    """Several objects by the name asked for, five a call; one missing or hidden is left out.

    Raises SalesforceError for the first that is refused for another reason.
    """
    names = list(dict.fromkeys(checked_name(name) for name in object_names))
    found: dict[str, ObjectDescribe] = {}
    for start in range(0, len(names), DESCRIBES_A_CALL):
        chunk = names[start : start + DESCRIBES_A_CALL]
        parts = composite_parts(door, [f"sobjects/{name}/describe" for name in chunk])
        for name, part in zip(chunk, parts, strict=True):
            if part.error is None:
                found[name] = object_from(part.body, name)
            elif part.error.code != "NOT_FOUND":
                raise part.error
    return found


def object_names(door: Door) -> set[str]:
    """The API names of all objects the running user can see; one call."""
    answer = door.get("sobjects")
    with reading("describe global"):
        return {text(item["name"]) for item in items(answer["sobjects"])}


def object_from(answer: Any, asked: str = "") -> ObjectDescribe:
    """A describe answer as data; SalesforceError when it has another form or another object."""
    with reading("describe"):
        fields = [_field_from(item) for item in items(answer["fields"])]
        found = ObjectDescribe(
            name=named(answer["name"]),
            label=text(answer["label"]),
            key_prefix=text(answer.get("keyPrefix")),
            createable=flag(answer.get("createable")),
            updateable=flag(answer.get("updateable")),
            deletable=flag(answer.get("deletable")),
            queryable=flag(answer.get("queryable")),
            fields={field.name: field for field in fields},
            custom=flag(answer.get("custom")),
            layoutable=flag(answer.get("layoutable")),
            record_types=record_types_from(answer.get("recordTypeInfos")),
            child_relationships=tuple(
                ChildRelationship(
                    text(item.get("relationshipName")),
                    named(item["childSObject"]),
                    named(item["field"]),
                )
                for item in items(answer.get("childRelationships"))
            ),
            view_page_id=_view_page(answer.get("actionOverrides")),
        )
    # API names are case-insensitive in addresses.
    if asked and found.name.lower() != asked.lower():
        raise odd("describe of another object")
    return found


def _view_page(overrides: Any) -> str | None:
    """From `actionOverrides`: `[{"name": "View", "formFactor": "Large", "pageId": "0M0…"}]`."""
    if overrides is None:
        return None
    for override in items(overrides):
        name, form = text(override.get("name")), text(override.get("formFactor"))
        if name.lower() == "view" and form.lower() == "large":
            return record_id_or_none(override.get("pageId"))
    return ""


def record_types_from(value: Any) -> tuple[RecordTypeInfo, ...]:
    """`recordTypeInfos` of a describe or `recordTypeMappings` of layouts; they share their keys."""
    return tuple(
        RecordTypeInfo(
            record_type_id=record_id_or_none(item["recordTypeId"]),
            developer_name=text(item.get("developerName")),
            name=text(item.get("name")),
            active=flag(item.get("active")),
            available=flag(item.get("available")),
            default=flag(item.get("defaultRecordTypeMapping")),
            master=flag(item.get("master")),
        )
        for item in items(value)
    )


def _field_from(item: Mapping[str, Any]) -> FieldDescribe:
    return FieldDescribe(
        name=named(item["name"]),
        label=text(item.get("label")) or item["name"],
        type=named(item["type"]),
        length=number(item.get("length")),
        createable=flag(item.get("createable")),
        updateable=flag(item.get("updateable")),
        nillable=flag(item.get("nillable")),
        picklist_values=tuple(
            text(value["value"])
            for value in items(item.get("picklistValues"))
            if flag(value.get("active"))
        ),
        reference_to=texts(item.get("referenceTo")),
        defaulted_on_create=flag(item.get("defaultedOnCreate")),
        restricted_picklist=flag(item.get("restrictedPicklist")),
        external_id=flag(item.get("externalId")),
        unique=flag(item.get("unique")),
        case_sensitive=flag(item.get("caseSensitive")),
        custom=flag(item.get("custom")),
        calculated=flag(item.get("calculated")),
        precision=number(item.get("precision")),
        scale=number(item.get("scale")),
        relationship_name=text(item.get("relationshipName")),
    )
