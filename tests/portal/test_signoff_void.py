"""A later change of what was signed voids it and says what changed; nothing else does."""

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer, Environment, Path
from integrations.checks.registry import check_find
from integrations.models import CheckResult, Connection, OrgEpoch, OrgKind
from integrations.signals import connection_established, epoch_ended
from jobchanges.models import (
    Allowance,
    Delivery,
    EnvironmentSettings,
    OutputSettings,
    RunApproval,
    TestRun,
)
from jobchanges.services import settings_save
from jobchanges.services.settings import SettingsValues
from jobchanges.signals import test_run_approved as run_approved_signal
from portal.models import Confirmation, PeopleSource, Summary
from portal.services import step_confirmation_withdraw
from portal.signoff import services, standing
from portal.signoff.forecasting import summaries_look
from portal.signoff.selectors import sign_off_view
from portal.signoff.signals import summary_voided
from portal.signoff.types import SignOffState
from tests.factories import (
    ConnectionFactory,
    CustomerFactory,
    JobChangeFactory,
    MembershipFactory,
    OrgEpochFactory,
    WaiverFactory,
)
from tests.portal.signing import PRODUCTION, frozen, production_done, run_approved, sign, signed

pytestmark = pytest.mark.django_db
LONG_AGO = datetime.datetime(2025, 3, 1, 12, 0, tzinfo=datetime.UTC)
PROPERTY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Change = Callable[[Customer], object]


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


def epoch(customer: Customer, environment: str = PRODUCTION) -> OrgEpoch:
    connection = Connection.objects.select_related("epoch").get(
        customer=customer, environment=environment
    )
    assert connection.epoch is not None
    return connection.epoch


def of_epoch(**values: object) -> Change:
    return lambda customer: OrgEpoch.objects.filter(pk=epoch(customer).pk).update(**values)


def of_output(**values: object) -> Change:
    return lambda customer: OutputSettings.objects.filter(customer=customer).update(**values)


def of_production(**values: object) -> Change:
    return lambda customer: EnvironmentSettings.objects.filter(
        customer=customer, environment=PRODUCTION
    ).update(**values)


def unsaid(step: str) -> Change:
    return lambda customer: Confirmation.objects.filter(customer=customer, step=step).update(
        withdrawn_at=timezone.now()
    )


def waived(customer: Customer) -> None:
    WaiverFactory(
        customer=customer,
        step="production.mirror",
        epoch=epoch(customer),
        by=customer.implementation_manager,
        reason="We switch the campaign on at launch.",
    )


def another_org(customer: Customer) -> None:
    connection = Connection.objects.get(customer=customer, environment=PRODUCTION)
    OrgEpoch.objects.filter(connection=connection).update(ended_at=timezone.now())
    connection.epoch = OrgEpochFactory(
        connection=connection, number=2, kind=OrgKind.PRODUCTION, name="Northwind East"
    )
    connection.save(update_fields=["epoch"])


def answered(name: str, **values: object) -> Change:
    """Production answers a check otherwise."""
    return lambda customer: CheckResult.objects.filter(epoch=epoch(customer), name=name).update(
        **values
    )


def question(name: str) -> str:
    """What a check is called in the words of a difference."""
    check = check_find(name)
    assert check is not None
    return str(check.question)


def second_test(environment: str) -> Change:
    return lambda customer: run_approved(
        customer, customer.memberships.first().user, epoch(customer, environment), number=2
    )


