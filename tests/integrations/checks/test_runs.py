"""A round of checks over the wire: claimed once, stored check by check, honest when it breaks."""

import datetime

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.checks import running
from integrations.checks.answers import METADATA, VIEW_SETUP
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome
from integrations.checks.registry import checks_for
from integrations.checks.results import cannot
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_start
from integrations.models import CheckResult, CheckRun, Connection, Health, OrgEpoch, Snapshot
from integrations.signals import check_run_ended
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db

ORG = "northwind-full"


class Asks(Check):
    """A check made for a test: reads what it is told to, and finds what it is told."""

    step = "test"

    def __init__(self, name, *needs, outcome=Outcome.PASS, then=None):
        self.name = name
        self.needs = needs
        self.outcome = outcome
        self.then = then

    @property
    def question(self):
        return f"{self.name}?"

    def run(self, survey, context):
        if self.then is not None:
            self.then()
        for need in self.needs:
            getattr(survey, need)
        item = Item("point", self.outcome, f"{self.name} looked.")
        return Finding.of([item], found=f"{self.name} found it.")


@pytest.fixture
def connected(rehearsal, customer):
    """A customer's live connection to its full copy, with the package."""
    rehearsal.package_install(ORG)
    return rehearsal.connect(customer, ORG, package_installed=None, package_version="")


@pytest.fixture
def these(monkeypatch):
    """Have a round make these checks and no others."""

    def use(*checks):
        monkeypatch.setattr(running, "checks_for", lambda _environment, _names=(): checks)

    return use


def begin(connection, **values):
    return check_run_start(connection=connection, **{"reason": CheckRun.Reason.ASKED} | values)


def ask(connection, **values):
    """A whole round, from the button to its end."""
    run = begin(connection, **values)
    check_run_work(run_pk=run.pk)
    run.refresh_from_db()
    return run


def results(connection):
    return {result.name: result for result in CheckResult.objects.filter(epoch=connection.epoch)}


# --- a round ------------------------------------------------------------------------------------


def test_a_whole_round_asks_every_check_with_at_most_fifteen_calls(connected, rehearsal):
    before = len(rehearsal.calls(ORG))
    run = ask(connected)
    assert run.state == CheckRun.State.ENDED, run.error
    assert set(results(connected)) == {check.name for check in checks_for("sandbox")}
    assert len(rehearsal.calls(ORG)) - before <= 15
    assert run.api_calls <= 15
    assert not [found.name for found in results(connected).values() if found.error]


def test_a_round_tells_the_facts_of_the_org_too(connected):
    ask(connected)
    epoch = OrgEpoch.objects.get(pk=connected.epoch_id)
    assert epoch.package_installed is True
    assert epoch.package_version == "1.42"
    assert epoch.package_manifest == "usergem-1"
    assert epoch.app_installed is True
    assert epoch.user_is_administrator is False
    assert epoch.has_temporary_permission is True
    assert epoch.newest_api_version
    assert epoch.facts_error == ""
    assert epoch.facts_at is not None
    assert Connection.objects.get(pk=connected.pk).api_calls_used is not None


def test_an_event_says_who_had_it_checked_and_what_changed(connected, these, admin_person):
    these(Asks("one", "organization"), Asks("two", outcome=Outcome.FAIL))
    run = ask(connected, by=admin_person)
    event = Event.objects.get(action="checks.ran")
    assert (event.actor, event.side, event.environment) == (admin_person, "customer", "sandbox")
    assert event.data["outcomes"] == {"pass": 1, "fail": 1}
    assert event.data["changed"] == {"one": "pass", "two": "fail"}
    assert event.data["api_calls"] == run.api_calls


def test_whoever_listens_hears_of_the_end_with_everything_stored(connected, these):
    these(Asks("one"))
    heard = []

    def listen(run, **_kwargs):
        heard.append((run.state, results(connected)["one"].found, database.in_atomic_block))

    check_run_ended.connect(listen)
    try:
        ask(connected)
    finally:
        check_run_ended.disconnect(listen)
    assert heard == [("ended", "one found it.", True)]


def test_answers_are_stored_check_by_check_while_the_org_is_still_asked(connected, these):
    stored = []
    late = Asks("late", "layouts", then=lambda: stored.extend(results(connected)))
    these(late, Asks("early", "organization"))
    ask(connected)
    assert stored == ["early"]


def test_no_transaction_is_open_while_the_org_is_asked(connected, these, monkeypatch):
    depths = []
    renew = running.lease_renew

    def note(run):
        depths.append(len(database.savepoint_ids))
        renew(run)

    monkeypatch.setattr(running, "lease_renew", note)
    these(Asks("one", "organization", "layouts"))
    outside = len(database.savepoint_ids)
    ask(connected)
    assert set(depths) == {outside}


def test_a_check_asked_alone_costs_few_calls_and_leaves_the_others(connected, rehearsal):
    ask(connected)
    checked = results(connected)["field_access"].checked_at
    before = len(rehearsal.calls(ORG))
    run = begin(connected, names=["campaign"])
    check_run_work(run_pk=run.pk)
    run.refresh_from_db()
    assert run.state == CheckRun.State.ENDED
    assert len(rehearsal.calls(ORG)) - before <= 3
    assert results(connected)["field_access"].checked_at == checked
    assert results(connected)["campaign"].run == run


