"""Wake-up calls. The rows are the queue: each task takes an id and calls one service.

One task per org, so that a dead org never slows another customer (product.md, rule 10).
"""

from celery import shared_task
from django.utils import timezone

from jobchanges.delivery import preview, settle, sweep, worker
from jobchanges.services import offers

OFFER_SECONDS = 60


@shared_task
def deliver_org(epoch_id: int) -> None:
    """Deliver what waits for one org; what is left after a long visit gets another."""
    if worker.org_deliver(epoch_id):
        deliver_org.delay(epoch_id)


@shared_task
def test_run_plan(test_run_id: int) -> None:
    """Make the preview of a run."""
    preview.run_plan(test_run_id)


@shared_task
def deliveries_sweep() -> None:
    """Give up dead claims and wake every org in which something waits."""
    sweep.claims_release()
    for epoch_id in sweep.epochs_to_deliver():
        deliver_org.delay(epoch_id)
    for run_id in sweep.runs_to_plan():
        test_run_plan.delay(run_id)


@shared_task
def records_settle() -> None:
    """Wake every org in which written records are to be read again."""
    for epoch_id in sweep.epochs_to_settle():
        records_settle_org.delay(epoch_id)


@shared_task
def records_settle_org(epoch_id: int) -> None:
    """Read records of one org again."""
    settle.org_settle(epoch_id)


@shared_task
def org_offer_ask(epoch_id: int) -> None:
    """Ask an org what there is to choose from for the settings."""
    offers.org_offer_work(epoch_pk=epoch_id)


@shared_task
def org_offers_sweep() -> None:
    """Every minute: orgs that somebody wants to choose from and no worker has asked."""
    for epoch_id in offers.org_offers_left(timezone.now()):
        org_offer_ask.apply_async((epoch_id,), expires=OFFER_SECONDS)


@shared_task
def clean_up_run(clean_up_id: int) -> None:
    """Look at the records of a sandbox test, or remove what was confirmed."""
    from jobchanges.services.cleaning_work import clean_up_work  # the services wake these tasks

    clean_up_work(clean_up_pk=clean_up_id)


@shared_task
def clean_ups_sweep() -> None:
    """Clean-ups that no worker took, or whose worker is gone."""
    from jobchanges.services.cleaning_work import clean_ups_left  # the services wake these tasks

    for clean_up_id in clean_ups_left(timezone.now()):
        clean_up_run.apply_async((clean_up_id,), expires=OFFER_SECONDS)


@shared_task
def schedules_sweep() -> None:
    """Every minute: release the regular batches that are due."""
    from jobchanges.services.regular import schedules_work  # the services wake these tasks

    schedules_work(timezone.now())
