"""The fields of Lead, Contact and Account that an org offers for the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.manifest import PackageManifest
from jobchanges.planning.mapping import OBJECT_OF, PAST_TARGETS, is_ours
from jobchanges.planning.types import FieldFacts

OBJECTS = ("Lead", "Contact", "Account")
# Every record has these; none of them names a person of the account's team.
_NOT_A_CHOICE = frozenset({"OwnerId", "CreatedById", "LastModifiedById"})
# Types that a value of a job change or a text of the customer's fits into.
TYPES_FILLED = frozenset(
    {
        *("string", "textarea", "encryptedstring", "picklist", "combobox", "multipicklist"),
        *("email", "url", "phone", "boolean", "date", "datetime"),
        *("int", "long", "double", "currency", "percent"),
    }
)
# A list that is longer than anybody reads is not kept: the org says what it refuses.
_MOST_VALUES = 300
_MOST_HINTS = 50


@dataclass(frozen=True)
class FieldChoice:
    """A field of the org: what decides whether a value fits, and what people call it.

    `values` are those of a picklist, restricted or not; `restricted` takes no other.
    """

    name: str
    label: str = ""
    type: str = ""
    length: int = 0
    createable: bool = True
    updateable: bool = True
    required: bool = False
    precision: int = 0
    scale: int = 0
    unique: bool = False
    reference_to: tuple[str, ...] = ()
    restricted: bool = False
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, field: FieldDescribe) -> FieldChoice:
        """From describe."""
        most = _MOST_VALUES if field.restricted_picklist else _MOST_HINTS
        values = field.picklist_values if len(field.picklist_values) <= most else ()
        return cls(
            name=field.name,
            label=field.label,
            type=field.type,
            length=field.length,
            createable=field.createable,
            updateable=field.updateable,
            required=field.required,
            precision=field.precision,
            scale=field.scale,
            unique=field.unique,
            reference_to=field.reference_to,
            restricted=field.restricted_picklist and bool(values),
            values=values,
        )

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the usual: an org has hundreds of fields."""
        usual = FieldChoice(self.name)
        found: dict[str, Any] = {"name": self.name}
        for key in self.__dataclass_fields__:
            value = getattr(self, key)
            if value != getattr(usual, key):
                found[key] = list(value) if isinstance(value, tuple) else value
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FieldChoice:
        """The field of a stored offer."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
        }
        return cls(**values)

    @property
    def facts(self) -> FieldFacts:
        """As plans know it."""
        return FieldFacts(
            name=self.name,
            label=self.label,
            type=self.type,
            length=self.length,
            createable=self.createable,
            updateable=self.updateable,
            required=self.required,
            precision=self.precision,
            scale=self.scale,
            unique=self.unique,
            reference_to=self.reference_to,
            allowed=frozenset(self.values) if self.restricted else None,
        )


Fields = Mapping[str, tuple[FieldChoice, ...]]


def fields_offered(described: Mapping[str, ObjectDescribe]) -> Fields:
    """Of each object, the fields that may be written, and the lookups that settings can name.

    Sorted by label. An object hidden from the connected user offers none.
    """
    found: dict[str, tuple[FieldChoice, ...]] = {}
    for name in OBJECTS:
        fields = described[name].fields.values() if name in described else ()
        chosen = (FieldChoice.of(field) for field in fields if _is_offered(name, field))
        found[name] = tuple(sorted(chosen, key=lambda one: (one.label.lower(), one.name)))
    return found


def _is_offered(object_name: str, field: FieldDescribe) -> bool:
    if field.type == "reference":
        wanted = {"Account": "User", "Lead": "Account"}.get(object_name, "")
        return wanted in field.reference_to and field.name not in _NOT_A_CHOICE
    return field.type in TYPES_FILLED and (field.createable or field.updateable)


def fields_from_json(stored: Mapping[str, Iterable[Mapping[str, Any]]]) -> Fields:
    """The fields of a stored offer."""
    return {
        name: tuple(FieldChoice.from_json(one) for one in fields) for name, fields in stored.items()
    }


def user_lookups(fields: Fields) -> list[FieldChoice]:
    """Lookups on Account that name a person: not the owner, nor who made or changed it."""
    return [field for field in fields.get("Account", ()) if "User" in field.reference_to]


def account_lookups(fields: Fields, manifest: PackageManifest) -> list[FieldChoice]:
    """The customer's own lookups on Lead that take an account when the lead is created."""
    return [
        field
        for field in fields.get("Lead", ())
        if "Account" in field.reference_to
        and field.createable
        and not is_ours(field.name, "Lead", manifest)
    ]


def fields_for(fields: Fields, target: str, manifest: PackageManifest) -> list[FieldChoice]:
    """Fields that the customer may have filled on such a record."""
    object_name = OBJECT_OF[target]
    able = "updateable" if target in PAST_TARGETS else "createable"
    return [
        field
        for field in fields.get(object_name, ())
        if getattr(field, able)
        and field.type != "reference"
        and not field.unique
        and not is_ours(field.name, object_name, manifest)
    ]
