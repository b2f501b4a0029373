"""Previewing a run: plans are made and kept, nothing is written to the org."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import (
    Visit,
    display_of,
    ids_of,
    names_ask,
    names_from_matches,
)
from jobchanges.delivery.digest import matches_find, plan_or_hold
from jobchanges.delivery.visits import CannotVisit, visit_open
from jobchanges.models import Delivery, TestRun
from jobchanges.planning import Matches, Plan, plan_hash, plan_make, plan_to_json
from jobchanges.planning.types import JobChangeData

logger = structlog.get_logger(__name__)


def run_plan(test_run_id: int) -> bool:
    """Plan everything of a run that is not sent yet; returns whether the preview was made.

    What cannot be planned is said on the run in a sentence. Safe to repeat.
    """
    run = TestRun.objects.filter(pk=test_run_id).first()
    if run is None or not run.is_open or run.plan_requested_at is None:
        return False
    asked_at = run.plan_requested_at
    deliveries = list(
        Delivery.objects.filter(
            test_run=run, released_at=None, state=Delivery.State.WAITING
        ).select_related("job_change")
    )
    error = ""
    plans: dict[int, tuple[Plan, dict[str, object]]] = {}
    try:
        with visit_open(run.epoch_id, uuid.uuid4().hex, writes=False, fresh=True) as visit:
            plans = _plans(visit, deliveries)
    except (CannotVisit, SalesforceError) as problem:
        error = getattr(problem, "sentence", "") or str(problem)
    except Exception:
        logger.exception("preview_failed", test_run=test_run_id)
        error = _("UserGems could not work out the preview. We were told and look into it.")
    return _store(run, asked_at, plans, error)


def _plans(
    visit: Visit, deliveries: Sequence[Delivery]
) -> dict[int, tuple[Plan, dict[str, object]]]:
    data = {item.pk: JobChangeData.of(item.job_change) for item in deliveries}
    if not data:
        return {}
    matches = matches_find(visit, list(data.values()))
    names_from_matches(visit, matches.values())
    plans = {
        pk: plan_or_hold(job_change.key, partial(_plan, visit, job_change, matches))
        for pk, job_change in data.items()
    }
    names_ask(visit, {one for plan in plans.values() for one in ids_of(plan)})
    return {pk: (plan, display_of(visit, plan)) for pk, plan in plans.items()}


def _plan(visit: Visit, job_change: JobChangeData, matches: Mapping[str, Matches]) -> Plan:
    return plan_make(job_change, visit.settings, matches[job_change.key])


def _store(
    run: TestRun,
    asked_at: datetime,
    plans: Mapping[int, tuple[Plan, dict[str, object]]],
    error: str,
) -> bool:
    """Keep the plans, unless they were asked for again meanwhile or are being sent."""
    with transaction.atomic():
        fields = (
            {"plan_error": error[:500]}
            if error
            else {"plan_error": "", "planned_at": timezone.now(), "plan_requested_at": None}
        )
        current = TestRun.objects.filter(
            pk=run.pk, plan_requested_at=asked_at, state__in=TestRun.OPEN_STATES
        ).update(**fields)
        if not current or error:
            return False
        for pk, (plan, display) in plans.items():
            Delivery.objects.filter(pk=pk, released_at=None).update(
                plan=plan_to_json(plan), plan_hash=plan_hash(plan), display=display
            )
    return True
