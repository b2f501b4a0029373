"""See as the customer, over every address of the site: read as an admin does, send nothing.

The rows are those of the table that names every address (tests/access/table.py), so an address
that is added later is asked here, too.
"""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.see_as import NEVER, NEVER_BEGIN, OWN, OWN_BEGIN, SESSION_KEY
from tests.access.asking import Written, ask
from tests.access.rows import GET, POST, Row
from tests.access.table import PORTAL
from tests.access.world import CONTOSO_MARKS

pytestmark = pytest.mark.django_db

BANNER = "You are looking at the pages of Northwind Traders. Nothing can be changed here."
CUSTOMERS = [row for row in PORTAL if row.label not in OWN and not row.label.startswith(OWN_BEGIN)]
PAGES = [row for row in CUSTOMERS if row.method == GET]
FORMS = [row for row in CUSTOMERS if row.method == POST]


@pytest.fixture(scope="module")
def viewer(world):
    """Northwind's manager, who began to look at Northwind's pages on the desk."""
    client = Client()
    client.cookies["sessionid"] = world.sessions["manager"]
    customer = world.of["customer"]
    client.post(reverse("admin:accounts_customer_see_as", args=[customer.pk]))
    assert SESSION_KEY in client.session
    world.sessions["viewer"] = client.session.session_key
    return "viewer"


def _closed(row: Row) -> bool:
    return row.label in NEVER or row.label.startswith(NEVER_BEGIN)


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_every_page_is_what_an_admin_of_the_customer_reads(row, world, viewer):
    written = Written()
    with connection.execute_wrapper(written):
        got = ask(row, world, viewer)
    expected = "403" if _closed(row) else row.expected()["admin_person"]
    assert (got.short, got.error) == (expected, "")
    assert not written.tables, "looking writes nothing"
    assert not [mark for mark in CONTOSO_MARKS if mark in got.text]
    assert "internal-remark" not in got.text, "notes stay on the desk"
    if "<!doctype html>" in got.text:
        assert BANNER in got.text
        assert "Back to the desk" in got.text


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_every_form_is_refused_and_changes_nothing(row, world, viewer):
    written = Written()
    with connection.execute_wrapper(written):
        got = ask(row, world, viewer)
    assert (got.short, got.error) == ("403", "")
    assert not written.tables
    assert "Nothing can be changed, connected or signed from here" in got.text


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_way_of_asking_gets_through(method, world, viewer):
    client = Client()
    client.cookies["sessionid"] = world.sessions[viewer]
    assert getattr(client, method)(reverse("setup")).status_code == 403


def test_the_desk_and_the_own_pages_stay_the_staff_member_s(world, viewer):
    client = Client()
    client.cookies["sessionid"] = world.sessions[viewer]
    for name in ("admin:index", "usersessions_list", "mfa_index"):
        page = client.get(reverse(name))
        assert page.wsgi_request.user == world.people["manager"], name
        assert BANNER not in page.content.decode(), name
