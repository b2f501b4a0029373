"""Probes of the site: what they say, and that each part failing for real is seen."""

import datetime
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from portal.heartbeats import heartbeat_record
from portal.models import Heartbeat
from portal.tasks import heartbeat
from tests.servers import free_port, valkey

ROOT = Path(__file__).resolve().parents[2]


def asked(client: Client):
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["parts"]


@pytest.fixture
def worker_alive(db):
    heartbeat_record()


@pytest.mark.parametrize("method", ["get", "head"])
def test_live_asks_no_database(client, method):
    assert getattr(client, method)("/health/live").status_code == 200


def test_live_and_ready_need_no_host_name_and_no_https(client, settings, worker_alive):
    settings.ALLOWED_HOSTS = ["onboarding.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/health/live", "/health/ready"):
        answer = client.get(path, headers={"host": "10.1.2.3:8000"})
        assert answer.status_code == 200, path


def test_ready_costs_one_query_and_no_session(
    client, worker_alive, admin_person, signed_in, django_assert_num_queries
):
    browser = signed_in(admin_person)
    with django_assert_num_queries(1):
        answer = browser.get("/health/ready")
    assert "Vary" not in answer.headers
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_a_probe_is_only_read(client):
    assert client.post("/health/ready").status_code == 405


def test_ready_when_database_broker_and_worker_answer(client, worker_alive):
    status, parts = asked(client)
    assert status == 200
    assert {name: part["ok"] for name, part in parts.items()} == {
        "database": True,
        "broker": True,
        "worker": True,
    }


def test_not_ready_before_any_worker_reported(client, db):
    status, parts = asked(client)
    assert status == 503
    assert parts["worker"] == {"ok": False, "state": "no worker has reported yet"}


@pytest.mark.parametrize(("seconds", "status"), [(119, 200), (121, 503)])
def test_a_worker_is_late_after_the_seconds_of_the_setting(client, worker_alive, seconds, status):
    at = timezone.now() - datetime.timedelta(seconds=seconds)
    Heartbeat.objects.update(at=at)
    found, parts = asked(client)
    assert found == status
    assert "last heard of" in parts["worker"]["state"]


def test_a_broker_that_nobody_listens_at_is_said(client, settings, worker_alive):
    settings.BROKER_URL = f"redis://:s3cret@127.0.0.1:{free_port()}/0"
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == {"ok": False, "state": "does not answer"}
    assert "s3cret" not in answer.text


@pytest.mark.servers
def test_a_real_broker_answers(client, settings, worker_alive):
    with valkey() as settings.BROKER_URL:
        patience = iter(range(100))
        while not asked(client)[1]["broker"]["ok"] and next(patience, None) is not None:
            threading.Event().wait(0.2)  # it takes a moment to listen
        assert asked(client)[0] == 200
    assert asked(client)[1]["broker"]["ok"] is False


@pytest.mark.servers  # starts a process of its own
@pytest.mark.parametrize(
    "address",
    ["postgres://portal:s3cret@127.0.0.1:{port}/portal", "sqlite:///{folder}/missing/db.sqlite3"],
)
def test_a_database_that_does_not_answer_is_said(tmp_path, address):
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "live = Client().get('/health/live').status_code\n"
        "answer = Client().get('/health/ready')\n"
        "import json; print(json.dumps([live, answer.status_code, answer.json()['parts']]))\n"
    )
    address = address.format(port=free_port(), folder=tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    live, ready, parts = json.loads(done.stdout)
    assert (live, ready) == (200, 503)
    assert parts["database"]["ok"] is False
    assert "not known" in parts["worker"]["state"]
    assert "s3cret" not in done.stdout + done.stderr


def test_a_heartbeat_is_one_row_whoever_writes_it(db):
    heartbeat.delay()
    heartbeat.delay()
    assert Heartbeat.objects.count() == 1


def test_the_scheduler_sends_the_heartbeat_often_enough(settings):
    every = settings.CELERY_BEAT_SCHEDULE["heartbeat"]["schedule"]
    assert every * 2 < settings.HEARTBEAT_SECONDS_LATE
