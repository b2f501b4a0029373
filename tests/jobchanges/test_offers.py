"""What an org offers for the settings: asked in the background, kept, asked again when old."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection, Health, OrgEpoch
from jobchanges import tasks
from jobchanges.models import OrgOffer
from jobchanges.services import offers
from jobchanges.services.offers import org_offer_ask, org_offer_work
from jobchanges.services.settings import Options

pytestmark = pytest.mark.django_db(transaction=True)
ORG = "northwind-full"


@pytest.fixture
def connection(rehearsal, customer, settings):
    """Live; whoever is woken up works at once."""
    settings.CELERY_TASK_ALWAYS_EAGER = True
    made = rehearsal.connect(customer, ORG)
    return Connection.objects.select_related("epoch", "customer").get(pk=made.pk)


def options_of(offer) -> Options:
    return Options.from_json(offer.options)


def test_an_org_offers_its_users_campaigns_and_lead_sources(connection, rehearsal):
    offer = org_offer_ask(connection=connection)
    options = options_of(offer)
    active = {row["Id"] for row in rehearsal.records(ORG, "User") if row["IsActive"]}
    assert {owner.id for owner in options.owners} <= active
    assert all("Sent" in campaign.statuses for campaign in options.campaigns)
    assert "UserGems" in options.lead_sources
    assert not offer.asking


def test_it_is_not_asked_again_while_the_answer_is_fresh(connection, rehearsal):
    org_offer_ask(connection=connection)
    before = len(rehearsal.calls(ORG))
    org_offer_ask(connection=connection)
    org_offer_ask(connection=connection, anew=True)
    assert len(rehearsal.calls(ORG)) == before


def test_a_button_asks_again_after_some_seconds(connection, rehearsal):
    first = org_offer_ask(connection=connection)
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        again = org_offer_ask(connection=connection, anew=True)
    assert again.answered_at > first.answered_at


def test_an_old_answer_is_asked_for_anew(connection):
    first = org_offer_ask(connection=connection)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11), tick=False):
        again = org_offer_ask(connection=connection)
    assert again.answered_at > first.answered_at


def test_an_org_that_does_not_answer_keeps_what_it_offered(connection, rehearsal):
    org_offer_ask(connection=connection)
    rehearsal.fault("http_503_html", times=20, org=ORG)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11), tick=False):
        again = org_offer_ask(connection=connection)
    assert again.error
    assert options_of(again).owners


def test_what_was_not_answered_is_asked_for_on_the_next_visit(connection, rehearsal):
    rehearsal.fault("http_503_html", times=20, org=ORG)
    assert org_offer_ask(connection=connection).error
    rehearsal.control("production", "faults", "DELETE")
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        offer = org_offer_ask(connection=connection)
    assert (offer.error, bool(offer.options)) == ("", True)


def test_an_org_whose_user_may_not_use_the_api_says_where_to_mend_it(connection, rehearsal):
    rehearsal.configure(ORG, "user-without-api")
    offer = org_offer_ask(connection=connection)
    assert "API Enabled" in offer.error
    assert offer.setup_path.startswith("/lightning/setup/")


def test_a_lost_connection_is_not_asked(connection, rehearsal):
    Connection.objects.filter(pk=connection.pk).update(health=Health.NEEDS_RECONNECTING)
    connection.refresh_from_db()
    assert org_offer_ask(connection=connection) is None
    assert rehearsal.calls(ORG) == []


def test_two_workers_do_not_ask_at_once(connection, rehearsal):
    offer = org_offer_ask(connection=connection)
    later = timezone.now() + datetime.timedelta(minutes=1)
    OrgOffer.objects.filter(pk=offer.pk).update(asked_at=later, lease_until=later)
    before = len(rehearsal.calls(ORG))
    assert not org_offer_work(epoch_pk=connection.epoch_id)
    assert len(rehearsal.calls(ORG)) == before


def test_what_no_worker_took_is_picked_up_by_the_sweep(connection):
    OrgOffer.objects.create(
        epoch=connection.epoch, asked_at=timezone.now() - datetime.timedelta(minutes=2)
    )
    tasks.org_offers_sweep()
    assert options_of(OrgOffer.objects.get()).owners


def test_an_org_that_was_replaced_is_left_alone(connection, rehearsal):
    OrgOffer.objects.create(epoch=connection.epoch)
    OrgEpoch.objects.update(ended_at=timezone.now())
    Connection.objects.update(epoch=None)
    assert not org_offer_work(epoch_pk=connection.epoch_id)
    assert rehearsal.calls(ORG) == []


def test_an_offer_that_fails_for_our_own_mistake_is_not_asked_for_for_ever(connection, monkeypatch):
    def broken(_org):
        raise KeyError("an answer of another form")

    monkeypatch.setattr(offers, "settings_options", broken)
    offer = org_offer_ask(connection=connection)
    assert "a mistake of ours" in offer.error
    assert offers.org_offers_left(timezone.now() + datetime.timedelta(days=1)) == []


def test_a_worker_that_was_too_slow_does_not_replace_a_newer_offer(connection, monkeypatch):
    ask = offers.settings_options

    def overtaken(org):
        OrgOffer.objects.update(lease_until=None, options={}, answered_at=timezone.now())
        return ask(org)

    monkeypatch.setattr(offers, "settings_options", overtaken)
    assert org_offer_ask(connection=connection).options == {}
