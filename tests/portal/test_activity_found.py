"""Finding what happened: by who, what, where, when and words; as a file; across customers."""

import csv
import datetime
import io
import re

import pytest
import time_machine
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event
from accounts.services import event_record
from tests.factories import (
    CustomerFactory,
    EventFactory,
    JobChangeFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGE, FILE = "/activity/", "/activity.csv"
MOMENT = datetime.datetime(2025, 11, 20, 23, 30, tzinfo=datetime.UTC)


@pytest.fixture
def happened(customer, admin_person, manager):
    """Seven events on two days."""
    avery = JobChangeFactory(customer=customer, first_name="Jordan", last_name="Avery", key="j-1")
    members = admin_person.memberships.get()
    with time_machine.travel(MOMENT, tick=False) as clock:
        for action, by, side, environment, data in (
            ("signup_link.created", manager, "vendor", "sandbox", {"link": 1}),
            ("connection.established", admin_person, "customer", "sandbox", {}),
            ("connection.lost", None, "system", "production", {}),
            ("step.confirmed", admin_person, "customer", "", {"step": "sandbox.layouts"}),
            ("delivery.commented", manager, "vendor", "sandbox", {"delivery": f"{avery.key}:00D1"}),
            ("membership.given", manager, "vendor", "", {"membership": members.pk}),
            ("test_run.sent", manager, "vendor", "sandbox", {"number": 12}),
        ):
            EventFactory(
                customer=customer,
                action=action,
                by=by,
                side=side,
                environment=environment,
                org_id="00D1" if environment == "sandbox" else "",
                data=data,
            )
            clock.shift(datetime.timedelta(minutes=20))


@pytest.fixture
def numbers(client, happened, admin_person):
    """The numbers of the events that are listed."""
    client.force_login(admin_person)

    def ask(**asked):
        answer = client.get(PAGE, asked)
        assert answer.status_code == 200
        return [int(n) for n in re.findall(r'<li id="e(\d+)"', answer.content.decode())]

    return ask


def test_who(numbers, admin_person, manager):
    assert numbers(who=admin_person.pk) == [4, 2]
    assert numbers(who="vendor") == [7, 6, 5, 1]
    assert numbers(who="system") == [3]


def test_what_and_where(numbers):
    assert numbers(kind="access") == [6, 1]
    assert numbers(kind="orgs") == [3, 2]
    assert numbers(environment="production") == [3]
    assert numbers(kind="orgs", environment="sandbox") == [2]


def test_days_are_the_readers(numbers, admin_person):
    # 23:30 UTC is the next day in Berlin already.
    assert numbers(until="2025-11-20") == [2, 1]
    assert numbers(since="2025-11-21") == [7, 6, 5, 4, 3]
    admin_person.time_zone = "Europe/Berlin"
    admin_person.save(update_fields=["time_zone"])
    assert numbers(until="2025-11-20") == []
    assert numbers(since="2025-11-21", until="2025-11-21") == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("stopped working", [3]),
        ("Maya", [7, 6, 5, 1]),
        ("maya sign-up", [1]),
        ("avery", [5]),
        ("Jordan commented", [5]),
        ("priya access", [6]),
        ("12", [7]),
        ("layouts", []),
        ("pages", [4]),
        ("production", [3]),
        ("usergems link", [1]),
        ("nothing of the kind", []),
        ("100%_", []),
    ],
)
def test_words_are_those_of_the_line(numbers, words, found):
    assert numbers(q=words) == found


def test_what_makes_no_sense_is_said_and_left_out(numbers, client):
    assert len(numbers(since="yesterday", who="nobody", kind="no", page="x")) == 7
    text = client.get(PAGE, {"since": "0001-01-01", "until": "9999-12-31"}).content.decode()
    assert text.count("errorlist") == 2


def test_the_address_keeps_what_is_looked_for(numbers, client):
    text = client.get(PAGE, {"q": "Maya", "kind": "tests"}).content.decode()
    assert 'value="Maya"' in text
    assert '<option value="tests" selected>' in text
    assert "/activity.csv?q=Maya&amp;kind=tests" in text


def test_nothing_found_leads_back_to_everything(numbers, client):
    assert "Nothing like that happened" in client.get(PAGE, {"q": "zebra"}).content.decode()


def test_a_link_to_one_entry_opens_the_page_it_is_on(client, customer, admin_person):
    for _number in range(120):
        EventFactory(customer=customer, action="connection.lost")
    client.force_login(admin_person)
    text = client.get(PAGE, {"event": 15}).content.decode()
    assert "101 to 120 of 120" in text
    assert '<li id="e15" class="current">' in text
    assert 'href="?event=16#e16"' in text
    assert "1 to 50 of 120" in client.get(PAGE, {"event": "x"}).content.decode()


