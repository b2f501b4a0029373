"""`plan_make`: from a job change, the settings and the matches to the writes.

Nodes stand in the order of the write protocol: account, person, past person, campaign member,
package record. An existing record gets its empty fields and the package's fields, nothing else
(product.md, rule 6).
"""

from __future__ import annotations

from collections.abc import Mapping

from jobchanges.planning.draft import CannotPlan
from jobchanges.planning.mapping import lookup_problem
from jobchanges.planning.owners import contact_owner, default_owner, lead_owner
from jobchanges.planning.past import PastDraft
from jobchanges.planning.text import long_or_non_latin, utf16_length
from jobchanges.planning.types import (
    Branch,
    JobChangeData,
    MapTarget,
    Matches,
    PersonFact,
    Plan,
    PlanSettings,
    Ref,
    Value,
)
from jobchanges.planning.values import (
    ADDRESS_FIELDS,
    account_values,
    is_empty,
    package_person_values,
    package_record_values,
    person_values,
)


def plan_make(
    job_change: JobChangeData,
    settings: PlanSettings,
    matches: Matches,
    *,
    attempt_number: int = 1,
) -> Plan:
    """Decide what one job change writes to one org; or hold it, with the reason.

    The same arguments always give the same plan. Kinds are those of the write protocol:
    *joined* touches everything, *left* the past record, *promotion* the existing record; each
    ends with the package's record, created once under the delivery key.
    """
    draft = _Draft(job_change, settings, matches, attempt_number)
    held = code = ""
    try:
        draft.make()
    except CannotPlan as reason:
        held, code = str(reason), reason.code
    return Plan(
        writes=() if held else tuple(draft.writes),
        outcome="" if held else draft.outcome(),
        held_reason=held,
        held_code=code,
        explanations=tuple(dict.fromkeys(draft.explanations)),
        branches=tuple(sorted(draft.branches)),
    )


