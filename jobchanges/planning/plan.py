"""`plan_make`: from a job change, the settings and the matches to the writes.

Nodes stand in the order of the write protocol: account, person, past person, campaign member,
package record. An existing record gets its empty fields and the package's fields, nothing else
(product.md, rule 6).
"""

from __future__ import annotations

from collections.abc import Mapping

from jobchanges.planning.draft import CannotPlan, Draft
from jobchanges.planning.owners import contact_owner, default_owner
from jobchanges.planning.text import long_or_non_latin, utf16_length
from jobchanges.planning.types import (
    Branch,
    JobChangeData,
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
    iso_date,
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


class _Draft(Draft):
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
        self.past_flag()

    def promotion(self) -> None:
        """The existing record; "no longer at company" is never set."""
        self.branches.add(Branch.PROMOTION)
        self.explain(self.matches.person_why)
        if self.matches.person is None:
            raise CannotPlan(
                "A promotion is written to the person's existing record, and none was found."
            )
        self.person_enrich(self.matches.person)

    # --- the writes, in their order -----------------------------------------------------------

    def person_create(self) -> None:
        """A lead or a contact, after the record mode; with the account, where that is needed."""
        account = self.matches.account
        mode = self.settings.record_mode
        if mode == "always_lead" or (mode == "contact_if_account" and account is None):
            owner = self.owner(default_owner(self.settings, self.matches))
            self.branches.add(Branch.NEW_LEAD)
            if self.settings.run_assignment_rules:
                self.explain(
                    "The org’s assignment rules may give the lead another owner while it is saved."
                )
            extra: dict[str, Value | Ref] = {"OwnerId": owner}
            self.person_write("Lead", extra)
            return
        self.branches.add(Branch.NEW_CONTACT)
        owner = self.owner(contact_owner(self.settings, self.matches))
        if account:
            account_id: str | Ref = account.target
        else:
            self.account_create()
            account_id = Ref("account")
        self.lookups["new_account"] = account_id
        self.person_write("Contact", {"AccountId": account_id, "OwnerId": owner})

    def account_create(self) -> None:
        """The new company, owned by the default owner."""
        self.branches.add(Branch.NEW_ACCOUNT)
        wanted: dict[str, Value | Ref] = {**account_values(self.job_change)}
        wanted["OwnerId"] = self.owner(default_owner(self.settings, self.matches))
        if created_by := self.names.account_fields.get("created_by"):
            wanted[created_by] = True
        self.create("account", "Account", wanted)

    def person_write(self, object_name: str, extra: Mapping[str, Value | Ref]) -> None:
        """Create the lead or contact at the new company."""
        wanted: dict[str, Value | Ref] = {**person_values(self.job_change, object_name), **extra}
        wanted["LeadSource"] = self.settings.lead_source
        wanted.update(self.package_fields_of_person(None))
        if created_by := self.names.person_fields.get("created_by"):
            wanted[created_by] = True
        self.create("person", object_name, wanted)
        self.lookups[f"new_{object_name.lower()}"] = Ref("person")

    def person_enrich(self, person: PersonFact) -> None:
        """Fill the empty fields of the existing record and set the package's."""
        self.branches.add(Branch.EXISTING_PERSON)
        self.lookups[f"new_{person.object_name.lower()}"] = person.id
        if person.account_id:
            self.lookups["new_account"] = person.account_id
        empty = {
            name: value
            for name, value in person_values(self.job_change, person.object_name).items()
            if person.values.get(name) in ("", None)
        }
        address = ADDRESS_FIELDS[person.object_name]
        if any(person.values.get(name) not in ("", None) for name in address):
            for name in address:
                if empty.pop(name, None) is not None:
                    self.explain("The address is partly filled already and stays as it is.")
        visible = {name: value for name, value in empty.items() if name in person.values}
        self.update("person", person, {**visible, **self.package_fields_of_person(person)})

    def past_flag(self) -> None:
        """Mark the past record: the person is no longer there."""
        past = self.matches.past
        if past is None:
            return
        self.branches.add(
            Branch.PAST_CONTACT if past.object_name == "Contact" else Branch.PAST_LEAD
        )
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
        name = self.names.person_fields.get("no_longer_at_company", "")
        facts = self.settings.fields.get(past.object_name, {}).get(name)
        if facts is None:
            self.explain(
                f"{past.object_name} has no visible field “No Longer at Company”, left out."
            )
            return
        # One generation of the package has a checkbox, another a date (reference, 6.2).
        value: Value = True if facts.type == "boolean" else iso_date(self.detected_date())
        if facts.type != "boolean" and past.values.get(name):
            value = past.values[name]
        self.update("past_person", past, {name: value})

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

    def detected_date(self) -> object:
        """The day the departure was noticed: all that is known of when it happened."""
        return self.job_change.detected_at.date()
