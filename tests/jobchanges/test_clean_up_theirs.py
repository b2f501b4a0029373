"""A clean-up deletes and changes nothing that the customer's people made, edited or need."""

import datetime

import pytest
from django.utils import timezone

from jobchanges.models import (
    Attempt,
    OutputSettings,
    RecordWrite,
)
from tests.jobchanges import clean_up_world
from tests.jobchanges.clean_up_world import (
    cleaned,
    confirm,
    look,
    may_delete,
    outcomes,
    past_contact,
    reason,
    state,
    work,
    written,
)

# Fixtures of the world.
people = clean_up_world.people
run = clean_up_world.run
admin = clean_up_world.admin
with_account = clean_up_world.with_account


def test_fields_of_an_existing_record_get_back_what_stood_there(sandbox, people):
    may_delete(sandbox)
    contact = past_contact(sandbox)
    people[0] = sandbox.job_change(
        kind="left", past_email=contact["Email"], first_name=contact["FirstName"],
        last_name=contact["LastName"],
    )  # fmt: skip
    before = sandbox.record(contact["Id"], "Contact")
    run = sandbox.delivered_run(people)
    write = written(people[0], "past_person")
    assert write.record_id == contact["Id"]
    assert write.sent
    assert sandbox.record(contact["Id"], "Contact") != before
    clean_up = cleaned(sandbox, run)
    after = sandbox.record(contact["Id"], "Contact")
    for one in (before, after):
        for name in ("LastModifiedDate", "LastModifiedById", "SystemModstamp"):
            one.pop(name, None)
    assert _filled(after) == _filled(before)
    assert clean_up.state == "done"
    assert state(people[0]) == "waiting"


def _filled(row):
    return {name: value for name, value in row.items() if value not in (None, "", False)}


def test_a_field_that_somebody_edited_since_is_not_put_back(sandbox, people, admin):
    may_delete(sandbox)
    contact = past_contact(sandbox)
    people[0] = sandbox.job_change(new_email=contact["Email"], past_title="Head of Numbers")
    run = sandbox.delivered_run(people)
    write = written(people[0])
    assert (write.record_id, write.operation) == (contact["Id"], "update")
    name, others = "UserGem__PastTitle__c", set(write.sent) - {"UserGem__PastTitle__c"}
    assert write.sent[name] == "Head of Numbers"
    assert others
    admin.edit("Contact", contact["Id"], **{name: "Edited by Priya"})
    clean_up = cleaned(sandbox, run)
    after = sandbox.record(contact["Id"], "Contact")
    assert after[name] == "Edited by Priya"
    assert all(after.get(one) in (write.before[one], None, False) for one in others)
    assert "edited since stay" in reason(clean_up, contact["Id"])
    assert clean_up.state == "done"


def test_an_edited_record_is_asked_about_and_stays_by_default(sandbox, run, people, admin):
    lead = written(people[0])
    admin.edit("Lead", lead.record_id, Phone="+1 555 0100")
    clean_up = look(sandbox, run)
    item = clean_up.items.get(write=lead)
    assert item.edited
    assert item.edited_by == "Priya Shah"
    assert item.edited_at
    work(confirm(sandbox, clean_up))
    assert sandbox.record(lead.record_id, "Lead")["Phone"] == "+1 555 0100"
    assert clean_up.state == "done"
    # Its UserGem is gone: sent anew, the lead is found and only filled where it is empty.
    assert state(people[0]) == "waiting"


def test_an_edited_record_is_deleted_when_a_person_says_so(sandbox, run, people, admin):
    lead = written(people[0])
    admin.edit("Lead", lead.record_id, Phone="+1 555 0100")
    cleaned(sandbox, run, edited_too=True)
    assert sandbox.records("Lead", id=lead.record_id) == []


def test_an_edit_after_the_confirmation_is_not_lost(sandbox, run, people, admin):
    lead = written(people[0])
    clean_up = confirm(sandbox, look(sandbox, run), edited_too=True)
    admin.edit("Lead", lead.record_id, Phone="+1 555 0100")
    work(clean_up)
    assert sandbox.record(lead.record_id, "Lead")
    assert "after the clean-up was confirmed" in reason(clean_up, lead.record_id)


def test_a_record_that_somebody_else_created_is_never_deleted(sandbox, run, people, admin):
    theirs = admin.create("Lead", LastName="Theirs", Company="Theirs", Country="United States")
    lead = written(people[0])
    RecordWrite.objects.filter(pk=lead.pk).update(record_id=theirs)
    clean_up = cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(theirs, "Lead")
    assert "somebody else" in reason(clean_up, theirs)


def test_a_record_that_we_made_at_another_time_is_never_deleted(sandbox, run, people):
    lead = written(people[0])
    Attempt.objects.filter(pk=lead.attempt_id).update(
        started_at=timezone.now() - datetime.timedelta(days=2),
        ended_at=timezone.now() - datetime.timedelta(days=2),
    )
    clean_up = cleaned(sandbox, run, people[0].key, edited_too=True)
    assert sandbox.record(lead.record_id, "Lead")
    assert "not created when" in reason(clean_up, lead.record_id)
    assert state(people[0]) == "delivered"


