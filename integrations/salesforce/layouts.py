"""Page layouts of an object for the running user's profile, reduced to names (platform, 2.7).

They say nothing about Lightning record pages (`tooling.record_page`) nor about other profiles
(`tooling.page_layout`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.composite import composite_parts
from integrations.salesforce.describe import RecordTypeInfo, record_types_from
from integrations.salesforce.door import Door
from integrations.salesforce.ids import checked_id, checked_name
from integrations.salesforce.shapes import (
    flag,
    items,
    mapping,
    reading,
    record_id,
    record_id_or_none,
    text,
)

# A layout can have a megabyte: few in one answer.
LAYOUTS_A_CALL = 5


@dataclass(frozen=True)
class LayoutField:
    """A field on a layout by its API name."""

    name: str
    required: bool
    editable: bool


@dataclass(frozen=True)
class LayoutSection:
    """A section as people see it on the record's page."""

    heading: str
    fields: tuple[LayoutField, ...]


@dataclass(frozen=True)
class RelatedList:
    """A related list: its name, the object and lookup behind it, its columns.

    `name` is the relationship's as the running user sees layouts, and another word in a layout's
    metadata (`tooling.page_layout`): compare by object and lookup, which are "" where not told.
    """

    name: str
    label: str
    object_name: str
    field: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """One page layout."""

    layout_id: str
    sections: tuple[LayoutSection, ...]
    related_lists: tuple[RelatedList, ...]

    @property
    def field_names(self) -> frozenset[str]:
        """API names of all fields on it."""
        return frozenset(field.name for section in self.sections for field in section.fields)


@dataclass(frozen=True)
class RecordTypeLayout:
    """What people see on records of one type; `layout` is None where the org does not say."""

    record_type: RecordTypeInfo
    layout: Layout | None


def layouts(door: Door, object_name: str) -> list[RecordTypeLayout]:
    """The layouts of an object by record type; one call, and more if it has several types.

    Record types the running user may not use come without a layout. Raises SalesforceError
    `NOT_FOUND` for an object missing or hidden.
    """
    path = f"sobjects/{checked_name(object_name)}/describe/layouts"
    answer = door.get(path)
    with reading("layouts"):
        types = record_types_from(answer["recordTypeMappings"])
        of_type = {
            record_id_or_none(item["recordTypeId"]): record_id_or_none(item.get("layoutId"))
            for item in items(answer["recordTypeMappings"])
        }
        found = {layout.layout_id: layout for layout in map(_layout, items(answer["layouts"]))}
    missing = [
        kind
        for kind in types
        if (kind.available or kind.master) and of_type[kind.record_type_id] not in found
    ]
    by_type = _layouts_of_types(door, path, missing)
    return [
        RecordTypeLayout(
            kind, by_type.get(kind.record_type_id) or found.get(of_type[kind.record_type_id])
        )
        for kind in types
    ]


def _layouts_of_types(door: Door, path: str, types: list[RecordTypeInfo]) -> dict[str, Layout]:
    """By record type id; an object with several types answers with no layouts at all."""
    found: dict[str, Layout] = {}
    for start in range(0, len(types), LAYOUTS_A_CALL):
        chunk = types[start : start + LAYOUTS_A_CALL]
        paths = [f"{path}/{checked_id(kind.record_type_id)}" for kind in chunk]
        for kind, part in zip(chunk, composite_parts(door, paths), strict=True):
            if part.error is None:
                with reading("layout"):
                    found[kind.record_type_id] = _layout(mapping(part.body))
            elif part.error.code != "NOT_FOUND":
                raise part.error
    return found


def _layout(item: Mapping[str, Any]) -> Layout:
    return Layout(
        layout_id=record_id(item["id"]),
        sections=tuple(
            LayoutSection(text(section.get("heading")), tuple(_fields(section)))
            for section in items(item["detailLayoutSections"])
        ),
        related_lists=tuple(
            RelatedList(
                name=text(listed["name"]),
                label=text(listed.get("label")),
                object_name=text(listed.get("sobject")),
                field=text(listed.get("field")),
                columns=tuple(
                    text(column.get("fieldApiName")) or text(column["name"])
                    for column in items(listed.get("columns"))
                ),
            )
            for listed in items(item.get("relatedLists"))
        ),
    )


def _fields(section: Mapping[str, Any]) -> Iterator[LayoutField]:
    for row in items(section["layoutRows"]):
        for item in items(row["layoutItems"]):
            editable = flag(item.get("editableForUpdate"))
            required = flag(item.get("required"))
            for name in _names(items(item["layoutComponents"])):
                yield LayoutField(name, required, editable)


def _names(components: list[Mapping[str, Any]]) -> Iterator[str]:
    """Fields among the parts of an item; names and addresses hold theirs inside."""
    for component in components:
        if component["type"] == "Field" and text(component.get("value")):
            yield component["value"]
        yield from _names(items(component.get("components")))
