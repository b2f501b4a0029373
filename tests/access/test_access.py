"""Who × address × what they get, over every address of the site and of the admin.

A new address without a row in `table.py` or `admin_table.py` fails here: the forgotten page is
the leak (style examples, 19).
"""

from collections.abc import Iterator

import pytest

from tests.access.admin_table import ADMIN
from tests.access.asking import Answer, ask, path_for
from tests.access.rows import GET, POST, WORDS, Row
from tests.access.table import PORTAL
from tests.access.urls import addresses
from tests.access.world import CONTOSO_MARKS, NORTHWIND_MARKS, NORTHWIND_ONLY, OUTSIDERS, PEOPLE

# The world is made once and outlives a test: each test is a transaction inside its own.
pytestmark = pytest.mark.django_db

TABLE = [*PORTAL, *ADMIN]
# What is open without signing in: signing in itself, a link's page, the refused callback, switching
# mails off, what a security team asks; and for programs, whom a key lets in.
OPEN = {
    "intake_job_changes",
    "intake_openapi",
    "signup",
    "mail_unsubscribe",
    "security",
    "security_pdf",
    "connect_callback",
    "account_request_login_code",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "mfa_authenticate",
    "admin:login",
    "admin:logout",
}
every_row = pytest.mark.parametrize("row", TABLE, ids=str)


def _may(row: Row, person: str) -> bool:
    """Whether the form is taken from this person: refused in words counts, a sign-in does not."""
    expected = row.expected()[person]
    taken = expected in {"200", "422"} or expected.startswith("302")
    return taken and expected not in {f"302 to {WORDS[way]}" for way in ("in", "door", "staff")}


def _forms() -> list[Row]:
    """Each address that takes a form from anybody, once."""
    forms = [row for row in TABLE if row.method == POST and any(_may(row, who) for who in PEOPLE)]
    return list({row.label: row for row in forms}.values())


def _forms_without_a_page() -> list[Row]:
    pages = {row.label for row in TABLE if row.method == GET}
    return [row for row in _forms() if row.label not in pages]


def test_every_address_is_in_the_table_and_nothing_else():
    on_site = {address.label for address in addresses()}
    in_table = {row.label for row in TABLE}
    missing, gone = sorted(on_site - in_table), sorted(in_table - on_site)
    assert not missing, "Say in tests/access who may open these addresses:\n" + "\n".join(missing)
    assert not gone, "These rows have no address any more:\n" + "\n".join(gone)


def test_two_addresses_never_share_a_label():
    labels = [address.label for address in addresses()]
    assert sorted(labels) == sorted(set(labels))


@every_row
def test_everybody_gets_what_the_table_says_and_nothing_of_anybody_else(row, world):
    """Each person asks once; what is wrong is said by person and address."""
    got = {person: ask(row, world, person) for person in PEOPLE}
    wrong = [
        *_other_than_in_the_table(row, got),
        *_northwind_told_to_outsiders(row, got),
        *_another_customer_told(got),
        *_northwind_changed_by_outsiders(got),
        *_tokens_told(got),
    ]
    assert not wrong, "\n".join([f"{row.method} {path_for(row, world)}", *wrong])


def _other_than_in_the_table(row: Row, got: dict[str, Answer]) -> Iterator[str]:
    for person, expected in row.expected().items():
        if got[person].short != expected:
            told = f"  {person}: expected {expected}, got {got[person].short} {got[person].error}"
            yield told.rstrip()


def _northwind_told_to_outsiders(row: Row, got: dict[str, Answer]) -> Iterator[str]:
    for person in () if row.knows_token else OUTSIDERS:
        for mark in NORTHWIND_MARKS:
            if mark in got[person].text:
                yield f"  {person}, an outsider, reads {mark!r}"


def _another_customer_told(got: dict[str, Answer]) -> Iterator[str]:
    for person in NORTHWIND_ONLY:
        for mark in CONTOSO_MARKS:
            if mark in got[person].text:
                yield f"  {person} reads {mark!r} of another customer"


def _northwind_changed_by_outsiders(got: dict[str, Answer]) -> Iterator[str]:
    for person in OUTSIDERS:
        if got[person].changed:
            yield f"  {person}, an outsider, changes {sorted(got[person].changed)}"


def _tokens_told(got: dict[str, Answer]) -> Iterator[str]:
    for person in PEOPLE:
        for word in ("access-token", "refresh-token"):
            if word in got[person].text:
                yield f"  {person} reads the {word}"


@pytest.mark.parametrize("row", PORTAL, ids=str)
def test_who_left_the_customer_is_an_outsider(row, world):
    got = ask(row, world, "former_colleague")
    assert not [mark for mark in NORTHWIND_MARKS if mark in got.text and not row.knows_token]
    assert not got.changed


@pytest.mark.parametrize("row", _forms(), ids=str)
def test_no_form_is_taken_without_its_csrf_token(row, world):
    person = next(name for name in ("operator", "admin_person", "anonymous") if _may(row, name))
    refused = ask(row, world, person, csrf=True)
    assert (refused.short, refused.changed) == ("403", frozenset()), person


@pytest.mark.parametrize("row", _forms_without_a_page(), ids=str)
def test_what_only_changes_something_cannot_be_opened_by_a_link(row, world):
    person = next(name for name in ("operator", "admin_person") if _may(row, name))
    assert ask(row, world, person, method=GET).short == "405", person


def test_the_table_expects_no_error_and_sends_nobody_without_a_sign_in_anywhere_else():
    for row in TABLE:
        expected = row.expected()
        assert not any(cell.startswith("5") for cell in expected.values()), row
        if row.label not in OPEN:
            doors = {f"302 to {WORDS[way]}" for way in ("in", "door", "staff")}
            assert expected["anonymous"] in doors, row
