"""Operators' pages: staff accounts and the event log."""

import pytest
from django.urls import reverse

from accounts.models import User
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db

PEOPLE = "admin:accounts_user_changelist"
EVENTS = "admin:accounts_event_changelist"


def text_of(response) -> str:
    return response.content.decode()


# --- staff accounts ---------------------------------------------------------------------------


def test_an_operator_sees_all_people(signed_in, operator, manager, admin_person):
    text = text_of(signed_in(operator).get(reverse(PEOPLE)))
    assert manager.email in text
    assert admin_person.email in text


def test_an_operator_finds_a_person_by_name(signed_in, operator, manager, admin_person):
    text = text_of(signed_in(operator).get(reverse(PEOPLE), {"q": "Maya"}))
    assert manager.email in text
    assert admin_person.email not in text


@pytest.mark.parametrize("who", ["manager", "lead", "staff_without_rights"])
def test_other_staff_do_not_touch_accounts(request, signed_in, who, admin_person):
    client = signed_in(request.getfixturevalue(who))
    for address in (
        reverse(PEOPLE),
        reverse("admin:accounts_user_add"),
        reverse("admin:accounts_user_change", args=[admin_person.pk]),
        reverse("admin:auth_user_password_change", args=[admin_person.pk]),
    ):
        assert client.get(address).status_code == 403


def test_an_operator_adds_a_member_of_staff(signed_in, operator):
    password = "a long enough phrase"
    response = signed_in(operator).post(
        reverse("admin:accounts_user_add"),
        {
            "email": "New.Manager@usergems.example",
            "full_name": "Nia New",
            "password1": password,
            "password2": password,
        },
    )
    assert response.status_code == 302, text_of(response)
    person = User.objects.get(email="new.manager@usergems.example")
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert person.check_password(password)


def test_an_operator_opens_the_page_of_a_person(signed_in, operator, manager):
    page = signed_in(operator).get(reverse("admin:accounts_user_change", args=[manager.pk]))
    assert "Maya Rao" in text_of(page)


def test_a_customers_person_is_not_made_staff(signed_in, operator, admin_person):
    response = signed_in(operator).post(
        reverse("admin:accounts_user_change", args=[admin_person.pk]),
        {
            "email": admin_person.email,
            "full_name": admin_person.full_name,
            "time_zone": "UTC",
            "is_active": "on",
            "is_staff": "on",
        },
    )
    assert "Nobody stands on both sides." in text_of(response)
    admin_person.refresh_from_db()
    assert not admin_person.is_staff


def test_nobody_is_deleted(signed_in, operator, manager):
    address = reverse("admin:accounts_user_delete", args=[manager.pk])
    assert signed_in(operator).post(address, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=manager.pk).exists()


# --- the event log ----------------------------------------------------------------------------


@pytest.fixture
def events(customer, other_customer):
    return (
        EventFactory(customer=customer, action="northwind.did"),
        EventFactory(customer=other_customer, action="contoso.did"),
    )


def test_a_manager_sees_their_customers_events_only(signed_in, manager, events):
    text = text_of(signed_in(manager).get(reverse(EVENTS)))
    assert "northwind.did" in text
    assert "contoso.did" not in text
    assert "Contoso" not in text


def test_a_lead_can_choose_a_customer(signed_in, lead, events):
    text = text_of(signed_in(lead).get(reverse(EVENTS), {"customer": "contoso"}))
    assert "contoso.did" in text
    assert "northwind.did" not in text


def test_an_event_of_another_manager_is_not_shown(signed_in, manager, events):
    address = reverse("admin:accounts_event_change", args=[events[1].pk])
    assert signed_in(manager).get(address).status_code == 404


def test_an_event_is_shown_and_not_edited(signed_in, operator, events):
    address = reverse("admin:accounts_event_change", args=[events[0].pk])
    client = signed_in(operator)
    assert events[0].hash in text_of(client.get(address))
    assert client.post(address, {"action": "something.else"}).status_code == 403
    assert client.get(reverse("admin:accounts_event_add")).status_code == 403
    delete = reverse("admin:accounts_event_delete", args=[events[0].pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_staff_without_rights_see_no_events(signed_in, staff_without_rights, events):
    assert signed_in(staff_without_rights).get(reverse(EVENTS)).status_code == 403


@pytest.mark.parametrize("page", ["add", "change", "password"])
def test_accounts_are_touched_only_after_a_fresh_second_factor(signed_in, operator, manager, page):
    address = {
        "add": reverse("admin:accounts_user_add"),
        "change": reverse("admin:accounts_user_change", args=[manager.pk]),
        "password": reverse("admin:auth_user_password_change", args=[manager.pk]),
    }[page]
    password = "a long enough phrase"
    sent = {
        "email": "mole@usergems.example",
        "full_name": "Mole",
        "is_superuser": "on",
        "password1": password,
        "password2": password,
    }
    browser = signed_in(operator, fresh=False)
    for answer in (browser.get(address), browser.post(address, sent)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    manager.refresh_from_db()
    assert not manager.is_superuser
    assert not manager.check_password(password)
    assert not User.objects.filter(email="mole@usergems.example").exists()


def test_an_address_that_is_no_account_is_not_found(signed_in, operator):
    for wrong in ("9" * 5000, "9" * 30, "²"):
        address = reverse("admin:accounts_user_change", args=[wrong])
        assert signed_in(operator).get(address).status_code in {302, 404}
