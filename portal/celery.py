"""The Celery application. Tasks are wake-up calls: the database is the queue."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
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
