"""Moves of a delivery: allowed ones only, and only once."""

import itertools

import pytest
from django.db import transaction

from jobchanges.delivery.states import (
    MOVES,
    MoveNotAllowed,
    OpenTransaction,
    call_may_start,
    delivery_move,
)
from jobchanges.models import Delivery
from tests.factories import DeliveryFactory

State = Delivery.State


def test_of_two_claims_one_wins(db):
    delivery = DeliveryFactory()
    first = delivery_move([delivery.pk], [State.WAITING], State.CLAIMED, claimed_by="one")
    second = delivery_move([delivery.pk], [State.WAITING], State.CLAIMED, claimed_by="two")
    delivery.refresh_from_db()
    assert (first, second, delivery.claimed_by) == (1, 0, "one")


@pytest.mark.parametrize(
    ("from_", "to"), sorted(set(itertools.product(State.values, State.values)) - MOVES)
)
def test_a_move_outside_the_table_is_a_mistake(db, from_, to):
    delivery = DeliveryFactory(state=from_)
    with pytest.raises(MoveNotAllowed):
        delivery_move([delivery.pk], [from_], to)


def test_who_has_an_answer_holds_no_claim(db):
    delivery = DeliveryFactory(state=State.CLAIMED, claimed_by="one")
    delivery_move([delivery.pk], [State.CLAIMED], State.DELIVERED)
    delivery.refresh_from_db()
    assert (delivery.claimed_by, delivery.claimed_until) == ("", None)


@pytest.mark.django_db(transaction=True)
def test_salesforce_is_never_asked_inside_a_transaction():
    call_may_start()
    with transaction.atomic(), pytest.raises(OpenTransaction):
        call_may_start()
