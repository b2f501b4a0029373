"""The content of a snapshot: the six kinds of the seed guide as plain data.

A kind has parts, a part has entries by a name that is the same in both orgs (API name,
DeveloperName, a layout's name), an entry has facts. Ids are told, never compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.hashing import content_hash

# In the order of the guide ("Moving from Sandbox to Production", 4).
KINDS = (
    "custom_fields",
    "page_layouts",
    "lead_conversion",
    "campaigns",
    "related_lists",
    "user_permissions",
)
# The form of the stored data; raised when a stored snapshot can no longer be read as it is.
VERSION = 1

Facts = Mapping[str, Any]
Part = Mapping[str, Facts]
Kind = Mapping[str, Part]


@dataclass(frozen=True)
class Content:
    """What was taken from one org.

    `kinds`: kind → part → entry → facts, as JSON knows them. `unreadable`: `kind.part` → the right
    that is missing, as Setup calls it; "" where it is no right that is missing but the org that
    does not say. `labels`: objects as the org calls them. `package`: whether the package was
    found, `package_object`: the API name of its object.
    """

    environment: str
    kinds: Mapping[str, Kind]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    package: bool = True
    package_version: str = ""
    package_object: str = ""

    def part(self, kind: str, part: str) -> Part:
        """The entries of a part; none where it was not taken."""
        return self.kinds.get(kind, {}).get(part, {})

    def is_unreadable(self, kind: str, part: str) -> bool:
        """Whether that part could not be read."""
        return f"{kind}.{part}" in self.unreadable

    def rights_missing(self, kind: str) -> dict[str, str]:
        """Parts of a kind that could not be read, with the right that is missing."""
        return {
            name.partition(".")[2]: right
            for name, right in self.unreadable.items()
            if name.partition(".")[0] == kind
        }

    def as_json(self) -> dict[str, Any]:
        """As a snapshot keeps it."""
        return {
            "version": VERSION,
            "environment": self.environment,
            "package": self.package,
            "package_version": self.package_version,
            "package_object": self.package_object,
            "labels": dict(self.labels),
            "unreadable": dict(self.unreadable),
            "kinds": {
                kind: {
                    part: {name: dict(facts) for name, facts in entries.items()}
                    for part, entries in parts.items()
                }
                for kind, parts in self.kinds.items()
            },
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Content:
        """The content of a stored snapshot."""
        return cls(
            environment=stored["environment"],
            kinds=stored["kinds"],
            unreadable=stored.get("unreadable", {}),
            labels=stored.get("labels", {}),
            package=stored.get("package", True),
            package_version=stored.get("package_version", ""),
            package_object=stored.get("package_object", ""),
        )

    @property
    def hash(self) -> str:
        """Over everything taken: two snapshots of an unchanged org have the same."""
        return content_hash(self.as_json())
