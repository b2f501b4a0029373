"""A plan while it is being put together: what every kind of job change needs for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from jobchanges.planning.mapping import OBJECT_OF, mapped_value, mapping_problem
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
from jobchanges.planning.values import is_empty, values_fit


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
        """Take an owner from `owners`, with the words and the branch; hold where there is none."""
        if found.inactive:
            self.branches.add(Branch.INACTIVE_OWNER)
        if not found.id:
            raise CannotPlan(found.words, "owner")
        self.explain(found.words)
        return found.id

    def mapped(self, target: str) -> dict[str, Value]:
        """The customer's own fields of one record, with their values; notes what is left out."""
        object_name = OBJECT_OF[target]
        known = self.settings.fields.get(object_name, {})
        values: dict[str, Value] = {}
        seen: set[str] = set()
        for item in self.settings.field_mapping:
            if item.target != target or item.field in seen:
                continue
            seen.add(item.field)
            facts = known.get(item.field)
            value: Value = None
            problem = mapping_problem(item, facts, self.names)
            if facts and not problem:
                value, problem = mapped_value(item, self.job_change, facts)
            if problem:
                self.explain(f"{self.field_words(object_name, item.field)}: left out. {problem}")
            elif not is_empty(value):
                values[item.field] = value
        return values

    def create(
        self,
        role: str,
        object_name: str,
        wanted: Mapping[str, Value | Ref],
        *,
        fixed: Mapping[str, Value] | None = None,
        mapped: Mapping[str, Value] | None = None,
    ) -> None:
        """Add a node that creates a record. `fixed` goes in as it is: it was checked before.

        `mapped` is what the customer had filled besides; it never takes the place of ours.
        """
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
            {**(mapped or {}), **wanted, **(fixed or {})},
            object_name=object_name,
            operation="create",
            settings=self.settings,
        )
        self.explain(*fitted.notes)
        if fitted.shortened:
            self.branches.add(Branch.LONG_OR_NON_LATIN)
        if fitted.impossible:
            raise CannotPlan(fitted.impossible[0], "required_field")
        if not fitted.fields.keys().isdisjoint(mapped or ()):
            self.branches.add(Branch.MAPPED)
        self.writes.append(
            Write(
                role=role,
                object_name=object_name,
                operation="create",
                fields={**fitted.fields, **(fixed or {})},
                headers=self.settings.headers(object_name, "create"),
            )
        )

    def update(
        self,
        role: str,
        person: PersonFact,
        wanted: Mapping[str, Value | Ref],
        *,
        mapped: Mapping[str, Value] | None = None,
        replaceable: Collection[str] = (),
    ) -> None:
        """Add a node that updates an existing record, with what differs; or none.

        `mapped` goes only into fields that are empty, or that the customer made `replaceable`.
        """
        fitted = values_fit(
            {**self._free(person, mapped or {}, replaceable), **wanted},
            object_name=person.object_name,
            operation="update",
            settings=self.settings,
        )
        self.explain(*fitted.notes)
        changed = {
            name: value for name, value in fitted.fields.items() if person.values.get(name) != value
        }
        if not changed:
            self.explain(f"The existing {person.object_name.lower()} has all of this already.")
            return
        ours_besides = [name for name in changed if name in (mapped or {})]
        replaces = tuple(name for name in ours_besides if not is_empty(person.values.get(name)))
        if ours_besides:
            self.branches.add(Branch.MAPPED)
        for name in replaces:
            self.branches.add(Branch.REPLACED)
            self.explain(
                f"{self.field_words(person.object_name, name)}: {_shown(person.values[name])} is "
                f"replaced by {_shown(changed[name])}, as chosen in the settings."
            )
        self.writes.append(
            Write(
                role=role,
                object_name=person.object_name,
                operation="update",
                record_id=person.id,
                fields=changed,
                before={name: person.values.get(name) for name in changed},
                headers=self.settings.headers(person.object_name, "update"),
                replaces=replaces,
                modified_at=person.modified_at,
            )
        )

    def _free(
        self, person: PersonFact, mapped: Mapping[str, Value], replaceable: Collection[str]
    ) -> dict[str, Value]:
        """Of the customer's own fields those that may be written: what a record holds stays."""
        free: dict[str, Value] = {}
        for name, value in mapped.items():
            words = self.field_words(person.object_name, name)
            if name not in person.values:
                self.explain(f"{words}: could not be read, so it stays as it is.")
            elif is_empty(person.values[name]) or name in replaceable:
                free[name] = value
            elif person.values[name] != value:
                self.explain(f"{words}: holds another value already and stays as it is.")
        return free

    def field_words(self, object_name: str, name: str) -> str:
        """A field as sentences name it."""
        facts = self.settings.fields.get(object_name, {}).get(name)
        return f"{object_name} field {(facts and facts.label) or name}"

    def explain(self, *sentences: str) -> None:
        """Keep what a reader of the preview should know."""
        self.explanations.extend(sentence for sentence in sentences if sentence)

    def outcome(self) -> str:
        """A `Delivery.Outcome` value."""
        by_role = {write.role: write.operation for write in self.writes}
        if "person" in by_role:
            return "created" if by_role["person"] == "create" else "enriched"
        return "past_only" if "past_person" in by_role else "package_only"


def _shown(value: Value | Ref) -> str:
    if isinstance(value, bool):
        return "“yes”" if value else "“no”"
    return f"“{value}”"
