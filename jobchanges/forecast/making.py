"""What the coming batch would do today: asked of the org, planned and counted, nothing written."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit, names_ask
from jobchanges.delivery.digest import matches_find, plan_or_hold
from jobchanges.delivery.leases import LARGEST_CLAIM
from jobchanges.delivery.overtaken import overtaken_in
from jobchanges.delivery.visits import CannotVisit, visit_open
from jobchanges.forecast.cost import Asked, calls_expected, minutes_expected
from jobchanges.forecast.tally import OwnerShare, Tally
from jobchanges.models import JobChange, OrgLease
from jobchanges.planning import Matches, Plan, plan_make
from jobchanges.planning.types import JobChangeData
from jobchanges.requeue import BatchCounts, batch_counts, batch_job_changes

logger = structlog.get_logger(__name__)

# Of the org's calls a day, this share is left alone: the customer's own tools need them.
LEFT_ALONE = 0.1


class ForecastError(Exception):
    """Nothing can be foretold now; the sentence says why."""

    @property
    def sentence(self) -> str:
        """The reason, for both sides."""
        return str(self)


@dataclass(frozen=True)
class Forecast:
    """The coming batch in numbers, as of `made_at`. `as_json` is what both sides sign."""

    made_at: datetime
    jobs: BatchCounts
    tally: Tally
    # Those who would receive most records, and how many people and records come after them.
    owners: Sequence[OwnerShare]
    more_owners: int
    more_records: int
    calls_made: int
    calls_expected: int
    calls_left: int | None
    calls_limit: int | None
    # From, to; None while this org was never seen writing.
    minutes: tuple[int, int] | None

    def as_json(self) -> dict[str, Any]:
        """Plain data. `outcomes` adds up to `total`; `owners` begins with the largest `count`."""
        return {
            "made_at": self.made_at.isoformat(),
            "total": self.jobs.total,
            "new": self.jobs.new,
            "tried_in_sandbox": self.jobs.tried_in_sandbox,
            "already_there": self.jobs.already_there,
            "outcomes": dict(self.tally.outcomes),
            "new_accounts": self.tally.accounts,
            "held_reasons": self.tally.held_reasons(),
            "owners": [owner.as_json() for owner in self.owners],
            "more_owners": {"owners": self.more_owners, "count": self.more_records},
            "api_calls": {
                "made_for_this": self.calls_made,
                "expected": self.calls_expected,
                "left": self.calls_left,
                "limit": self.calls_limit,
            },
            "minutes": list(self.minutes) if self.minutes else None,
            "not_foretold": _(
                "What Salesforce itself refuses shows only when it is sent: which validation "
                "rules, duplicate rules and automation are active can be asked, not what they "
                "make of each record."
            ),
        }


def forecast_make(epoch_id: int, cut_off: datetime) -> Forecast:
    """Match and plan everything of the coming batch against the org as it is now.

    In groups as large as those that will be sent, so that the calls counted here are those that
    matching will need then. Nothing is written, released or claimed. Raises ForecastError, with a
    sentence, when the org is to be left alone or cannot be asked.
    """
    epoch = OrgEpoch.objects.select_related("connection__customer").get(pk=epoch_id)
    customer = epoch.connection.customer
    _rest_check(epoch)
    jobs = batch_counts(customer, epoch.org_id, cut_off)
    ids = list(
        batch_job_changes(customer, epoch.org_id, cut_off)
        .order_by("detected_at", "pk")
        .values_list("pk", flat=True)
    )
    tally = Tally()
    asked = Asked()
    try:
        with visit_open(epoch_id, uuid.uuid4().hex, writes=False, fresh=True, bulk=True) as visit:
            for group in _groups(ids):
                _limit_check(visit)
                _group_count(visit, group, tally, asked)
            shares, more_owners, more_records = tally.owners_top()
            names_ask(visit, [owner.id for owner in shares])
            owners = [owner.named(visit.names.get(owner.id, "")) for owner in shares]
            calls_made, usage = visit.org.calls, visit.org.usage
    except CannotVisit as reason:
        raise ForecastError(str(reason)) from reason
    except SalesforceError as error:
        raise ForecastError(error.sentence) from error
    except ForecastError:
        raise
    except Exception as problem:
        logger.exception("forecast_failed", epoch=epoch_id)
        raise ForecastError(
            _("UserGems could not work out the forecast. We were told and look into it.")
        ) from problem
    return Forecast(
        made_at=timezone.now(),
        jobs=jobs,
        tally=tally,
        owners=owners,
        more_owners=more_owners,
        more_records=more_records,
        calls_made=calls_made,
        calls_expected=calls_expected(epoch, asked, tally),
        calls_left=usage.limit - usage.used if usage else None,
        calls_limit=usage.limit if usage else None,
        minutes=minutes_expected(epoch, asked, tally),
    )


def _groups(ids: Sequence[int]) -> Iterator[list[JobChange]]:
    """The job changes, oldest detected first. No cursor is open while Salesforce is asked."""
    for start in range(0, len(ids), LARGEST_CLAIM):
        part = ids[start : start + LARGEST_CLAIM]
        yield list(JobChange.objects.filter(pk__in=part).order_by("detected_at", "pk"))


def _group_count(visit: Visit, group: Sequence[JobChange], tally: Tally, asked: Asked) -> None:
    """Ask for one group, plan each, count, and forget the plans."""
    late = overtaken_in(visit.customer.pk, visit.epoch.org_id, group)
    going = {item: JobChangeData.of(item) for item in group if item.pk not in late}
    for _pk in late:
        tally.hold(
            _(
                "A later job change of the same person is in the org already, so this one would "
                "bring back old facts."
            )
        )
    if not going:
        return
    before, started = visit.org.calls, monotonic()
    matches = matches_find(visit, list(going.values()))
    asked.add(visit.org.calls - before, monotonic() - started)
    for item, data in going.items():
        tally.add(item, plan_or_hold(item.key, partial(_plan, visit, data, matches)))


def _plan(visit: Visit, job_change: JobChangeData, matches: Mapping[str, Matches]) -> Plan:
    return plan_make(job_change, visit.settings, matches[job_change.key])


def _rest_check(epoch: OrgEpoch) -> None:
    """An org that needs a rest is not asked for a forecast either."""
    lease = OrgLease.objects.filter(org_id=epoch.org_id).first()
    if lease and lease.paused_until and lease.paused_until > timezone.now():
        raise ForecastError(
            _("The org is left alone for a while: %(reason)s") % {"reason": lease.pause_reason}
        )


def _limit_check(visit: Visit) -> None:
    usage = visit.org.usage
    if usage and usage.limit - usage.used < usage.limit * LEFT_ALONE:
        raise ForecastError(
            _(
                "The org has nearly used up its API calls of the last 24 hours, so it was not "
                "asked further. Make the forecast again tomorrow."
            )
        )
