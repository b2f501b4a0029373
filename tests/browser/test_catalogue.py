"""Every page of the site in Chromium: axe, 320 px, layout shift, budgets, nothing from elsewhere.

Here each address of the access table that shows somebody a page; `test_catalogue_states.py` has
the states beyond. `CATALOGUE_PICTURES=folder` keeps a picture of each.
"""

import pytest
from django.db import connection
from django.test import Client

from tests.access.asking import own_transaction, path_for
from tests.access.conftest import closed_host, world  # noqa: F401 (fixtures)
from tests.access.rows import GET, Row
from tests.access.test_access import TABLE
from tests.access.urls import addresses
from tests.browser.catalogue import NO_PAGE, STATES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

READERS = ("admin_person", "manager", "lead", "operator", "anonymous")


def reader_of(row: Row) -> str | None:
    """The first person to whom the row shows something."""
    expected = row.expected()
    return next((person for person in READERS if expected[person] == "200"), None)


SHOWN = [row for row in TABLE if row.method == GET and reader_of(row) and row.label not in NO_PAGE]


def test_every_address_that_shows_a_page_is_in_the_catalogue():
    labels = {address.label for address in addresses()}
    looked_at = {row.label for row in SHOWN} | {
        page.label for state in STATES for page in state.pages
    }
    may_show = {row.label for row in TABLE if row.method == GET and not only_refuses(row)}
    missing = sorted((may_show & labels) - looked_at - NO_PAGE)
    assert not missing, "Which state shows them (tests/browser/catalogue.py)?\n" + "\n".join(
        missing
    )
    assert not NO_PAGE - labels, f"No address any more: {sorted(NO_PAGE - labels)}"


def only_refuses(row: Row) -> bool:
    """Whether the address is closed to all who ask, or is Django's second name for a page."""
    shown = {cell for person, cell in row.expected().items() if person in READERS[:-1]}
    refused = {cell for cell in shown if cell in {"403", "404", "405"} or cell.endswith(":login")}
    return shown == refused or row.label.startswith("/admin/")


@pytest.mark.parametrize("row", SHOWN, ids=str)
def test_a_page_is_as_it_should_be(row, world, looker):  # noqa: F811
    client = Client()
    person = reader_of(row)
    if person in world.sessions:
        client.cookies["sessionid"] = world.sessions[person]
    with own_transaction():
        looker.look(f"{row} as {person}", client, path_for(row, world))
        connection.set_rollback(True)
    assert not looker.problems, looker.told()
