"""Rule 9: every change that somebody answers for stands with its event, or does not happen."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.hashing import content_hash
from accounts.models import Event
from accounts.services import signup_link_create, signup_link_replace, signup_link_revoke
from integrations.checks.base import Item
from integrations.oauth import calls
from integrations.services import connect_attempt_refuse, connection_disconnect
from jobchanges.models import Delivery, TestRun
from jobchanges.selectors.allowances import allowance_content
from jobchanges.services import (
    comment_add,
    delivery_send_again,
    pick_draft_save,
    review_record,
)
from jobchanges.services import test_run_allow as run_allow
from jobchanges.services import test_run_approve as run_approve
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_offer as run_offer
from jobchanges.services import test_run_offer_withdraw as offer_withdraw
from jobchanges.services import test_run_picks_change as picks_change
from jobchanges.services import test_run_send as run_send
from portal.checking.points import subject_of
from portal.services import (
    point_accept,
    point_waive,
    point_withdraw,
    step_confirm,
    step_confirmation_withdraw,
    step_waive,
    step_waiver_withdraw,
)
from tests.factories import (
    ConfirmationFactory,
    ConnectAttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    SignupLinkFactory,
    WaiverFactory,
    org_checked,
)
from tests.portal.situations import DELIVERED, REFUSED, RIGHT, run_in

pytestmark = pytest.mark.django_db
OWN_APPS = ("accounts", "integrations", "jobchanges", "portal")
CONFIRMED_STEP, WAIVED_STEP = "sandbox.permissions", "sandbox.lead_conversion"


class LogIsFull(Exception):
    """The event cannot be written."""


@dataclass(frozen=True)
class Act:
    """Something a person does, and who."""

    name: str
    by: str
    make: Callable[[SimpleNamespace], Callable[[], Any]]

    def __str__(self) -> str:
        return self.name


def creating(world):
    picks = JobChangeFactory.create_batch(5, customer=world.customer)
    return lambda: run_create(
        customer=world.customer, environment="sandbox", job_changes=picks, by=world.manager
    )


def picking(world):
    run = drafted(world)
    picks = JobChangeFactory.create_batch(5, customer=world.customer)
    return lambda: picks_change(test_run=run, job_changes=picks, by=world.manager)


def saving_picks(world):
    picks = JobChangeFactory.create_batch(2, customer=world.customer)
    return lambda: pick_draft_save(
        customer=world.customer,
        environment="sandbox",
        name="Odd cases",
        job_changes=picks,
        by=world.manager,
    )


def sending(world):
    run = drafted(world)
    org_checked(world.connection.epoch)
    return lambda: run_send(test_run=run, by=world.manager)


def offered(world):
    """A production test that waits for the customer's allowance."""
    connection = ConnectionFactory(customer=world.customer, environment="production", checked=True)
    run = run_in(
        world.customer,
        connection,
        environment="production",
        state=TestRun.State.DRAFT,
        planned_at=timezone.now(),
        offered_at=timezone.now(),
        sent_at=None,
    )
    for number in range(5):
        job_change = JobChangeFactory(customer=world.customer, first_name=f"Person{number}")
        DeliveryFactory(
            test_run=run,
            job_change=job_change,
            plan={"writes": [], "outcome": "package_only"},
            plan_hash="a" * 64,
        )
    return run


def offering(world):
    run = offered(world)
    TestRun.objects.update(offered_at=None)
    return lambda: run_offer(test_run=run, by=world.manager)


def taking_back(world):
    run = offered(world)
    return lambda: offer_withdraw(test_run=run, by=world.manager, reason="Other owners.")


def allowing(world):
    run = offered(world)
    return lambda: run_allow(
        test_run=run,
        starts_at=timezone.now(),
        by=world.admin_person,
        seen_hash=content_hash(allowance_content(run)),
    )


def planning_again(world):
    run = offered(world)
    TestRun.objects.update(state=TestRun.State.REVIEW, sent_at=timezone.now())
    run.deliveries.update(state=Delivery.State.HELD, released_at=timezone.now())
    delivery = run.deliveries.first()
    return lambda: delivery_send_again(delivery=delivery, by=world.manager)


def closing(world):
    run = drafted(world)
    return lambda: run_close(test_run=run, reason="Other people are needed.", by=world.manager)


def sending_again(world):
    delivery = in_review(world, (REFUSED, "", "")).deliveries.get()
    return lambda: delivery_send_again(delivery=delivery, by=world.manager)


def reviewing(world):
    delivery = in_review(world, (DELIVERED, "", "")).deliveries.get()
    return lambda: review_record(
        delivery=delivery, side="customer", verdict="right", by=world.admin_person
    )


def commenting(world):
    delivery = in_review(world, (DELIVERED, "", "")).deliveries.get()
    return lambda: comment_add(
        delivery=delivery, side="customer", text="Whose account is it?", by=world.admin_person
    )


def approving(world):
    run = in_review(world, *[(DELIVERED, RIGHT, RIGHT)] * 5)
    return lambda: run_approve(test_run=run, side="customer", by=world.admin_person)


def confirming(world):
    org_checked(world.connection.epoch, system_permissions="cannot")
    return lambda: step_confirm(customer=world.customer, step=CONFIRMED_STEP, by=world.admin_person)


def withdrawing(world):
    ConfirmationFactory(customer=world.customer, step=CONFIRMED_STEP, epoch=world.connection.epoch)
    return lambda: step_confirmation_withdraw(
        customer=world.customer, step=CONFIRMED_STEP, by=world.admin_person
    )


def waiving(world):
    return lambda: step_waive(
        customer=world.customer, step=WAIVED_STEP, reason="No leads in use.", by=world.manager
    )


