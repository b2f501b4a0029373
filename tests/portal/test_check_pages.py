"""What the people of a customer read about the checks of an org, and what they do about them."""

import datetime
import re

import pytest
from django.utils import timezone

from integrations.checks.base import Item
from integrations.models import CheckResult, CheckRun, Health
from jobchanges.models import RecordMode
from tests.factories import (
    CheckRunFactory,
    ConfirmationFactory,
    ConnectionFactory,
    OutputSettingsFactory,
    WaiverFactory,
    result_of,
)
from tests.portal.checks_world import PRIVATE, SANDBOX, TITLE

pytestmark = pytest.mark.django_db


# What stands there ---------------------------------------------------------------------------


def test_an_org_with_nothing_open_says_so_with_time_and_calls(epoch, admin_person, read):
    shown = read(admin_person)
    assert "Everything is right" in shown
    assert "with 12 API calls" in shown
    assert "Send these to a colleague" not in shown


def test_a_failure_is_shown_with_its_fix_and_the_way_into_setup(found, admin_person, signed_in):
    found(field_access=[TITLE])
    page = signed_in(admin_person).get(SANDBOX).content.decode()
    assert "1 thing to fix" in page
    assert TITLE.sentence in page
    assert "As administrator: Permission Sets, UserGems Integration" in page
    assert (
        'href="https://northwind--full.sandbox.my.salesforce.com/lightning/setup/PermSets/home"'
        in page
    )


def test_what_is_worst_is_listed_first(found, admin_person, read):
    found(record_sharing=[PRIVATE], field_access=[TITLE], rep_access="cannot")
    top = read(admin_person).split("Install the sandbox package")[0]
    places = [
        top.index("May the integration user write every field we fill?"),
        top.index("Can your reps see what UserGems writes?"),
        top.index("Does the integration user reach the records"),
    ]
    assert places == sorted(places)


def test_every_outcome_has_a_word(found, admin_person, read):
    found(field_access="fail", record_sharing="warning", rep_access="cannot", campaign="error")
    shown = read(admin_person)
    for word in ("To fix", "Look at this", "Cannot be checked", "Could not be asked", "Right"):
        assert word in shown


def test_an_org_that_was_never_asked_offers_to(customer, admin_person, read):
    ConnectionFactory(customer=customer)
    shown = read(admin_person)
    assert "Not checked yet" in shown
    assert "Check the org" in shown


def test_an_org_that_is_not_connected_leads_back_to_setup(customer, admin_person, read):
    assert "This org is not connected yet" in read(admin_person, "/checks/production/")


def test_a_lost_org_shows_what_it_said_last_and_is_not_asked(connected, admin_person, read):
    connected.health = Health.NEEDS_RECONNECTING
    connected.health_reason = "Salesforce no longer accepts our access."
    connected.save(update_fields=["health", "health_reason"])
    shown = read(admin_person)
    assert (
        "Salesforce no longer accepts our access. What stands below is what it said last" in shown
    )
    assert "Check again" not in shown


def test_a_lost_org_is_not_called_right(connected, admin_person, read):
    connected.health = Health.DISCONNECTED
    connected.save(update_fields=["health"])
    assert "Everything was right when the org was last asked" in read(admin_person)


def test_a_run_that_failed_says_why_and_keeps_the_answers(epoch, admin_person, read):
    CheckRunFactory(
        epoch=epoch,
        state=CheckRun.State.FAILED,
        asked_at=timezone.now() + datetime.timedelta(seconds=1),
        error="The checks stopped half way. Press Check again.",
    )
    shown = read(admin_person)
    assert (
        "The checks stopped half way. Press Check again. The answers below are from before" in shown
    )
    assert "Everything is right" in shown


def test_an_answer_that_could_not_be_renewed_stays_with_the_reason(epoch, admin_person, read):
    CheckResult.objects.filter(epoch=epoch, name="owners").update(
        error="Salesforce did not answer in time.", error_at=timezone.now()
    )
    assert "Asked again without an answer: Salesforce did not answer in time." in read(admin_person)


def test_old_answers_are_called_old(epoch, admin_person, read):
    then = timezone.now() - datetime.timedelta(days=3)
    CheckResult.objects.filter(epoch=epoch).update(checked_at=then, since=then)
    shown = read(admin_person)
    assert "no longer fresh" in shown
    assert "Ask again before you rely on them" in shown


