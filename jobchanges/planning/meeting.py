"""Plans of one claim that would meet in the org: the later one waits and is matched again. Pure.

Conflict keys keep apart what names a company or a person alike (write-protocol, Groups). Matching
knows more: another spelling of a company, a short form of a name. Two job changes that only it
would recognise must not be written side by side, or each would create what the other one does.
"""

from __future__ import annotations

from collections import defaultdict

from jobchanges.planning.account_match import Accounts, account_match
from jobchanges.planning.names import email_key, name_forms
from jobchanges.planning.person_match import People, person_match
from jobchanges.planning.together import account_planned
from jobchanges.planning.types import AccountFact, JobChangeData, Matches, PersonFact, Plan

CREATE = "create"


class Meeting:
    """What the plans taken so far create and change, as a later job change would find it."""

    def __init__(self) -> None:
        self._touched: set[str] = set()
        self._accounts: list[AccountFact] = []
        self._people: dict[str, list[PersonFact]] = defaultdict(list)

    def meets(self, job_change: JobChangeData, found: Matches, plan: Plan) -> bool:
        """Whether a plan changes a record that an earlier one changes, or creates its double."""
        if self._touched & _changed(plan):
            return True
        if _creates(plan, "account") and self._accounts:
            account, _why = account_match(job_change, Accounts(self._accounts))
            if account is not None:
                return True
        if not _creates(plan, "person"):
            return False
        alike = {one.id: one for key in _keys(job_change) for one in self._people.get(key, ())}
        if not alike:
            return False
        person, _why = person_match(job_change, People(alike.values()), found.account)
        return person is not None

    def add(self, job_change: JobChangeData, found: Matches, plan: Plan) -> None:
        """Take a plan that will be written."""
        self._touched |= _changed(plan)
        account = account_planned(job_change.key, plan)
        if account is not None:
            self._accounts.append(account)
        write = plan.write("person")
        if write is None or write.operation != CREATE:
            return
        there = account or found.account
        person = PersonFact(
            id=f"person of {job_change.key}",
            object_name=write.object_name,
            first_name=str(write.fields.get("FirstName", "")),
            last_name=str(write.fields.get("LastName", "")),
            email=str(write.fields.get("Email", "")),
            company=there.name if there else str(write.fields.get("Company", "")),
            account_id=there.id if there else "",
            account_website=there.website if there else "",
        )
        for key in {email_key(person.email), *name_forms(person.last_name)} - {""}:
            self._people[key].append(person)


def _keys(job_change: JobChangeData) -> set[str]:
    emails = (job_change.new_email, job_change.past_email)
    return {*map(email_key, emails), *name_forms(job_change.last_name)} - {""}


def _creates(plan: Plan, role: str) -> bool:
    write = plan.write(role)
    return write is not None and write.operation == CREATE


def _changed(plan: Plan) -> set[str]:
    """The existing records that a plan writes to; their first 15 characters name them."""
    return {write.record_id[:15] for write in plan.writes if write.record_id}
