"""When PostgreSQL ends one of two transactions that wait for each other, the click is repeated.

The order of locks is run, batch, delivery, allowance, customer (every event locks the customer).
What begins at the customer, as connecting does, may meet it from the other side.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, transaction

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3
DEADLOCK_DETECTED = "40P01"  # PostgreSQL manual, appendix A


def deadlock_retried(function: Callable[P, R]) -> Callable[P, R]:
    """Call again what was rolled back as the loser of a deadlock, up to three times in all.

    For a service that is one transaction, or begins by looking where it stands. Inside somebody
    else's transaction the error goes on: only the whole can be repeated.
    """

    @functools.wraps(function)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        tries = 1
        while True:
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                inside = transaction.get_connection().in_atomic_block
                if tries == TRIES or inside or not is_deadlock(error):
                    raise
                log.warning("deadlock_retried", service=function.__name__, tries=tries)
                tries += 1

    return repeated


def is_deadlock(error: OperationalError) -> bool:
    """Whether the database chose this transaction to end, so that another one could go on."""
    return getattr(error.__cause__, "sqlstate", "") == DEADLOCK_DETECTED
