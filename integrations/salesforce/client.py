"""The client: one object for one org; everything else in this package stands behind it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from integrations.salesforce import (
    collections,
    describe,
    graphs,
    layouts,
    people,
    query,
    reports,
)
from integrations.salesforce.collections import Record, RowResult
from integrations.salesforce.config import ApiUsage, ClientConfig, Pace, TokenSource
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.door import Door
from integrations.salesforce.graphs import Graph, GraphResult, Node, NodeResult
from integrations.salesforce.layouts import Layout, RecordTypeLayout
from integrations.salesforce.metadata import LeadMapping
from integrations.salesforce.query import Wanted
from integrations.salesforce.reports import (
    ReportDescribe,
    ReportFilter,
    ReportInstance,
    ReportName,
    ReportResult,
    ReportSize,
)
from integrations.salesforce.setup import Setup
from integrations.salesforce.shapes import items, mapping, named, reading
from integrations.salesforce.together import Read, Reply, read_together
from integrations.salesforce.tooling import LayoutAssignment, LayoutName, RecordPage, SandboxRow

__all__ = [
    "ApiUsage",
    "ClientConfig",
    "FieldDescribe",
    "Graph",
    "GraphResult",
    "Layout",
    "LayoutAssignment",
    "LayoutName",
    "LeadMapping",
    "Node",
    "NodeResult",
    "ObjectDescribe",
    "Org",
    "Read",
    "Record",
    "RecordPage",
    "RecordTypeLayout",
    "Reply",
    "ReportDescribe",
    "ReportFilter",
    "ReportInstance",
    "ReportName",
    "ReportResult",
    "ReportSize",
    "RowResult",
    "SandboxRow",
    "TokenSource",
]


class Org(Setup):
    """One org. Every method asks Salesforce and raises SalesforceError when it refuses.

    Reads are repeated up to twice when no proper answer came; writes (`graphs`, `records_create`
    and its like, `report_start`) never. A 401 renews the token once. An answer of another form
    than the documented one is `UNEXPECTED_ANSWER`, to a write OutcomeUnknown. One object serves
    one task: it is not for several threads at a time.
    """

    def __init__(
        self,
        *,
        instance_url: str,
        tokens: TokenSource,
        config: ClientConfig,
        org_id: str = "",
        pace: Pace | None = None,
        production: bool = False,
        patience: float = math.inf,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`org_id` is for the log only. Raises ValueError for a host that is not allowed.

        `pace` is asked before each call, told after each, and closed with this object.
        `production`: the org is known to be one; reports are read nowhere else. `patience`: so
        many seconds for all reads together, where a person waits for the page; then `NO_ANSWER`.
        """
        self._door = Door(
            instance_url=instance_url,
            tokens=tokens,
            config=config,
            org_id=org_id,
            pace=pace,
            production=production,
            patience=patience,
            sleep=sleep,
        )

    @property
    def usage(self) -> ApiUsage | None:
        """The org's API usage as of the newest answer; None before the first that tells."""
        return self._door.session.usage

    @property
    def usage_first(self) -> ApiUsage | None:
        """The same as of the first answer that told: how far it moved since is what was used."""
        return self._door.session.usage_first

    @property
    def calls(self) -> int:
        """HTTP calls sent by this object, repeats included."""
        return self._door.session.calls

    def close(self) -> None:
        """Give the connection back, and what the pace holds."""
        self._door.close()

    def versions(self) -> list[str]:
        """The API versions the org offers, such as `66.0`; needs no token and no allowance."""
        answer = self._door.plain("/services/data/", with_token=False)
        with reading("versions"):
            return [named(item["version"]) for item in items(answer)]

    def limits(self) -> dict[str, Any]:
        """`/limits` as it comes; every key is optional (platform reference, 2.8)."""
        answer = self._door.get("limits")
        with reading("limits"):
            return dict(mapping(answer))

    def organization(self) -> dict[str, Any]:
        """The row of Organization: Id, Name, InstanceName, IsSandbox, OrganizationType, …."""
        return people.organization(self._door)

    def running_user(self) -> dict[str, Any]:
        """Who the token belongs to; keys in `people.running_user`."""
        return people.running_user(self._door)

    def userinfo(self) -> dict[str, Any]:
        """Whose token it is; see `people.userinfo`."""
        return people.userinfo(self._door)

    def package_version(self, namespace: str) -> str | None:
        """The installed version; "" when it is not installed, None when the org does not say."""
        return people.package_version(self._door, namespace)

    def object_names(self) -> set[str]:
        """API names of all objects the running user can see."""
        return describe.object_names(self._door)

    def describe(self, object_name: str) -> ObjectDescribe:
        """One object with its fields; `NOT_FOUND` when it is missing or hidden."""
        return describe.describe(self._door, object_name)

    def describes(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """Several objects by name, five a call; one missing or hidden is left out."""
        return describe.describes(self._door, names)

    def layouts(self, object_name: str) -> list[RecordTypeLayout]:
        """The page layouts that the running user's profile sees, by record type."""
        return layouts.layouts(self._door, object_name)

    def read_together(self, reads: Sequence[Read]) -> list[Reply]:
        """Several reads in one call, each with its own answer or refusal."""
        return read_together(self._door, reads)

    # --- reading records ----------------------------------------------------------------------

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query, all pages, without `attributes`."""
        return query.query(self._door, soql)

    def query_all(
        self, soql: str, *, deleted: bool = False, batch: int | None = None
    ) -> list[dict[str, Any]]:
        """As `query`; with those in the recycle bin, or in pages of `batch` rows (a hint)."""
        return query.query_all(self._door, soql, deleted=deleted, batch=batch)

    def queries(self, soqls: Sequence[str]) -> list[list[dict[str, Any]]]:
        """All records of each query; at most five queries a call."""
        return query.queries(self._door, soqls)

    def records_get(self, wanted: Sequence[Wanted]) -> dict[str, dict[str, Any]]:
        """Records by 18-character id from `(object, ids, fields)`; up to 1,000 in one call."""
        return query.records_get(self._door, wanted)

    def record_get(self, object_name: str, record_id: str, fields: Sequence[str]) -> dict[str, Any]:
        """One record; `NOT_FOUND` when it is deleted or hidden."""
        return query.record_get(self._door, object_name, record_id, fields)

    def record_counts(self, names: Iterable[str]) -> dict[str, int]:
        """About how many records each object has."""
        return query.record_counts(self._door, names)

    # --- reports ------------------------------------------------------------------------------

    def reports(self) -> list[ReportName]:
        """All reports the running user may open."""
        return reports.reports(self._door)

    def report_describe(self, report_id: str) -> ReportDescribe:
        """Columns and filters of a report."""
        return reports.describe(self._door, report_id)

    def report_run(
        self, report_id: str, filters: Sequence[ReportFilter] | None = None
    ) -> ReportResult:
        """Run a report now; at most 2,000 rows, and `all_data` says whether there are more."""
        return reports.run(self._door, report_id, filters)

    def report_size(self, report_id: str) -> ReportSize:
        """How many rows a report has."""
        return reports.size(self._door, report_id)

    def report_start(
        self, report_id: str, filters: Sequence[ReportFilter] | None = None
    ) -> ReportInstance:
        """Run a report in the background."""
        return reports.start(self._door, report_id, filters)

    def report_instance(self, report_id: str, instance_id: str) -> ReportInstance:
        """How far a run in the background is."""
        return reports.instance(self._door, report_id, instance_id)

    # --- writes -------------------------------------------------------------------------------

    def records_create(
        self,
        records: Sequence[Record],
        *,
        headers: Mapping[str, str],
        all_or_none: bool = False,
    ) -> list[RowResult]:
        """Create up to 200 records; see `collections.create` for headers and what it raises."""
        return collections.create(self._door, records, headers=headers, all_or_none=all_or_none)

    def records_update(
        self,
        records: Sequence[Record],
        *,
        headers: Mapping[str, str],
        all_or_none: bool = False,
    ) -> list[RowResult]:
        """Change up to 200 records by id."""
        return collections.update(self._door, records, headers=headers, all_or_none=all_or_none)

    def records_upsert(
        self,
        records: Sequence[Record],
        *,
        external_id: str,
        headers: Mapping[str, str],
        all_or_none: bool = False,
    ) -> list[RowResult]:
        """Create or change up to 200 records of one object by an external id field."""
        return collections.upsert(
            self._door,
            records,
            external_id=external_id,
            headers=headers,
            all_or_none=all_or_none,
        )

    def records_delete(
        self, record_ids: Sequence[str], *, all_or_none: bool = False
    ) -> list[RowResult]:
        """Delete up to 200 records by id."""
        return collections.delete(self._door, record_ids, all_or_none=all_or_none)

    def graphs(self, wanted: Sequence[Graph]) -> list[GraphResult]:
        """Write graphs in one call, each all or nothing; see `graphs.graphs` for what it raises."""
        return graphs.graphs(self._door, wanted)
