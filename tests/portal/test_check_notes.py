"""What the checks found, on the pages from which somebody sends, allows or signs."""

import datetime
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.checks.base import Item
from integrations.models import CheckRun
from jobchanges.models import TestRun
from portal.signoff import selectors
from tests.factories import (
    ConnectionFactory,
    DeliveryFactory,
    TestRunFactory,
    org_checked,
)
from tests.portal.launch import both_tests_approved, production_org

pytestmark = pytest.mark.django_db

RULE = Item("Lead.rule", "warning", "The validation rule Needs_Industry may refuse our leads.")
TITLE = Item("title", "fail", "Contact: Title is read-only for the integration user")
PLAN = {
    "writes": [],
    "outcome": "created",
    "held_reason": "",
    "explanations": [],
    "branches": [],
}


def words(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def planned(customer, environment, **values):
    connection = ConnectionFactory(
        customer=customer, environment=environment, epoch__name=f"Northwind {environment}"
    )
    run = TestRunFactory(
        customer=customer,
        environment=environment,
        epoch=connection.epoch,
        planned_at=timezone.now(),
        **values,
    )
    DeliveryFactory(test_run=run, plan=PLAN, plan_hash="a" * 64)
    return run


@pytest.fixture
def offered(customer):
    return planned(customer, "production", offered_at=timezone.now())


@pytest.fixture
def draft(customer):
    return planned(customer, "sandbox", state=TestRun.State.DRAFT)


@pytest.fixture
def allow_page(admin_person, signed_in):
    def read(run):
        return words(signed_in(admin_person).get(reverse("test_run_allow", args=[run.pk])))

    return read


def test_what_may_fire_is_what_the_org_said(offered, allow_page):
    org_checked(offered.epoch, automation=[RULE])
    shown = allow_page(offered)
    assert "What may fire, by your org itself:" in shown
    assert RULE.sentence in shown
    assert "has not been checked yet" not in shown
    assert "The checks of production let this go on. Nothing is wrong, 1 point" in shown


def test_before_the_org_was_asked_the_reader_is_told_where_to_look(offered, allow_page):
    shown = allow_page(offered)
    assert "will fire has not been checked yet" in shown
    assert "The checks of production hold this up." in shown


def test_a_failure_is_named_before_somebody_allows(offered, allow_page):
    org_checked(offered.epoch, field_access=[TITLE])
    shown = allow_page(offered)
    assert "The checks of production hold this up." in shown
    assert "Title is read-only for the integration user" in shown


def test_opening_the_page_renews_old_answers_once_in_the_background(offered, allow_page):
    old = timezone.now() - datetime.timedelta(hours=2)
    org_checked(offered.epoch, at=old)
    CheckRun.objects.all().update(asked_at=old)
    assert "The checks of production are being renewed. 0 of" in allow_page(offered)
    allow_page(offered)
    run = CheckRun.objects.get(ended_at=None)
    assert (run.reason, run.asked_by) == (CheckRun.Reason.AGED, None)


def test_fresh_answers_are_not_asked_again(offered, allow_page):
    org_checked(offered.epoch)
    shown = allow_page(offered)
    assert "The checks of production are right." in shown
    assert not CheckRun.objects.filter(ended_at=None).exists()


def test_the_manager_reads_it_beside_the_button_that_sends(draft, manager, signed_in):
    org_checked(draft.epoch, field_access=[TITLE])
    page = signed_in(manager).get(reverse("admin:jobchanges_testrun_change", args=[draft.pk]))
    assert "The checks of the sandbox hold this up." in words(page)
    address = reverse("admin:accounts_customer_checks", args=[draft.customer_id, "sandbox"])
    assert f'href="{address}"' in page.content.decode()


def test_unmasked_addresses_are_named_before_the_first_send(draft, manager, signed_in):
    real = Item("emails", "warning", "4,245 of 4,245 contacts have one that is not masked.")
    org_checked(draft.epoch, unmasked_emails=[real])
    page = signed_in(manager).get(reverse("admin:jobchanges_testrun_change", args=[draft.pk]))
    assert f"{real.sentence} Nothing is wrong, 1 point is worth a look." in words(page)


def test_what_fails_and_holds_nothing_up_is_never_called_right(offered, allow_page):
    full = Item("storage.full", "fail", "No data storage is left.")
    org_checked(offered.epoch, api_headroom=[full])
    shown = allow_page(offered)
    assert "Still, look at this first: No data storage is left." in shown
    assert "Nothing is open" not in shown


def test_what_could_not_be_asked_is_worth_a_look(offered, allow_page):
    org_checked(offered.epoch, automation="cannot")
    assert "1 point is worth a look" in allow_page(offered)


def test_a_page_that_asks_for_itself_begins_no_round(draft, manager, signed_in):
    address = reverse("admin:jobchanges_testrun_change", args=[draft.pk])
    signed_in(manager).get(address, headers={"HX-Request": "true"})
    assert not CheckRun.objects.exists()


def test_the_go_live_page_says_what_production_said(
    customer, admin_person, manager, signed_in, monkeypatch
):
    monkeypatch.setattr(selectors, "freeze_reasons", lambda *_args: [])
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    org_checked(epoch, automation=[RULE])
    desk = reverse("admin:accounts_customer_go_live", args=[customer.pk])
    for person, address in ((admin_person, "/go-live/"), (manager, desk)):
        assert "The checks of production let this go on." in words(signed_in(person).get(address))
