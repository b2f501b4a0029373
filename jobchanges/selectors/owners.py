"""Who would receive records: the owners that plans give to what they write."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobchanges.planning.types import PlanJSON

OWNER = "OwnerId"


@dataclass(frozen=True)
class OwnerLine:
    """One user or queue of the org, and how many records would be theirs."""

    id: str
    name: str
    contacts: int = 0
    leads: int = 0
    accounts: int = 0

    @property
    def total(self) -> int:
        """All records together."""
        return self.contacts + self.leads + self.accounts

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, as an allowance and a forecast keep it."""
        return {"contacts": self.contacts, "leads": self.leads, "accounts": self.accounts}


def owners_of(plans: Iterable[PlanJSON], names: Mapping[str, str]) -> list[OwnerLine]:
    """The owners of everything the stored plans create, who gets most first.

    `names`: name by record id; the id stands where the org did not say. An existing record keeps
    its owner and counts for nobody, unless a correction gives it to somebody else.
    """
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for plan in plans:
        for write in plan.get("writes", ()):
            owner = _owner(write)
            if owner and write["object_name"] in _COUNTED:
                found[owner][_COUNTED[write["object_name"]]] += 1
    lines = [
        OwnerLine(id=owner, name=names.get(owner, owner), **counts)
        for owner, counts in found.items()
    ]
    return sorted(lines, key=lambda line: (-line.total, line.name, line.id))


_COUNTED = {"Contact": "contacts", "Lead": "leads", "Account": "accounts"}


def _owner(write: Mapping[str, Any]) -> str:
    owner = write["fields"].get(OWNER)
    return owner if isinstance(owner, str) else ""
