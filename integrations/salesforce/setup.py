"""What the client can read of an org's set-up; `client.Org` is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.salesforce import metadata, query, tooling
from integrations.salesforce.door import Door
from integrations.salesforce.layouts import Layout
from integrations.salesforce.metadata import LeadMapping
from integrations.salesforce.tooling import LayoutAssignment, LayoutName, RecordPage, SandboxRow


class Setup:
    """Set-up as data, most of it by the Tooling API. See `client.Org` for what is raised."""

    _door: Door

    def tooling_query(self, soql: str) -> list[dict[str, Any]]:
        """All records of one Tooling API query."""
        return query.tooling_query(self._door, soql)

    def tooling_metadata(self, object_name: str, row_id: str) -> Mapping[str, Any] | None:
        """`Metadata` of one row; empty when it is gone, None when we may not ask."""
        return tooling.metadata(self._door, object_name, row_id)

    def sandboxes(self) -> list[SandboxRow] | None:
        """The copies of this production's sandboxes; None when we may not ask."""
        return tooling.sandboxes(self._door)

    def page_layouts(self, object_name: str) -> list[LayoutName] | None:
        """All page layouts of an object, whoever sees them; None when we may not ask."""
        return tooling.page_layouts(self._door, object_name)

    def page_layout(self, layout_id: str) -> Layout | None:
        """One of them; None when it is gone or we may not ask."""
        return tooling.page_layout(self._door, layout_id)

    def layout_assignments(self, layout_ids: Sequence[str]) -> list[LayoutAssignment] | None:
        """Which profiles see these layouts, for which record types; None when we may not ask."""
        return tooling.layout_assignments(self._door, layout_ids)

    def record_page(self, page_id: str) -> RecordPage | None:
        """One Lightning record page; None when it is gone or we may not ask."""
        return tooling.record_page(self._door, page_id)

    def lead_mapping(self) -> LeadMapping | None:
        """What becomes of custom lead fields at conversion; None when we may not ask."""
        return metadata.lead_mapping(self._door)

    def lead_mapping_by_metadata_api(self) -> LeadMapping | None:
        """The same from the Metadata API alone; None when we may not ask."""
        return metadata.lead_mapping_by_metadata_api(self._door)