# Everything that is hashed, and the words by which its change is named.
HASHED: dict[str, Change] = {
    "Path": lambda customer: Customer.objects.filter(pk=customer.pk).update(
        path=Path.PRODUCTION_ONLY
    ),
    "Production org": another_org,
    "Connected Salesforce user": of_epoch(user_id="005000000000009AAA", username="other@x.example"),
    "UserGems app in the org": of_epoch(app_installed=False),
    "UserGems package": of_epoch(package_version="2.0"),
    "Record": of_output(record_mode="always_lead"),
    "Owner of a created contact": of_output(contact_owner_rule="default_owner"),
    "Lead source": of_output(lead_source="Gems"),
    "Lead assignment rules": of_output(run_assignment_rules=True),
    "Records that look like duplicates": of_output(save_past_alerts=True),
    "Owner of a created lead": of_output(lead_owner_rule="round_robin"),
    "Account on the lead, in your field": of_output(lead_account_field="Matched"),
    "Record at the past company": of_output(update_past_record=False),
    "Past contact: Status": of_output(
        field_mapping=[
            {
                "target": "past_contact",
                "field": "Status",
                "source": "",
                "text": "Former customer",
                "replace": True,
            }
        ]
    ),
    "Default owner": of_production(default_owner_id="005000000000007AAA"),
    "Campaign": of_production(campaign_id="701000000000001AAA", campaign_name="Champion moves"),
    "Match production to the tested sandbox": unsaid("production.mirror"),
    "Give the integration user its permissions": unsaid("production.permissions"),
    question("rep_access"): answered("rep_access", outcome="warning"),
    question("automation"): answered("automation", outcome="fail"),
    "Where people come from": lambda customer: PeopleSource.objects.filter(
        customer=customer
    ).update(kind=PeopleSource.Kind.ENGINE),
    "Test in the sandbox": second_test(Environment.SANDBOX),
    "Test in production": lambda customer: RunApproval.objects.filter(
        test_run__customer=customer, test_run__environment=PRODUCTION, side="vendor"
    ).update(content_hash="f" * 64),
    "Allowance of the production test": lambda customer: Allowance.objects.filter(
        test_run__customer=customer
    ).update(content_hash="e" * 64),
}
# The settings step reads the path, so that these two changes name others, too.
ALONE = {"Path", "Production org"}


def sandbox_refreshed(customer: Customer) -> None:
    connection = Connection.objects.get(customer=customer, environment=Environment.SANDBOX)
    old = OrgEpoch.objects.get(pk=connection.epoch_id)
    OrgEpoch.objects.filter(pk=old.pk).update(ended_at=timezone.now())
    epoch_ended.send(sender=OrgEpoch, epoch=old)
    connection.epoch = OrgEpochFactory(connection=connection, number=old.number + 1)
    connection.save(update_fields=["epoch"])
    connection_established.send(sender=Connection, connection=connection)


def connected_again(customer: Customer) -> None:
    connection = Connection.objects.get(customer=customer, environment=PRODUCTION)
    connection.token_generation += 1
    connection.connected_at = timezone.now()
    connection.save()
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(app_installed=None)
    connection_established.send(sender=Connection, connection=connection)


