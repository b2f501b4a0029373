"""The desk with many customers: what waits on whom, filters, search, order, giving them away."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Event
from portal.models import Standing
from portal.standing import standings_refresh
from tests.factories import (
    ConnectionFactory,
    CustomerFactory,
    MembershipFactory,
    SignupLinkFactory,
    UserFactory,
)
from tests.portal.live import daily, went_live

pytestmark = pytest.mark.django_db

HOME, LIST = "/admin/", "/admin/accounts/customer/"
ASSIGN = "/admin/accounts/customer/assign/"


@pytest.fixture
def day():
    return timedelta(days=1)


@pytest.fixture
def made(manager, day):
    """Customers of Maya's in as many situations, by name."""

    def make(name, **values):
        return CustomerFactory(name=name, implementation_manager=manager, **values)

    today = timezone.localdate()
    waits = make("Adventure Works", planned_go_live=today + 30 * day)
    late = make("Blue Yonder", planned_go_live=today - 3 * day, path="production_only")
    theirs = make("Coho Winery", plan="growth", path="production_only")
    SignupLinkFactory(customer=theirs, environment="production", created_at=timezone.now() - day)
    long = make("Datum", created_at=timezone.now() - 20 * day)
    SignupLinkFactory(customer=long, created_at=timezone.now() - 20 * day)
    held = make("Electra", hold_reason="Change board")
    return {one.name: one for one in (waits, late, theirs, long, held)}


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def listed(answer) -> list[str]:
    """The customers of the list, in its order."""
    table = answer.content.decode().split("<tbody>")[-1].split("</tbody>")[0]
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', table)


def waiting(answer) -> str:
    """What stands under Waiting on me."""
    page = words(answer)
    return page.split('id="waiting"')[1].split("</section>")[0] if 'id="waiting"' in page else ""


# Waiting on me ---------------------------------------------------------------------------------


def test_the_home_opens_on_what_waits_on_the_reader_with_what_to_press(made, manager, signed_in):
    answer = signed_in(manager).get(HOME)
    part = waiting(answer)
    assert "Adventure Works" in part
    assert "Blue Yonder" in part
    assert "Overdue" in part
    for other in ("Coho Winery", "Datum", "Electra"):
        assert other not in part
    link = reverse("admin:accounts_customer_link_send", args=[made["Adventure Works"].pk])
    assert f'href="{link}?environment=sandbox"' in part
    assert words(answer).index('id="waiting"') < words(answer).index("All my customers")


def test_nothing_waiting_is_said_and_the_customers_follow(manager, signed_in):
    theirs = CustomerFactory(implementation_manager=manager, name="Coho Winery")
    SignupLinkFactory(customer=theirs)
    answer = signed_in(manager).get(HOME)
    assert "Nothing waits on you." in waiting(answer)
    assert listed(answer) == ["Coho Winery"]


def test_more_than_a_few_waiting_are_a_click_away(manager, signed_in):
    CustomerFactory.create_batch(10, implementation_manager=manager)
    browser = signed_in(manager)
    assert "Show all 10 that wait on you" in waiting(browser.get(HOME))
    answer = browser.get(f"{HOME}?show=me")
    assert len(listed(answer)) == 10
    assert waiting(answer) == ""


def test_each_reader_sees_what_waits_on_them_and_no_more(
    made, manager, other_manager, lead, operator, signed_in
):
    CustomerFactory(name="Fabrikam", implementation_manager=other_manager)
    CustomerFactory(name="Nobody's Own", implementation_manager=None)
    CustomerFactory(name="Lead's Own", implementation_manager=lead)
    seen = {
        person.full_name: (waiting(answer), listed(answer))
        for person in (manager, other_manager, lead, operator)
        for answer in [signed_in(person).get(HOME)]
    }
    assert "Fabrikam" in seen["Otto Berg"][0]
    assert seen["Otto Berg"][1] == ["Fabrikam"]
    assert "Fabrikam" not in seen["Maya Rao"][1]
    assert len(seen["Lena Ortiz"][1]) == len(seen["Omar Ops"][1]) == 8
    assert "Nobody&#x27;s Own" in seen["Lena Ortiz"][0]
    assert "Give it to a manager" in seen["Lena Ortiz"][0]
    assert "Lead&#x27;s Own" in seen["Lena Ortiz"][0]
    assert "Fabrikam" not in seen["Lena Ortiz"][0]
    assert "Nobody&#x27;s Own" in seen["Omar Ops"][0]
    assert "Lead&#x27;s Own" not in seen["Omar Ops"][0]


