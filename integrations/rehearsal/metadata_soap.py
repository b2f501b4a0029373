"""Metadata API, `readMetadata`: lead conversion settings, page layouts, custom fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.setup import conversion
from integrations.rehearsal.setup.definitions import field_metadata
from integrations.rehearsal.setup.layouts import all_layouts, layout_metadata
from integrations.rehearsal.soap_values import Element, SoapFault, elements
from integrations.rehearsal.world import Org

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
MOST_NAMES = 10
RIGHTS = {"ModifyAllData", "ModifyMetadata"}


def _lead_conversion(org: Org, name: str) -> dict[str, Any] | None:
    """Always there; without a mapping of the customer's own it has none in it."""
    return conversion.metadata(org) if name == conversion.NAME else None


def _layout(org: Org, name: str) -> dict[str, Any] | None:
    found = next((item for item in all_layouts(org) if item.full_name == name), None)
    return layout_metadata(found) if found else None


def _custom_field(org: Org, name: str) -> dict[str, Any] | None:
    sobject_name, _, field_name = name.partition(".")
    sobject = org.schema.get(sobject_name.lower())
    field = sobject.field(field_name) if sobject else None
    return field_metadata(field) if field and field.custom else None


TYPES: dict[str, Callable[[Org, str], dict[str, Any] | None]] = {
    "LeadConvertSettings": _lead_conversion,
    "Layout": _layout,
    "CustomField": _custom_field,
}


def read_metadata(access: Access, operation: Element) -> str:
    """What the names of one type stand for; `records` is nil for a name that is nothing."""
    if not RIGHTS & access.permissions:
        text = (
            "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata "
            "permissions"
        )
        raise SoapFault("sf:INSUFFICIENT_ACCESS", text)
    kind, names = operation.value("type"), operation.values("fullNames")
    if kind not in TYPES:
        text = f"This type of metadata is not available for this organization: {kind}"
        raise SoapFault("sf:INVALID_TYPE", text)
    if len(names) > MOST_NAMES:
        text = f"record limit reached. cannot submit more than {MOST_NAMES} records"
        raise SoapFault("sf:EXCEEDED_ID_LIMIT", text)
    return f"<result>{''.join(_record(access.org, kind, name) for name in names)}</result>"


def _record(org: Org, kind: str, name: str) -> str:
    found = TYPES[kind](org, name)
    if found is None:
        return '<records xsi:nil="true"/>'
    return f'<records xsi:type="{kind}">{elements({"fullName": name, **found})}</records>'


OPERATIONS: dict[str, Callable[[Access, Element], str]] = {"readMetadata": read_metadata}
