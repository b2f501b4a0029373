"""Wake-up calls of this floor. The rows are the queue: each task calls one service."""

from celery import shared_task

from portal.evidence import making as evidence
from portal.heartbeats import heartbeat_record
from portal.mail import digest, ladder, sending_out
from portal.mirror.asking import mirrors_look
from portal.retention import expired_remove
from portal.signoff import forecasting
from portal.standing import standings_look


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


@shared_task
def standings_sweep() -> None:
    """Every 15 seconds: look again at customers of whom something happened, and say whose turn."""
    standings_look()


@shared_task
def mails_send(*mail_pks: int) -> None:
    """Send these mails: what they tell of was just committed."""
    sending_out.mails_send(mail_pks)


@shared_task
def mails_sweep() -> None:
    """Every 30 seconds: send what is due, and what the mail server did not take before."""
    sending_out.mails_send()


@shared_task
def reminders_put() -> None:
    """Every quarter of an hour: it is morning somewhere, or something has waited long."""
    ladder.ladder_put()
    digest.digest_put()


@shared_task
def evidence_make(pack_pk: int) -> None:
    """Make an evidence pack that somebody asked for."""
    evidence.pack_make(pack_pk)


@shared_task
def evidence_sweep() -> None:
    """Every minute: make what was asked for and nobody makes."""
    for pack_pk in evidence.packs_left():
        evidence_make.delay(pack_pk)