def test_an_id_of_another_kind_of_record_is_never_deleted(sandbox, run, people):
    lead = written(people[0])
    contact = past_contact(sandbox)
    RecordWrite.objects.filter(pk=lead.pk).update(record_id=contact["Id"])
    cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(contact["Id"], "Contact")


def test_accounts_go_after_their_contacts(sandbox, with_account):
    run, joining = with_account
    assert written(joining[0], "account").operation == "create"
    clean_up = cleaned(sandbox, run)
    assert outcomes(clean_up) == {"done": 20}
    assert not sandbox.delivery_keys()


@pytest.mark.parametrize("child", ["Contact", "Opportunity"])
def test_an_account_on_which_others_stand_meanwhile_stays(sandbox, with_account, admin, child):
    run, joining = with_account
    account = written(joining[0], "account").record_id
    values = {"LastName": "Theirs"} if child == "Contact" else {
        "Name": "Big deal", "StageName": "Prospecting", "CloseDate": "2027-01-31",
    }  # fmt: skip
    theirs = admin.create(child, AccountId=account, **values)
    clean_up = cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(account, "Account")
    assert sandbox.record(theirs, child)
    assert f"{child} (1)" in reason(clean_up, account)
    assert state(joining[0]) == "waiting"


def test_an_account_stays_with_the_contact_that_somebody_edited(sandbox, with_account, admin):
    run, joining = with_account
    contact = written(joining[0]).record_id
    admin.edit("Contact", contact, Title="CEO")
    cleaned(sandbox, run)
    assert (
        sandbox.record(contact, "Contact")["AccountId"] == written(joining[0], "account").record_id
    )


def test_an_account_that_two_of_the_test_share_stays_for_the_other(sandbox):
    may_delete(sandbox)
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="always_contact")
    shared = {
        "new_company_name": "Shared Works", "new_company_domain": "sharedworks.example",
        "new_company_website": "https://sharedworks.example",
    }  # fmt: skip
    pair = [sandbox.job_change(**shared) for _ in range(2)]
    run = sandbox.delivered_run([*pair, *(sandbox.job_change() for _ in range(3))])
    sandbox.deliver()
    account = written(pair[0], "account")
    assert account.operation == "create"
    clean_up = cleaned(sandbox, run, pair[0].key)
    assert sandbox.record(account.record_id, "Account")
    assert "Contact (1)" in reason(clean_up, account.record_id)
    assert state(pair[1]) == "delivered"
    # Together, nothing is in the way.
    run.refresh_from_db()
    cleaned(sandbox, run, pair[1].key)
    assert len(sandbox.delivery_keys()) == 3


def test_a_lead_that_was_converted_meanwhile_stays_with_what_it_became(sandbox, run, people, admin):
    lead = written(people[0]).record_id
    contact = admin.convert(lead)
    clean_up = cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(lead, "Lead")["IsConverted"]
    assert sandbox.record(contact, "Contact")
    assert contact in reason(clean_up, lead)


def test_what_somebody_deleted_already_counts_as_gone(sandbox, run, people, admin):
    lead = written(people[0]).record_id
    admin.delete("Lead", lead)
    clean_up = cleaned(sandbox, run)
    # The lead, and the campaign member that went with it.
    assert outcomes(clean_up) == {"gone": 2, "done": 13}
    assert clean_up.state == "done"
    assert sandbox.states(run) == ["waiting"] * 5


def test_a_task_that_a_rep_logged_keeps_the_lead(sandbox, run, people, admin):
    lead = written(people[0]).record_id
    task = admin.create("Task", WhoId=lead, Subject="Call")
    clean_up = cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(task, "Task")
    assert sandbox.record(lead, "Lead")
    assert "Task (1)" in reason(clean_up, lead)


def test_a_member_of_somebody_elses_campaign_keeps_the_lead(sandbox, run, people, admin):
    lead = written(people[0]).record_id
    mine = written(people[0], "campaign_member").sent["CampaignId"]
    other = next(row["Id"] for row in sandbox.records("Campaign") if row["Id"] != mine)
    member = admin.create("CampaignMember", CampaignId=other, LeadId=lead)
    cleaned(sandbox, run, edited_too=True)
    assert sandbox.record(member, "CampaignMember")
    assert sandbox.record(lead, "Lead")


def test_previous_values_that_are_no_longer_kept_are_not_made_up(sandbox, people):
    may_delete(sandbox)
    contact = past_contact(sandbox)
    people[0] = sandbox.job_change(
        kind="left", past_email=contact["Email"], first_name=contact["FirstName"],
        last_name=contact["LastName"],
    )  # fmt: skip
    run = sandbox.delivered_run(people)
    held = sandbox.record(contact["Id"], "Contact")
    RecordWrite.objects.filter(attempt__delivery__test_run=run).update(before={})
    clean_up = cleaned(sandbox, run, people[0].key)
    assert sandbox.record(contact["Id"], "Contact") == held
    assert "not kept any more" in reason(clean_up, contact["Id"])