def test_a_live_customer_whose_new_job_changes_wait_is_somebody_s_turn(
    customer, admin_person, manager, signed_in
):
    went_live(customer, admin_person)
    row = daily(customer, admin_person)
    browser = signed_in(manager)
    assert "Nothing waits on you." in waiting(browser.get(HOME))
    assert listed(browser.get(f"{HOME}?show=live")) == ["Northwind Traders"]
    type(row).objects.filter(pk=row.pk).update(
        held_reason="What was signed has changed.",
        held_turn="both",
        held_since=timezone.now(),
    )
    Standing.objects.update(stale=True)
    answer = browser.get(HOME)
    assert "New job changes wait" in waiting(answer)
    assert "What was signed has changed." in words(answer)
    assert "Your turn" in words(answer)


# The list --------------------------------------------------------------------------------------


def test_stuck_stands_first_then_overdue_then_ours_then_the_longest(made, manager, signed_in):
    answer = signed_in(manager).get(HOME)
    assert listed(answer) == ["Electra", "Datum", "Blue Yonder", "Adventure Works", "Coho Winery"]
    page = words(answer)
    assert "Nothing has happened for 20 days" in page
    assert "On hold: Change board" in page
    assert "not planned" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("show=me", ["Blue Yonder", "Adventure Works"]),
        ("show=stuck", ["Electra", "Datum"]),
        ("show=overdue", ["Blue Yonder"]),
        ("show=live", []),
        ("turn=customer", ["Datum", "Coho Winery"]),
        ("turn=vendor&show=stuck", ["Electra"]),
        ("stage=production", ["Blue Yonder", "Coho Winery"]),
        ("plan=growth", ["Coho Winery"]),
        ("q=coho", ["Coho Winery"]),
        ("sort=name&plan=enterprise", ["Adventure Works", "Blue Yonder", "Datum", "Electra"]),
        ("sort=go_live&turn=vendor", ["Blue Yonder", "Adventure Works", "Electra"]),
        ("show=nonsense&stage=x&manager=y&sort=z&turn=1&page=-4&plan=+&q=+", None),
    ],
)
def test_the_list_is_narrowed_and_sorted(made, manager, signed_in, query, names):
    answer = signed_in(manager).get(f"{HOME}?{query}")
    assert answer.status_code == 200
    assert sorted(listed(answer)) == sorted(made) if names is None else listed(answer) == names


def test_a_customer_is_found_by_a_person_s_address_also_of_one_only_invited(
    made, manager, signed_in
):
    person = UserFactory(email="jan.kos@datum.example", full_name="Jan Kos")
    MembershipFactory(customer=made["Datum"], user=person)
    SignupLinkFactory(customer=made["Electra"], email="mei@electra.example", person_name="Mei Lin")
    browser = signed_in(manager)
    assert listed(browser.get(f"{HOME}?q=jan.kos@")) == ["Datum"]
    assert listed(browser.get(f"{HOME}?q=mei+lin")) == ["Electra"]
    answer = browser.get(f"{HOME}?q=<nobody>")
    assert "No customer fits" in words(answer)
    assert "“&lt;nobody&gt;”" in words(answer)


def test_tabs_count_what_the_filters_leave_and_keep_them(made, manager, signed_in):
    page = words(signed_in(manager).get(f"{HOME}?stage=sandbox&show=stuck"))
    assert 'href="?stage=sandbox&amp;show=me"' in page
    for tab, count in (("All", 3), ("Waiting on me", 1), ("Stuck", 2), ("Overdue", 0)):
        assert f'{tab} <span class="num">{count}</span>' in page


def test_only_who_sees_everybody_s_customers_may_ask_for_a_manager_s(
    made, manager, other_manager, lead, signed_in
):
    CustomerFactory(name="Fabrikam", implementation_manager=other_manager)
    query = f"{HOME}?manager={other_manager.pk}"
    assert listed(signed_in(lead).get(query)) == ["Fabrikam"]
    answer = signed_in(manager).get(query)
    assert "Fabrikam" not in words(answer)
    assert "Otto Berg" not in words(answer)


