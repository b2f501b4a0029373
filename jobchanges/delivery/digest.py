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
# Job changes at fault that are told from their neighbours at once; with more, who is in one part
# with them is held beside them.
FAULTS_FOUND = 4
# A question that ran out of time took minutes: only a few of them.
DEAR = {"QUERY_TIMEOUT": 10}
# How an org refuses a question itself, not the one who asks.
NOT_UNDERSTOOD = frozenset(
    {"MALFORMED_QUERY", "INVALID_QUERY_FILTER_OPERATOR", "QUERY_TOO_COMPLICATED", "QUERY_TIMEOUT"}
)


def matches_find(visit: Visit, job_changes: Sequence[JobChangeData]) -> dict[str, Matches]:
    """Match all together, in halves where that fails, and without those at fault.

    By the job change's key. Raises SalesforceError when the org cannot be asked. A question the
    org does not understand is taken for the fault of one job change, unless so many parts fail
    that it cannot be: then it is raised.
    """
    found: dict[str, Matches] = {}
    parts = [list(job_changes)] if job_changes else []
    # A single one at fault among n makes one part fail on each level of halving.
    failures_left = FAULTS_FOUND * (len(job_changes).bit_length() + 1)
    while parts:
        part = parts.pop()
        call_may_start()
        try:
            found |= matches_ask(visit.org, part, visit.settings)
            continue
        except SalesforceError as error:
            failures_left -= DEAR.get(error.code, 1)
            if error.code not in NOT_UNDERSTOOD or failures_left < 0:
                raise
            logger.warning("match_refused", code=error.code, job_changes=len(part))
        except Exception:
            failures_left -= 1
            logger.exception("match_failed", job_changes=[item.key for item in part])
        if len(part) > 1 and failures_left >= 0:
            parts += [part[: len(part) // 2], part[len(part) // 2 :]]
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
