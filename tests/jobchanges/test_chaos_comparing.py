"""The comparison that ends every chaos run sees what it is there for."""

import copy

import pytest

from jobchanges.models import Delivery
from jobchanges.planning import Plan, Ref, Write, plan_to_json
from tests import factories as make
from tests.jobchanges.comparing import ATTEMPT, KEY, OBJECTS, PACKAGE, Contents, as_planned

pytestmark = pytest.mark.django_db

ME, MADE = "0050000000000IntAA", "2026-11-23T09:00:00.000+0000"
LEAD, PAST, RECORD = "00Q000000000001AAA", "003000000000001AAA", "a0X000000000001AAA"
WRITES = (
    Write(
        role="person",
        object_name="Lead",
        operation="create",
        fields={"LastName": "Doe", "Email": "doe@new.example"},
    ),
    Write(
        role="past_person",
        object_name="Contact",
        operation="update",
        record_id=PAST,
        fields={"UserGem__NoLongerAtCompany__c": True, "Title": "CEO"},
    ),
    Write(
        role="package",
        object_name=PACKAGE,
        operation="create",
        fields={"UserGem__NewLead__c": Ref("person"), ATTEMPT: 1},
    ),
)


def made(key, **values):
    """A record as the org has a new one."""
    audit = {"CreatedDate": MADE, "CreatedById": ME, "LastModifiedDate": MADE, "OwnerId": ME}
    return {"Id": key, "IsDeleted": False, **audit, **values}


def contents(**rows):
    found = {name: {} for name in OBJECTS}
    for name, items in rows.items():
        found[name] = {row["Id"]: row for row in items}
    return Contents(found)


class World:
    """One delivered job change, and the org before and after it."""

    def __init__(self):
        self.delivery = make.DeliveryFactory(state=Delivery.State.DELIVERED, attempts_made=1)
        plan = plan_to_json(Plan(writes=WRITES, outcome="created"))
        self.attempt = make.AttemptFactory(delivery=self.delivery, plan=plan)
        ids = {"person": LEAD, "past_person": PAST, "package": RECORD}
        for write in WRITES:
            make.RecordWriteFactory(
                attempt=self.attempt,
                role=write.role,
                object_name=write.object_name,
                record_id=ids[write.role],
            )
        past = made(PAST, LastName="Doe", Title=None, UserGem__NoLongerAtCompany__c=False)
        other = made("003000000000002AAA", LastName="Other", Title="Boss", Email="o@old.example")
        self.before = contents(Contact=[past, other])
        self.after = copy.deepcopy(self.before)
        self.row("Contact", PAST).update(Title="CEO", UserGem__NoLongerAtCompany__c=True)
        self.add("Lead", made(LEAD, LastName="Doe", Email="doe@new.example"))
        key = self.delivery.delivery_key
        record = {KEY: key, ATTEMPT: 1, "UserGem__NewLead__c": LEAD, "Name": "UG-1"}
        self.add(PACKAGE, made(RECORD, **record))
        self.plan_the_key(key)

    def plan_the_key(self, key):
        plan = dict(self.attempt.plan)
        plan["writes"][-1]["fields"][KEY] = key
        self.attempt.plan = plan
        self.attempt.save(update_fields=["plan"])

    def row(self, name, key):
        return self.after.rows[name][key]

    def add(self, name, row):
        self.after.rows[name][row["Id"]] = row

    def compare(self):
        return as_planned(Delivery.objects.all(), self.before, self.after)


@pytest.fixture
def world():
    return World()


def test_an_org_as_planned_is_fine(world):
    found = world.compare()
    assert found.states == {"delivered": 1}
    assert (found.created["Lead"], found.created[PACKAGE], found.changed["Contact"]) == (1, 1, 1)


def a_second_lead(world):
    world.add("Lead", made("00Q000000000002AAA", LastName="Doe"))


def a_second_package_record(world):
    world.add(PACKAGE, {**world.row(PACKAGE, RECORD), "Id": "a0X000000000002AAA"})


def a_lost_lead(world):
    del world.after.rows["Lead"][LEAD]


def a_lost_record(world):
    del world.after.rows[PACKAGE][RECORD]


def a_contact_gone(world):
    del world.after.rows["Contact"]["003000000000002AAA"]


def another_value(world):
    world.row("Lead", LEAD)["LastName"] = "Roe"


def an_unplanned_field(world):
    world.row("Lead", LEAD)["Phone"] = "1"


def a_stranger_changed(world):
    world.row("Contact", "003000000000002AAA")["Title"] = "CEO"


def an_unplanned_change(world):
    world.row("Contact", PAST)["Phone"] = "1"


def an_overwritten_field(world):
    world.before.rows["Contact"][PAST]["Title"] = "CTO"


def somebody_elses_attempt(world):
    world.row(PACKAGE, RECORD)[ATTEMPT] = 2


def a_person_there_already(world):
    known = made("003000000000003AAA", LastName="Doe", Email="Doe@new.example")
    world.before.rows["Contact"][known["Id"]] = known
    world.add("Contact", known)


def refused_and_there(world):
    Delivery.objects.update(state=Delivery.State.REFUSED)


def still_waiting(world):
    Delivery.objects.update(state=Delivery.State.UNKNOWN)


BREAKS = {
    a_second_lead: "nobody planned it",
    a_second_package_record: "2 records of the package",
    a_lost_lead: "not there",
    a_lost_record: "delivered, and not in the org",
    a_contact_gone: "was there before and is gone",
    another_value: "planned 'Doe'",
    an_unplanned_field: "not planned",
    a_stranger_changed: "no plan says so",
    an_unplanned_change: "not planned",
    an_overwritten_field: "overwritten",
    somebody_elses_attempt: "not that of attempt 1",
    a_person_there_already: "2 people with the e-mail",
    refused_and_there: "in the org, and no delivery says so",
    still_waiting: "ended as unknown",
}


@pytest.mark.parametrize("spoil", BREAKS, ids=lambda one: one.__name__)
def test_what_is_not_as_planned_is_told(world, spoil):
    spoil(world)
    with pytest.raises(AssertionError, match=BREAKS[spoil]):
        world.compare()


def test_a_refusal_without_the_orgs_reason_is_told(world):
    refused = make.DeliveryFactory(state=Delivery.State.REFUSED)
    attempt = make.AttemptFactory(delivery=refused, outcome="refused")
    with pytest.raises(AssertionError, match="without the org's reason"):
        world.compare()
    attempt.errors = [{"message": "Region is required."}]
    attempt.save(update_fields=["errors"])
    assert world.compare().states == {"delivered": 1, "refused": 1}
