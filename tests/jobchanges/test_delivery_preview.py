"""The preview: every write is shown before anything is sent, and nothing is written for it."""

from accounts.models import Event
from jobchanges import tasks
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.models import Delivery, EnvironmentSettings, TestRun
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.services import test_run_plan_request as plan_request
from tests.jobchanges.conftest import ORG


def test_a_preview_shows_every_write_and_writes_nothing(sandbox):
    before = sandbox.count()
    run = sandbox.run()
    assert sandbox.count() == before
    for view in run_deliveries(run):
        assert [tab.label for tab in view.planned] == ["New lead", "Campaign member", "UserGem"]
        assert view.planned_outcome == "Record created"
        assert view.explanations
        owner = next(row for row in view.planned[0].rows if row.name == "OwnerId")
        assert not owner.sent.startswith("005")


def test_what_was_previewed_is_what_is_sent(sandbox):
    run = sandbox.delivered_run()
    for delivery in run.deliveries.all():
        assert delivery.attempts.get().plan_hash == delivery.plan_hash


def test_the_attempt_records_a_plan_that_changed_after_the_preview(sandbox):
    run = sandbox.send(sandbox.run())
    other = sandbox.records("User")[3]["Id"]
    EnvironmentSettings.objects.update(default_owner_id=other)
    sandbox.deliver()
    delivery = run.deliveries.first()
    attempt = delivery.attempts.get()
    assert attempt.plan_hash != delivery.plan_hash
    assert attempt.writes.get(role="person").sent["OwnerId"] == other


def test_a_plan_that_is_not_the_allowed_one_is_held_and_the_others_go(sandbox):
    run = sandbox.send(sandbox.run())
    first, *others = run.deliveries.all()
    for delivery in others:
        expected = fingerprints([delivery])[delivery.pk]
        Delivery.objects.filter(pk=delivery.pk).update(expected_plan_hash=expected)
    Delivery.objects.filter(pk=first.pk).update(expected_plan_hash="0" * 64)
    sandbox.deliver()
    assert sandbox.states(run) == ["held"] + ["delivered"] * 4
    assert "no longer what was allowed" in run.deliveries.first().held_reason
    assert first.delivery_key not in sandbox.delivery_keys()


def test_an_org_that_does_not_answer_is_said_on_the_run_and_can_be_asked_again(sandbox):
    run = sandbox.run()
    sandbox.rehearsal.fault("http_503_html", path="/services/data", times=50)
    plan_request(test_run=run, by=sandbox.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    assert run.plan_error
    assert "503" not in run.plan_error
    sandbox.rehearsal.control(ORG, "faults", "DELETE")
    plan_request(test_run=run, by=sandbox.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    assert (run.plan_error, run.plan_requested_at) == ("", None)


def test_previewing_again_leaves_what_was_sent_alone(sandbox):
    run = sandbox.delivered_run()
    plans = {item.pk: item.plan for item in run.deliveries.all()}
    EnvironmentSettings.objects.update(default_owner_id=sandbox.records("User")[3]["Id"])
    plan_request(test_run=run, by=sandbox.manager)
    tasks.test_run_plan(run.pk)
    assert {item.pk: item.plan for item in run.deliveries.all()} == plans


def test_the_preview_says_that_a_later_move_of_the_person_is_there_already(sandbox):
    early = sandbox.job_change(linkedin_url="https://www.linkedin.com/in/ada")
    later = sandbox.job_change(linkedin_url="https://www.linkedin.com/in/ada")
    first = sandbox.send(sandbox.run([later, *(sandbox.job_change() for _ in range(4))]))
    sandbox.deliver()
    assert sandbox.delivery(later).state == "delivered"
    TestRun.objects.filter(pk=first.pk).update(state=TestRun.State.CLOSED)

    sandbox.run([early, *(sandbox.job_change() for _ in range(4))])

    assert later.key in sandbox.delivery(early).plan["held_reason"]
    assert sandbox.delivery(early).plan["writes"] == []


def test_an_overtaken_job_change_is_held_with_the_reason(sandbox):
    early = sandbox.job_change(linkedin_url="https://www.linkedin.com/in/ada")
    late = sandbox.job_change(linkedin_url="https://www.linkedin.com/in/ada")
    run = sandbox.send(sandbox.run([early, late, *(sandbox.job_change() for _ in range(3))]))
    delivery = sandbox.delivery(early)
    Delivery.objects.filter(pk=delivery.pk).update(released_at=None)
    sandbox.deliver()
    assert sandbox.delivery(late).state == "delivered"
    Delivery.objects.filter(pk=delivery.pk).update(released_at=run.sent_at)
    sandbox.deliver()
    delivery = sandbox.delivery(early)
    assert delivery.state == "held"
    assert late.key in delivery.held_reason
    assert delivery.delivery_key not in sandbox.delivery_keys()
    assert Event.objects.filter(action="deliveries.answered").count() == 2