def rows_of(answer) -> list[list[str]]:
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_file_has_what_the_page_has(numbers, client, customer, admin_person, manager):
    answer = client.get(FILE, {"q": "Maya"})
    assert 'filename="northwind-activity-' in answer["Content-Disposition"]
    head, *rows = rows_of(answer)
    assert [row[1] for row in rows] == ["7", "6", "5", "1"]
    assert rows[-1][3:7] == [
        *("2025-11-20 23:30:00", "Maya Rao", "Anybody of UserGems"),
        "Maya Rao sent a sign-up link for the sandbox",
    ]
    assert dict(zip(head, rows[-1], strict=True))["Hash"] == Event.objects.get(sequence=1).hash


def test_times_in_the_file_are_the_readers(client, customer, admin_person):
    admin_person.time_zone = "Asia/Tokyo"
    admin_person.save(update_fields=["time_zone"])
    client.force_login(admin_person)
    event_record(customer=customer, action="step.confirmed", by=admin_person, side="customer")
    # Read to its end only after the answer, as a server does.
    answer = client.get(reverse("activity_csv"))
    assert "+09:00" in b"".join(answer.streaming_content).decode()


def test_a_name_that_a_spreadsheet_would_run_is_made_safe(client, customer, admin_person):
    admin_person.full_name = '=HYPERLINK("http://evil.example")'
    admin_person.save(update_fields=["full_name"])
    EventFactory(customer=customer, action="connection.established", by=admin_person)
    client.force_login(admin_person)
    (row,) = rows_of(client.get(FILE))[1:]
    assert row[4] == '\'=HYPERLINK("http://evil.example")'
    assert row[6].startswith("'=HYPERLINK")


def test_queries_do_not_grow_with_what_happened(customer, admin_person, manager, signed_in):
    browser = signed_in(admin_person)

    def count() -> int:
        with CaptureQueriesContext(
            database,
        ) as queries:
            browser.get(PAGE, {"q": "o"})
        return len(queries)

    def happen(number):
        key = JobChangeFactory(customer=customer).key
        person = UserFactory()
        member = MembershipFactory(customer=customer, user=person)
        EventFactory(
            customer=customer, action="delivery.commented", by=person, data={"delivery": f"{key}:1"}
        )
        EventFactory(customer=customer, action="membership.given", data={"membership": member.pk})
        EventFactory(customer=customer, action="test_run.sent", data={"test_run": number})

    happen(1)
    browser.get(PAGE)
    before = count()
    for number in range(2, 20):
        happen(number)
    assert count() == before


class TestDesk:
    def test_a_manager_reads_all_of_their_customers_and_no_others(
        self, happened, customer, other_customer, manager, lead, signed_in
    ):
        mine = CustomerFactory(name="Fabrikam", implementation_manager=manager)
        EventFactory(customer=mine, action="note.added", by=manager, side="vendor")
        EventFactory(customer=other_customer, action="connection.lost")
        address = reverse("admin:accounts_customer_activity_all")
        text = signed_in(manager).get(address).content.decode()
        assert "Northwind Traders</a>: Maya Rao sent test 12" in text
        assert "Fabrikam</a>: Maya Rao wrote an internal note" in text
        assert "Contoso" not in text
        assert reverse("admin:accounts_customer_activity", args=[mine.pk]) + "?event=1#e1" in text
        assert "Contoso" in signed_in(lead).get(address).content.decode()
        found = signed_in(manager).get(address, {"q": "fabrikam note"}).content.decode()
        assert "Northwind" not in found
        rows = rows_of(signed_in(manager).get(f"{address[:-1]}.csv"))
        assert {row[0] for row in rows[1:]} == {"Northwind Traders", "Fabrikam"}

    def test_one_customers_list_has_what_staff_do_among_themselves(
        self, customer, admin_person, manager, signed_in
    ):
        EventFactory(customer=customer, action="note.added", by=manager, side="vendor")
        address = reverse("admin:accounts_customer_activity", args=[customer.pk])
        assert "internal note" in signed_in(manager).get(address).content.decode()
        browser = signed_in(admin_person)
        assert "internal note" not in browser.get(PAGE).content.decode()
        assert len(rows_of(browser.get(FILE))) == 1

    def test_only_the_newest_of_very_many_are_paged_through(
        self, customer, manager, signed_in, monkeypatch
    ):
        monkeypatch.setattr("portal.managers.activity.MOST_LISTED", 2)
        for _number in range(3):
            EventFactory(customer=customer, action="connection.lost")
        address = reverse("admin:accounts_customer_activity_all")
        text = signed_in(manager).get(address).content.decode()
        assert text.count("stopped working") == 2
        assert "Only the newest" in text