# Times, counters, texts of evidence, names, and everything about the sandbox that is connected.
HARMLESS: dict[str, Change] = {
    "asked again": of_epoch(facts_at=LONG_AGO, facts_error="The org did not answer."),
    "org renamed": of_epoch(name="Northwind Traders Inc.", instance_name="NA231"),
    "calls counted": lambda customer: Connection.objects.filter(customer=customer).update(
        api_calls_used=99, api_calls_at=LONG_AGO
    ),
    "connection lost": lambda customer: Connection.objects.filter(customer=customer).update(
        health="needs_reconnecting", health_reason="The token is dead.", health_since=LONG_AGO
    ),
    "connected again": connected_again,
    "confirmed at another time": lambda customer: Confirmation.objects.filter(
        customer=customer
    ).update(at=LONG_AGO, statement="Said in other words."),
    "settings looked at again": of_production(validated_at=LONG_AGO, updated_at=LONG_AGO),
    "owner renamed": of_production(default_owner_name="Olga New Name"),
    "sandbox settings": lambda customer: EnvironmentSettings.objects.update_or_create(
        customer=customer,
        environment=Environment.SANDBOX,
        defaults={"default_owner_id": "005000000000077AAA"},
    ),
    "sandbox refreshed": sandbox_refreshed,
    "sandbox cleaned up": lambda customer: Delivery.objects.filter(
        environment=Environment.SANDBOX
    ).update(state=Delivery.State.WAITING, attempts_made=0),
    "set aside ones tried again": lambda customer: Delivery.objects.filter(
        environment=PRODUCTION
    ).update(attempts_made=3),
    "test closed": lambda customer: TestRun.objects.create(
        customer=customer,
        environment=PRODUCTION,
        epoch=epoch(customer),
        number=TestRun.objects.count() + 10,
        state=TestRun.State.CLOSED,
        created_by=customer.implementation_manager,
    ),
    "imported": lambda customer: JobChangeFactory(customer=customer),
    "colleague joined": lambda customer: MembershipFactory(customer=customer),
    "put on hold": lambda customer: Customer.objects.filter(pk=customer.pk).update(
        hold_reason="Waiting for the contract.", name="Northwind Traders Ltd."
    ),
    "headroom": answered("api_headroom", outcome="fail"),
    "checked again": answered("owners", checked_at=LONG_AGO, since=LONG_AGO, found="In new words."),
    "not answered this time": answered("owners", error="No answer.", error_at=LONG_AGO),
    "sandbox checked": lambda customer: CheckResult.objects.filter(
        epoch=epoch(customer, Environment.SANDBOX)
    ).delete(),
    "source chosen again": lambda customer: PeopleSource.objects.filter(customer=customer).update(
        chosen_at=LONG_AGO
    ),
}


@PROPERTY
@given(
    changes=st.lists(
        st.sampled_from(sorted(set(HASHED) - ALONE)), min_size=1, max_size=4, unique=True
    ),
    noise=st.lists(st.sampled_from(sorted(HARMLESS)), max_size=3, unique=True),
    sides=st.sampled_from([(), ("customer",), ("vendor",), ("customer", "vendor")]),
)
def test_rule_1_any_change_of_what_was_signed_voids_it_and_is_named(
    northwind, admin_person, manager, changes, noise, sides
):
    with transaction.atomic():
        summary = frozen(northwind, admin_person)
        people = {"customer": admin_person, "vendor": manager}
        for side in sides:
            sign(summary, side, people[side])

        # First the noise: connecting again looks at the org again, and would find the app there.
        for name in noise:
            HARMLESS[name](northwind)
        for name in changes:
            HASHED[name](northwind)

        assert services.summary_check(northwind) is None
        summary.refresh_from_db()
        assert summary.voided_at is not None
        assert summary.voided_by is None
        # "asked again" and the like are no differences; a second test in the sandbox is one.
        assert {one["what"] for one in summary.differences} == set(changes)
        assert all(one["before"] != one["after"] for one in summary.differences)
        transaction.set_rollback(True)


@PROPERTY
@given(noise=st.lists(st.sampled_from(sorted(HARMLESS)), min_size=1, max_size=6, unique=True))
def test_times_counters_evidence_and_the_sandbox_void_nothing(northwind, admin_person, noise):
    with transaction.atomic():
        summary = signed(northwind, admin_person)

        for name in noise:
            HARMLESS[name](northwind)

        assert services.summary_check(northwind) == summary
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(HASHED))
def test_each_change_is_named_in_words(northwind, admin_person, name):
    summary = signed(northwind, admin_person)

    HASHED[name](northwind)

    assert services.summary_check(northwind) is None
    summary.refresh_from_db()
    found = {one["what"]: one for one in summary.differences}
    assert name in found
    words = " ".join(str(value) for one in summary.differences for value in one.values())
    assert "_" not in words.replace("usergem-1", "")
    assert "{" not in words


