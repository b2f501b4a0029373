"""A connected org with answers to its checks, for the tests of the pages that show them."""

import pytest

from integrations.models import CheckResult, CheckRun
from tests.factories import ConnectionFactory, org_checked
from tests.portal.checks_world import SANDBOX, words


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(
        customer=customer,
        connected_by=admin_person,
        checked=True,
        epoch__name="Northwind (full copy)",
        epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
    )


@pytest.fixture
def epoch(connected):
    return connected.epoch


@pytest.fixture
def found(epoch):
    """Say what the org answers to some checks; the others are right."""

    def find(**answers):
        CheckResult.objects.filter(epoch=epoch).delete()
        CheckRun.objects.filter(epoch=epoch).delete()
        return org_checked(epoch, **answers)

    return find


@pytest.fixture
def woken(monkeypatch):
    """Which runs the worker was told about."""
    from integrations import tasks

    told = []
    monkeypatch.setattr(tasks.check_run, "delay", told.append)
    return told


@pytest.fixture
def read(signed_in):
    """A page as somebody reads it, in words only."""

    def open_page(person, address=SANDBOX):
        answer = signed_in(person).get(address)
        assert answer.status_code == 200, address
        return words(answer)

    return open_page
