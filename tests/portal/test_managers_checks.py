"""The checks of a customer's orgs on the desk: read, asked again, waived, and by which list."""

import re

import pytest
from django.urls import reverse

from accounts.models import Event
from integrations.checks.base import Item
from integrations.models import CheckRun
from portal.models import Waiver
from tests.factories import ConnectionFactory, org_checked

pytestmark = pytest.mark.django_db

TITLE = Item(
    "Contact.fields.edit:Title",
    "fail",
    "Contact: Title is read-only for the integration user",
    "Permission Sets, UserGems Integration: tick Edit Access on Title.",
    "administrator",
    "/lightning/setup/PermSets/home",
)
PRIVATE = Item("Lead", "warning", "Leads are private in this org")
SUBJECT = f"check:field_access:{TITLE.key}"


@pytest.fixture
def epoch(customer, admin_person):
    epoch = ConnectionFactory(
        customer=customer, connected_by=admin_person, epoch__name="Northwind (full copy)"
    ).epoch
    org_checked(epoch, field_access=[TITLE], record_sharing=[PRIVATE])
    return epoch


@pytest.fixture
def maya(epoch, manager, signed_in):
    return signed_in(manager)


def words(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", text).replace("&quot;", '"').replace("&#x27;", "'")


def at(customer, lever="", environment="sandbox") -> str:
    name = "admin:accounts_customer_checks" + (f"_{lever}" if lever else "")
    return reverse(name, args=[customer.pk, environment])


def page_of(customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def test_the_customers_page_says_what_is_open_in_each_org(maya, customer):
    production = ConnectionFactory(customer=customer, environment="production", checked=True)
    assert production.epoch
    shown = words(maya.get(page_of(customer)))
    sandbox, production_part = shown.split("Checks of production")
    assert "1 thing to fix" in sandbox.split("Checks of the sandbox")[1]
    assert TITLE.sentence in sandbox
    assert "Everything is right" in production_part


def test_a_customer_without_an_org_has_no_checks_on_the_page(customer, manager, signed_in):
    assert "Checks of the sandbox" not in words(signed_in(manager).get(page_of(customer)))


def test_the_managers_page_has_the_customers_list_and_the_lever_to_waive(maya, customer):
    page = maya.get(at(customer))
    assert TITLE.sentence in words(page)
    assert "Waive it" in words(page)
    assert "Send these to a colleague" not in words(page)


def test_a_failure_is_waived_with_a_reason_that_both_sides_read(
    maya, customer, admin_person, signed_in
):
    assert "Why may it go on although this fails?" in words(
        maya.get(f"{at(customer)}?point={SUBJECT}")
    )
    answer = maya.post(
        at(customer, "set_aside"), {"point": SUBJECT, "reason": "They write no titles."}
    )
    assert answer["Location"] == f"{at(customer)}#check-field-access"
    waiver = Waiver.objects.get()
    assert (waiver.subject, waiver.side, waiver.reason) == (
        SUBJECT,
        "vendor",
        "They write no titles.",
    )
    for browser, address in ((maya, at(customer)), (signed_in(admin_person), "/checks/sandbox/")):
        shown = words(browser.get(address))
        assert "Waived by Maya Rao" in shown
        assert "They write no titles." in shown
        assert "Nothing to fix, 1 thing to look at" in shown


def test_the_customer_cannot_take_the_managers_waiver_back(maya, customer, admin_person, signed_in):
    maya.post(at(customer, "set_aside"), {"point": SUBJECT, "reason": "They write no titles."})
    priya = signed_in(admin_person)
    assert "Take it back" not in words(priya.get("/checks/sandbox/"))
    priya.post("/checks/sandbox/accept/", {"withdraw": SUBJECT})
    assert Waiver.objects.get().withdrawn_at is None


def test_a_waiver_is_taken_back(maya, customer):
    maya.post(at(customer, "set_aside"), {"point": SUBJECT, "reason": "They write no titles."})
    maya.post(at(customer, "set_aside"), {"withdraw": SUBJECT})
    assert "1 thing to fix" in words(maya.get(at(customer)))


def test_a_warning_is_accepted_on_the_desk_too(maya, customer):
    maya.post(
        at(customer, "set_aside"),
        {"point": "check:record_sharing:Lead", "reason": "They share by hand."},
    )
    assert "Accepted by Maya Rao" in words(maya.get(at(customer)))


def test_without_a_reason_nothing_is_waived(maya, customer):
    answer = maya.post(at(customer, "set_aside"), {"point": SUBJECT, "reason": " "})
    assert answer.status_code == 422
    assert "Say why it may stay like this." in words(answer)
    assert not Waiver.objects.exists()


def test_the_manager_has_the_org_asked_again(maya, customer, manager):
    CheckRun.objects.all().delete()
    answer = maya.post(at(customer, "run"), {"name": "owners"})
    assert answer["Location"] == f"{at(customer)}#check-owners"
    run = CheckRun.objects.get()
    assert (run.asked_by, run.names) == (manager, ["owners"])
    assert "Asked by Maya Rao" in words(maya.get(at(customer)))
    assert f'hx-get="{at(customer, "list")}"' in maya.get(at(customer)).content.decode()


def test_an_org_that_is_not_connected_says_so(maya, customer):
    assert "This org is not connected yet" in words(
        maya.get(at(customer, environment="production"))
    )


def test_staff_without_the_right_to_waive_read_and_waive_nothing(
    maya, customer, manager, signed_in
):
    group = manager.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_waiver"))
    browser = signed_in(type(manager).objects.get(pk=manager.pk))
    assert browser.get(at(customer)).status_code == 200
    answer = browser.post(at(customer, "set_aside"), {"point": SUBJECT, "reason": "No."})
    assert answer.status_code == 403
    assert not Waiver.objects.exists()


def test_other_managers_find_nothing(epoch, customer, other_manager, signed_in):
    browser = signed_in(other_manager)
    assert browser.get(at(customer)).status_code == 404
    assert browser.post(at(customer, "run")).status_code == 404


def account(customer, **values):
    return {
        "name": customer.name,
        "plan": customer.plan,
        "path": customer.path,
        "path_reason": "",
        "email_domains": "northwind.example",
        "planned_go_live": "",
        "permission_list": "V4",
        **values,
    }


def test_the_version_of_the_permission_list_is_chosen_for_the_customer(maya, customer):
    CheckRun.objects.all().delete()
    page = maya.get(page_of(customer)).content.decode()
    assert "V1, the first list" in page
    answer = maya.post(page_of(customer), account(customer, permission_list="V1"))
    assert answer.status_code == 302
    customer.refresh_from_db()
    assert customer.permission_list == "V1"
    event = Event.objects.filter(customer=customer, action="customer.changed").latest("sequence")
    assert event.data["fields"] == ["permission_list"]
    # The org is asked by the other list, whoever asked it a moment ago.
    run = CheckRun.objects.get()
    assert "field_access" in run.names
    assert "page_layouts" not in run.names


def test_an_unknown_version_is_not_taken(maya, customer):
    answer = maya.post(page_of(customer), account(customer, permission_list="V9"))
    assert answer.status_code == 422
    customer.refresh_from_db()
    assert customer.permission_list == "V4"


def test_saving_the_account_alone_asks_no_org(maya, customer):
    CheckRun.objects.all().delete()
    maya.post(page_of(customer), account(customer, planned_go_live="2027-01-15"))
    assert not CheckRun.objects.exists()
