"""The objects of one org: the common ones, varied by what its customer has set up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from integrations.rehearsal.config import CustomField, FieldChange, OrgConfig, RequiredField
from integrations.rehearsal.schema import WITH_PACKAGE, WITHOUT_PACKAGE
from integrations.rehearsal.schema.fields import NUMBERS, Field, SObject, lookup, text

CUSTOM_TEXT_LENGTH = 255
RECORD_TYPE_FIELD = "RecordTypeId"
# A restricted picklist, as the configuration names it, is a change of that field.
Changes = tuple[tuple[str, FieldChange], ...]


def schema_for(
    config: OrgConfig, with_package: bool, lacks: frozenset[str] = frozenset()
) -> Mapping[str, SObject]:
    """The objects by lower-case name: with the customer's own fields, changed ones and restricted
    picklists, and the record type field on objects that have record types beside the master.

    `lacks` are package fields that came with a later version than the installed one.
    """
    restricted = {
        name: FieldChange(values=tuple(values), restricted=True)
        for name, values in config.restricted_picklists.items()
    }
    changes = {name.lower(): one for name, one in {**restricted, **config.field_changes}.items()}
    return _varied(
        with_package,
        (*config.required_fields, *config.custom_fields),
        tuple(sorted(changes.items(), key=lambda item: item[0])),
        tuple(sorted({item.sobject for item in config.record_types})),
        lacks,
    )


@lru_cache(maxsize=128)
def _varied(
    with_package: bool,
    own: tuple[RequiredField | CustomField, ...],
    changes: Changes,
    record_types: tuple[str, ...],
    lacks: frozenset[str],
) -> Mapping[str, SObject]:
    schema = WITH_PACKAGE if with_package else WITHOUT_PACKAGE
    if not (own or changes or record_types or lacks):
        return schema
    added: dict[str, list[Field]] = defaultdict(list)
    for name in record_types:
        added[name.lower()].append(_record_type_field())
    for item in own:
        added[item.sobject.lower()].append(_own_field(item))
    changed = dict(changes)
    return {key: _vary(sobject, added[key], changed, lacks) for key, sobject in schema.items()}


def _own_field(item: RequiredField | CustomField) -> Field:
    """A field as the customer made it."""
    if isinstance(item, RequiredField):
        return text(item.name, item.label, CUSTOM_TEXT_LENGTH, required=True)
    if item.reference_to:
        return lookup(item.name, item.label, item.reference_to, required=item.required)
    numeric = item.type in NUMBERS
    return Field(
        item.name,
        item.type,
        item.label,
        length=0 if numeric or item.type in ("boolean", "date", "datetime") else item.length,
        digits=item.digits if item.type == "int" else 0,
        precision=item.digits + item.scale if numeric and item.type != "int" else 0,
        scale=item.scale,
        required=item.required,
        picklist=item.values,
        restricted=item.restricted,
        default=False if item.type == "boolean" else None,
    )


def _record_type_field() -> Field:
    return lookup(RECORD_TYPE_FIELD, "Record Type ID", "RecordType", permissionable=False)


def _vary(
    sobject: SObject,
    added: list[Field],
    changes: Mapping[str, FieldChange],
    lacks: frozenset[str],
) -> SObject:
    # An org may have the field already, by the package or by a configuration laid on twice.
    new = {item.name: item for item in added if sobject.field(item.name) is None}
    kept = (item for item in (*sobject.fields, *new.values()) if item.name not in lacks)
    changed = (_changed(item, changes.get(f"{sobject.name}.{item.name}".lower())) for item in kept)
    fields = tuple(item for item in changed if item is not None)
    if fields == sobject.fields:
        return sobject
    return replace(sobject, fields=fields, by_lower={}, by_relationship={})


def _changed(field: Field, change: FieldChange | None) -> Field | None:
    """The field as the org has it; None where it is not there."""
    if change is None:
        return field
    if change.missing:
        return None
    values = change.values or field.picklist
    numeric = (change.type or field.type) in NUMBERS
    return replace(
        field,
        type=change.type or field.type,
        length=change.length or (0 if numeric else field.length),
        digits=field.digits if numeric else 0,
        precision=field.precision if numeric else 0,
        scale=field.scale if numeric else 0,
        required=field.required if change.required is None else change.required,
        picklist=values,
        restricted=field.restricted if change.restricted is None else change.restricted,
        default=field.default if not values or field.default in values else None,
    )
