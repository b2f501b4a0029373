"""The whole of an org before and after, compared record by record with the plans of a delivery.

Used by the chaos tests and the bench. Nothing may be there that no plan explains: not a record,
not a value of a field, not a change of what was there before; and nothing may be missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from jobchanges.models import Attempt, Delivery
from jobchanges.planning import plan_from_json
from jobchanges.planning.types import Ref, Write
from jobchanges.selectors.values import same_value
from tests.rehearsal_server import Rehearsal

NAMESPACE = "UserGem__"
PACKAGE = "UserGem__UserGem__c"
KEY, ATTEMPT = "UserGem__DeliveryKey__c", "UserGem__DeliveryAttempt__c"
# Everything the integration user could write to, and what its writes could touch.
OBJECTS = (
    "Account", "Contact", "Lead", "Opportunity", "Campaign", "CampaignMember", "Task", "Event",
    "User", PACKAGE,
)  # fmt: skip
PEOPLE = ("Contact", "Lead")
# What the platform keeps of each record by itself, and what it works out from other fields.
KEPT = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
WORKED_OUT = frozenset(
    {
        "Name", "Address", "BillingAddress", "MailingAddress", "OtherAddress", "ShippingAddress",
        "PhotoUrl", "LeadOrContactId", "Type", "HasResponded", "NumberOfLeads", "NumberOfContacts",
    }
)  # fmt: skip
MADE = KEPT | {"Id", "CreatedDate", "CreatedById"}
# What the rehearsal gives a new record that says nothing about it.
DEFAULTS: Mapping[str, frozenset[Any]] = {
    "Status": frozenset({"Open - Not Contacted", "Sent"}),
    "CleanStatus": frozenset({"Pending"}),
    "CurrencyIsoCode": frozenset({"USD"}),
    "IsUnreadByOwner": frozenset({True}),
}
MOST_TOLD = 25

Rows = dict[str, dict[str, Any]]


@dataclass
class Contents:
    """All live records of an org by object and id; `deleted` are the ids in the recycle bin."""

    rows: dict[str, Rows]
    deleted: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, rehearsal: Rehearsal, org: str) -> Contents:
        """Read everything there is."""
        rows, deleted = {}, {}
        for name in OBJECTS:
            found = rehearsal.records(org, name)
            rows[name] = {row["Id"]: row for row in found if not row.get("IsDeleted")}
            deleted[name] = {row["Id"] for row in found if row.get("IsDeleted")}
        return cls(rows, deleted)


@dataclass
class Compared:
    """What the comparison came to; `problems` is empty when the org is as planned."""

    states: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    fields: int = 0
    problems: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON, for the bench."""
        return {
            "states": dict(self.states),
            "records created": dict(self.created),
            "records changed": dict(self.changed),
            "fields compared": self.fields,
        }


def as_planned(deliveries: Iterable[Delivery], before: Contents, after: Contents) -> Compared:
    """Compare; raises AssertionError that tells the first differences of all there are."""
    found = _Comparison(before, after).run(deliveries)
    told = "\n".join(found.problems[:MOST_TOLD])
    assert not found.problems, f"{len(found.problems)} differences:\n{told}"
    return found


