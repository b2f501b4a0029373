"""Limits on sign-in are counted in a real Redis-speaking server, shared by every process."""

import os

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

SERVER = os.environ.get("TEST_BROKER_URL", "")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.servers,
    pytest.mark.skipif(not SERVER, reason="no server given: run by `python -m tests.servers`"),
]


@pytest.fixture
def shared_cache(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "portal.caches.ForgivingRedisCache",
            "LOCATION": SERVER.removesuffix("/0") + "/5",
        }
    }
    cache.clear()
    yield
    cache.clear()


def ask(client: Client) -> str:
    address = reverse("account_request_login_code")
    answer = client.post(address, {"email": "priya.shah@northwind.example"}, follow=True)
    return answer.content.decode()


def test_asking_for_codes_from_several_browsers_meets_one_limit(
    shared_cache, admin_person, mailoutbox
):
    for _ in range(10):
        ask(Client())
    mailed = len(mailoutbox)
    assert 0 < mailed < 10
    cache.clear()
    ask(Client())
    assert len(mailoutbox) == mailed + 1
