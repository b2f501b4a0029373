"""Wake-up calls of this floor. The rows are the queue: each task calls one service."""

from celery import shared_task

from portal.heartbeats import heartbeat_record
from portal.mirror.asking import mirrors_look
from portal.retention import expired_remove
from portal.signoff import forecasting


@shared_task
def heartbeat() -> None:
    """Every 30 seconds: a worker takes work (`/health/ready` looks at it)."""
    heartbeat_record()


@shared_task
def expired_purge() -> None:
    """Every night: what is past its retention goes."""
    expired_remove()


@shared_task
def summary_forecast(summary_pk: int) -> None:
    """Ask the org what the first batch would do; both sides sign the answer."""
    forecasting.forecast_run(summary_pk)


@shared_task
def summaries_check() -> None:
    """Every minute: void what no longer holds, and ask for forecasts that nobody made."""
    for summary_pk in forecasting.summaries_look():
        summary_forecast.delay(summary_pk)


@shared_task
def mirrors_check() -> None:
    """Every minute: ask orgs for what a comparison lacks, and compare what came meanwhile."""
    mirrors_look()
