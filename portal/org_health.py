"""What an org's health reads like, on the customer's pages and at the managers' desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.setup_links import PERMISSION_SETS, setup_url
from integrations.services.health import ConnectionHealth
from portal.steps.words import when


@dataclass(frozen=True)
class Notice:
    """Something to know or do about an org; `href` leads into its Setup."""

    kind: str
    text: str
    href: str = ""


def health_notices(health: ConnectionHealth, epoch: OrgEpoch) -> list[Notice]:
    """What stands out, beside the connection's own state and reason."""
    return [*_ends(health), *_reserve(health), *_permission(health, epoch)]


def _ends(health: ConnectionHealth) -> Sequence[Notice]:
    if not health.idle or health.idle_end is None:
        return ()
    text = _(
        "Our access could not be renewed for long. Without that it ends on %(when)s. The portal "
        "tries every hour; reconnecting renews it at once."
    )
    return [Notice("warn", text % {"when": when(health.idle_end)})]


def _reserve(health: ConnectionHealth) -> Sequence[Notice]:
    if not health.live or not health.reserve_reached:
        return ()
    text = _(
        "%(share)s of the org’s API calls of 24 hours are used. Batches and forecasts wait, so "
        "that the rest stays with others; they go on by themselves. Tests and pages go on "
        "until none is left."
    )
    return [Notice("", text % {"share": share_words(health.usage_share)})]


def _permission(health: ConnectionHealth, epoch: OrgEpoch) -> Sequence[Notice]:
    if not health.permission_can_go:
        return ()
    text = _(
        "The UserGems app is installed, so the integration user does not need the permission "
        "Approve Uninstalled Connected Apps (or Use Any API Client) any more. Your Salesforce "
        "administrator can take it away: Setup → Permission Sets → the set that was given for "
        "signing in."
    )
    return [Notice("", text, setup_url(epoch.instance_url, PERMISSION_SETS))]


def api_calls_words(health: ConnectionHealth) -> str:
    """Used and allowed, with the share: "1,204 of 15,000 (8%)"; "" before the org said so."""
    if health.usage is None:
        return ""
    return _("%(used)s of %(limit)s (%(share)s)") % {
        "used": intcomma(health.usage.used),
        "limit": intcomma(health.usage.limit),
        "share": share_words(health.usage_share),
    }


def share_words(share: float | None) -> str:
    """A share of the day: "82%", "<1%". Rounded down: 100% is said when nothing is left."""
    if share is None:
        return ""
    number = "<1" if 0 < share < 0.01 else str(int(share * 100))
    return _("%(number)s%%") % {"number": number}
