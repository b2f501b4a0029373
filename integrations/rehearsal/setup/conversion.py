"""How the org's administrator mapped custom lead fields for conversion."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.schema import package
from integrations.rehearsal.setup.made import made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

NAME = "LeadConvertSettings"


def mapped_fields(org: Org) -> list[tuple[str, str, str]]:
    """Lead field, object, field there; empty where nobody mapped anything.

    Only custom fields are mapped by hand, each to the field of the same name on the contact
    unless the configuration says otherwise.
    """
    if not org.package or not org.config.lead_mapping_done:
        return []
    config = org.config
    contact = {field.name for field in package.FIELDS["Contact"]}
    lead = [field.name for field in package.FIELDS["Lead"]]
    return [
        (name, "Contact", config.mapped_elsewhere.get(name, name))
        for name in lead
        if name in contact and name not in config.unmapped_fields
    ]


def metadata(org: Org) -> dict[str, Any]:
    """The settings as both APIs show them."""
    targets: dict[str, list[dict[str, str]]] = {}
    for source, sobject, target in mapped_fields(org):
        pair = {"inputField": source, "outputField": target}
        targets.setdefault(sobject, []).append(pair)
    return {
        "allowOwnerChange": True,
        "objectMapping": [
            {"inputObject": "Lead", "mappingFields": fields, "outputObject": sobject}
            for sobject, fields in targets.items()
        ],
        "opportunityCreationOptions": "VisibleOptional",
    }


def _rows(access: Access) -> list[Row]:
    """One row, or none where there is no mapping of the customer's own."""
    org = access.org
    if not mapped_fields(org):
        return []
    row_id = setup_id(org, "04R", NAME)
    return [made(org, Id=row_id, FullName=NAME, Metadata=lambda: metadata(org))]


MAKERS = {NAME: _rows}
