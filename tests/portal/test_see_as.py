"""See as the customer: begun on the desk, logged, over in time. Every address: tests/access."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import code_proven_recently, role_at
from accounts.models import Customer, Event, User
from accounts.services import event_record
from portal.see_as import SESSION_KEY, stand_in, viewings_close
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def begin(browser, customer):
    return browser.post(reverse("admin:accounts_customer_see_as", args=[customer.pk]))


def begun_and_ended(customer):
    actions = ("customer.viewed_as", "customer.viewing_ended")
    return [
        (one.action, one.data.get("why"))
        for one in Event.objects.filter(customer=customer, action__in=actions).order_by("sequence")
    ]


BEGUN = ("customer.viewed_as", None)


def ended(why):
    return ("customer.viewing_ended", why)


@pytest.fixture
def maya(customer, manager, signed_in):
    browser = signed_in(manager)
    begin(browser, customer)
    return browser


def test_the_button_on_the_desk_leads_to_the_customer_s_setup_page(customer, manager, signed_in):
    browser = signed_in(manager)
    desk = browser.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
    assert "See as the customer" in desk.content.decode()
    assert begin(browser, customer)["Location"] == reverse("setup")
    page = browser.get(reverse("setup")).content.decode()
    assert "You are looking at the pages of Northwind Traders." in page
    assert manager.email not in page.partition("</header>")[0], "the account menu is not theirs"
    assert begun_and_ended(customer) == [BEGUN]
    event = Event.objects.get(action="customer.viewed_as")
    assert (event.actor, event.side) == (manager, "vendor")


def test_only_staff_who_manage_the_customer_may_look(
    customer, other_manager, staff_without_rights, admin_person, signed_in
):
    Customer.objects.filter(pk=customer.pk).update(implementation_manager=staff_without_rights)
    assert begin(signed_in(other_manager), customer).status_code == 404
    assert begin(signed_in(staff_without_rights), customer).status_code == 403
    assert begin(signed_in(admin_person), customer).status_code == 302  # to signing in
    assert begun_and_ended(customer) == []


def test_it_cannot_be_begun_by_a_link(customer, manager, signed_in):
    address = reverse("admin:accounts_customer_see_as", args=[customer.pk])
    assert signed_in(manager).get(address).status_code == 405


def test_leaving_ends_it_and_leads_to_the_customer_on_the_desk(maya, customer):
    answer = maya.post(reverse("admin:accounts_customer_see_as_end", args=[customer.pk]))
    desk = reverse("admin:accounts_customer_change", args=[customer.pk])
    assert answer["Location"].partition("#")[0] == desk
    assert maya.get(reverse("org_list")).status_code == 404
    assert begun_and_ended(customer) == [BEGUN, ended("left")]


def test_it_is_over_after_an_hour(maya, customer):
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert maya.get(reverse("org_list")).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answer = maya.get(reverse("org_list"), follow=True)
    assert "for an hour: that has ended" in answer.content.decode()
    assert begun_and_ended(customer) == [BEGUN, ended("time")]


def test_a_page_that_asks_for_itself_is_led_away_as_a_whole(maya, customer):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answer = maya.get(reverse("step_list"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("admin:accounts_customer_change", args=[customer.pk])


def test_a_form_of_the_desk_is_not_lost_over_the_end_of_the_hour(maya, customer):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert begin(maya, customer)["Location"] == reverse("setup")
    assert begun_and_ended(customer) == [BEGUN, ended("time"), BEGUN]


def test_signing_out_ends_it(maya, customer):
    maya.post(reverse("account_logout"))
    assert begun_and_ended(customer) == [BEGUN, ended("sign_out")]
    assert SESSION_KEY not in maya.session


@pytest.mark.parametrize("place", ["org_list", "admin:index"])
def test_it_ends_when_the_customer_is_given_to_somebody_else(maya, customer, other_manager, place):
    Customer.objects.filter(pk=customer.pk).update(implementation_manager=other_manager)
    page = maya.get(reverse(place), follow=True).content.decode()
    assert "Northwind" not in page
    assert begun_and_ended(customer) == [BEGUN, ended("lost")]
    assert maya.get(reverse("org_list")).status_code == 404


def test_it_ends_when_the_right_is_taken_away(maya, customer, manager):
    manager.groups.clear()
    assert maya.get(reverse("org_list")).status_code == 302
    assert begun_and_ended(customer) == [BEGUN, ended("lost")]


def test_another_customer_takes_the_place_of_the_first(maya, customer, manager):
    second = CustomerFactory(name="Fabrikam", implementation_manager=manager)
    begin(maya, second)
    assert begun_and_ended(customer) == [BEGUN, ended("left")]
    page = maya.get(reverse("org_list")).content.decode()
    assert "You are looking at the pages of Fabrikam" in page


def test_an_hour_that_passed_in_a_closed_browser_is_recorded_once(maya, customer):
    assert viewings_close() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert viewings_close(dry_run=True) == 1
        assert viewings_close() == 1
        assert viewings_close() == 0
        maya.get(reverse("org_list"))
    assert begun_and_ended(customer) == [BEGUN, ended("time")]


def test_of_two_looks_each_has_its_own_end(maya, customer, manager, signed_in):
    second = signed_in(manager)
    begin(second, customer)
    second.post(reverse("account_logout"))
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert viewings_close() == 1
    assert begun_and_ended(customer) == [BEGUN, BEGUN, ended("sign_out"), ended("time")]


def recorded_by(person, customer):
    with transaction.atomic():
        event_record(customer=customer, action="step.confirmed", by=person, side="customer")
        transaction.get_connection().check_constraints()


def test_the_stand_in_is_nobody_and_can_do_nothing(maya, customer, other_customer):
    request = maya.get(reverse("setup")).wsgi_request
    assert request.user.is_staff, "put back for what comes after the page: logs, caches"
    person = stand_in(customer)
    request.user = person
    assert (role_at(person, customer), role_at(person, other_customer)) == ("admin", None)
    assert not person.is_staff
    assert not person.get_all_permissions()
    assert not code_proven_recently(request)
    with pytest.raises(TypeError):
        person.save()
    with pytest.raises(IntegrityError):
        recorded_by(person, customer)
    assert not User.objects.filter(pk=person.pk).exists()


def test_looking_does_not_have_the_org_asked(maya, customer, monkeypatch):
    from portal.pages import check_note

    asked = []
    monkeypatch.setattr(check_note, "org_check_freshen", lambda *a: asked.append(a))
    maya.get(reverse("go_live"))
    assert asked == []


def test_a_sign_up_link_and_salesforce_stay_closed(maya):
    for name, args in (("signup", ["some-token"]), ("connect_help", ["sandbox"])):
        assert maya.get(reverse(name, args=args)).status_code == 403
