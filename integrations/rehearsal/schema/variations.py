"""The objects of one org: the common ones, varied by what its customer has set up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from integrations.rehearsal.config import OrgConfig, RequiredField
from integrations.rehearsal.schema import WITH_PACKAGE, WITHOUT_PACKAGE
from integrations.rehearsal.schema.fields import Field, SObject, lookup, text

CUSTOM_TEXT_LENGTH = 255
RECORD_TYPE_FIELD = "RecordTypeId"


def schema_for(
    config: OrgConfig, with_package: bool, lacks: frozenset[str] = frozenset()
) -> Mapping[str, SObject]:
    """The objects by lower-case name: with required custom fields, restricted picklists, and the
    record type field on objects that have record types beside the master.

    `lacks` are package fields that came with a later version than the installed one.
    """
    return _varied(
        with_package,
        config.required_fields,
        tuple(
            (full_name.lower(), tuple(values))
            for full_name, values in sorted(config.restricted_picklists.items())
        ),
        tuple(sorted({item.sobject for item in config.record_types})),
        lacks,
    )


@lru_cache(maxsize=128)
def _varied(
    with_package: bool,
    required: tuple[RequiredField, ...],
    restricted: tuple[tuple[str, tuple[str, ...]], ...],
    record_types: tuple[str, ...],
    lacks: frozenset[str],
) -> Mapping[str, SObject]:
    schema = WITH_PACKAGE if with_package else WITHOUT_PACKAGE
    if not (required or restricted or record_types or lacks):
        return schema
    added: dict[str, list[Field]] = defaultdict(list)
    for name in record_types:
        added[name.lower()].append(_record_type_field())
    for item in required:
        added[item.sobject.lower()].append(
            text(item.name, item.label, CUSTOM_TEXT_LENGTH, required=True)
        )
    values = dict(restricted)
    return {key: _vary(sobject, added[key], values, lacks) for key, sobject in schema.items()}


def _record_type_field() -> Field:
    return lookup(RECORD_TYPE_FIELD, "Record Type ID", "RecordType", permissionable=False)


def _vary(
    sobject: SObject,
    added: list[Field],
    restricted: Mapping[str, tuple[str, ...]],
    lacks: frozenset[str],
) -> SObject:
    kept = (item for item in sobject.fields if item.name not in lacks)
    fields = tuple(_restrict(sobject, item, restricted) for item in kept)
    # An org may have the field already, by the package or by a configuration laid on twice.
    new = {item.name: item for item in added if sobject.field(item.name) is None}
    if not new and fields == sobject.fields:
        return sobject
    return replace(sobject, fields=(*fields, *new.values()), by_lower={}, by_relationship={})


def _restrict(sobject: SObject, field: Field, restricted: Mapping[str, tuple[str, ...]]) -> Field:
    values = restricted.get(f"{sobject.name}.{field.name}".lower())
    if values is None:
        return field
    default = field.default if field.default in values else None
    return replace(field, picklist=values, restricted=True, default=default)