@pytest.mark.parametrize("show", ["me", "stuck", "overdue", "live", "unassigned"])
def test_an_empty_tab_says_why_and_leads_to_all(lead, manager, signed_in, show):
    SignupLinkFactory(customer=CustomerFactory(implementation_manager=manager))
    page = words(signed_in(lead).get(f"{HOME}?show={show}"))
    assert '<div class="empty">' in page
    assert "Show all customers" in page


def test_what_changed_without_an_event_is_right_on_the_page_and_then_in_the_order(
    made, manager, signed_in
):
    browser = signed_in(manager)
    browser.get(HOME)
    SignupLinkFactory(customer=made["Adventure Works"])
    answer = browser.get(f"{HOME}?q=adventure")
    assert "Your turn" not in words(answer).split("<tbody>")[1]
    assert "Adventure Works" in listed(browser.get(f"{HOME}?turn=customer"))


def test_two_hundred_customers_take_as_many_queries_as_twenty(
    manager, signed_in, django_assert_max_num_queries
):
    browser = signed_in(manager)

    def make(count):
        for customer in CustomerFactory.create_batch(count, implementation_manager=manager):
            SignupLinkFactory(customer=customer)
            if customer.pk % 10 == 0:
                ConnectionFactory(customer=customer)
        standings_refresh(Customer.objects.all())

    make(20)
    browser.get(HOME)
    with django_assert_max_num_queries(60) as few:
        browser.get(HOME)
    make(180)
    with django_assert_max_num_queries(len(few)):
        answer = browser.get(HOME)
    assert len(listed(answer)) == 50


# Giving customers to a manager -------------------------------------------------------------------


def test_a_lead_gives_several_to_a_manager_on_a_page_that_names_them(
    made, manager, other_manager, lead, signed_in
):
    browser = signed_in(lead)
    picked = [made["Datum"].pk, made["Electra"].pk]
    page = words(browser.post(LIST, {"action": "give_to_manager", "_selected_action": picked}))
    assert "2 customers get another manager." in page
    assert "Datum" in page
    assert "Maya Rao" in page
    assert "Coho Winery" not in page

    refused = browser.post(ASSIGN, {"pick": picked})
    assert refused.status_code == 422
    assert "Choose who takes them." in words(refused)

    answer = browser.post(ASSIGN, {"pick": picked, "manager": other_manager.pk}, follow=True)
    assert "2 customers are Otto Berg’s now." in words(answer)
    assert set(other_manager.managed_customers.all()) == {made["Datum"], made["Electra"]}
    events = Event.objects.filter(action="customer.assigned")
    assert {(event.actor, event.data["manager"]) for event in events} == {(lead, other_manager.pk)}
    assert events.count() == 2

    again = browser.post(ASSIGN, {"pick": picked, "manager": other_manager.pk}, follow=True)
    assert "Otto Berg had them already" in words(again)
    assert Event.objects.filter(action="customer.assigned").count() == 2


def test_a_manager_gives_nothing_away(made, manager, other_manager, signed_in):
    browser = signed_in(manager)
    assert browser.get(f"{ASSIGN}?pick={made['Datum'].pk}").status_code == 403
    sent = {"pick": made["Datum"].pk, "manager": other_manager.pk}
    assert browser.post(ASSIGN, sent).status_code == 403
    assert "give_to_manager" not in browser.get(LIST).content.decode()
    browser.post(LIST, {"action": "give_to_manager", "_selected_action": made["Datum"].pk})
    assert not other_manager.managed_customers.exists()


def test_customers_are_given_to_staff_only(made, lead, admin_person, signed_in):
    browser = signed_in(lead)
    answer = browser.post(ASSIGN, {"pick": made["Datum"].pk, "manager": admin_person.pk})
    assert answer.status_code == 422
    answer = browser.post(ASSIGN, {"pick": ["", "x", "99999"]}, follow=True)
    assert "nothing was changed" in words(answer)


@pytest.mark.parametrize("query", ["stage=live", "turn=nobody", "still=stuck", "still=overdue"])
def test_the_admin_s_list_has_the_same_filters(made, lead, signed_in, query):
    assert signed_in(lead).get(f"{LIST}?{query}").status_code == 200


def test_the_admin_s_list_finds_who_is_overdue(made, lead, signed_in):
    signed_in(lead).get(HOME)
    page = words(signed_in(lead).get(f"{LIST}?still=overdue"))
    assert "Blue Yonder" in page
    assert "Datum" not in page
