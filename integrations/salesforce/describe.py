"""What an org says about its objects (platform reference, 2.6), reduced to what we need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import checked_name


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

    @property
    def required(self) -> bool:
        """Whether a create call has to fill it."""
        return self.createable and not self.nillable and not self.defaulted_on_create


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


def describe(door: Door, object_name: str) -> ObjectDescribe:
    """One call. Raises SalesforceError `NOT_FOUND` for an object missing or hidden."""
    return object_from(door.get(f"sobjects/{checked_name(object_name)}/describe"))


def object_names(door: Door) -> set[str]:
    """The API names of all objects the running user can see; one call."""
    answer = door.get("sobjects")
    try:
        return {str(item["name"]) for item in answer["sobjects"]}
    except (KeyError, TypeError):
        raise SalesforceError("UNEXPECTED_ANSWER", detail="describe global") from None


def object_from(answer: Any) -> ObjectDescribe:
    """A describe answer as data; SalesforceError when it has another form."""
    try:
        fields = [_field_from(item) for item in answer["fields"]]
        return ObjectDescribe(
            name=answer["name"],
            label=answer["label"],
            key_prefix=answer.get("keyPrefix") or "",
            createable=bool(answer.get("createable")),
            updateable=bool(answer.get("updateable")),
            deletable=bool(answer.get("deletable")),
            queryable=bool(answer.get("queryable")),
            fields={field.name: field for field in fields},
        )
    except (KeyError, TypeError, AttributeError):
        raise SalesforceError("UNEXPECTED_ANSWER", detail="describe") from None


def _field_from(item: Mapping[str, Any]) -> FieldDescribe:
    return FieldDescribe(
        name=item["name"],
        label=item.get("label") or item["name"],
        type=item["type"],
        length=int(item.get("length") or 0),
        createable=bool(item.get("createable")),
        updateable=bool(item.get("updateable")),
        nillable=bool(item.get("nillable")),
        picklist_values=tuple(
            value["value"] for value in item.get("picklistValues") or () if value.get("active")
        ),
        reference_to=tuple(item.get("referenceTo") or ()),
        defaulted_on_create=bool(item.get("defaultedOnCreate")),
        restricted_picklist=bool(item.get("restrictedPicklist")),
        external_id=bool(item.get("externalId")),
        unique=bool(item.get("unique")),
        case_sensitive=bool(item.get("caseSensitive")),
    )
