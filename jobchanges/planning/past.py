"""The past record in a plan: linked, marked as left, and the customer's own fields on it."""

from __future__ import annotations

from jobchanges.planning.draft import Draft
from jobchanges.planning.types import Branch, MapTarget, PersonFact, Value
from jobchanges.planning.values import iso_date


class PastDraft(Draft):
    """What a plan says of the record and the account that the person left."""

    def past_flag(self) -> None:
        """Mark the past record: the person is no longer there."""
        past = self.matches.past
        if past is None:
            return
        is_contact = past.object_name == "Contact"
        self.branches.add(Branch.PAST_CONTACT if is_contact else Branch.PAST_LEAD)
        self.lookups[f"past_{past.object_name.lower()}"] = past.id
        person = self.matches.person
        if person and person.id == past.id:
            self.explain(
                "The past record already stands at the new company, so it is not marked as left."
            )
            return
        if past.converted:
            self.explain("The past lead is converted and can no longer be changed.")
            return
        if self.settings.record_mode == "flow_template":
            return
        if not self.settings.update_past_record:
            self.explain("The past record is linked and, as chosen in the settings, not changed.")
            return
        wanted = self._mark(past)
        target = MapTarget.PAST_CONTACT if is_contact else MapTarget.PAST_LEAD
        mapped = self.mapped(target)
        if wanted or mapped:
            replaceable = {
                item.field
                for item in self.settings.field_mapping
                if item.target == target and item.replace
            }
            self.update("past_person", past, wanted, mapped=mapped, replaceable=replaceable)

    def _mark(self, past: PersonFact) -> dict[str, Value]:
        name = self.names.person_fields.get("no_longer_at_company", "")
        facts = self.settings.fields.get(past.object_name, {}).get(name)
        if facts is None:
            self.explain(
                f"{past.object_name} has no visible field “No Longer at Company”, left out."
            )
            return {}
        # One generation of the package has a checkbox, another a date (reference, 6.2).
        if facts.type == "boolean":
            return {name: True}
        # The day the departure was noticed: all that is known of when it happened.
        return {name: past.values.get(name) or iso_date(self.job_change.detected_at.date())}

    def past_account_id(self) -> str:
        """The account of the past contact; else the past account that was found."""
        past = self.matches.past
        if (
            past
            and past.account_id
            and not (self.matches.person and self.matches.person.id == past.id)
        ):
            return past.account_id
        return self.matches.past_account.id if self.matches.past_account else ""
