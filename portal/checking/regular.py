"""Before a regular batch: production answered its checks lately, and nothing is open."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Customer, Environment
from integrations.models import CheckRun
from jobchanges.gates import NotNow
from portal.checking.gates import facts_of_org, gate_of
from portal.checking.starting import org_check_start

# A schedule that is held looks each minute; the org is asked again after so long.
ASK_AGAIN_AFTER = timedelta(hours=1)


def regular_checked(customer: Customer) -> NotNow | None:
    """Why not now by what production says; has it asked where its answers are missing or old."""
    facts = facts_of_org(customer)
    gate = gate_of(facts, Environment.PRODUCTION)
    if not gate.reasons:
        return None
    asked = facts.check_run_open(Environment.PRODUCTION) is not None
    if gate.ask and not asked and not _asked_lately(customer):
        run = org_check_start(customer, Environment.PRODUCTION, reason=CheckRun.Reason.BEFORE)
        asked = run is not None and run.ended_at is None
    return NotNow(" ".join(gate.reasons), "" if asked else "customer")


def _asked_lately(customer: Customer) -> bool:
    return CheckRun.objects.filter(
        epoch__connection__customer=customer,
        epoch__connection__environment=Environment.PRODUCTION,
        epoch__ended_at=None,
        asked_at__gt=timezone.now() - ASK_AGAIN_AFTER,
    ).exists()
