"""The demo's addresses: there only with DEMO, and open to everybody there."""

import importlib.util

import pytest
from django.core import mail

import portal.urls
from portal.mail.mailbox import mails_list
from tests.access.asking import ask
from tests.access.table import DEMO
from tests.access.urls import addresses
from tests.access.world import PEOPLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_site(settings, tmp_path):
    """The site's addresses as they are read with DEMO, in a module of their own."""
    settings.DEMO = True
    settings.DEMO_MAILBOX_DIR = tmp_path / "mail"
    spec = importlib.util.spec_from_file_location("demo_urls", portal.urls.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    settings.ROOT_URLCONF = module
    return module


@pytest.fixture
def in_the_mailbox(demo_site, world):
    """One mail, so that its addresses exist."""
    message = mail.EmailMultiAlternatives("Code", "ABCD-EFGH", to=["priya@northwind.example"])
    message.attach_alternative("<p>ABCD-EFGH</p>", "text/html")
    with mail.get_connection("portal.mail.mailbox.MailboxBackend") as connection:
        connection.send_messages([message])
    world.of["mail"] = mails_list()[0].name


def labels(site=None) -> set[str]:
    return {address.label for address in addresses(site)}


def test_the_demo_adds_exactly_the_addresses_of_its_rows(demo_site):
    added = labels(demo_site) - labels(portal.urls)
    assert added == {row.label for row in DEMO}


def test_outside_the_demo_there_is_no_mailbox(client):
    assert client.get("/demo/mail/").status_code == 404


@pytest.mark.parametrize("row", DEMO, ids=str)
def test_everybody_reads_the_demos_mails(row, world, in_the_mailbox):
    got = {person: ask(row, world, person).short for person in PEOPLE}
    assert got == row.expected()
