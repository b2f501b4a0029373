"""Records that are put into an org as if they had always been there: audit fields and names."""

from __future__ import annotations

from integrations.rehearsal.store import Row, Space

MADE = "2025-06-02T08:00:00.000+0000"


def put_record(space: Space, name: str, values: Row, by: str, made: str = MADE) -> None:
    """Keep a record as seeded, with the audit fields filled in."""
    space.put(name, values["Id"], audited(name, values, by, made))


def audited(name: str, values: Row, by: str, made: str) -> Row:
    """A record with its audit fields, and a person's full name."""
    made = values.pop("CreatedDate", made)
    if name in ("Contact", "Lead", "User"):
        values["Name"] = person_name(values)
    return {
        **values,
        **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), made),
        **dict.fromkeys(("CreatedById", "LastModifiedById"), by),
    }


def person_name(values: Row) -> str:
    """A person's full name as the platform puts it together."""
    return " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)
