"""Whatever the customer's people do meanwhile, a clean-up takes and changes nothing of theirs.

They are at work at any moment before a record is read. What somebody does in the instant between
our reading and our writing is the window that no org closes for us (docs/decisions.md).
"""

import random

import pytest

from integrations.salesforce.client import Org
from jobchanges.models import OutputSettings, RecordWrite
from tests.jobchanges.clean_up_world import Person, confirm, look, may_delete, past_contact, work

OBJECTS = ("Account", "Contact", "Lead", "CampaignMember", "Task", "Opportunity")
TITLE = "UserGem__PastTitle__c"


class Colleagues:
    """People of the customer who work on in their sandbox, as a seed says."""

    def __init__(self, sandbox, run, seed):
        self.sandbox, self.run = sandbox, run
        self.chance = random.Random(seed)
        self.person = Person(sandbox)
        self.theirs: list[tuple[str, str]] = []
        self.edits: dict[tuple[str, str, str], str] = {}
        self.done = 0

    def _one(self, operation, *names):
        found = [
            write
            for write in RecordWrite.objects.filter(attempt__delivery__test_run=self.run)
            if write.operation == operation
            and write.object_name in names
            and self.sandbox.records(write.object_name, id=write.record_id)
        ]
        return self.chance.choice(found) if found else None

    def act(self):
        """Do one thing, or nothing."""
        self.done += 1
        self.chance.choice(
            [self.edit_ours, self.edit_existing, self.stand_on, self.delete_ours, lambda: None]
        )()

    def edit_ours(self):
        if write := self._one("create", "Lead", "Contact", "Account"):
            self._edit(write, "Phone")

    def edit_existing(self):
        if write := self._one("update", "Contact"):
            self._edit(write, self.chance.choice(["Phone", TITLE, "Department"]))

    def _edit(self, write, name):
        value = f"edit {self.done}"
        self.person.edit(write.object_name, write.record_id, **{name: value})
        if write.operation == "update":
            self.edits[write.object_name, write.record_id, name] = value

    def stand_on(self):
        write = self._one("create", "Account", "Contact", "Lead")
        if write is None:
            return
        if write.object_name != "Account":
            made = ("Task", self.person.create("Task", WhoId=write.record_id, Subject="Call"))
        elif self.chance.random() < 0.5:
            contact = self.person.create("Contact", LastName="Theirs", AccountId=write.record_id)
            made = ("Contact", contact)
        else:
            deal = self.person.create(
                "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2027-01-31",
                AccountId=write.record_id,
            )  # fmt: skip
            made = ("Opportunity", deal)
        self.theirs.append(made)

    def delete_ours(self):
        if write := self._one("create", "Lead", "Contact"):
            self.person.delete(write.object_name, write.record_id)


def _all(sandbox):
    return {name: {row["Id"]: row for row in sandbox.records(name)} for name in OBJECTS}


@pytest.mark.parametrize("seed", range(8))
def test_nothing_of_theirs_is_deleted_or_changed(sandbox, monkeypatch, seed):
    may_delete(sandbox)
    chance = random.Random(f"set up {seed}")
    mode = chance.choice(["always_contact", "always_lead", "contact_if_account"])
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode=mode)
    before = _all(sandbox)
    past = [past_contact(sandbox, place) for place in range(3)]
    left, enriched = past[0], past[1]
    run = sandbox.delivered_run(
        [
            sandbox.job_change(
                kind="left", past_email=left["Email"], first_name=left["FirstName"],
                last_name=left["LastName"],
            ),
            sandbox.job_change(new_email=enriched["Email"], past_title="Head of Numbers"),
            *(sandbox.job_change() for _ in range(4)),
        ]
    )  # fmt: skip
    touched = {
        (write.record_id, name)
        for write in RecordWrite.objects.filter(attempt__delivery__test_run=run)
        for name in write.sent
    }
    colleagues = Colleagues(sandbox, run, seed)
    real = Org.records_get

    def watched(self, wanted):
        if chance.random() < 0.7:
            colleagues.act()
        return real(self, wanted)

    monkeypatch.setattr(Org, "records_get", watched)
    colleagues.act()
    clean_up = look(sandbox, run)
    colleagues.act()
    confirm(sandbox, clean_up, edited_too=chance.random() < 0.5)
    colleagues.act()
    if chance.random() < 0.5:
        kind = chance.choice(["drop_before", "drop_answer_after_commit"])
        sandbox.rehearsal.fault(kind, path="composite/sobjects", method="DELETE")
    work(clean_up)
    assert clean_up.state == "done", clean_up.error
    after = _all(sandbox)
    for name, rows in before.items():
        assert rows.keys() <= after[name].keys()
        for record_id, row in rows.items():
            for field, value in row.items():
                if field in {"LastModifiedDate", "LastModifiedById", "SystemModstamp"}:
                    continue
                edited = colleagues.edits.get((name, record_id, field))
                if edited is None and (record_id, field) not in touched:
                    assert after[name][record_id].get(field) == value, (name, record_id, field)
    for name, record_id in colleagues.theirs:
        assert record_id in after[name], "a record of theirs was deleted"
    for (name, record_id, field), value in colleagues.edits.items():
        assert after[name][record_id][field] == value, "an edit of theirs was overwritten"
    # And what is left of ours has its reason.
    for item in clean_up.items.filter(outcome="left"):
        assert item.reason
