"""Rule 1, about settings: nothing goes to production as settings say that nobody signed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobchanges import gates
from jobchanges.models import Batch, Delivery, OrgLease, OutputSettings
from jobchanges.services.batches import batch_send_again

pytestmark = pytest.mark.django_db(transaction=True)


def sources(org) -> set[str]:
    """The lead sources of what we created."""
    return {str(row["LeadSource"]) for row in org.records("Lead") + org.records("Contact")}


def test_settings_that_were_put_back_do_not_let_through_what_was_read_between(
    production, batch_gate
):
    people = [production.job_change() for _each in range(3)]
    settings = OutputSettings.objects.filter(customer=production.customer)
    settings.update(lead_source="Nobody signed this")

    def put_back(**_asked):
        # The worker has read its settings already; what is signed is compared with these.
        settings.update(lead_source="UserGems")
        return ""

    batch_gate(put_back)
    production.release()
    production.deliver()
    production.deliver()

    assert "Nobody signed this" not in sources(production)
    assert "UserGems" in sources(production)
    assert {production.delivery(one).state for one in people} == {Delivery.State.DELIVERED}
    assert not Delivery.objects.exclude(attempts_made=1).exists()


@pytest.fixture
def rest(production):
    """Lets the org rest until told otherwise."""

    def rest(until):
        OrgLease.objects.update_or_create(
            org_id=production.connection.epoch.org_id, defaults={"paused_until": until}
        )

    rest(timezone.now() + timedelta(hours=1))
    return rest


def test_what_was_sent_again_after_the_end_waits_for_what_is_signed_when_its_turn_comes(
    production, rest
):
    one = production.job_change()
    batch = production.release()
    Delivery.objects.filter(batch=batch).update(state=Delivery.State.HELD, held_reason="So")
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED)
    batch_send_again(delivery=production.delivery(one), by=production.manager)
    before = production.count()

    def changed(**_asked):
        return gates.NotNow("The settings changed since.", "both")

    gates.regular_gate.connect(changed, weak=False)
    rest(None)
    production.deliver()

    delivery = production.delivery(one)
    assert (delivery.state, delivery.held_reason) == ("held", "The settings changed since.")
    assert production.count() == before
    assert production.graph_calls() == 0

    gates.regular_gate.disconnect(changed)
    batch_send_again(delivery=delivery, by=production.manager)
    production.deliver()
    assert production.delivery(one).state == "delivered"


def test_a_gate_that_fails_lets_nothing_of_an_ended_batch_through(production, rest):
    one = production.job_change()
    batch = production.release()
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED)

    def broken(**_asked):
        raise RuntimeError("no database")

    gates.regular_gate.connect(broken, weak=False)
    rest(None)
    production.deliver()

    assert production.delivery(one).held_reason.startswith("The portal could not check")
    assert production.graph_calls() == 0
