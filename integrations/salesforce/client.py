"""The client: one object for one org; everything else in this package stands behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from integrations.salesforce import describe, graphs, people, query
from integrations.salesforce.config import ApiUsage, ClientConfig, TokenSource
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.graphs import Graph, GraphResult, Node, NodeResult
from integrations.salesforce.query import Wanted

__all__ = [
    "ApiUsage",
    "ClientConfig",
    "FieldDescribe",
    "Graph",
    "GraphResult",
    "Node",
    "NodeResult",
    "ObjectDescribe",
    "Org",
    "TokenSource",
]


class Org:
    """One org. Every method asks Salesforce and raises SalesforceError when it refuses.

    Reads are repeated up to twice when no proper answer came; `graphs` never. A 401 renews the
    token once. One object serves one task: it is not for several threads at a time.
    """

    def __init__(
        self,
        *,
        instance_url: str,
        tokens: TokenSource,
        config: ClientConfig,
        org_id: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`org_id` is for the log only. Raises ValueError for a host that is not allowed."""
        self._door = Door(
            instance_url=instance_url, tokens=tokens, config=config, org_id=org_id, sleep=sleep
        )

    @property
    def usage(self) -> ApiUsage | None:
        """The org's API usage as of the newest answer; None before the first that tells."""
        return self._door.session.usage

    @property
    def calls(self) -> int:
        """HTTP calls sent by this object, repeats included."""
        return self._door.session.calls

    def close(self) -> None:
        """Give the connection back."""
        self._door.session.close()

    def versions(self) -> list[str]:
        """The API versions the org offers, such as `66.0`; needs no token and no allowance."""
        answer = self._door.plain("/services/data/", with_token=False)
        try:
            return [str(item["version"]) for item in answer]
        except (KeyError, TypeError):
            raise SalesforceError("UNEXPECTED_ANSWER", detail="versions") from None

    def limits(self) -> dict[str, Any]:
        """`/limits` as it comes; every key is optional (platform reference, 2.8)."""
        return dict(self._door.get("limits") or {})

    def organization(self) -> dict[str, Any]:
        """The row of Organization: Id, Name, InstanceName, IsSandbox, OrganizationType, …."""
        return people.organization(self._door)

    def running_user(self) -> dict[str, Any]:
        """Who the token belongs to; keys in `people.running_user`."""
        return people.running_user(self._door)

    def package_version(self, namespace: str) -> str | None:
        """The installed version; "" when it is not installed, None when the org does not say."""
        return people.package_version(self._door, namespace)

    def object_names(self) -> set[str]:
        """API names of all objects the running user can see."""
        return describe.object_names(self._door)

    def describe(self, object_name: str) -> ObjectDescribe:
        """One object with its fields; `NOT_FOUND` when it is missing or hidden."""
        return describe.describe(self._door, object_name)

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query, all pages, without `attributes`."""
        return query.query(self._door, soql)

    def queries(self, soqls: Sequence[str]) -> list[list[dict[str, Any]]]:
        """All records of each query; at most five queries a call."""
        return query.queries(self._door, soqls)

    def records_get(self, wanted: Sequence[Wanted]) -> dict[str, dict[str, Any]]:
        """Records by 18-character id from `(object, ids, fields)`; up to 1,000 in one call."""
        return query.records_get(self._door, wanted)

    def graphs(self, wanted: Sequence[Graph]) -> list[GraphResult]:
        """Write graphs in one call, each all or nothing; see `graphs.graphs` for what it raises."""
        return graphs.graphs(self._door, wanted)
