"""A reviewer of a second attempt still sees every record of the job change."""

import pytest

from jobchanges.models import Attempt, Delivery, RecordWrite, TestRun, WriteRole
from jobchanges.selectors.deliveries import test_run_deliveries as deliveries_of
from tests.factories import AttemptFactory, DeliveryFactory, RecordWriteFactory, TestRunFactory

pytestmark = pytest.mark.django_db

CONTACT = "003000000000001AAA"
PACKAGE = "a0X000000000001AAA"


@pytest.fixture
def delivery():
    """Delivered, then corrected: the title only, and the attempt number."""
    run = TestRunFactory(state=TestRun.State.REVIEW)
    delivery = DeliveryFactory(
        test_run=run, state=Delivery.State.DELIVERED, attempts_made=2, released_at=run.created_at
    )
    first = AttemptFactory(delivery=delivery, number=1)
    write(first, WriteRole.PERSON, CONTACT, "create", Title="VP Sale", LastName="Whitfield")
    write(first, WriteRole.PACKAGE, PACKAGE, "create", Attempt="1", Kind="joined")
    second = AttemptFactory(delivery=delivery, number=2, is_correction=True)
    write(second, WriteRole.PERSON, CONTACT, "update", Title="VP Sales")
    write(second, WriteRole.PACKAGE, PACKAGE, "update", Attempt="2")
    return delivery


def write(attempt: Attempt, role: str, record_id: str, operation: str, **fields: str) -> None:
    RecordWriteFactory(
        attempt=attempt,
        role=role,
        object_name="Contact" if role == WriteRole.PERSON else "UserGem__UserGem__c",
        record_id=record_id,
        operation=RecordWrite.Operation(operation),
        sent=fields,
        stored=fields,
    )


def shown(delivery: Delivery) -> dict[str, dict[str, str | None]]:
    view = deliveries_of(delivery.test_run)[0]
    return {tab.label: {row.name: row.stored for row in tab.rows} for tab in view.tabs}


def test_a_corrected_record_is_shown_whole_with_its_newest_values(delivery):
    assert shown(delivery) == {
        "New contact": {"Title": "VP Sales", "LastName": "Whitfield"},
        "UserGem": {"Attempt": "2", "Kind": "joined"},
    }


def test_a_record_that_the_correction_left_alone_stays_in_view(delivery):
    delivery.attempts.get(number=2).writes.filter(role=WriteRole.PERSON).delete()
    assert shown(delivery)["New contact"] == {"Title": "VP Sale", "LastName": "Whitfield"}


def test_a_record_made_anew_takes_the_place_of_the_old_one(delivery):
    delivery.attempts.get(number=2).writes.filter(role=WriteRole.PERSON).update(
        record_id="003000000000002AAA", operation="create"
    )
    assert shown(delivery)["New contact"] == {"Title": "VP Sales"}


def test_each_attempt_still_tells_what_it_wrote(delivery):
    attempts = deliveries_of(delivery.test_run)[0].attempts
    assert [len(tab.rows) for attempt in attempts for tab in attempt.tabs] == [2, 2, 1, 1]


def test_whom_the_first_attempt_wrote_is_named_in_the_second(delivery):
    amy, vera = "005000000000001AAA", "005000000000002AAA"
    delivery.attempts.filter(number=1).update(display={"names": {amy: "Amy Brown"}})
    delivery.attempts.filter(number=2).update(display={"names": {vera: "Bautista Vera"}})
    delivery.attempts.get(number=2).writes.filter(role=WriteRole.PERSON).update(
        before={"OwnerId": amy}, sent={"OwnerId": vera}, stored={"OwnerId": vera}
    )
    view = deliveries_of(delivery.test_run)[0]
    rows = [row for tab in view.attempts[1].tabs for row in tab.rows if row.name == "OwnerId"]
    assert [(row.stored, row.replaced) for row in rows] == [("Bautista Vera", "Amy Brown")]
