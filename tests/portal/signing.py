"""A customer whose production is set up and tested, for the tests of the sign-off."""

from collections.abc import Mapping
from typing import Any
from unittest import mock

from accounts.hashing import content_hash
from accounts.models import Customer, Environment, Path, Role, User
from integrations.models import Connection
from jobchanges.models import EnvironmentSettings, Side, TestRun
from jobchanges.services.approvals import run_content
from portal.models import PeopleSource, Summary
from portal.signoff import forecasting, services
from tests import factories as make

PRODUCTION = Environment.PRODUCTION
ORG_ID = "00D5g00000NwPrdEAA"
FORECAST: Mapping[str, Any] = {
    "made_at": "2026-11-22T10:00:00+00:00",
    "outcomes": {
        "contacts": 486,
        "leads": 1120,
        "enriched": 243,
        "past_only": 0,
        "package_only": 0,
        "held": 2,
    },
    "new_accounts": 31,
    "held_reasons": [{"reason": "Two records of your org match this person.", "count": 2}],
    "owners": [
        {
            "id": f"005{number:012d}AAA",
            "name": f"Owner {number}",
            "contacts": 12 - number,
            "leads": 0,
            "accounts": 0,
            "count": 12 - number,
        }
        for number in range(12)
    ],
    "more_owners": {"owners": 30, "count": 90},
    "api_calls": {"made_for_this": 12, "expected": 80, "left": 98796, "limit": 100000},
    "minutes": [25, 60],
    "not_foretold": "What Salesforce itself refuses shows only when it is sent.",
}


class Foretold:
    """A forecast as the delivery floor makes it."""

    def as_json(self) -> dict[str, Any]:
        return dict(FORECAST)


def production_done(customer: Customer, admin: User, connection: Connection | None = None) -> None:
    """Everything is done that has to be before the summary is frozen.

    With a `connection` to production, that org is taken, with the settings that it has.
    """
    connection = connection or _production(customer, admin)
    EnvironmentSettings.objects.filter(customer=customer, environment=PRODUCTION).update(
        validated_org_id=connection.epoch.org_id
    )
    alike = ["production.mirror"]
    if customer.path == Path.PRODUCTION_ONLY:
        alike = ["production.layouts", "production.lead_conversion"]
    # What the org could not be asked, an admin vouched for.
    by_hand = {"system_permissions": "cannot"}
    if customer.path == Path.PRODUCTION_ONLY:
        by_hand |= {"lightning_pages": "cannot", "lead_conversion": "cannot"}
    make.org_checked(connection.epoch, **by_hand)
    for step in ["production.permissions", *alike]:
        make.ConfirmationFactory(customer=customer, step=step, epoch=connection.epoch, by=admin)
    PeopleSource.objects.create(customer=customer, kind=PeopleSource.Kind.FILE, chosen_by=admin)
    if customer.path == Path.SANDBOX_FIRST:
        run_approved(customer, admin, make.ConnectionFactory(customer=customer).epoch)
    run = run_approved(customer, admin, connection.epoch)
    make.AllowanceFactory(test_run=run, by=admin)


def _production(customer: Customer, admin: User) -> Connection:
    make.OutputSettingsFactory(customer=customer)
    make.EnvironmentSettingsFactory(customer=customer, environment=PRODUCTION)
    return make.ConnectionFactory(
        customer=customer,
        environment=PRODUCTION,
        connected_by=admin,
        epoch__org_id=ORG_ID,
        epoch__username="usergems@northwind.example",
    )


def run_approved(customer: Customer, admin: User, epoch: Any, number: int = 1) -> TestRun:
    """A test that both sides approved: five right."""
    run = make.TestRunFactory(
        customer=customer,
        environment=epoch.connection.environment,
        epoch=epoch,
        number=number,
        state=TestRun.State.APPROVED,
    )
    people = {Side.CUSTOMER: admin, Side.VENDOR: customer.implementation_manager}
    for _each in range(5):
        delivery = make.DeliveryFactory(test_run=run, state="delivered", attempts_made=1)
        attempt = make.AttemptFactory(delivery=delivery)
        for side, by in people.items():
            make.ReviewFactory(attempt=attempt, side=side, by=by)
    content = run_content(run)
    for side, by in people.items():
        make.RunApprovalFactory(
            test_run=run, side=side, by=by, content=content, content_hash=content_hash(content)
        )
    return run


def foretold(summary: Summary) -> Summary:
    """The same summary with its forecast, made without an org."""
    with mock.patch.object(forecasting, "forecast_make", return_value=Foretold()):
        assert forecasting.forecast_run(summary.pk)
    summary.refresh_from_db()
    return summary


def frozen(customer: Customer, by: User) -> Summary:
    """A summary that both sides may sign."""
    return foretold(services.summary_freeze(customer=customer, by=by))


def signed(customer: Customer, admin: User, **window: Any) -> Summary:
    """A summary that both sides signed."""
    summary = frozen(customer, admin)
    for side, by in ((Side.CUSTOMER, admin), (Side.VENDOR, customer.implementation_manager)):
        sign(summary, side, by, **(window if side == Side.CUSTOMER else {}))
    return summary


def sign(summary: Summary, side: str, by: User, **values: Any):
    """Sign what was read."""
    return services.summary_sign(
        summary=summary, side=side, by=by, **{"seen_hash": summary.signed_hash, **values}
    )


def member(customer: Customer, role: str = Role.APPROVER, **values: Any) -> User:
    """Another person of the customer."""
    user = make.UserFactory(**values)
    make.MembershipFactory(customer=customer, user=user, role=role)
    return user