class _Comparison:
    def __init__(self, before: Contents, after: Contents) -> None:
        self.before, self.after = before, after
        self.found = Compared()
        # What each record should be, as far as plans say: the last one counts.
        self.planned: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        self.made: dict[tuple[str, str], str] = {}

    def wrong(self, text: str) -> None:
        self.found.problems.append(text)

    def run(self, deliveries: Iterable[Delivery]) -> Compared:
        rows = list(_with_attempts(deliveries))
        self._keys(rows)
        delivered = [item for item in rows if item.state == Delivery.State.DELIVERED]
        for delivery in rows:
            self.found.states[delivery.state] += 1
            if delivery.state != Delivery.State.DELIVERED:
                self._not_there(delivery)
        # In the order in which the org took them: later ones change what earlier ones made.
        for delivery in sorted(delivered, key=self._number_in_org):
            self._apply(delivery)
        for name in OBJECTS:
            self._records(name)
        self._nobody_twice()
        self._no_account_twice()
        return self.found

    # --- one delivery

    def _keys(self, rows: list[Delivery]) -> None:
        there = Counter(
            row[KEY]
            for key, row in self.after.rows[PACKAGE].items()
            if key not in self.before.rows[PACKAGE]
        )
        wanted = {item.delivery_key for item in rows if item.state == Delivery.State.DELIVERED}
        for key, count in there.items():
            if count > 1:
                self.wrong(f"{key}: {count} records of the package")
            if key not in wanted:
                self.wrong(f"{key}: in the org, and no delivery says so")
        for key in wanted - set(there):
            self.wrong(f"{key}: delivered, and not in the org")

    def _not_there(self, delivery: Delivery) -> None:
        """Refused by the org or held by us, with a reason, and nothing else."""
        attempts = list(delivery.attempts.all())
        last = max(attempts, key=lambda item: item.number, default=None)
        if delivery.state == Delivery.State.REFUSED:
            if last is None or not any(error.get("message") for error in last.errors):
                self.wrong(f"{delivery}: refused without the org's reason")
        elif delivery.state == Delivery.State.HELD:
            if not delivery.held_reason:
                self.wrong(f"{delivery}: held without a reason")
        else:
            self.wrong(f"{delivery}: ended as {delivery.state}")
        if any(attempt.writes.all() for attempt in attempts):
            self.wrong(f"{delivery}: {delivery.state}, and yet has records")

    def _number_in_org(self, delivery: Delivery) -> str:
        attempt = _wrote(delivery)
        package = _ids(attempt).get("package", "") if attempt else ""
        return str(self.after.rows[PACKAGE].get(package, {}).get("Name", ""))

    def _apply(self, delivery: Delivery) -> None:
        attempt = _wrote(delivery)
        if attempt is None:
            self.wrong(f"{delivery}: delivered, and not by exactly one attempt")
            return
        ids = _ids(attempt)
        package = self.after.rows[PACKAGE].get(ids.get("package", ""))
        if package is None or package[ATTEMPT] != attempt.number:
            self.wrong(f"{delivery}: the org's record is not that of attempt {attempt.number}")
        for write in plan_from_json(attempt.plan).writes:
            key = ids.get(write.role)
            if not key:
                self.wrong(f"{delivery}: no record id of {write.role}")
                continue
            self._write(delivery, write, key, ids)

    def _write(self, delivery: Delivery, write: Write, key: str, ids: Mapping[str, str]) -> None:
        place = (write.object_name, key)
        if write.operation == "create":
            if key in self.before.rows[write.object_name]:
                self.wrong(f"{delivery}: says to have created {place}, which was there before")
            if place in self.made:
                self.wrong(f"{delivery}: says to have created {place}, as does {self.made[place]}")
            self.made[place] = str(delivery)
        for name, value in write.fields.items():
            self.planned[place][name] = ids[value.reference] if isinstance(value, Ref) else value

    # --- the records

    def _records(self, name: str) -> None:
        before, after = self.before.rows[name], self.after.rows[name]
        made = {key for kind, key in self.made if kind == name}
        for key in set(after) - set(before) - made:
            self.wrong(f"{name} {key}: nobody planned it: {_short(after[key])}")
        for key in made - set(after):
            self.wrong(f"{name} {key}: planned by {self.made[name, key]}, and not there")
        for key in set(before) - set(after):
            self.wrong(f"{name} {key}: was there before and is gone")
        self.found.created[name] += len(made & set(after))
        for key in made & set(after):
            self._compare(name, key, {}, after[key])
        for key in set(before) & set(after):
            if before[key] != after[key]:
                self.found.changed[name] += (name, key) in self.planned
                self._compare(name, key, before[key], after[key])

    def _compare(
        self, name: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        planned = self.planned.get((name, key), {})
        own = WORKED_OUT | (KEPT if before else MADE)
        if before and not planned and set(_differing(before, after)) - WORKED_OUT:
            self.wrong(f"{name} {key}: changed, and no plan says so: {_differing(before, after)}")
            return
        for field_name, value in after.items():
            self.found.fields += 1
            if field_name in planned:
                there = before.get(field_name)
                ours = field_name.startswith(NAMESPACE)
                if there not in (None, "") and not ours and not same_value(there, value):
                    self.wrong(f"{name} {key}: {field_name} was {there!r}, overwritten: {value!r}")
                if not same_value(planned[field_name], value):
                    text = f"{field_name} is {value!r}, planned {planned[field_name]!r}"
                    self.wrong(f"{name} {key}: {text}")
            elif field_name in own or value == before.get(field_name):
                continue
            elif before or not _defaulted(field_name, value, after):
                text = f"{field_name} is {value!r}, was {before.get(field_name)!r}, not planned"
                self.wrong(f"{name} {key}: {text}")

    # --- the org's own sense of twice

    def _nobody_twice(self) -> None:
        """No two people with one e-mail address, of whom one came from us."""
        by_email: dict[str, list[str]] = defaultdict(list)
        for name in PEOPLE:
            for key, row in self.after.rows[name].items():
                if row.get("Email") and not row.get("IsConverted"):
                    by_email[row["Email"].lower()].append(key)
        self._none_of_ours("people with the e-mail", by_email, PEOPLE)

    def _no_account_twice(self) -> None:
        """No two accounts with one website or one name, of which one came from us."""
        by_site: dict[str, list[str]] = defaultdict(list)
        by_name: dict[str, list[str]] = defaultdict(list)
        for key, row in self.after.rows["Account"].items():
            site = (row.get("Website") or "").lower()
            site = site.removeprefix("https://").removeprefix("http://").removeprefix("www.")
            if site:
                by_site[site.rstrip("/")].append(key)
            by_name["".join(str(row["Name"]).casefold().split())].append(key)
        self._none_of_ours("accounts with the website", by_site, ("Account",))
        self._none_of_ours("accounts with the name", by_name, ("Account",))

    def _none_of_ours(
        self, what: str, groups: Mapping[str, list[str]], names: tuple[str, ...]
    ) -> None:
        for value, keys in groups.items():
            ours = [key for key in keys for name in names if (name, key) in self.made]
            if len(keys) > 1 and ours:
                self.wrong(f"{len(keys)} {what} {value}: {keys}, of them ours {ours}")


def _with_attempts(deliveries: Iterable[Delivery]) -> Iterable[Delivery]:
    attempts = Attempt.objects.order_by("number").prefetch_related("writes")
    keys = [item.pk for item in deliveries]
    for start in range(0, len(keys), 500):
        rows = Delivery.objects.filter(pk__in=keys[start : start + 500])
        yield from rows.select_related("job_change").prefetch_related(
            Prefetch("attempts", queryset=attempts)
        )


def _wrote(delivery: Delivery) -> Attempt | None:
    """The one attempt that wrote the delivery; None if there is none, or more than one."""
    good = (Attempt.Outcome.DELIVERED, Attempt.Outcome.FOUND)
    wrote = [item for item in delivery.attempts.all() if item.outcome in good and item.writes.all()]
    return wrote[0] if len(wrote) == 1 else None


def _ids(attempt: Attempt) -> dict[str, str]:
    return {write.role: write.record_id for write in attempt.writes.all()}


def _defaulted(name: str, value: Any, row: Mapping[str, Any]) -> bool:
    """Whether the org gives this value to a new record that says nothing about the field."""
    if name == "OwnerId":
        return bool(value == row["CreatedById"])
    return value in (None, "", 0) or value in DEFAULTS.get(name, ())


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in after if before.get(name) != after[name]]


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: row[name]
        for name in ("Name", "Email", "CampaignId", KEY, "CreatedDate")
        if row.get(name)
    }
