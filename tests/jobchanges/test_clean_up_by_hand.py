"""What Salesforce does not let us delete: a list, looking again, leaving the rest."""

from jobchanges.selectors.cleanups import clean_up_view
from jobchanges.services import (
    clean_up_again,
)
from tests.jobchanges import clean_up_world
from tests.jobchanges.clean_up_world import (
    cleaned,
    confirm,
    look,
    may_delete,
    outcomes,
    work,
    written,
)
from tests.jobchanges.conftest import PACKAGE

# Fixtures of the world.
people = clean_up_world.people
run = clean_up_world.run
admin = clean_up_world.admin
with_account = clean_up_world.with_account


def test_without_the_delete_right_somebody_gets_a_list_and_looks_again(sandbox, people, admin):
    run = sandbox.delivered_run(people)
    clean_up = look(sandbox, run)
    view = clean_up_view(clean_up)
    assert [line.object_name for line in view.by_hand] == [
        *(["CampaignMember"] * 5),
        *(["Lead"] * 5),
        *([PACKAGE] * 5),
    ]
    assert "no Delete right on Lead" in view.by_hand[5].errors[0].sentence
    assert "goes last" in view.by_hand[-1].errors[0].sentence
    work(confirm(sandbox, clean_up))
    assert clean_up.state == "listed"
    # The UserGem goes last, so that nothing is sent twice meanwhile.
    assert len(sandbox.delivery_keys()) == 5
    assert sandbox.states(run) == ["delivered"] * 5
    for job_change in people:
        admin.delete("Lead", written(job_change).record_id)
    clean_up_again(clean_up=clean_up, by=sandbox.manager)
    work(clean_up)
    assert clean_up.state == "done"
    assert sandbox.delivery_keys() == []
    assert sandbox.states(run) == ["waiting"] * 5


def test_the_rest_may_be_left(sandbox, people):
    run = sandbox.delivered_run(people)
    clean_up = cleaned(sandbox, run)
    assert clean_up.state == "listed"
    clean_up_again(clean_up=clean_up, leave_rest=True, by=sandbox.manager)
    work(clean_up)
    assert clean_up.state == "done"
    assert sandbox.record(written(people[0]).record_id, "Lead")
    assert sandbox.delivery_keys() == []
    assert sandbox.states(run) == ["waiting"] * 5


def test_a_right_that_was_given_meanwhile_is_used(sandbox, people):
    run = sandbox.delivered_run(people)
    clean_up = cleaned(sandbox, run)
    may_delete(sandbox)
    clean_up_again(clean_up=clean_up, by=sandbox.manager)
    work(clean_up)
    assert (clean_up.state, outcomes(clean_up)) == ("done", {"done": 15})


def test_a_contact_that_may_not_be_deleted_keeps_its_account_and_its_key(sandbox, with_account):
    run, joining = with_account
    may_delete(sandbox, "Account.Delete", "CampaignMember.Delete")
    clean_up = cleaned(sandbox, run)
    assert clean_up.state == "listed"
    assert sandbox.record(written(joining[0]).record_id, "Contact")
    assert sandbox.record(written(joining[0], "account").record_id, "Account")
    assert len(sandbox.delivery_keys()) == 5


def test_a_refused_delete_is_shown_in_salesforces_words(sandbox, run, people):
    clean_up = confirm(sandbox, look(sandbox, run))
    for _ in range(20):
        sandbox.rehearsal.fault("lock_row", sobject="Lead")
    work(clean_up)
    assert clean_up.state == "listed"
    line = next(one for one in clean_up_view(clean_up).by_hand if one.object_name == "Lead")
    assert "unable to obtain exclusive access" in line.errors[0].message
    sandbox.rehearsal.control("production", "faults", "DELETE")
    clean_up_again(clean_up=clean_up, by=sandbox.manager)
    assert work(clean_up).state == "done"
