"""Rule 9: the chain of events can be verified, also against somebody who knows how it is made."""

import pytest
from django.db import connection

from accounts.models import Event
from accounts.selectors import events_verify
from accounts.services.events import event_hash
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


def test_rule_9_a_forged_event_is_found_though_the_next_one_was_made_to_fit(customer):
    for number in range(4):
        EventFactory(customer=customer, data={"n": number})
    forged = Event.objects.get(sequence=2)
    forged.action = "something.else"
    new_hash = event_hash(forged)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_event SET action = %s, hash = %s WHERE id = %s",
            [forged.action, new_hash, forged.pk],
        )
        cursor.execute(
            "UPDATE accounts_event SET previous_hash = %s WHERE sequence = 3", [new_hash]
        )
    assert [problem.sequence for problem in events_verify(customer)] == [3]
