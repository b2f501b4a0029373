"""Previewing a run: plans are made and kept, nothing is written to the org."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.allowed import UNSENT, allowance_end
from jobchanges.delivery.context import (
    Visit,
    display_of,
    ids_of,
    names_ask,
    names_from_matches,
)
from jobchanges.delivery.correction import correction_plan
from jobchanges.delivery.digest import matches_find, plan_or_hold
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.delivery.overtaken import overtaken_of
from jobchanges.delivery.plan_changes import changed_words
from jobchanges.delivery.visits import CannotVisit, visit_open
from jobchanges.models import Delivery, TestRun, WriteRole
from jobchanges.planning import (
    AccountFact,
    JobChangeData,
    Matches,
    Plan,
    account_planned,
    matches_together,
    plan_hash,
    plan_make,
    plan_to_json,
)
from jobchanges.planning.types import PlanJSON

logger = structlog.get_logger(__name__)
Planned = tuple[Plan, dict[str, Any]]


def run_plan(test_run_id: int) -> bool:
    """Plan everything of a run that is not sent yet; returns whether the preview was made.

    What cannot be planned is said on the run in a sentence. Safe to repeat.
    """
    run = TestRun.objects.filter(pk=test_run_id).first()
    if run is None or not run.is_open or run.plan_requested_at is None:
        return False
    asked_at = run.plan_requested_at
    deliveries = list(
        Delivery.objects.filter(UNSENT, test_run=run)
        .select_related("job_change")
        # As they will be sent: who joins a new company first creates its account.
        .order_by("job_change__detected_at", "pk")
    )
    error = ""
    plans: dict[int, Planned] = {}
    try:
        with visit_open(run.epoch_id, uuid.uuid4().hex, writes=False, fresh=True) as visit:
            plans = _plans(visit, deliveries)
    except (CannotVisit, SalesforceError) as problem:
        error = getattr(problem, "sentence", "") or str(problem)
    except Exception:
        logger.exception("preview_failed", test_run=test_run_id)
        error = _("UserGems could not work out the preview. We were told and look into it.")
    return _store(run, asked_at, plans, error)


def _plans(visit: Visit, deliveries: Sequence[Delivery]) -> dict[int, Planned]:
    data = {item.pk: JobChangeData.of(item.job_change) for item in deliveries}
    if not data:
        return {}
    matches = matches_find(visit, list(data.values()))
    names_from_matches(visit, matches.values())
    plans: dict[int, Plan] = {}
    accounts: list[AccountFact] = []
    late = overtaken_of([item for item in deliveries if not item.correction_asked_at])
    for delivery in deliveries:
        job_change = data[delivery.pk]
        if delivery.pk in late:
            # As it will be when it is sent.
            plans[delivery.pk] = Plan(held_reason=late[delivery.pk])
            continue
        make = partial(_plan, visit, delivery, job_change, matches, tuple(accounts))
        plan = plan_or_hold(job_change.key, make)
        plans[delivery.pk] = plan
        if not delivery.correction_asked_at and (made := account_planned(job_change.key, plan)):
            accounts.append(made)
            visit.names[made.id] = _("%(account)s, created for %(person)s") % {
                "account": made.name,
                "person": job_change.person_name,
            }
    names_ask(visit, {one for plan in plans.values() for one in ids_of(plan)})
    return {pk: (plan, _display(visit, plan, accounts)) for pk, plan in plans.items()}


def _plan(
    visit: Visit,
    delivery: Delivery,
    job_change: JobChangeData,
    matches: Mapping[str, Matches],
    accounts: Sequence[AccountFact],
) -> Plan:
    found = matches[job_change.key]
    if delivery.correction_asked_at:
        return correction_plan(visit, delivery, job_change, found, delivery.attempts_made + 1)
    return plan_make(job_change, visit.settings, matches_together(job_change, found, accounts))


def _display(visit: Visit, plan: Plan, accounts: Iterable[AccountFact]) -> dict[str, Any]:
    """Labels and names, also of accounts that another plan of the run creates."""
    shown = display_of(visit, plan)
    shown["names"] |= {item.id: visit.names[item.id] for item in accounts}
    return shown


def _store(run: TestRun, asked_at: datetime, plans: Mapping[int, Planned], error: str) -> bool:
    """Keep the plans, unless they were asked for again meanwhile or are being sent.

    Where another plan was offered or allowed, that ends.
    """
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
        before = _fingerprints(run)
        unsent_now = Delivery.objects.filter(UNSENT, test_run=run)
        plans_before = dict(unsent_now.exclude(plan_hash="").values_list("pk", "plan"))
        for pk, (plan, display) in plans.items():
            unsent = Delivery.objects.filter(UNSENT, pk=pk, test_run=run)
            nothing = _not_to_correct(plan)
            if nothing and unsent.filter(state=Delivery.State.DELIVERED).update(
                correction_asked_at=None,
                released_at=F("delivered_at"),
                waiting_reason=nothing[:500],
            ):
                continue
            unsent.update(plan=plan_to_json(plan), plan_hash=plan_hash(plan), display=display)
        if before != _fingerprints(run):
            allowance_end(run, why=_why(plans_before, plans))
    return True


def _why(before: Mapping[int, PlanJSON], plans: Mapping[int, Planned]) -> str:
    """Which fields differ, for whoever allowed the plans of before."""
    both = [pk for pk in before if pk in plans]
    labels: dict[str, dict[str, str]] = {}
    for pk in both:
        for object_name, fields in plans[pk][1]["labels"].items():
            labels.setdefault(object_name, {}).update(fields)
    return changed_words([(before[pk], plan_to_json(plans[pk][0])) for pk in both], labels)


def _fingerprints(run: TestRun) -> dict[int, str]:
    return fingerprints(Delivery.objects.filter(UNSENT, test_run=run).select_related("epoch"))


def _not_to_correct(plan: Plan) -> str:
    """Why a planned correction would write nothing that matters; "" when it would."""
    if plan.is_held:
        return plan.held_reason
    if {write.role for write in plan.writes} <= {WriteRole.PACKAGE}:
        return _("Nothing we wrote differs from what the settings ask for now.")
    return ""
