"""Set-up as data through the Tooling API (platform reference, 4.3, 4.5, 4.6 and 4.8).

Most of it needs *View Setup and Configuration*. A reader answers None when the running user may
not ask: unknown is not the same as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import checked_id, checked_name, id18
from integrations.salesforce.layouts import Layout, LayoutField, LayoutSection, RelatedList
from integrations.salesforce.query import tooling_query
from integrations.salesforce.shapes import (
    NOT_READABLE,
    items,
    mapping,
    named,
    reading,
    record_id,
    record_id_or_none,
    text,
    texts,
)
from integrations.salesforce.soql import quote

Row = dict[str, Any]

_ONE_ROW = "SELECT Id, FullName, Metadata FROM {name} WHERE Id = {wanted}"
_SANDBOXES = (
    "SELECT Id, SandboxName, SandboxOrganization, LicenseType, Status, EndDate FROM SandboxProcess"
)
_ENTITY = "SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = {name}"
_LAYOUTS = "SELECT Id, Name, NamespacePrefix FROM Layout WHERE EntityDefinitionId = {entity}"


@dataclass(frozen=True)
class SandboxRow:
    """One copy of a sandbox; a sandbox that was refreshed has one for each time."""

    name: str
    org_id15: str  # "" while it is being made
    license_type: str
    status: str
    end_date: str

    def is_org(self, org_id: str) -> bool:
        """Whether this copy is the org with that id; the row knows 15 characters of it."""
        return bool(self.org_id15) and self.org_id15 == org_id[:15]


@dataclass(frozen=True)
class LayoutName:
    """A page layout of an object, whoever sees it."""

    layout_id: str
    name: str
    namespace: str


@dataclass(frozen=True)
class LayoutAssignment:
    """Which profile sees a layout on records of which type; no type is the master's."""

    layout_id: str
    profile_id: str
    record_type_id: str


@dataclass(frozen=True)
class RecordPage:
    """A Lightning record page: fields shown by Dynamic Forms, components, related lists."""

    page_id: str
    fields: tuple[str, ...]
    components: tuple[str, ...]
    related_lists: tuple[str, ...]

    @property
    def shows_page_layout(self) -> bool:
        """Whether the page layout's fields stand on it."""
        return "force:detailPanel" in self.components


def rows_or_none(door: Door, soql: str) -> list[Row] | None:
    """All records of a Tooling query; None when the running user may not ask it."""
    try:
        return tooling_query(door, soql)
    except SalesforceError as error:
        if error.code in NOT_READABLE:
            return None
        raise


def metadata(door: Door, object_name: str, row_id: str) -> Mapping[str, Any] | None:
    """`Metadata` of one row of a Tooling object such as Layout, FlexiPage or ValidationRule.

    Salesforce gives it for one row at a time. Empty when there is no such row, None when the
    running user may not ask.
    """
    name, wanted = checked_name(object_name), quote(checked_id(row_id))
    rows = rows_or_none(door, _ONE_ROW.format(name=name, wanted=wanted))
    if rows is None:
        return None
    with reading("Metadata"):
        return mapping(rows[0]["Metadata"]) if rows else {}


def sandboxes(door: Door) -> list[SandboxRow] | None:
    """The sandboxes of this production; None when the running user may not ask.

    What is not copied yet is among them, without an org id.
    """
    rows = rows_or_none(door, _SANDBOXES)
    if rows is None:
        return None
    with reading("SandboxProcess"):
        return [
            SandboxRow(
                name=text(row["SandboxName"]),
                org_id15=record_id_or_none(row["SandboxOrganization"])[:15],
                license_type=text(row.get("LicenseType")),
                status=text(row.get("Status")),
                end_date=text(row.get("EndDate")),
            )
            for row in rows
        ]


