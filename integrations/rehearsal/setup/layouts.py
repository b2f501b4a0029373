"""Page layouts: which fields and related lists stand on them, for whom.

Every object has one layout for everybody and one more for each record type; the configuration can
have others for some profiles (`extra_layouts`). The package's fields and lists are on them if the
administrator put them there (`layouts_done`, `layout_fields_off`, `related_lists_off`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.config import ExtraLayout
from integrations.rehearsal.schema import Field, SObject, package
from integrations.rehearsal.setup.made import durable_id, made, setup_id
from integrations.rehearsal.setup.record_types import RecordTypeInfo, record_types
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

SYSTEM_SECTION = ("CreatedById", "LastModifiedById")
# Relationship, label, child object, its field, name in metadata, columns.
LISTS: dict[str, tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...]] = {
    "Account": (
        ("Contacts", "Contacts", "Contact", "AccountId", "RelatedContactList",
         ("Name", "Title", "Email", "Phone")),
    ),
    "Contact": (
        ("CampaignMembers", "Campaign History", "CampaignMember", "ContactId",
         "RelatedCampaignList", ("Campaign.Name", "Status")),
    ),
    "Lead": (
        ("CampaignMembers", "Campaign History", "CampaignMember", "LeadId",
         "RelatedCampaignList", ("Campaign.Name", "Status")),
    ),
    "Campaign": (
        ("CampaignMembers", "Campaign Members", "CampaignMember", "CampaignId",
         "RelatedCampaignMemberList", ("Status", "HasResponded")),
    ),
}  # fmt: skip
GEMS_COLUMNS = ("Name", "UserGem__PersonName__c", "UserGem__NewCompany__c")


@dataclass(frozen=True)
class RelatedList:
    """A related list on a layout."""

    relationship: str
    label: str
    child: str
    field: str
    metadata_name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class PageLayout:
    """One page layout of an object, for the master, one record type or, without one, all."""

    layout_id: str
    name: str
    sobject: SObject
    record_type: RecordTypeInfo | None
    sections: tuple[tuple[str, tuple[Field, ...]], ...]
    related_lists: tuple[RelatedList, ...]

    @property
    def full_name(self) -> str:
        """As the metadata APIs name it."""
        return f"{self.sobject.name}-{self.name}"


def _sections(
    org: Org, sobject: SObject, with_package: bool
) -> tuple[tuple[str, tuple[Field, ...]], ...]:
    information, addresses, gems, other = [], [], [], []
    added = {field.name for field in package.FIELDS.get(sobject.name, ())}
    off = org.config.layout_fields_off
    for field in sobject.fields:
        if f"{sobject.name}.{field.name}" in off:
            continue
        if field.type == "address":
            addresses.append(field)
        elif field.name in added:
            gems.append(field)
        elif field.custom and not sobject.custom:
            other.append(field)
        elif field.name_field or (field.createable and not field.compound and not field.system):
            information.append(field)
    system = [field for field in sobject.fields if field.name in SYSTEM_SECTION]
    found = [
        (f"{sobject.label} Information", information),
        ("Address Information", addresses),
        ("Additional Information", other),
        ("UserGems", gems if with_package else []),
        ("System Information", system),
    ]
    return tuple((heading, tuple(fields)) for heading, fields in found if fields)


def _related_lists(org: Org, sobject: SObject, with_package: bool) -> tuple[RelatedList, ...]:
    found = [RelatedList(*entry) for entry in LISTS.get(sobject.name, ())]
    own = org.schema.get(package.USERGEM.name.lower())
    if own and with_package:
        for field in own.fields:
            if field.custom and sobject.name in field.reference_to:
                side = field.label.partition(" ")[0]
                found.append(
                    RelatedList(
                        field.children or f"{package.NAMESPACE}__{side}UserGems__r",
                        f"UserGems ({field.label})",
                        own.name,
                        field.name,
                        f"{own.name}.{field.name}",
                        GEMS_COLUMNS,
                    )
                )
    off = org.config.related_lists_off
    return tuple(entry for entry in found if f"{sobject.name}.{entry.field}" not in off)


def layouts_of(org: Org, sobject: SObject, profile: str = "") -> list[PageLayout]:
    """The layouts of an object as a profile has them, one for each of its record types in their
    order; the master's is the last. Without a profile the standard ones.
    """
    extra = next(
        (one for one in org.config.extra_layouts if one.sobject == sobject.name
         and profile in one.profiles),
        None,
    )  # fmt: skip
    found = []
    for kind in record_types(org, sobject):
        if extra is not None:
            found.append(_extra_layout(org, sobject, extra, kind))
            continue
        name = f"{sobject.label} Layout" if kind.master else f"{sobject.label} {kind.label} Layout"
        found.append(_layout(org, sobject, name, kind, org.config.layouts_done))
    return found


def _extra_layout(
    org: Org, sobject: SObject, extra: ExtraLayout, kind: RecordTypeInfo | None = None
) -> PageLayout:
    done = org.config.layouts_done and extra.with_package
    return _layout(org, sobject, extra.name, kind, done)


def _layout(
    org: Org, sobject: SObject, name: str, kind: RecordTypeInfo | None, with_package: bool
) -> PageLayout:
    key = setup_id(org, "00h", sobject.name, name)
    sections = _sections(org, sobject, with_package)
    return PageLayout(
        key, name, sobject, kind, sections, _related_lists(org, sobject, with_package)
    )


def all_layouts(org: Org) -> list[PageLayout]:
    """The layouts of all objects."""
    objects = sorted(
        (item for item in org.schema.values() if item.layoutable), key=lambda item: item.name
    )
    found = [layout for sobject in objects for layout in layouts_of(org, sobject)]
    for extra in org.config.extra_layouts:
        sobject = org.schema.get(extra.sobject.lower())
        if sobject:
            found.append(_extra_layout(org, sobject, extra))
    return found


def layout_metadata(layout: PageLayout) -> dict[str, Any]:
    """A layout as both metadata APIs show it, with the keys the portal needs and their kin."""
    return {
        "layoutSections": [
            {
                "customLabel": heading in ("UserGems", "Additional Information"),
                "detailHeading": True,
                "editHeading": True,
                "label": heading,
                "layoutColumns": [
                    {"layoutItems": [_metadata_item(field) for field in fields[side::2]]}
                    for side in (0, 1)
                ],
                "style": "TwoColumnsTopToBottom",
            }
            for heading, fields in layout.sections
        ],
        "relatedLists": [
            {
                "fields": list(entry.columns),
                "relatedList": entry.metadata_name,
                "sortField": None,
                "sortOrder": None,
            }
            for entry in layout.related_lists
        ],
    }


def _metadata_item(field: Field) -> dict[str, Any]:
    behavior = "Edit" if field.updateable else "Readonly"
    if field.required or field.name_field:
        behavior = "Required"
    return {"behavior": behavior, "field": field.name}


def _layout_rows(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=layout.layout_id,
            Name=layout.name,
            NamespacePrefix=layout.sobject.package,
            EntityDefinitionId=durable_id(org, layout.sobject),
            TableEnumOrId=durable_id(org, layout.sobject),
            LayoutType="Standard",
            FullName=layout.full_name,
            Metadata=lambda layout=layout: layout_metadata(layout),
        )
        for layout in all_layouts(org)
    ]


def _profile_rows(access: Access) -> list[Row]:
    """Which profile sees which layout on records of which type."""
    org = access.org
    objects = [item for item in org.schema.values() if item.layoutable]
    return [
        made(
            org,
            Id=setup_id(org, "01G", profile["Name"], layout.layout_id, kind.record_type_id),
            LayoutId=layout.layout_id,
            ProfileId=profile["Id"],
            RecordTypeId=None if kind.master else kind.record_type_id,
            TableEnumOrId=durable_id(org, sobject),
        )
        for profile in org.space.rows("Profile")
        for sobject in objects
        for layout in layouts_of(org, sobject, profile["Name"])
        if (kind := layout.record_type) is not None
    ]


MAKERS = {"Layout": _layout_rows, "ProfileLayout": _profile_rows}
