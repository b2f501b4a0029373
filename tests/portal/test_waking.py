"""With the broker away a click still counts: the sweep finds the work later."""

import pytest
from django.urls import reverse
from kombu.exceptions import OperationalError

from integrations import tasks
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker_away(monkeypatch):
    def refuse(*_ids):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.org_facts_refresh, "delay", refuse)


def test_checking_again_says_that_it_happens_later(client, customer, admin_person, broker_away):
    ConnectionFactory(customer=customer)
    client.force_login(admin_person)
    answer = client.post(reverse("step_check", args=["sandbox.package"]), follow=True)
    assert answer.status_code == 200
    assert "It is asked again within minutes." in answer.content.decode()