class _Draft(PastDraft):
    """The writes of each kind, in their order."""

    # --- what each kind needs -----------------------------------------------------------------

    def make(self) -> None:
        """Fill in the writes. Raises CannotPlan."""
        steps = {"joined": self.joined, "left": self.left, "promotion": self.promotion}
        if self.job_change.kind not in steps:
            raise CannotPlan("This kind of job change is not known.")
        if not self.job_change.last_name:
            # No import leaves it empty: the person was erased (services/erasing.py).
            raise CannotPlan("This person’s data were erased on request, so nothing is written.")
        if self.job_change.kind != "left" and not self.job_change.new_email:
            self.branches.add(Branch.NO_EMAIL)
        if long_or_non_latin(self.job_change):
            self.branches.add(Branch.LONG_OR_NON_LATIN)
        steps[self.job_change.kind]()
        self.package_record()

    def joined(self) -> None:
        """Account if needed, person, past record, campaign."""
        self.explain(self.matches.account_why, self.matches.person_why, self.matches.past_why)
        account = self.matches.account
        if account:
            self.branches.add(Branch.EXISTING_ACCOUNT)
            self.lookups["new_account"] = account.target
        if self.is_left_to_flow:
            self.left_to_flow()
            return
        if self.matches.person:
            self.person_enrich(self.matches.person)
        elif not self.job_change.new_company_name:
            raise CannotPlan(
                "The new company is not known, so neither a lead nor a contact can be created."
            )
        else:
            self.person_create()
        self.past_flag()
        self.campaign_join()

    def left(self) -> None:
        """The past record only: where the person went is not known."""
        self.branches.add(Branch.LEFT_ONLY)
        self.explain(self.matches.past_why)
        if self.matches.past is None:
            raise CannotPlan(
                "No record of this person was found in the org, and the new job is not known, "
                "so there is nothing to write."
            )
        if self.is_left_to_flow:
            self.left_to_flow()
            return
        self.past_flag()

    def promotion(self) -> None:
        """The existing record; "no longer at company" is never set."""
        self.branches.add(Branch.PROMOTION)
        self.explain(self.matches.person_why)
        if self.matches.person is None:
            raise CannotPlan(
                "A promotion is written to the person's existing record, and none was found."
            )
        if self.is_left_to_flow:
            self.left_to_flow()
            return
        self.person_enrich(self.matches.person)

    @property
    def is_left_to_flow(self) -> bool:
        """Whether the org's own flow makes everything but the package's record."""
        return self.settings.record_mode == "flow_template"

    def left_to_flow(self) -> None:
        """Only look up what was found: the flow of the org reads it off the package's record."""
        self.explain("Only the UserGem record is written: the org’s own flow does the rest.")
        if self.matches.person:
            self.branches.add(Branch.EXISTING_PERSON)
            self.person_link(self.matches.person)
        if self.job_change.kind != "promotion":
            self.past_flag()

    # --- the writes, in their order -----------------------------------------------------------

    def person_create(self) -> None:
        """A lead or a contact, after the record mode; with the account, where that is needed."""
        account = self.matches.account
        mode = self.settings.record_mode
        if mode == "always_lead" or (mode == "contact_if_account" and account is None):
            owner = self.owner(lead_owner(self.settings, self.matches, self.job_change))
            self.branches.add(Branch.NEW_LEAD)
            if self.settings.run_assignment_rules:
                self.explain(
                    "The org’s assignment rules may give the lead another owner while it is saved."
                )
            self.person_write("Lead", {"OwnerId": owner, **self.account_on_lead()})
            return
        self.branches.add(Branch.NEW_CONTACT)
        owner = self.owner(contact_owner(self.settings, self.matches, self.job_change))
        if account:
            account_id: str | Ref = account.target
        else:
            self.account_create()
            account_id = Ref("account")
        self.lookups["new_account"] = account_id
        self.person_write("Contact", {"AccountId": account_id, "OwnerId": owner})

    def account_on_lead(self) -> dict[str, Value | Ref]:
        """The matched account in the customer's own lookup on Lead, where one is chosen."""
        name, account = self.settings.lead_account_field, self.matches.account
        if not name or account is None:
            return {}
        facts = self.settings.fields.get("Lead", {}).get(name)
        if problem := lookup_problem(name, facts, self.names):
            self.explain(f"{self.field_words('Lead', name)}: left out. {problem}")
            return {}
        return {name: account.target}

    def account_create(self) -> None:
        """The new company, owned by the default owner."""
        self.branches.add(Branch.NEW_ACCOUNT)
        wanted: dict[str, Value | Ref] = {**account_values(self.job_change)}
        wanted["OwnerId"] = self.owner(default_owner(self.settings, self.matches))
        if created_by := self.names.account_fields.get("created_by"):
            wanted[created_by] = True
        self.create("account", "Account", wanted, mapped=self.mapped(MapTarget.NEW_ACCOUNT))

    def person_write(self, object_name: str, extra: Mapping[str, Value | Ref]) -> None:
        """Create the lead or contact at the new company."""
        wanted: dict[str, Value | Ref] = {**person_values(self.job_change, object_name), **extra}
        wanted["LeadSource"] = self.settings.lead_source
        wanted.update(self.package_fields_of_person(None))
        if created_by := self.names.person_fields.get("created_by"):
            wanted[created_by] = True
        target = MapTarget.NEW_LEAD if object_name == "Lead" else MapTarget.NEW_CONTACT
        self.create("person", object_name, wanted, mapped=self.mapped(target))
        self.lookups[f"new_{object_name.lower()}"] = Ref("person")

    def person_enrich(self, person: PersonFact) -> None:
        """Fill the empty fields of the existing record and set the package's."""
        self.branches.add(Branch.EXISTING_PERSON)
        self.person_link(person)
        empty = {
            name: value
            for name, value in person_values(self.job_change, person.object_name).items()
            if is_empty(person.values.get(name))
        }
        address = ADDRESS_FIELDS[person.object_name]
        if any(not is_empty(person.values.get(name)) for name in address):
            for name in address:
                if empty.pop(name, None) is not None:
                    self.explain("The address is partly filled already and stays as it is.")
        visible = {name: value for name, value in empty.items() if name in person.values}
        self.update("person", person, {**visible, **self.package_fields_of_person(person)})

    def person_link(self, person: PersonFact) -> None:
        """Look up the existing record, and its account, from the package's record."""
        self.lookups[f"new_{person.object_name.lower()}"] = person.id
        if person.account_id:
            self.lookups["new_account"] = person.account_id

    def campaign_join(self) -> None:
        """Make the person a member of the campaign, unless they are one."""
        campaign = self.settings.campaign_id
        person = self.lookups.get("new_contact") or self.lookups.get("new_lead")
        if not campaign or not person:
            return
        if self.matches.member_exists:
            self.explain("Already a member of the campaign.")
            return
        if "CampaignMember" not in self.settings.fields:
            self.explain("The integration user may not see campaign members, left out.")
            return
        self.branches.add(Branch.CAMPAIGN)
        link = "ContactId" if "new_contact" in self.lookups else "LeadId"
        wanted: dict[str, Value | Ref] = {
            "CampaignId": campaign,
            link: person,
            "Status": self.settings.campaign_status,
        }
        self.create("campaign_member", "CampaignMember", wanted)

    def package_record(self) -> None:
        """The package's own record: the key, the attempt, everything we know, all lookups."""
        past_account = self.past_account_id()
        if past_account:
            self.lookups["past_account"] = past_account
        key = self.settings.delivery_key(self.job_change.key)
        facts = self.settings.fields.get(self.names.object_name, {})
        key_facts = facts.get(self.names.key_field)
        if key_facts is None or not key_facts.createable:
            raise CannotPlan(
                "The package's delivery key cannot be written in this org. Check that the "
                "package is installed and that the integration user may edit its fields.",
                "package",
            )
        if key_facts.length and utf16_length(key) > key_facts.length:
            raise CannotPlan("The ID of this job change is too long for the package's key.", "key")
        wanted: dict[str, Value | Ref] = {
            **package_record_values(self.job_change, self.names.object_fields),
            self.names.attempt_field: self.attempt_number,
        }
        for name, target in self.lookups.items():
            if name in self.names.lookups:
                wanted[self.names.lookups[name]] = target
        self.create("package", self.names.object_name, wanted, fixed={self.names.key_field: key})

    # --- what the writes share ------------------------------------------------------------------

    def package_fields_of_person(self, existing: PersonFact | None) -> dict[str, Value | Ref]:
        """The package's fields on Lead and Contact, lookups to the past included."""
        wanted: dict[str, Value | Ref] = {
            **package_person_values(self.job_change, self.names.person_fields)
        }
        past = self.matches.past
        is_same = bool(past and existing and past.id == existing.id)
        name = self.names.person_fields.get("past_contact", "")
        if past and past.object_name == "Contact" and not is_same and name:
            wanted[name] = past.id
        past_account = self.past_account_id()
        if past_account and "past_account" in self.names.person_fields:
            wanted[self.names.person_fields["past_account"]] = past_account
        return wanted
