"""Another org becomes production in the middle of the first batch: nothing hangs for ever."""

import html
import re

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from integrations.models import Connection, OrgEpoch, OrgKind
from integrations.signals import connection_established, epoch_ended
from jobchanges.gates import gate_reason, sandbox_gate
from jobchanges.models import Batch, Delivery, EnvironmentSettings
from jobchanges.services import BatchError, batch_go_on, batch_stop
from portal.models import Summary
from portal.signoff import services
from portal.steps import StepStatus
from tests.factories import ConfirmationFactory, JobChangeFactory, OrgEpochFactory, org_checked
from tests.portal.signing import PRODUCTION, production_done, run_approved, signed
from tests.portal.situations import shown

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    for _each in range(3):
        JobChangeFactory(customer=customer)
    return customer


@pytest.fixture
def halfway(northwind, admin_person, manager) -> Batch:
    """The first batch, of which one job change is in the org."""
    summary = signed(northwind, admin_person)
    batch = services.launch_release(summary=summary, by=manager)
    first = batch.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=first.pk).update(state=State.DELIVERED, delivered_at=timezone.now())
    return batch


def replaced(customer, epoch: OrgEpoch | None = None) -> OrgEpoch:
    """What connecting another org does, in its order; `epoch`: one that was connected before."""
    connection = Connection.objects.get(customer=customer, environment=PRODUCTION)
    before = OrgEpoch.objects.get(pk=connection.epoch_id)
    with transaction.atomic():
        OrgEpoch.objects.filter(pk=before.pk).update(ended_at=timezone.now())
        epoch_ended.send(sender=OrgEpoch, epoch=before)
        epoch = epoch or OrgEpochFactory(
            connection=connection, number=2, kind=OrgKind.PRODUCTION, name="Northwind East"
        )
        OrgEpoch.objects.filter(pk=epoch.pk).update(ended_at=None)
        connection.epoch = epoch
        connection.save(update_fields=["epoch"])
        connection_established.send(sender=Connection, connection=connection)
    return epoch


def set_up_anew(customer, admin, epoch: OrgEpoch) -> None:
    """Every step of production, for another org."""
    EnvironmentSettings.objects.filter(customer=customer, environment=PRODUCTION).update(
        validated_org_id=epoch.org_id
    )
    org_checked(epoch)
    for step in ("production.permissions", "production.mirror"):
        ConfirmationFactory(customer=customer, step=step, epoch=epoch, by=admin)
    run_approved(customer, admin, epoch, number=2)


def text_of(answer) -> str:
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_batch_is_void_and_the_sandbox_opens_again(northwind, halfway):
    assert gate_reason(sandbox_gate, customer=northwind)
    replaced(northwind)
    halfway.refresh_from_db()
    assert (halfway.state, halfway.halted_side) == (Batch.State.VOID, "system")
    assert not Summary.objects.filter(voided_at=None).exists()
    assert gate_reason(sandbox_gate, customer=northwind) == ""


def test_one_that_a_person_stopped_is_void_too(northwind, halfway, approver, manager):
    batch_stop(batch=halfway, side="customer", by=approver, reason="Wrong org")
    replaced(northwind)
    halfway.refresh_from_db()
    assert halfway.state == Batch.State.VOID
    with pytest.raises(BatchError, match="The org was replaced"):
        batch_go_on(batch=halfway, side="customer", by=approver)


def test_both_sides_read_what_happened_and_what_to_do(
    northwind, halfway, admin_person, manager, signed_in
):
    org = halfway.epoch
    replaced(northwind)
    for person, address in (
        (admin_person, reverse("go_live")),
        (manager, reverse("admin:accounts_customer_go_live", args=[northwind.pk])),
    ):
        page = text_of(signed_in(person).get(address))
        for words in (
            f"The portal stopped the batch for {org.name} ({org.org_id})",
            "another org is production now",
            "a new batch takes every job change to the new org",
            "Download the records written before",
            "Production is another org now. Set it up and test it; then sign anew.",
        ):
            assert words in page, words
        assert "Go on" not in page
    step = shown(northwind, "go_live.first_batch")
    assert step.status == StepStatus.LOCKED
    assert step.sentence == (
        f"The portal stopped the batch for {org.name}, because production was replaced; a new "
        "batch goes to the new org"
    )


def test_a_page_that_is_open_learns_it(northwind, halfway, admin_person, signed_in):
    replaced(northwind)
    answer = signed_in(admin_person).get(
        reverse("go_live_progress"), {"state": "sending"}, headers={"hx-request": "true"}
    )
    assert answer.headers["HX-Refresh"] == "true"


def test_rule_4_signed_anew_everything_goes_to_the_new_org_in_a_new_batch(
    northwind, halfway, admin_person, manager, signed_in
):
    epoch = replaced(northwind)
    set_up_anew(northwind, admin_person, epoch)
    page = text_of(signed_in(admin_person).get(reverse("go_live")))
    assert "Prepare the summary" in page
    assert "The portal stopped the batch" in page
    summary = signed(northwind, admin_person)
    assert summary.continues is None
    assert shown(northwind, "go_live.first_batch").status != StepStatus.LOCKED
    batch = services.launch_release(summary=summary, by=manager)
    assert (batch.number, batch.epoch) == (halfway.number + 1, epoch)
    mine = set(batch.deliveries.values_list("job_change", flat=True))
    assert set(halfway.deliveries.values_list("job_change", flat=True)) <= mine
    page = text_of(signed_in(admin_person).get(reverse("go_live")))
    assert "The portal stopped the batch" not in page
    assert shown(northwind, "go_live.first_batch").sentence.startswith("0 of")


def test_the_first_org_may_come_back_and_get_the_rest(northwind, halfway, admin_person, manager):
    first = halfway.epoch
    replaced(northwind)
    replaced(northwind, first)
    summary = signed(northwind, admin_person)
    batch = services.launch_release(summary=summary, by=manager)
    assert batch.epoch == first
    there = Delivery.objects.get(batch=halfway)
    assert there.state == State.DELIVERED
    assert not batch.deliveries.filter(job_change=there.job_change).exists()
    assert batch.deliveries.count() == 7
