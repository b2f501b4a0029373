"""What the logs of site and worker hold: tracebacks, and no secrets in them."""

import json
import logging

import pytest
import structlog

from portal.celery import logging_keep
from portal.settings.logs import logging_config, secrets_drop


@pytest.fixture
def line():
    """What the site's handler writes for a line of Django's or Celery's own."""
    before = structlog.get_config()
    config = logging_config(debug=False)
    # Loggers that were used already keep their processors; other tests listen to those.
    structlog.configure(**before)
    settings = dict(config["formatters"]["structured"])
    formatter = settings.pop("()")(**settings)

    def write(message, error):
        try:
            raise error
        except type(error) as caught:
            info = (type(caught), caught, caught.__traceback__)
        record = logging.LogRecord("celery.app.trace", 40, "x.py", 1, message, (), info)
        return json.loads(formatter.format(record))

    return write


def test_a_failed_task_leaves_its_traceback(line):
    written = line("Task raised unexpected", ValueError("what went wrong"))
    assert "Traceback" in written["exception"]
    assert "what went wrong" in written["exception"]


def test_a_sign_up_token_in_a_traceback_is_removed(line):
    written = line("Not Found: /signup/s3cret/", ValueError("https://x.example/signup/s3cret/"))
    assert "s3cret" not in json.dumps(written)


def test_secrets_inside_a_mapping_are_removed():
    event = secrets_drop(None, "", {"answer": {"access_token": "00D!AQ", "org_id": "00D"}})
    assert event == {"answer": {"access_token": "[removed]", "org_id": "00D"}}


def test_a_worker_logs_through_the_same_handlers(settings, monkeypatch):
    given = []
    monkeypatch.setattr(logging.config, "dictConfig", given.append)
    logging_keep()
    assert given == [settings.LOGGING]
