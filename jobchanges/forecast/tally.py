"""Counting plans: outcomes, reasons to hold, and who would own what is created. No queries."""

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any

from jobchanges.delivery.conflicts import Conflicting, company_keys
from jobchanges.planning import Plan

MOST_OWNERS = 20
OUTCOMES = ("contacts", "leads", "enriched", "past_only", "package_only", "held")
_CREATED = {"Contact": "contacts", "Lead": "leads", "Account": "accounts"}


@dataclass(frozen=True)
class OwnerShare:
    """One person and the records they would receive."""

    id: str
    name: str
    contacts: int
    leads: int
    accounts: int
    count: int

    def named(self, name: str) -> "OwnerShare":
        """The same share with the owner's name; the id where the org does not say it."""
        return replace(self, name=name or self.id)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


class Tally:
    """The numbers of many plans, one after the other; the plans themselves are not kept."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.held: Counter[str] = Counter()
        self.accounts = 0
        # Records touched, which are read back later.
        self.records = 0
        self._owners: Counter[tuple[str, str]] = Counter()
        self._companies: set[str] = set()

    @property
    def going(self) -> int:
        """How many job changes would be written."""
        return sum(self.outcomes.values()) - self.outcomes["held"]

    def hold(self, reason: str) -> None:
        """Count one that would be held."""
        self.outcomes["held"] += 1
        self.held[reason] += 1

    def add(self, job_change: Conflicting, plan: Plan) -> None:
        """Count one plan.

        Each is planned against the org as it is now; once sent, the second person who joins a
        new company finds the account that the first one made. So that account counts once.
        """
        if plan.is_held:
            self.hold(plan.held_reason)
            return
        outcome = plan.outcome
        for write in plan.writes:
            if write.role == "account" and not self._first_at(job_change):
                continue
            self.records += 1
            if write.operation != "create" or write.role not in ("account", "person"):
                continue
            self.accounts += write.role == "account"
            if write.role == "person":
                outcome = _CREATED[write.object_name]
            owner = write.fields.get("OwnerId")
            if isinstance(owner, str):
                self._owners[owner, _CREATED[write.object_name]] += 1
        self.outcomes[outcome] += 1

    def held_reasons(self) -> list[dict[str, Any]]:
        """Reasons with their counts, the commonest first."""
        ordered = sorted(self.held.items(), key=lambda item: (-item[1], item[0]))
        return [{"reason": reason, "count": count} for reason, count in ordered]

    def owners_top(self) -> tuple[list[OwnerShare], int, int]:
        """Who receives most, without names yet; and how many owners and records come after."""
        shares = []
        for owner in {owner for owner, _kind in self._owners}:
            kinds = {kind: self._owners[owner, kind] for kind in _CREATED.values()}
            shares.append(OwnerShare(id=owner, name="", count=sum(kinds.values()), **kinds))
        shares.sort(key=lambda share: (-share.count, share.id))
        rest = shares[MOST_OWNERS:]
        return shares[:MOST_OWNERS], len(rest), sum(share.count for share in rest)

    def _first_at(self, job_change: Conflicting) -> bool:
        """Whether nobody counted before joins the same new company."""
        keys = company_keys(job_change)
        is_first = self._companies.isdisjoint(keys)
        self._companies |= keys
        return is_first
