"""The portal's worker that dies at a named point of the protocol, without goodbye.

`celery -A tests.jobchanges.killable worker` with `CHAOS_POINT` in its environment: when the worker
first comes to that point, it and all its children are killed with SIGKILL.
"""

import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import django
from celery.signals import worker_init

from portal.celery import app

# Named point of the protocol → the function of jobchanges.delivery that it is about to enter; one
# that ends in "!" has returned.
POINTS: Final = {
    "claimed": "worker.matches_find",
    "matched": "worker.plans_make",
    "planned": "writing.attempts_store",
    "attempts stored": "writing.graph_make",
    "answered": "writing.answers_take",
    "recorded": "writing.gather",
    "about to be read back": "gathered.read_back",
    "read back": "gathered.read_back!",
}
SMALL_GROUP = 10

__all__ = ["POINTS", "app", "stop_at"]


def stop_at(point: str, stop: Callable[[], Any]) -> None:
    """Have `stop` called when `module.function` of jobchanges.delivery is entered; "!": has ended.

    Raises AttributeError where there is no such function.
    """
    module_name, _, name = point.removesuffix("!").rpartition(".")
    module = import_module(f"jobchanges.delivery.{module_name}")
    original = getattr(module, name)

    def stopping(*arguments: Any, **options: Any) -> Any:
        if not point.endswith("!"):
            stop()
        answer = original(*arguments, **options)
        stop()
        return answer

    setattr(module, name, stopping)


def _die() -> None:
    os.killpg(0, signal.SIGKILL)


@worker_init.connect
def prepare_to_die(**_kwargs: Any) -> None:
    """Before the children are made: they inherit it."""
    if point := os.environ.get("CHAOS_POINT"):
        django.setup()
        # One small group a visit: however fast this machine is, each point is come to long before
        # everything is sent.
        worker: Any = import_module("jobchanges.delivery.worker")
        worker.LONGEST_VISIT = 0.0
        leases: Any = import_module("jobchanges.delivery.leases")
        leases.LARGEST_GROUP = SMALL_GROUP
        stop_at(POINTS[point], _die)
