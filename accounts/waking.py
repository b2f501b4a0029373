"""Waking workers up. The database is the queue: a broker that is away loses nothing."""

from typing import Any

import structlog
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def task_wake(task: Any, *ids: int) -> bool:
    """Ask a worker to look at these rows now. Returns whether the broker took the call.

    Without the broker the work waits for the sweep, and the person's click has still counted:
    their page must not fail after the change was committed.
    """
    try:
        task.delay(*ids)
    except OperationalError:
        log.exception("worker_not_woken", task=task.name)
        return False
    return True