def test_a_difference_reads_as_a_sentence(northwind, admin_person):
    signed(northwind, admin_person)
    HASHED["Lead source"](northwind)
    HASHED["Campaign"](northwind)

    view = sign_off_view(northwind, person=admin_person)

    assert view.state == SignOffState.CAN_FREEZE
    assert view.differs_words == [
        "Lead source: before “UserGems”, now “Gems”.",
        "Campaign: before “none”, now “Champion moves (701000000000001AAA)”.",
    ]


def test_a_user_who_is_called_otherwise_in_salesforce_is_a_change(northwind, admin_person):
    signed(northwind, admin_person)

    of_epoch(username="somebody.else@northwind.example")(northwind)

    assert services.summary_check(northwind) is None


def said_by_somebody_else(customer: Customer) -> None:
    Confirmation.objects.filter(customer=customer, step="production.permissions").update(
        by=customer.implementation_manager
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(of_epoch(user_id="005000000000009AAA"), id="user of the same name"),
        pytest.param(of_epoch(package_manifest="usergems-1"), id="package"),
        pytest.param(of_epoch(package_installed=False), id="package gone"),
        pytest.param(of_production(campaign_status="Responded"), id="status in the campaign"),
        pytest.param(said_by_somebody_else, id="confirmed by somebody else"),
        pytest.param(
            lambda customer: RunApproval.objects.filter(
                test_run__customer=customer, side="customer"
            ).update(content_hash="f" * 64),
            id="test as the customer approved it",
        ),
        pytest.param(
            lambda customer: Allowance.objects.filter(test_run__customer=customer).update(
                withdrawn_at=timezone.now()
            ),
            id="allowance that ended",
        ),
    ],
)
def test_each_part_of_what_is_hashed_voids_it_alone(northwind, admin_person, change):
    signed(northwind, admin_person)
    change(northwind)

    assert services.summary_check(northwind) is None
    assert sign_off_view(northwind, person=admin_person).differences


@pytest.mark.parametrize("step", ["production.layouts", "production.lead_conversion"])
def test_without_a_sandbox_layouts_and_conversion_are_signed(manager, admin_person, step):
    alone = CustomerFactory(implementation_manager=manager, path=Path.PRODUCTION_ONLY)
    MembershipFactory(customer=alone, user=admin_person)
    production_done(alone, admin_person)
    signed(alone, admin_person)
    unsaid(step)(alone)

    assert services.summary_check(alone) is None


def test_a_reason_for_waiving_is_part_of_what_is_signed(northwind, admin_person):
    waived(northwind)
    signed(northwind, admin_person)

    northwind.waivers.update(reason="Because we say so.")

    assert services.summary_check(northwind) is None
    voided = sign_off_view(northwind, person=admin_person).differences[0]
    assert voided.before.endswith("We switch the campaign on at launch.")
    assert voided.after.endswith("Because we say so.")


def test_saving_settings_voids_at_once(northwind, admin_person):
    summary = signed(northwind, admin_person)
    heard: list[Summary] = []

    def hear(*, summary: Summary, **_kwargs: object) -> None:
        heard.append(summary)

    summary_voided.connect(hear)
    try:
        settings_save(
            customer=northwind,
            environment=PRODUCTION,
            values=SettingsValues(
                record_mode="always_lead",
                lead_source="UserGems",
                contact_owner_rule="account_owner",
                default_owner_id="005000000000002AAA",
            ),
            by=admin_person,
            options=None,
        )
    finally:
        summary_voided.disconnect(hear)

    summary.refresh_from_db()
    assert summary.voided_at is not None
    assert heard == [summary]
    assert northwind.events.filter(action="sign_off.voided").count() == 1


@pytest.mark.parametrize(
    "happens",
    [
        lambda customer, connection: connection_established.send(
            sender=Connection, connection=connection
        ),
        lambda customer, connection: epoch_ended.send(sender=OrgEpoch, epoch=connection.epoch),
        lambda customer, connection: run_approved_signal.send(
            sender=TestRun, test_run=TestRun.objects.filter(customer=customer).first()
        ),
    ],
    ids=["connected", "org replaced", "test approved"],
)
def test_what_happens_to_production_is_compared_at_once(northwind, admin_person, happens):
    """Nobody has to open a page or wait for the clock."""
    summary = signed(northwind, admin_person)
    connection = Connection.objects.get(customer=northwind, environment=PRODUCTION)
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(username="else@northwind.example")

    happens(northwind, connection)

    summary.refresh_from_db()
    assert summary.voided_at is not None


