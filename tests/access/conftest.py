"""One world for all rows: built once, put back after every question."""

import socket

import pytest
from django.db import transaction
from django.test import override_settings

from integrations.salesforce import door
from tests.access.asking import own_transaction
from tests.access.world import World

DAY = 24 * 60 * 60


@pytest.fixture(scope="package")
def closed_host():
    """An address on this machine where nobody listens: no row may need Salesforce's answer."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, closed_host):
    settings = override_settings(
        SALESFORCE_SANDBOX_LOGIN_URL=closed_host,
        SALESFORCE_PRODUCTION_LOGIN_URL=closed_host,
        SALESFORCE_CONNECT_TIMEOUT=0.5,
        SALESFORCE_READ_TIMEOUT=0.5,
        SALESFORCE_WRITE_TIMEOUT=0.5,
        # Everybody has proven themselves once, for as long as the rows take.
        CODE_FRESH_SECONDS=DAY,
        ACCOUNT_REAUTHENTICATION_TIMEOUT=DAY,
    )
    with pytest.MonkeyPatch.context() as patch, settings:
        # Nobody will answer at the second try either, and the tries are seconds apart.
        patch.setattr(door, "READ_REPEATS", 0)
        with django_db_blocker.unblock(), own_transaction():
            yield World(closed_host)
            transaction.set_rollback(True)
