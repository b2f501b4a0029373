"""What has to be so before a summary is frozen or released, each in a sentence for people."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by, role_at
from accounts.models import Customer, Environment, Membership, Role, User
from integrations.models import Connection, OrgEpoch
from integrations.salesforce.manifest import manifest_get, version_needed
from jobchanges.models import Side, TestRun
from portal.checking.gates import check_reasons
from portal.models import Signature, Summary
from portal.signoff.standing import batch_name
from portal.steps import Facts, Finding, facts_load, steps_for
from portal.steps.words import when

PRODUCTION = Environment.PRODUCTION


def freeze_reasons(customer: Customer, facts: Facts | None = None) -> list[str]:
    """Why no summary can be frozen now; empty when it can."""
    facts = facts or facts_load([customer])[customer.pk]
    reasons = []
    if facts.connection(PRODUCTION) is None:
        reasons.append(_("Production is not connected yet."))
    elif reason := connection_reason(facts.connection(PRODUCTION)):
        reasons.append(reason)
    findings: dict[str, Finding] = {}
    for stage in steps_for(customer.path):
        for step in stage.steps:
            findings[step.key] = step.find(facts, findings)
            # An approved test was allowed: its own step says no more than the test does.
            wanted = stage.key == "production" and step.key != "production.allow"
            if wanted and not findings[step.key].finished:
                reasons.append(_("“%(step)s” is not done yet.") % {"step": step.title})
    if reason := open_run_reason(customer):
        reasons.append(reason)
    return [*reasons, *check_reasons(customer, PRODUCTION, facts)]


def release_reasons(summary: Summary) -> list[str]:
    """Why it cannot be released now; empty when it can. Does not look at the content again."""
    customer = summary.customer
    given = {one.side: one for one in summary.signatures.all()}
    if not summary.ready or set(given) != set(Side.values):
        return [_("Both sides sign the summary first.")]
    reasons = []
    if customer.hold_reason:
        reasons.append(
            _("%(customer)s is on hold: %(reason)s")
            % {"customer": customer.name, "reason": customer.hold_reason}
        )
    if reason := window_reason(given[Side.CUSTOMER]):
        reasons.append(reason)
    connection = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=PRODUCTION)
        .first()
    )
    if reason := connection_reason(connection) or package_reason(connection):
        reasons.append(reason)
    if reason := open_run_reason(customer):
        reasons.append(reason)
    return [*reasons, *check_reasons(customer, PRODUCTION)]


def connection_reason(connection: Connection | None) -> str:
    """Why production cannot be written to now, by its connection."""
    if connection is None or connection.epoch is None:
        return _("Production is not connected.")
    if not connection.is_live:
        return _("The connection to production needs reconnecting, under “Salesforce orgs”.")
    return ""


def package_reason(connection: Connection | None) -> str:
    """Why the package of the org cannot take job changes."""
    epoch: OrgEpoch | None = connection.epoch if connection else None
    if epoch is None or epoch.package_installed is False or not epoch.package_manifest:
        return _("The UserGems package was not found in production.")
    try:
        manifest = manifest_get(epoch.package_manifest)
    except KeyError:
        return _("The UserGems package in production is one we do not know.")
    if not manifest.can_deliver or version_needed(manifest.name, epoch.package_version):
        return _("The UserGems package in production is too old to take job changes.")
    return ""


def open_run_reason(customer: Customer) -> str:
    """Whether a test in production is still open."""
    run = TestRun.objects.filter(
        customer=customer, environment=PRODUCTION, state__in=TestRun.OPEN_STATES
    ).first()
    if run is None:
        return ""
    return _("Test %(number)s in production is still open: approve or close it first.") % {
        "number": run.number
    }


def window_place(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Where now lies: "before", "open" or "over"."""
    now = timezone.now()
    if starts_at is not None and now < starts_at:
        return "before"
    if ends_at is not None and now >= ends_at:
        return "over"
    return "open"


def window_reason(signature: Signature) -> str:
    """Why it may not start now, by the time that the customer chose; "" inside it."""
    place = window_place(signature.starts_at, signature.ends_at)
    if place == "before" and signature.starts_at is not None:
        return _("%(customer)s lets %(batch)s start from %(when)s on.") % {
            "customer": signature.summary.customer.name,
            "batch": batch_name(signature.summary.customer),
            "when": when(signature.starts_at),
        }
    if place == "over" and signature.ends_at is not None:
        return _(
            "The start window that %(customer)s chose ended %(when)s. Withdraw this summary, "
            "prepare a new one, and sign it with a new window."
        ) % {"customer": signature.summary.customer.name, "when": when(signature.ends_at)}
    return ""


def side_reason(customer: Customer, side: str, by: User) -> str:
    """Why this person may not sign for this side; "" when they may."""
    if side == Side.VENDOR:
        if not customers_managed_by(by).filter(pk=customer.pk).exists():
            return _("Only the customer’s implementation manager signs for UserGems.")
        if Membership.objects.filter(customer=customer, user=by, left_at=None).exists():
            return _("You belong to the customer, too: somebody else signs for UserGems.")
        return ""
    role = role_at(by, customer)
    if side != Side.CUSTOMER or by.is_staff or role is None:
        return _("An admin or approver of your company signs.")
    if role not in {Role.ADMIN, Role.APPROVER}:
        return _("An admin or approver of your company signs. You can read everything here.")
    return ""


def side_of_person(customer: Customer, person: User) -> str:
    """For which side a person may freeze and take back; "" for neither."""
    side = Side.VENDOR if person.is_staff else Side.CUSTOMER
    return "" if side_reason(customer, side, person) else side.value