def test_a_step_that_was_taken_back_is_found_by_the_clock(northwind, admin_person):
    summary = signed(northwind, admin_person)
    step_confirmation_withdraw(customer=northwind, step="production.permissions", by=admin_person)

    summaries_look()

    summary.refresh_from_db()
    assert [one["what"] for one in summary.differences] == [
        "Give the integration user its permissions"
    ]


def test_a_void_summary_cannot_be_signed_and_stays_void(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    HASHED["Lead source"](northwind)

    with pytest.raises(services.SignOffError, match="This summary ended"):
        sign(summary, "customer", admin_person)
    of_output(lead_source="UserGems")(northwind)

    summary.refresh_from_db()
    assert summary.voided_at is not None
    assert services.summary_check(northwind) is None


def test_rule_1_a_change_in_the_moment_of_signing_is_not_signed(
    northwind, admin_person, monkeypatch
):
    """Between the look and the lock somebody saves settings."""
    summary = frozen(northwind, admin_person)
    lock = services.customer_lock

    def change_and_lock(pk):
        HASHED["Lead source"](northwind)
        return lock(pk)

    monkeypatch.setattr(services, "customer_lock", change_and_lock)

    with pytest.raises(services.SignOffError, match="changed this moment"):
        sign(summary, "customer", admin_person)
    assert not summary.signatures.exists()


def test_a_change_put_back_before_anybody_looked_voids_nothing(northwind, admin_person):
    summary = signed(northwind, admin_person)
    HASHED["Lead source"](northwind)
    of_output(lead_source="UserGems")(northwind)

    assert services.summary_check(northwind) == summary


def test_a_change_put_back_while_it_was_looked_at_voids_nothing(
    northwind, admin_person, monkeypatch
):
    """Between the look and the lock somebody saves what was signed again."""
    summary = signed(northwind, admin_person)
    HASHED["Lead source"](northwind)
    lock = standing.customer_lock

    def put_back_and_lock(pk):
        of_output(lead_source="UserGems")(northwind)
        return lock(pk)

    monkeypatch.setattr(standing, "customer_lock", put_back_and_lock)

    assert services.summary_check(northwind) == summary
    summary.refresh_from_db()
    assert summary.voided_at is None


def test_what_has_ended_is_not_ended_again_by_somebody_slower(northwind, admin_person, manager):
    summary = frozen(northwind, admin_person)
    slower = Summary.objects.get(pk=summary.pk)
    assert services.summary_withdraw(summary=summary, by=admin_person)

    assert not standing.summary_end(slower, differences=[], by=manager)
    summary.refresh_from_db()
    assert summary.voided_by == admin_person


def test_the_event_of_a_void_names_hashes_only(northwind, admin_person):
    signed(northwind, admin_person)
    HASHED["Default owner"](northwind)
    services.summary_check(northwind)

    event = northwind.events.get(action="sign_off.voided")
    assert set(event.data) == {
        "summary",
        "content_hash",
        "now_hash",
        "differences_hash",
        "batch",
    }
    assert event.side == "system"


def test_what_is_compared_costs_few_queries(northwind, admin_person, django_assert_max_num_queries):
    signed(northwind, admin_person)

    with django_assert_max_num_queries(18):
        services.summary_check(northwind)


def test_another_customers_change_voids_nothing(northwind, admin_person, other_customer):
    summary = signed(northwind, admin_person)
    ConnectionFactory(customer=other_customer, environment=PRODUCTION)

    services.summary_check(other_customer)

    assert services.summary_check(northwind) == summary
