"""How a field and an object are described: data that describe, SOQL and record writes all read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
NUMBERS = ("int", "double", "currency", "percent")
TEXTS = ("string", "textarea", "picklist", "email", "phone", "url", "combobox")


@dataclass(frozen=True)
class Field:
    """One field of an object, in the terms of a describe."""

    name: str
    type: str = "string"
    label: str = ""
    length: int = 0
    digits: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    on_delete: str = "clear"
    children: str | None = None
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    auto_number: str = ""
    name_field: bool = False
    compound: str | None = None
    extra_type: str | None = None
    permissionable: bool = True
    system: bool = False

    @property
    def custom(self) -> bool:
        """Whether the name is that of something made by a customer or package."""
        return self.name.endswith("__c")

    @property
    def defaulted_on_create(self) -> bool:
        """Whether the platform fills it in when a new record lacks it."""
        return self.default is not None or self.system or self.type == "boolean"

    @property
    def nillable(self) -> bool:
        """Whether it may be empty."""
        return not (self.required or self.system or self.type == "boolean")


@dataclass(frozen=True)
class SObject:
    """One object type with its fields in describe order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    fields: tuple[Field, ...]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    layoutable: bool = True
    searchable: bool = True
    tooling: bool = False
    # A set-up object may be in both APIs, and be unknown to users without a system permission.
    both_apis: bool = False
    right: str = ""
    production_only: bool = False
    package: str | None = None
    hard_delete: bool = False
    by_lower: dict[str, Field] = field(default_factory=dict, compare=False, repr=False)
    by_relationship: dict[str, Field] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for item in self.fields:
            self.by_lower[item.name.lower()] = item
            if item.relationship:
                self.by_relationship[item.relationship.lower()] = item

    @property
    def custom(self) -> bool:
        """Whether the name is that of something made by a customer or package."""
        return self.name.endswith("__c")

    def field(self, name: str) -> Field | None:
        """A field by its API name; names are not case-sensitive."""
        return self.by_lower.get(name.lower())


def text(name: str, label: str, length: int, **more: Any) -> Field:
    """Plain text up to `length` characters."""
    return Field(name, "string", label, length=length, **more)


def area(name: str, label: str, length: int = 32000, **more: Any) -> Field:
    """Text of several lines."""
    return Field(name, "textarea", label, length=length, **more)


def pick(name: str, label: str, values: str, length: int = 255, **more: Any) -> Field:
    """A picklist; values parted by `|`."""
    return Field(name, "picklist", label, length=length, picklist=tuple(values.split("|")), **more)


def check(name: str, label: str, default: bool = False, **more: Any) -> Field:
    """A checkbox."""
    return Field(name, "boolean", label, default=default, **more)


def url(name: str, label: str, **more: Any) -> Field:
    """A web address."""
    return Field(name, "url", label, length=255, **more)


def phone(name: str, label: str) -> Field:
    """A telephone number."""
    return Field(name, "phone", label, length=40)


def date(name: str, label: str, **more: Any) -> Field:
    """A day."""
    return Field(name, "date", label, **more)


def moment(name: str, label: str, **more: Any) -> Field:
    """A point in time."""
    return Field(name, "datetime", label, **more)


def whole(name: str, label: str, digits: int = 9, **more: Any) -> Field:
    """A whole number of at most `digits` digits."""
    return Field(name, "int", label, digits=digits, **more)


def number(name: str, label: str, kind: str = "double", **more: Any) -> Field:
    """A number with decimals."""
    return Field(name, kind, label, precision=18, **more)


def lookup(name: str, label: str, target: str, **more: Any) -> Field:
    """A reference; its relationship's name follows: `…Id` → `…`, `…__c` → `…__r`."""
    relationship = name[:-3] + "__r" if name.endswith("__c") else name.removesuffix("Id")
    more.setdefault("relationship", relationship)
    return Field(name, "reference", label, length=18, reference_to=tuple(target.split("|")), **more)


READ_ONLY: dict[str, Any] = {"createable": False, "updateable": False}
SYSTEM: dict[str, Any] = {**READ_ONLY, "system": True, "permissionable": False}


def record_id(label: str) -> Field:
    """The record's own id."""
    return Field("Id", "id", label, length=18, id_lookup=True, **SYSTEM)


def audit_fields() -> tuple[Field, ...]:
    """When and by whom; every record has them."""
    return (
        moment("CreatedDate", "Created Date", **SYSTEM),
        lookup("CreatedById", "Created By ID", "User", **SYSTEM),
        moment("LastModifiedDate", "Last Modified Date", **SYSTEM),
        lookup("LastModifiedById", "Last Modified By ID", "User", **SYSTEM),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
    )


def deleted_field() -> Field:
    """Whether the record lies in the recycle bin."""
    return check("IsDeleted", "Deleted", **SYSTEM)


def address(prefix: str, compound: str) -> tuple[Field, ...]:
    """The parts of an address and the compound field that shows them together."""
    label = prefix + " " if prefix else ""
    part: dict[str, Any] = {"compound": compound}
    return (
        area(f"{prefix}Street", f"{label}Street", 255, **part),
        text(f"{prefix}City", f"{label}City", 40, **part),
        text(f"{prefix}State", f"{label}State/Province", 80, **part),
        text(f"{prefix}PostalCode", f"{label}Zip/Postal Code", 20, **part),
        text(f"{prefix}Country", f"{label}Country", 80, **part),
        Field(f"{prefix}Latitude", "double", f"{label}Latitude", precision=18, scale=15, **part),
        Field(f"{prefix}Longitude", "double", f"{label}Longitude", precision=18, scale=15, **part),
        pick(
            f"{prefix}GeocodeAccuracy",
            f"{label}Geocode Accuracy",
            "Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown",
            40,
            restricted=True,
            **part,
        ),
        Field(compound, "address", f"{label}Address", **READ_ONLY),
    )