def test_asking_for_the_package_alone_tells_the_orgs_facts(connected, rehearsal):
    before = len(rehearsal.calls(ORG))
    run = ask(connected, names=["package"])
    assert run.error == ""
    assert OrgEpoch.objects.get(pk=connected.epoch_id).package_version == "1.42"
    assert len(rehearsal.calls(ORG)) - before <= 4


def test_since_when_something_is_so_outlasts_the_next_round(connected, these):
    these(Asks("one", outcome=Outcome.FAIL))
    ask(connected)
    first = results(connected)["one"]
    ask(connected)
    second = results(connected)["one"]
    assert second.since == first.since
    assert second.checked_at > first.checked_at
    these(Asks("one"))
    ask(connected)
    assert results(connected)["one"].since > first.since


def test_a_check_that_does_not_apply_passes_unasked(connected, these):
    class NotNow(Asks):
        def applies(self, context):
            return False

        def not_needed(self, context):
            return "No campaign is chosen."

    these(NotNow("campaigns", "campaign"))
    run = ask(connected, names=["campaigns"])
    assert results(connected)["campaigns"].found == "No campaign is chosen."
    assert run.api_calls == 0


def test_the_floors_above_say_what_is_chosen(connected, these, monkeypatch):
    given = []

    class Looks(Asks):
        def run(self, survey, context):
            given.append(context)
            return super().run(survey, context)

    these(Looks("one"))
    ask(connected)
    assert isinstance(given[0], CheckContext)
    assert given[0].environment == "sandbox"


def test_a_round_notes_how_the_org_is_set_up_where_that_was_wanted(connected, these):
    these(Asks("one"))
    run = ask(connected, snapshot=CheckRun.Snapshot.BASELINE, reference="test-run-7")
    taken = Snapshot.objects.get()
    assert (taken.epoch, taken.purpose, taken.reference) == (run.epoch, "baseline", "test-run-7")
    assert run.api_calls <= 15


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_right_that_is_missing_is_named_and_the_others_go_on(connected, these, rehearsal):
    rehearsal.configure(ORG, "low-rights-user")
    these(Asks("rules", "validation_rules"), Asks("user", "user"))
    run = ask(connected)
    found = results(connected)
    assert run.state == CheckRun.State.ENDED
    assert found["rules"].outcome == Outcome.CANNOT
    assert found["rules"].missing_right == "View Setup and Configuration"
    (item,) = found["rules"].items
    assert item["key"] == "right.View Setup and Configuration"
    assert item["who"] == "administrator"
    assert "tick “View Setup and Configuration”" in item["fix"]
    assert found["user"].outcome == Outcome.PASS


def test_a_mistake_of_ours_is_that_checks_own(connected, these, caplog):
    def stumble():
        raise ZeroDivisionError

    these(Asks("broken", then=stumble), Asks("whole"))
    run = ask(connected)
    found = results(connected)
    assert run.state == CheckRun.State.ENDED
    assert found["broken"].outcome == Outcome.ERROR
    assert "mistake of ours" in found["broken"].error
    assert "ZeroDivisionError" not in found["broken"].error
    assert found["whole"].outcome == Outcome.PASS


def test_an_org_that_answers_nothing_ends_the_round_with_a_sentence(connected, these, rehearsal):
    these(Asks("one", "organization", outcome=Outcome.WARNING))
    ask(connected)
    rehearsal.fault("http_503_html", times=100, path="/services/data")
    run = ask(connected)
    found = results(connected)["one"]
    assert run.state == CheckRun.State.FAILED
    assert run.error
    assert found.outcome == Outcome.WARNING
    assert found.error == run.error
    assert found.error_at is not None
    assert Event.objects.filter(action="checks.broke_off").count() == 1
    assert OrgEpoch.objects.get(pk=connected.epoch_id).facts_error == run.error


def test_an_org_that_never_answered_has_no_outcome_but_error(connected, these, rehearsal):
    rehearsal.fault("http_503_html", times=100, path="/services/data")
    these(Asks("one", "organization"))
    ask(connected)
    assert results(connected)["one"].outcome == Outcome.ERROR


def test_an_error_goes_with_the_next_answer(connected, these, rehearsal):
    these(Asks("one", "organization"))
    rehearsal.fault("http_503_html", times=100, path="/services/data")
    ask(connected)
    rehearsal.control("production", "faults", "DELETE")
    ask(connected)
    found = results(connected)["one"]
    assert (found.outcome, found.error, found.error_at) == (Outcome.PASS, "", None)


def test_an_org_that_dies_half_way_keeps_what_it_said_before(connected, these, rehearsal):
    def die():
        rehearsal.fault("http_503_html", times=100, path="/services/data")

    these(Asks("early", "organization", then=die), Asks("late", "layouts"))
    run = ask(connected)
    found = results(connected)
    assert run.state == CheckRun.State.FAILED
    assert found["early"].outcome == Outcome.PASS
    assert found["late"].outcome == Outcome.ERROR


