"""What happens to a lead's own fields when it is converted (platform reference, 4.7).

No describe says it. The Tooling API does in most orgs, the Metadata API for whoever may use it;
otherwise a person has to be asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.shapes import (
    NOT_READABLE,
    items,
    mapping,
    named,
    reading,
    text,
)
from integrations.salesforce.soap import Element, body_of, envelope, fault_in
from integrations.salesforce.tooling import rows_or_none

_SETTINGS = "LeadConvertSettings"
LEAD_MAPPING_QUERY = "SELECT Id, Metadata FROM LeadConvertSettings"


@dataclass(frozen=True)
class MappedField:
    """A custom lead field whose value goes to a custom field of another object."""

    lead_field: str
    object_name: str  # Account, Contact or Opportunity
    field: str


@dataclass(frozen=True)
class LeadMapping:
    """The mapping of custom fields; the standard fields' is fixed and not in it.

    `opportunity` is VisibleOptional, VisibleRequired or NotVisible; "" when nothing was ever set.
    """

    fields: tuple[MappedField, ...]
    opportunity: str = ""

    def target(self, lead_field: str, object_name: str) -> str:
        """The field of that object which takes the lead's; "" for none."""
        return next(
            (
                mapped.field
                for mapped in self.fields
                if (mapped.lead_field, mapped.object_name) == (lead_field, object_name)
            ),
            "",
        )


def lead_mapping(door: Door) -> LeadMapping | None:
    """The lead conversion mapping; None when the running user may not read it either way.

    One call, or two. An org in which nobody ever mapped a custom field has an empty one.
    """
    rows = rows_or_none(door, LEAD_MAPPING_QUERY)
    if rows is None:
        return lead_mapping_by_metadata_api(door)
    return lead_mapping_from(rows)


def lead_mapping_from(rows: Sequence[Mapping[str, Any]]) -> LeadMapping:
    """The mapping from what Tooling answers to `LEAD_MAPPING_QUERY`."""
    with reading(_SETTINGS):
        found = mapping(rows[0]["Metadata"]) if rows else {}
        fields = [
            MappedField(
                named(pair["inputField"]), named(mapped["outputObject"]), named(pair["outputField"])
            )
            for mapped in items(found.get("objectMapping"))
            for pair in items(mapped.get("mappingFields"))
        ]
        return LeadMapping(tuple(fields), text(found.get("opportunityCreationOptions")))


def lead_mapping_by_metadata_api(door: Door) -> LeadMapping | None:
    """As `lead_mapping`, where Tooling does not say: one call, in SOAP."""
    version = door.config.api_version
    asked = [("type", _SETTINGS), ("fullNames", _SETTINGS)]
    try:
        content = door.soap(
            f"/services/Soap/m/{version}",
            lambda token: envelope(token, "readMetadata", asked),
            fault_in,
        )
    except SalesforceError as error:
        if error.code in NOT_READABLE:
            return None
        raise
    with reading("readMetadata"):
        answer = body_of(content, "readMetadataResponse")
        records = next(answer.all("result", "records"), None)
        if records is None or records.is_nil:
            return LeadMapping(())
        return LeadMapping(
            tuple(_mapped_fields(records)), records.value("opportunityCreationOptions")
        )


def _mapped_fields(records: Element) -> Iterator[MappedField]:
    for mapped in records.all("objectMapping"):
        for pair in mapped.all("mappingFields"):
            yield MappedField(
                named(pair.value("inputField")),
                named(mapped.value("outputObject")),
                named(pair.value("outputField")),
            )
