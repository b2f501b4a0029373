"""With the broker away a click still counts: the sweep finds the work later."""

import pytest
from django.urls import reverse
from kombu.exceptions import OperationalError

from integrations import tasks
from integrations.models import CheckRun
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker_away(monkeypatch):
    def refuse(*_ids):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.check_run, "delay", refuse)


def test_checking_again_waits_for_the_sweep(
    client, customer, admin_person, broker_away, django_capture_on_commit_callbacks
):
    ConnectionFactory(customer=customer)
    client.force_login(admin_person)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        answer = client.post(reverse("step_check", args=["sandbox.package"]))
    assert callbacks
    assert answer.status_code == 302
    assert CheckRun.objects.get().state == CheckRun.State.WAITING
