"""Reading a field of a row: stored, defaulted or computed."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.store import Row, Space

ADDRESS_PARTS = (
    ("city", "City"),
    ("country", "Country"),
    ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
    ("postalCode", "PostalCode"),
    ("state", "State"),
    ("street", "Street"),
)


def read(space: Space, sobject: SObject, field: Field, row: Row) -> Any:
    """The field's value as an answer shows it; unset booleans are false, all else unset is None."""
    if field.name in row:
        return row[field.name]
    if field.type == "boolean":
        return False
    if field.type == "address":
        prefix = field.name.removesuffix("Address")
        parts = {key: row.get(prefix + name) for key, name in ADDRESS_PARTS}
        return parts if any(value is not None for value in parts.values()) else None
    if field.name == "PhotoUrl":
        return f"/services/images/photo/{row['Id']}"
    if sobject.name == "Campaign" and field.name.startswith("NumberOf"):
        members = space.find("CampaignMember", "CampaignId", [row["Id"]])
        key = "LeadId" if field.name == "NumberOfLeads" else "ContactId"
        return sum(1 for member in members if member.get(key))
    return None
