"""Why an org takes nothing at the moment, for the progress of runs and batches."""

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import Connection, OrgEpoch
from integrations.salesforce.setup_links import setup_url
from jobchanges.delivery.package import package_problem
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
    return _("%(reason)s The next try is at %(time)s.") % {
        "reason": lease.pause_reason,
        "time": f"{timezone.localtime(lease.paused_until):%H:%M}",
    }


def org_trouble_url(epoch: OrgEpoch) -> str:
    """Where in that org's Setup somebody can end the trouble; "" when Setup has no page for it."""
    lease = _paused(epoch)
    return setup_url(epoch.instance_url, lease.pause_setup) if lease else ""


def _paused(epoch: OrgEpoch) -> OrgLease | None:
    return OrgLease.objects.filter(org_id=epoch.org_id, paused_until__gt=timezone.now()).first()
