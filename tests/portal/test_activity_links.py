"""Every event leads to what it is about, where its reader may open it."""

import re

import pytest
from django.urls import reverse

from integrations.models import Health
from jobchanges.models import Delivery, TestRun
from portal.activity.filters import KINDS
from portal.activity.links import MAKERS
from portal.wording import SENTENCES, STAFF_ONLY
from tests.factories import (
    BatchFactory,
    ConnectionFactory,
    DeliveryFactory,
    EventFactory,
    ImportRunFactory,
    JobChangeFactory,
    SignupLinkFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db

# What customers have no page for: the account and imports are kept by UserGems, and what was
# removed is gone. Staff have a page for everything.
NO_PAGE = {
    *("customer.added", "customer.assigned", "customer.changed"),
    *("customer.retention_warned", "customer.data_removed"),
    *("job_changes.imported", "job_changes.erased", "ledger.values_removed"),
}
LINE = re.compile(r'<li id="e(\d+)".*?</li>', re.DOTALL)
LINK = re.compile(r'<a class="link" href="([^"?][^"]*)">')


@pytest.fixture
def things(customer, admin_person, manager):
    """A customer with one of everything that an event is about."""
    sandbox = ConnectionFactory(customer=customer, connected_by=admin_person, checked=True)
    # It asks for signing in again, so that no page waits for it to answer.
    production = ConnectionFactory(
        customer=customer,
        environment="production",
        connected_by=admin_person,
        health=Health.NEEDS_RECONNECTING,
    )
    run = TestRunFactory(
        customer=customer,
        epoch=sandbox.epoch,
        state=TestRun.State.REVIEW,
        sent_at=sandbox.connected_at,
        number=2,
    )
    job_change = JobChangeFactory(customer=customer, first_name="Jordan", last_name="Avery")
    delivery = DeliveryFactory(
        test_run=run, job_change=job_change, state=Delivery.State.DELIVERED, attempts_made=1
    )
    return {
        "test_run": run.pk,
        "delivery": delivery.delivery_key,
        "test_runs": [run.pk],
        "deliveries": [],
        "number": 1,
        "batch": BatchFactory(customer=customer, epoch=production.epoch).pk,
        "link": SignupLinkFactory(customer=customer).pk,
        "import": ImportRunFactory(customer=customer, by=manager).pk,
        "membership": admin_person.memberships.get().pk,
        "role": "admin",
        "check": "field_access",
        "step": "sandbox.permissions",
        "verdict": "right",
        "code": "declined",
        "subject_hash": "a" * 64,
        "until": "2025-01-01T00:00:00+00:00",
        "started": 1,
    }


@pytest.fixture
def all_actions(customer, admin_person, things):
    """One event for each action, in its order."""
    return {
        EventFactory(
            customer=customer,
            action=action,
            by=admin_person,
            side="customer",
            environment="sandbox",
            data=things,
        ).sequence: action
        for action in SENTENCES
    }


def links_read(browser, address, actions) -> dict[str, str]:
    """Where each line of the list leads to; empty for none."""
    found = {}
    for page in range(1, len(actions) // 50 + 2):
        text = browser.get(address, {"page": page}).content.decode()
        for line in LINE.finditer(text):
            links = LINK.findall(line[0].replace("&amp;", "&"))
            found[actions[int(line[1])]] = links[0] if links else ""
    return found


def test_every_action_has_its_kind_and_its_place():
    subjects = {subject for _label, subjects in KINDS.values() for subject in subjects}
    assert {action for action in SENTENCES if action.partition(".")[0] not in subjects} == set()
    assert {
        action
        for action in SENTENCES
        if action not in MAKERS and action.partition(".")[0] not in MAKERS
    } == set()


def test_the_customer_gets_from_every_event_to_what_it_is_about(
    all_actions, admin_person, signed_in
):
    browser = signed_in(admin_person)
    found = links_read(browser, reverse("activity"), all_actions)
    assert set(found) == set(SENTENCES) - STAFF_ONLY
    assert {action for action, address in found.items() if not address} == NO_PAGE
    closed = {address for address in set(found.values()) - {""} if "/admin/" in address}
    assert not closed
    for address in set(found.values()) - {""}:
        assert browser.get(address).status_code == 200, address


def test_the_desk_gets_from_every_event_to_what_it_is_about(
    all_actions, customer, manager, signed_in
):
    browser = signed_in(manager)
    address = reverse("admin:accounts_customer_activity", args=[customer.pk])
    found = links_read(browser, address, all_actions)
    assert set(found) == set(SENTENCES)
    assert {action for action, address in found.items() if not address} == set()
    for address in set(found.values()):
        assert address.startswith("/admin/"), address
        assert browser.get(address).status_code == 200, address


def test_what_is_gone_is_not_linked(customer, admin_person, manager, signed_in):
    for action, data in (
        ("test_run.sent", {"test_run": 987654, "number": 1}),
        ("job_changes.imported", {"import": 987654}),
        ("delivery.commented", {"test_run": 987654, "delivery": "gone:00D000000000001"}),
        ("checks.ran", {"run": 1}),
    ):
        EventFactory(customer=customer, action=action, environment="sandbox", data=data)
    address = reverse("admin:accounts_customer_activity", args=[customer.pk])
    for person, page in ((admin_person, reverse("activity")), (manager, address)):
        text = signed_in(person).get(page).content.decode()
        assert not LINK.findall("".join(line[0] for line in LINE.finditer(text)))


def test_a_test_that_is_being_put_together_is_linked_for_staff_only(
    customer, admin_person, manager, signed_in
):
    connection = ConnectionFactory(customer=customer, checked=True)
    run = TestRunFactory(customer=customer, epoch=connection.epoch, number=1)
    EventFactory(
        customer=customer, action="test_run.created", data={"test_run": run.pk, "number": 1}
    )
    assert "Open test 1" not in signed_in(admin_person).get(reverse("activity")).content.decode()
    address = reverse("admin:accounts_customer_activity", args=[customer.pk])
    assert "Open test 1" in signed_in(manager).get(address).content.decode()
