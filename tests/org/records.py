"""What the suite writes: only in a sandbox, marked with the run, and gone afterwards."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.salesforce.client import Graph, GraphResult, Node, Org, Record, RowResult
from integrations.salesforce.manifest import PackageManifest, manifest_detect
from integrations.salesforce.soql import quote, quote_like

MARK = "UserGems contract test"
KEY = "contract-test"
HEADERS = {
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
}
# Where the mark stands; what points to another one comes first.
MARKED = {"Lead": "Company", "Contact": "LastName", "Account": "Name"}
AT_ONCE = 200


class NotOurs(Exception):
    """The org is none that tests may write to; nothing was written."""


class Records:
    """The only way by which the suite writes. Raises NotOurs for an org that is no sandbox,
    and for a user who could not clean up again."""

    def __init__(self, org: Org) -> None:
        if org.organization().get("IsSandbox") is not True:
            raise NotOurs("The org is no sandbox. Nothing was written.")
        package = manifest_detect(org.object_names())
        names = [*MARKED, *([package.object_name] if package and package.can_deliver else [])]
        stuck = [name for name, found in org.describes(names).items() if not found.deletable]
        if stuck:
            raise NotOurs(f"The user may not delete {', '.join(stuck)}. Nothing was written.")
        self.org = org
        self.run = uuid.uuid4().hex[:12]
        self.mark = f"{MARK} {self.run}"
        self.package: PackageManifest | None = package

    # --- what a record holds ------------------------------------------------------------------

    def lead(self, **values: Any) -> dict[str, Any]:
        """Values of a lead that every org takes."""
        email = f"{uuid.uuid4().hex}@contract.example"
        return {
            "LastName": f"Test {uuid.uuid4().hex[:8]}",
            "Company": self.mark,
            "Email": email,
            "Country": "United States",
            **values,
        }

    def contact(self, **values: Any) -> dict[str, Any]:
        """Values of a contact; the mark is its name."""
        return {
            "LastName": f"{self.mark} {uuid.uuid4().hex[:8]}",
            "Email": f"{uuid.uuid4().hex}@contract.example",
            **values,
        }

    def key(self) -> str:
        """A key of the package's object, beginning with the run."""
        return f"{KEY}-{self.run}-{uuid.uuid4()}"

    # --- writing ------------------------------------------------------------------------------

    def create(self, *records: tuple[str, Mapping[str, Any]], **how: Any) -> list[RowResult]:
        """Create `(object, values)`."""
        wanted = [Record(name, values) for name, values in records]
        return self.org.records_create(wanted, headers=HEADERS, **how)

    def lead_graph(self, headers: Mapping[str, str] = HEADERS, **values: Any) -> Graph:
        """A graph that creates one lead."""
        node = Node("POST", "Lead", None, "person", self.lead(**values), headers)
        return Graph("g" + uuid.uuid4().hex, [node])

    def delivery(self, key: str, **lead: Any) -> Graph:
        """A lead and the package's record that points to it, as a delivery writes them."""
        package = self.package
        if package is None:
            raise LookupError("The package is not in this org.")
        body = {
            package.key_field: key,
            package.attempt_field: 1,
            package.lookups["new_lead"]: {"ref": "person"},
        }
        person = self.lead_graph(**lead)
        record = Node("POST", package.object_name, None, "package", body, HEADERS)
        return Graph(person.graph_id, [*person.nodes, record])

    def graphs(self, *wanted: Graph) -> list[GraphResult]:
        """Write graphs in one call."""
        return self.org.graphs(wanted)

    # --- afterwards ---------------------------------------------------------------------------

    def sweep(self) -> list[str]:
        """Delete everything of this run, answered or not; the ids that are still there."""
        return self._delete(self.mark, f"{KEY}-{self.run}")

    def sweep_leftovers(self, before: dt.datetime) -> list[str]:
        """Delete what runs that were killed left before that moment."""
        return self._delete(MARK, KEY, f" AND CreatedDate < {quote(before)}")

    def _delete(self, mark: str, key: str, also: str = "") -> list[str]:
        for ids in self._all(mark, key, also):
            for start in range(0, len(ids), AT_ONCE):
                self.org.records_delete(ids[start : start + AT_ONCE])
        return [record_id for ids in self._all(mark, key, also) for record_id in ids]

    def _all(self, mark: str, key: str, also: str) -> Sequence[list[str]]:
        found = []
        if self.package and self.package.can_deliver:
            found.append((self.package.object_name, self.package.key_field, key))
        found += [(name, field, mark) for name, field in MARKED.items()]
        soqls = [
            f"SELECT Id FROM {name} WHERE {field} LIKE {quote_like(beginning)}{also}"
            for name, field, beginning in found
        ]
        return [[row["Id"] for row in rows] for rows in self.org.queries(soqls)]
