"""What our own code cannot digest holds one job change, never its neighbours (rule 10)."""

from collections.abc import Callable, Sequence

import structlog
from django.utils.translation import gettext as _

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit
from jobchanges.delivery.states import call_may_start
from jobchanges.matching import matches_ask
from jobchanges.planning import Matches, Plan
from jobchanges.planning.types import JobChangeData

logger = structlog.get_logger(__name__)


def matches_find(visit: Visit, job_changes: Sequence[JobChangeData]) -> dict[str, Matches]:
    """Match all together; where our own code fails, each alone, without the one at fault.

    By the job change's key. Raises SalesforceError when the org cannot be asked.
    """
    call_may_start()
    try:
        return matches_ask(visit.org, job_changes, visit.settings)
    except SalesforceError:
        raise
    except Exception:
        logger.exception("match_failed", job_changes=[item.key for item in job_changes])
        if len(job_changes) == 1:
            return {}
    found: dict[str, Matches] = {}
    for job_change in job_changes:
        found |= matches_find(visit, [job_change])
    return found


def plan_or_hold(key: str, make: Callable[[], Plan]) -> Plan:
    """The plan that `make` gives; a held one where it fails. SalesforceError goes on."""
    try:
        return make()
    except SalesforceError:
        raise
    except Exception:
        logger.exception("plan_failed", job_change=key)
        return Plan(
            held_reason=_(
                "UserGems could not work out what to write for this job change. We were "
                "told and look into it."
            ),
            held_code="our_fault",
        )
