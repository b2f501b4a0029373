"""Why an org takes nothing at the moment, for the progress of runs and batches."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations.models import Connection, OrgEpoch
from integrations.salesforce.setup_links import setup_url
from jobchanges.delivery.package import package_problem
from jobchanges.delivery.resting import DAY, RESERVE
from jobchanges.models import OrgLease


def org_trouble(connection: Connection | None, epoch: OrgEpoch) -> str:
    """The sentence, with the time in the reader's zone; "" when nothing is in the way."""
    if connection is None or not connection.is_live:
        return _("The connection to Salesforce is down. It goes on when the org is reconnected.")
    if problem := package_problem(epoch):
        return problem
    lease = _paused(epoch)
    if lease is None:
        return ""
    reason = lease.pause_reason
    if lease.pause_kind in (DAY, RESERVE):
        reason = day_sentence(connection, lease)
        if lease.calls_free_at and _clock(lease.calls_free_at) == _clock(lease.paused_until):
            return reason  # said already
    return _("%(reason)s The next try is at %(time)s.") % {
        "reason": reason,
        "time": _clock(lease.paused_until),
    }


def day_sentence(connection: Connection, lease: OrgLease) -> str:
    """That the calls of the org's day are used, how many, and when sending probably goes on."""
    counts = {"used": connection.api_calls_used, "limit": connection.api_calls_limit}
    known = None not in counts.values()
    if lease.pause_kind == RESERVE:
        used = _(
            "The org has used %(used)s of its %(limit)s API calls for the last 24 hours. We leave "
            "the rest to your other tools."
        )
        unknown = _(
            "The org has used most of its API calls for the last 24 hours. We leave the rest to "
            "your other tools."
        )
    else:
        used = _("The org has used its API calls for the last 24 hours (%(used)s of %(limit)s).")
        unknown = _("The org has used its API calls for the last 24 hours.")
    said = used % {name: f"{count:,}" for name, count in counts.items()} if known else unknown
    if lease.calls_free_at is None or lease.calls_free_at <= timezone.now():
        return _("%(used)s Sending goes on by itself when calls are free again.") % {"used": said}
    return _(
        "%(used)s Sending goes on by itself when calls are free again, probably from %(time)s on."
    ) % {"used": said, "time": _clock(lease.calls_free_at)}


def org_trouble_url(epoch: OrgEpoch) -> str:
    """Where in that org's Setup somebody can end the trouble; "" when Setup has no page for it."""
    lease = _paused(epoch)
    return setup_url(epoch.instance_url, lease.pause_setup) if lease else ""


def _clock(moment: datetime | None) -> str:
    """The time in the reader's zone; with the day where it is not today."""
    there = timezone.localtime(moment)
    if there.date() == timezone.localtime().date():
        return f"{there:%H:%M}"
    return date_format(there, "M j, H:i")


def _paused(epoch: OrgEpoch) -> OrgLease | None:
    return OrgLease.objects.filter(org_id=epoch.org_id, paused_until__gt=timezone.now()).first()
