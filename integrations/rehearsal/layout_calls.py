"""Page layouts of the running user's profile: `/sobjects/X/describe/layouts`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.describe import field_describe
from integrations.rehearsal.errors import not_found
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.setup.layouts import PageLayout, RelatedList, layouts_of
from integrations.rehearsal.setup.record_types import RecordTypeInfo

COLUMNS = 2
ROWS_OF_LIST = 5


@route("/sobjects/<name>/describe/layouts", "GET")
def layouts(call: Call, name: str) -> Reply:
    """All of an object; with several record types only the mappings, to be asked one by one."""
    sobject = _layoutable(call, name)
    found = layouts_of(call.access.org, sobject, _profile(call.access))
    single = len(found) == 1
    body = {
        "layouts": [_layout(call.access, layout) for layout in found] if single else None,
        "recordTypeMappings": [
            _mapping(call, layout, kind) for layout in found if (kind := layout.record_type)
        ],
        "recordTypeSelectorRequired": [not single],
    }
    return Reply(200, body)


@route("/sobjects/<name>/describe/layouts/<record_type_id>", "GET")
def layout(call: Call, name: str, record_type_id: str) -> Reply:
    """The layout for one record type: one object, not a list."""
    full = ids.to18(record_type_id)
    for found in layouts_of(call.access.org, _layoutable(call, name), _profile(call.access)):
        if found.record_type and found.record_type.record_type_id == full:
            return Reply(200, _layout(call.access, found))
    raise not_found()


def _layoutable(call: Call, name: str) -> SObject:
    sobject = call.sobject(name)
    if not sobject.layoutable:
        raise not_found()
    return sobject


def _profile(access: Access) -> str:
    """The name of the running user's profile, which decides what layouts they see."""
    row = access.org.space.get("Profile", str(access.user.get("ProfileId")))
    return str(row["Name"]) if row else ""


def _mapping(call: Call, layout: PageLayout, kind: RecordTypeInfo) -> dict[str, Any]:
    path = f"/services/data/v{call.version}/sobjects/{layout.sobject.name}/describe/layouts"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": kind.default,
        "developerName": kind.developer_name,
        "layoutId": layout.layout_id,
        "master": kind.master,
        "name": kind.label,
        "picklistsForRecordType": [],
        "recordTypeId": kind.record_type_id,
        "urls": {"layout": f"{path}/{kind.record_type_id}"},
    }


def _layout(access: Access, layout: PageLayout) -> dict[str, Any]:
    order = iter(range(1, 1000))
    sections = []
    for heading, fields in layout.sections:
        visible = [field for field in fields if access.readable(layout.sobject, field)]
        if visible:
            sections.append(_section(access, layout.sobject, heading, visible, order))
    return {
        "id": layout.layout_id,
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": sections,
        "editLayoutSections": [],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [
            shown for entry in layout.related_lists if (shown := _related_list(access, entry))
        ],
        "saveOptions": [],
    }


def _section(
    access: Access, sobject: SObject, heading: str, fields: list[Field], order: Iterator[int]
) -> dict[str, Any]:
    pairs = [fields[start : start + COLUMNS] for start in range(0, len(fields), COLUMNS)]
    return {
        "collapsed": False,
        "columns": COLUMNS,
        "heading": heading,
        "layoutRows": [
            {
                "layoutItems": [_item(access, sobject, field, order) for field in pair],
                "numItems": len(pair),
            }
            for pair in pairs
        ],
        "rows": len(pairs),
        "tabOrder": "TopToBottom",
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(access: Access, sobject: SObject, field: Field, order: Iterator[int]) -> dict[str, Any]:
    details = field_describe(access, sobject, field)
    component = _component(details, next(order))
    # Names and addresses stand as one field, with their parts inside.
    parts = [part for part in sobject.fields if part.compound == field.name]
    if parts:
        component["components"] = [
            _component(field_describe(access, sobject, part), next(order))
            for part in parts
            if access.readable(sobject, part)
        ]
    return {
        "editableForNew": details["createable"],
        "editableForUpdate": details["updateable"],
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": field.required,
    }


def _component(details: dict[str, Any], order: int) -> dict[str, Any]:
    return {
        "details": details,
        "displayLines": 1,
        "tabOrder": order,
        "type": "Field",
        "value": details["name"],
    }


def _related_list(access: Access, entry: RelatedList) -> dict[str, Any] | None:
    """The list as the user sees it; None if the child object or its lookup is hidden."""
    child = access.sobject(entry.child)
    if child is None or access.field(child, entry.field) is None:
        return None
    return {
        "buttons": None,
        "columns": [_column(child, name) for name in entry.columns],
        "custom": child.custom,
        "field": entry.field,
        "label": entry.label,
        "limitRows": ROWS_OF_LIST,
        "name": entry.relationship,
        "sobject": child.name,
        "sort": [],
    }


def _column(child: SObject, name: str) -> dict[str, Any]:
    field = child.field(name)
    relation, _, _ = name.rpartition(".")
    return {
        "field": name,
        "fieldApiName": name,
        "format": None,
        "label": field.label if field else name.rpartition(".")[2],
        "lookupId": f"{relation}.Id" if relation else None,
        "name": name,
        "sortable": True,
    }
