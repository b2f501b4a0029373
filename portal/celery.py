"""The Celery application. Tasks are wake-up calls: the database is the queue."""

import logging.config
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Task and request ids on every line of a worker.
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def logging_keep(**_kwargs: Any) -> None:
    """Log as the site does; by itself Celery would replace the handlers with its own."""
    from django.conf import settings  # not before the settings are chosen

    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def settings_check(**_kwargs: Any) -> None:
    """Refuse to start on wrong settings, as the site does (portal/wsgi.py).

    Celery runs Django's checks by itself and does nothing about what they find; and it swallows
    what a receiver raises, unless it ends the process.
    """
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    try:
        call_command("check", fail_level="ERROR")
    except SystemCheckError as problems:
        sys.stderr.write(f"{problems}\n")
        sys.exit(1)


@worker_ready.connect
def heartbeat_begin(sender: Any, **_kwargs: Any) -> None:
    """Give a sign of life at once; the scheduler's next one may be half a minute away."""
    sender.app.send_task("portal.tasks.heartbeat")