def page_layouts(door: Door, object_name: str) -> list[LayoutName] | None:
    """All page layouts of an object; None when the running user may not ask.

    One call; two for an object of the customer's or of a package, which layouts know by an id.
    """
    entity = checked_name(object_name)
    if entity.endswith("__c"):
        found = rows_or_none(door, _ENTITY.format(name=quote(entity)))
        if not found:
            return None if found is None else []
        with reading("EntityDefinition"):
            entity = named(found[0]["DurableId"])
    rows = rows_or_none(door, _LAYOUTS.format(entity=quote(entity)))
    if rows is None:
        return None
    with reading("Layout"):
        return [
            LayoutName(record_id(row["Id"]), text(row["Name"]), text(row.get("NamespacePrefix")))
            for row in rows
        ]


def layout_assignments(door: Door, layout_ids: Sequence[str]) -> list[LayoutAssignment] | None:
    """Which profiles see these layouts; None when the running user may not ask."""
    wanted = {id18(checked_id(one)) for one in layout_ids}
    rows = rows_or_none(door, "SELECT LayoutId, ProfileId, RecordTypeId FROM ProfileLayout")
    if rows is None:
        return None
    with reading("ProfileLayout"):
        found = [
            LayoutAssignment(
                record_id_or_none(row["LayoutId"]),
                record_id_or_none(row["ProfileId"]),
                record_id_or_none(row.get("RecordTypeId")),
            )
            for row in rows
        ]
    return [row for row in found if row.layout_id in wanted]


def page_layout(door: Door, layout_id: str) -> Layout | None:
    """One page layout as its maker sees it, also one of another profile.

    None when the running user may not ask, or it is gone.
    """
    found = metadata(door, "Layout", layout_id)
    return page_layout_from(layout_id, found) if found else None


def page_layout_from(layout_id: str, found: Mapping[str, Any]) -> Layout:
    """A page layout from the `Metadata` of its row."""
    with reading("Layout"):
        return Layout(
            layout_id=id18(layout_id),
            sections=tuple(
                LayoutSection(text(section.get("label")), tuple(_section_fields(section)))
                for section in items(found.get("layoutSections"))
            ),
            related_lists=tuple(map(_related_list, items(found.get("relatedLists")))),
        )


def _related_list(listed: Mapping[str, Any]) -> RelatedList:
    """A custom one is named `Object__c.Lookup__c`; a standard one has a word of its own."""
    name = named(listed["relatedList"])
    object_name, _, field = name.rpartition(".")
    return RelatedList(
        name=name,
        label="",
        object_name=object_name,
        field=field if object_name else "",
        columns=texts(listed.get("fields")),
    )


def _section_fields(section: Mapping[str, Any]) -> Iterator[LayoutField]:
    """`behavior` is Required, Edit or Readonly; an item without a field is a blank or a page."""
    for column in items(section.get("layoutColumns")):
        for item in items(column.get("layoutItems")):
            if text(item.get("field")):
                behavior = text(item.get("behavior"))
                yield LayoutField(item["field"], behavior == "Required", behavior != "Readonly")


def record_page(door: Door, page_id: str) -> RecordPage | None:
    """One Lightning record page (FlexiPage); None when it is gone or may not be asked for."""
    found = metadata(door, "FlexiPage", page_id)
    return record_page_from(page_id, found) if found else None


def record_page_from(page_id: str, found: Mapping[str, Any]) -> RecordPage:
    """A Lightning record page from the `Metadata` of its row."""
    fields: list[str] = []
    components: list[str] = []
    related: list[str] = []
    with reading("FlexiPage"):
        for region in items(found.get("flexiPageRegions")):
            for instance in items(region.get("itemInstances")):
                shown = text(mapping(instance.get("fieldInstance")).get("fieldItem"))
                if shown.startswith("Record."):
                    fields.append(shown.removeprefix("Record."))
                component = mapping(instance.get("componentInstance"))
                if component:
                    components.append(named(component["componentName"]))
                    related.extend(_related_lists(component))
    return RecordPage(id18(page_id), tuple(fields), tuple(components), tuple(related))


def _related_lists(component: Mapping[str, Any]) -> Iterator[str]:
    for given in items(component.get("componentInstanceProperties")):
        if given.get("name") == "relatedListApiName":
            yield named(given["value"])
