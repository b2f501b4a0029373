"""A plan while it is being put together: what every kind of job change needs for it."""

from __future__ import annotations

from collections.abc import Mapping

from jobchanges.planning.owners import Owner
from jobchanges.planning.types import (
    Branch,
    JobChangeData,
    Matches,
    PersonFact,
    PlanSettings,
    Ref,
    Value,
    Write,
)
from jobchanges.planning.values import values_fit


class CannotPlan(Exception):
    """The job change has to be held; the sentence says why.

    `code` is `Delivery.held_code`: empty where nothing is wrong with us or the org.
    """

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


class Draft:
    """Collects writes, explanations and branches; knows how one node is made."""

    def __init__(
        self,
        job_change: JobChangeData,
        settings: PlanSettings,
        matches: Matches,
        attempt_number: int,
    ) -> None:
        self.job_change = job_change
        self.settings = settings
        self.matches = matches
        self.attempt_number = attempt_number
        self.names = settings.manifest
        self.writes: list[Write] = []
        self.explanations: list[str] = []
        self.branches: set[Branch] = set()
        # Lookups of the package's record: our name → id or reference.
        self.lookups: dict[str, str | Ref] = {}

    def owner(self, found: Owner) -> str:
        """Take an owner from `owners`: id, explanation or reason, whether one was inactive."""
        owner_id, words, inactive = found
        if inactive:
            self.branches.add(Branch.INACTIVE_OWNER)
        if not owner_id:
            raise CannotPlan(words, "owner")
        self.explain(words)
        return owner_id

    def create(
        self,
        role: str,
        object_name: str,
        wanted: Mapping[str, Value | Ref],
        *,
        fixed: Mapping[str, Value] | None = None,
    ) -> None:
        """Add a node that creates a record. `fixed` goes in as it is: it was checked before."""
        if object_name not in self.settings.fields:
            raise CannotPlan(
                f"The integration user may not see {object_name} in this org.", "rights"
            )
        known = self.settings.fields[object_name].values()
        if known and not any(field.createable for field in known):
            raise CannotPlan(
                f"The integration user may not create records of {object_name} in this org. Give "
                "it Create on the object in its permission set, then plan again.",
                "rights",
            )
        fitted = values_fit(
            {**wanted, **(fixed or {})},
            object_name=object_name,
            operation="create",
            settings=self.settings,
        )
        self.explain(*fitted.notes)
        if fitted.shortened:
            self.branches.add(Branch.LONG_OR_NON_LATIN)
        if fitted.impossible:
            raise CannotPlan(fitted.impossible[0], "required_field")
        self.writes.append(
            Write(
                role=role,
                object_name=object_name,
                operation="create",
                fields={**fitted.fields, **(fixed or {})},
                headers=self.settings.headers(object_name, "create"),
            )
        )

    def update(self, role: str, person: PersonFact, wanted: Mapping[str, Value | Ref]) -> None:
        """Add a node that updates an existing record, with what differs; or none."""
        fitted = values_fit(
            wanted, object_name=person.object_name, operation="update", settings=self.settings
        )
        self.explain(*fitted.notes)
        changed = {
            name: value for name, value in fitted.fields.items() if person.values.get(name) != value
        }
        if not changed:
            self.explain(f"The existing {person.object_name.lower()} has all of this already.")
            return
        self.writes.append(
            Write(
                role=role,
                object_name=person.object_name,
                operation="update",
                record_id=person.id,
                fields=changed,
                before={name: person.values.get(name) for name in changed},
                headers=self.settings.headers(person.object_name, "update"),
            )
        )

    def explain(self, *sentences: str) -> None:
        """Keep what a reader of the preview should know."""
        self.explanations.extend(sentence for sentence in sentences if sentence)

    def outcome(self) -> str:
        """A `Delivery.Outcome` value."""
        by_role = {write.role: write.operation for write in self.writes}
        if "person" in by_role:
            return "created" if by_role["person"] == "create" else "enriched"
        return "past_only" if "past_person" in by_role else "package_only"