def test_a_connection_that_is_lost_says_who_can_help(connected, these, rehearsal):
    rehearsal.configure(ORG, "revoked-token")
    these(Asks("one", "organization"))
    run = ask(connected)
    connected.refresh_from_db()
    assert connected.health == Health.NEEDS_RECONNECTING
    assert run.state == CheckRun.State.FAILED
    assert run.error


def test_an_api_version_that_is_not_offered_is_ours_to_mend(connected, these, settings):
    settings.SALESFORCE_API_VERSION = "99.0"
    these(Asks("one", "organization"))
    run = ask(connected)
    assert run.state == CheckRun.State.FAILED
    assert OrgEpoch.objects.get(pk=connected.epoch_id).newest_api_version
    assert results(connected)["one"].error == run.error


def test_a_round_of_ours_that_breaks_is_ended_with_a_sentence(connected, these, monkeypatch):
    def stumble(_connection):
        raise ZeroDivisionError

    monkeypatch.setattr(running, "check_context_of", stumble)
    run = ask(connected)
    assert run.state == CheckRun.State.FAILED
    assert "mistake of ours" in run.error


def test_an_org_that_was_replaced_meanwhile_is_told_nothing(connected, these):
    def replace():
        OrgEpoch.objects.filter(pk=connected.epoch_id).update(
            ended_at=timezone.now(), package_version=""
        )

    these(Asks("one", "organization", then=replace), Asks("two", "layouts"))
    run = ask(connected)
    assert run.state == CheckRun.State.FAILED
    assert "Another org" in run.error
    assert results(connected) == {}
    assert OrgEpoch.objects.get(pk=connected.epoch_id).package_version == ""


def test_two_workers_at_once_ask_the_org_once(connected, these, rehearsal):
    run = begin(connected)
    counted = []

    def second():
        check_run_work(run_pk=run.pk)
        counted.append(run.pk)

    these(Asks("one", "organization", then=second))
    before = len(rehearsal.calls(ORG))
    check_run_work(run_pk=run.pk)
    assert counted == [run.pk]
    assert Event.objects.filter(action="checks.ran").count() == 1
    once = len(rehearsal.calls(ORG)) - before
    check_run_work(run_pk=run.pk)
    assert len(rehearsal.calls(ORG)) - before == once


# --- beginning, joining -------------------------------------------------------------------------


def test_a_round_that_waits_takes_another_check_along(connected):
    first = begin(connected, names=["package"])
    second = begin(connected, names=["campaign"])
    assert second == first
    first.refresh_from_db()
    assert first.names == ["campaign", "package"]
    begin(connected, snapshot=CheckRun.Snapshot.CURRENT)
    first.refresh_from_db()
    assert (first.names, first.snapshot) == ([], "current")


def test_a_baseline_that_was_asked_for_is_not_forgotten_by_who_joins(connected):
    run = begin(connected, snapshot=CheckRun.Snapshot.BASELINE, reference="test-run-3")
    begin(connected, snapshot=CheckRun.Snapshot.CURRENT)
    run.refresh_from_db()
    assert (run.snapshot, run.reference) == ("baseline", "test-run-3")


def test_a_round_that_runs_is_joined_as_it_is(connected):
    run = begin(connected, names=["package"])
    CheckRun.objects.filter(pk=run.pk).update(state=CheckRun.State.RUNNING)
    assert begin(connected, names=["campaign"]) == run
    run.refresh_from_db()
    assert run.names == ["package"]


def test_an_org_that_is_not_connected_is_not_asked(customer):
    connection = ConnectionFactory(customer=customer, health=Health.DISCONNECTED)
    assert begin(connection) is None
    assert begin(ConnectionFactory(epoch=False)) is None


def test_a_person_does_not_ask_the_same_again_at_once(connected, these, admin_person, time_machine):
    these(Asks("one"))
    run = ask(connected, by=admin_person)
    assert begin(connected, by=admin_person) == run
    assert begin(connected, names=["one"], by=admin_person) == run
    CheckRun.objects.filter(pk=run.pk).update(
        ended_at=timezone.now() - datetime.timedelta(seconds=16)
    )
    assert begin(connected, by=admin_person) != run


def test_another_check_may_be_asked_at_once(connected, these, admin_person):
    these(Asks("one"))
    run = ask(connected, names=["one"], by=admin_person)
    assert begin(connected, names=["two"], by=admin_person) != run


def test_a_worker_is_woken_when_the_click_is_stored(
    connected, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks.check_run, "delay", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        run = begin(connected)
        assert woken == []
    assert woken == [run.pk]


def test_the_task_takes_the_round_up(connected, these):
    these(Asks("one"))
    run = begin(connected)
    tasks.check_run(run.pk)
    assert results(connected)["one"].run == run


def test_a_right_that_is_too_much_to_keep_is_asked_for_a_moment_only():
    (item,) = cannot(METADATA).items
    assert item.fix.startswith("Look yourself: Object Manager, Lead")
    assert "check again and untick it" in item.fix
    (item,) = cannot(VIEW_SETUP).items
    assert "untick" not in item.fix