def unwaiving(world):
    WaiverFactory(customer=world.customer, step=WAIVED_STEP, epoch=world.connection.epoch)
    return lambda: step_waiver_withdraw(customer=world.customer, step=WAIVED_STEP, by=world.manager)


def accepting(world):
    org_checked(world.connection.epoch, excess_rights="warning")
    return lambda: point_accept(
        **point(world, "excess_rights"), reason="It is a shared user.", by=world.admin_person
    )


def waiving_a_point(world):
    org_checked(world.connection.epoch, field_access="fail")
    return lambda: point_waive(
        **point(world, "field_access"), reason="We send no titles.", by=world.manager
    )


def taking_a_point_back(world):
    WaiverFactory(
        customer=world.customer,
        step=CONFIRMED_STEP,
        epoch=world.connection.epoch,
        subject=subject_of("excess_rights", "all"),
        subject_hash=Item("all", "warning", "").hash,
    )
    return lambda: point_withdraw(**point(world, "excess_rights"), by=world.admin_person)


def point(world, check):
    """The one point of a check that found no single ones."""
    return {"customer": world.customer, "environment": "sandbox", "check": check, "key": "all"}


def inviting(world):
    return lambda: signup_link_create(
        customer=world.customer,
        environment="sandbox",
        person_name="Priya Shah",
        email="priya.shah@northwind.example",
        by=world.manager,
    )


def inviting_again(world):
    link = SignupLinkFactory(customer=world.customer)
    return lambda: signup_link_replace(link=link, by=world.manager)


def revoking(world):
    link = SignupLinkFactory(customer=world.customer)
    return lambda: signup_link_revoke(link=link, by=world.manager)


def disconnecting(world):
    return lambda: connection_disconnect(connection=world.connection, by=world.admin_person)


def declining(world):
    attempt = ConnectAttemptFactory(
        customer=world.customer, user=world.admin_person, state="returned"
    )
    return lambda: connect_attempt_refuse(attempt=attempt, code="declined")


ACTS = [
    Act("creating a run", "manager", creating),
    Act("changing its picks", "manager", picking),
    Act("saving a draft of picks", "manager", saving_picks),
    Act("sending it", "manager", sending),
    Act("offering it", "manager", offering),
    Act("taking the offer back", "manager", taking_back),
    Act("allowing it", "admin_person", allowing),
    Act("planning one again", "manager", planning_again),
    Act("closing it", "manager", closing),
    Act("sending one again", "manager", sending_again),
    Act("giving a verdict", "admin_person", reviewing),
    Act("adding a comment", "admin_person", commenting),
    Act("approving", "admin_person", approving),
    Act("confirming a step", "admin_person", confirming),
    Act("taking it back", "admin_person", withdrawing),
    Act("waiving a step", "manager", waiving),
    Act("ending the waiver", "manager", unwaiving),
    Act("accepting a warning", "admin_person", accepting),
    Act("waiving a point", "manager", waiving_a_point),
    Act("no longer accepting it", "admin_person", taking_a_point_back),
    Act("making a link", "manager", inviting),
    Act("sending a link again", "manager", inviting_again),
    Act("revoking a link", "manager", revoking),
    Act("disconnecting", "admin_person", disconnecting),
    Act("declining an org", "admin_person", declining),
]
every_act = pytest.mark.parametrize("act", ACTS, ids=str)


def in_review(world, *deliveries):
    return run_in(world.customer, world.connection, deliveries=deliveries)


def drafted(world):
    run = run_in(
        world.customer,
        world.connection,
        state=TestRun.State.DRAFT,
        deliveries=[(Delivery.State.WAITING, "", "")] * 5,
        planned_at=timezone.now(),
        sent_at=None,
    )
    run.deliveries.update(plan_hash="a" * 64, released_at=None)
    return run


@pytest.fixture
def world(customer, manager, admin_person, monkeypatch):
    monkeypatch.setattr(calls, "token_revoke_quietly", lambda **_: True)
    return SimpleNamespace(
        customer=customer,
        manager=manager,
        admin_person=admin_person,
        connection=ConnectionFactory(customer=customer),
    )


def everything():
    """Every row of ours."""
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
    }


@every_act
def test_rule_9_what_cannot_be_logged_does_not_happen(act, world, monkeypatch):
    do = act.make(world)
    before = everything()

    def full(*_args, **_values):
        raise LogIsFull

    monkeypatch.setattr(Event, "save", full)
    with pytest.raises(LogIsFull):
        do()
    assert everything() == before


@every_act
def test_rule_9_the_log_says_who_did_it_and_for_whom(act, world):
    do = act.make(world)
    do()
    event = Event.objects.exclude(actor=None).order_by("sequence").first()
    assert event is not None
    assert event.actor == getattr(world, act.by)
    assert event.side == ("vendor" if act.by == "manager" else "customer")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (waiving, "No leads in use."),
        (
            confirming,
            "The integration user has the permissions of the list, and our reps can see what "
            "UserGems writes.",
        ),
    ],
)
def test_rule_9_the_log_holds_the_hash_of_the_words_somebody_stands_for(world, make, words):
    make(world)()
    event = Event.objects.get()
    assert event.data["content_hash"] == content_hash(words)
    assert words not in str(event.data)


def test_rule_9_an_approval_and_its_event_hold_the_hash_of_what_was_approved(world):
    approval = approving(world)()
    event = Event.objects.get(action="test_run.side_approved")
    assert event.data["content_hash"] == approval.content_hash == content_hash(approval.content)
    assert len(approval.content["deliveries"]) == 5
