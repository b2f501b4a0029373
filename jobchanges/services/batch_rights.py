"""Who may act on batches and on the schedule, and the org that they go to."""

from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, Environment, Membership, User
from integrations.models import Connection, OrgEpoch
from jobchanges.delivery.package import package_problem
from jobchanges.models import Side
from jobchanges.services.errors import BatchError


def production_org(customer: Customer) -> OrgEpoch:
    """The production org, connected and with the package. Raises BatchError."""
    connection = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=Environment.PRODUCTION)
        .first()
    )
    if connection is None or connection.epoch is None:
        raise BatchError(_("Production is not connected yet. The customer connects it first."))
    if not connection.is_live:
        raise BatchError(
            _("The connection to %(org)s is down. The customer reconnects it first.")
            % {"org": connection.epoch.name}
        )
    if problem := package_problem(connection.epoch):
        raise BatchError(problem)
    return connection.epoch


def speaks_for(customer: Customer, side: str, by: User | None) -> None:
    """Ours: staff who manage the customer. The customer's: an admin or approver.

    Raises BatchError for anybody else.
    """
    if side == Side.VENDOR:
        if by is None or not customers_managed_by(by).filter(pk=customer.pk).exists():
            raise BatchError(_("Only the customer's implementation manager does this for us."))
        return
    membership = Membership.objects.filter(customer=customer, user=by, left_at=None).first()
    if side != Side.CUSTOMER or by is None or by.is_staff or membership is None:
        raise BatchError(_("An admin or approver of the company does this."))
    if not membership.may_sign:
        raise BatchError(_("An admin or approver of the company does this."))