def test_a_page_with_hundreds_of_points_stays_small(found, admin_person, signed_in):
    many = {
        name: [
            Item(
                f"{name}:{n}",
                "fail",
                f"Lead: the field UserGem Persona number {n} is not on the layout “Lead Layout”",
                "Object Manager, Lead, Page Layouts, Lead Layout: drag the field up, then Save.",
                "administrator",
                "/lightning/setup/ObjectManager/Lead/PageLayouts/view",
            )
            for n in range(60)
        ]
        for name in ("field_access", "object_access", "page_layouts", "automation", "picklists")
    }
    found(**many)
    browser = signed_in(admin_person)
    page = browser.get(SANDBOX).content
    assert len(page) < 40_000
    assert "Show 57 more" in page.decode()
    assert len(browser.get(f"{SANDBOX}?check=automation").content) < 40_000
    assert len(browser.get("/?step=sandbox.permissions").content) < 40_000


def test_all_points_of_one_check_are_shown_where_they_are_asked_for(found, admin_person, read):
    found(
        automation=[Item(f"rule:{n}", "warning", f"Rule number {n} may fire.") for n in range(28)]
    )
    assert "Rule number 27 may fire." not in read(admin_person)
    assert "Rule number 27 may fire." in read(admin_person, f"{SANDBOX}?check=automation")


# Progress ------------------------------------------------------------------------------------


@pytest.fixture
def running(customer, reviewer):
    epoch = ConnectionFactory(customer=customer).epoch
    run = CheckRunFactory(epoch=epoch, state=CheckRun.State.RUNNING, asked_by=reviewer)
    for name in ("package", "org_kind", "integration_user"):
        result_of(epoch, name, "pass", run=run)
    return run


def test_a_run_shows_check_by_check_how_far_it_is(running, admin_person, read):
    shown = read(admin_person)
    assert re.search(r"3 of \d+ checks answered", shown)
    assert "Asked by Ravi Menon" in shown
    assert "Being asked" in shown
    assert "Check again" not in shown


def test_the_list_asks_for_itself_only_while_the_org_is_asked(running, admin_person, signed_in):
    browser = signed_in(admin_person)
    for address in (SANDBOX, "/checks/sandbox/list/"):
        assert 'hx-get="/checks/sandbox/list/"' in browser.get(address).content.decode()
    CheckRun.objects.update(state=CheckRun.State.ENDED, ended_at=timezone.now())
    for address in (SANDBOX, "/checks/sandbox/list/"):
        assert "hx-get" not in browser.get(address).content.decode()


def test_the_list_does_not_move_under_somebody_who_writes(found, admin_person, signed_in, epoch):
    found(record_sharing=[PRIVATE])
    CheckRunFactory(epoch=epoch, state=CheckRun.State.RUNNING)
    page = signed_in(admin_person).get(f"{SANDBOX}?point=check:record_sharing:Lead").content
    assert b"hx-get" not in page
    assert b"Why may it stay like this?" in page


def test_what_somebody_vouched_for_is_no_longer_open(found, epoch, admin_person, read):
    found(page_layouts="cannot")
    assert "Nothing to fix, 1 thing to look at" in read(admin_person)
    ConfirmationFactory(
        customer=epoch.connection.customer, epoch=epoch, step="sandbox.layouts", by=admin_person
    )
    shown = read(admin_person)
    assert "Everything is right" in shown
    assert "Confirmed by hand" in shown
    assert "confirmed by hand by Priya Shah, not checked" in shown


def test_a_waived_step_is_not_counted_as_something_to_fix(found, epoch, admin_person, read):
    found(lead_conversion="fail")
    assert "1 thing to fix" in read(admin_person)
    WaiverFactory(customer=epoch.connection.customer, epoch=epoch, reason="No leads in use.")
    shown = read(admin_person)
    assert "Everything is right" in shown
    assert "No leads in use." in shown


@pytest.mark.parametrize("name", ["automation", "package"])
def test_nobody_is_sent_to_confirm_where_no_step_asks_for_it(found, admin_person, read, name):
    found(**{name: "cannot"})
    assert "can be confirmed by hand, in its step" not in read(admin_person)


def test_a_step_that_falls_away_asks_nobody_to_confirm(found, epoch, admin_person, read):
    found(lead_conversion="cannot")
    assert "can be confirmed by hand, in its step" in read(admin_person)
    OutputSettingsFactory(customer=epoch.connection.customer, record_mode=RecordMode.ALWAYS_CONTACT)
    assert "can be confirmed by hand, in its step" not in read(admin_person)
