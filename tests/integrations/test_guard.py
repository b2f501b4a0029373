"""Which org may be connected where (product.md, section 4; platform reference, 4.2)."""

import pytest
from django.utils import timezone

from integrations.models import Health
from integrations.services.guard import (
    SeenOrg,
    org_kind,
    org_refusal,
    org_was_refreshed,
    parent_verdict,
)
from tests.factories import (
    ConnectionFactory,
    OrgEpochFactory,
)

ENTERPRISE = "Enterprise Edition"
ADDRESS = "https://acme--uat.sandbox.my.salesforce.com"
ELSEWHERE = "https://globex.my.salesforce.com"


@pytest.mark.parametrize(
    ("sandbox", "trial", "edition", "kind"),
    [
        (True, None, ENTERPRISE, "sandbox"),
        (True, None, "Developer Edition", "sandbox"),
        (True, "2026-12-01T00:00:00.000+0000", "Developer Edition", "scratch"),
        (False, None, ENTERPRISE, "production"),
        (False, None, "Unlimited Edition", "production"),
        (False, None, "Developer Edition", "developer"),
        (False, "2026-12-01T00:00:00.000+0000", ENTERPRISE, "trial"),
        (False, "2026-12-01T00:00:00.000+0000", "Developer Edition", "trial"),
    ],
)
def test_the_kind_follows_from_organization_not_from_the_host(sandbox, trial, edition, kind):
    row = {"IsSandbox": sandbox, "TrialExpirationDate": trial, "OrganizationType": edition}
    assert org_kind(row) == kind


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("environment", "kind", "refusal"),
    [
        ("sandbox", "sandbox", ""),
        ("sandbox", "production", "production_in_sandbox"),
        ("sandbox", "developer", "developer_org"),
        ("sandbox", "trial", "trial_org"),
        ("sandbox", "scratch", "scratch_org"),
        ("production", "production", ""),
        ("production", "sandbox", "sandbox_in_production"),
        ("production", "developer", "developer_org"),
        ("production", "trial", "trial_org"),
        ("production", "scratch", "scratch_org"),
    ],
)
def test_each_kind_through_each_link(customer, environment, kind, refusal):
    seen = SeenOrg(org_id="00D000000000001AAA", kind=kind, instance_url=ADDRESS)
    found = org_refusal(customer=customer, environment=environment, seen=seen)
    assert found == refusal


def refusal_of(
    customer, environment="sandbox", org_id="00D000000000002AAA", address=ADDRESS, **who
):
    seen = SeenOrg(org_id=org_id, kind=environment, instance_url=address, **who)
    return org_refusal(customer=customer, environment=environment, seen=seen)


@pytest.mark.django_db
def test_a_production_org_with_a_new_id_is_never_a_refresh(customer):
    ConnectionFactory(
        customer=customer,
        environment="production",
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url=ADDRESS,
    )
    assert refusal_of(customer, "production") == "other_org"


@pytest.mark.django_db
@pytest.mark.parametrize("health", [Health.CONNECTED, Health.NEEDS_RECONNECTING])
def test_another_sandbox_is_refused_while_one_is_connected(customer, health):
    ConnectionFactory(
        customer=customer,
        health=health,
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url="https://acme--dev.sandbox.my.salesforce.com",
    )
    assert refusal_of(customer) == "other_org"


USER = "005000000000001AAA"
OTHER_USER = "005000000000002AAA"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after", "user_id", "username", "refreshed"),
    [
        # The same place, a new org.
        (ADDRESS, ADDRESS, OTHER_USER, "other@acme.com.uat", True),
        # The same sandbox, in the form of its time.
        ("https://acme--uat.cs42.my.salesforce.com", ADDRESS, OTHER_USER, "other@acme.com", True),
        # Another sandbox of the company, whoever signs in.
        ("https://acme--dev.sandbox.my.salesforce.com", ADDRESS, USER, "gems@acme.com.uat", False),
        # The company's part changed: the same name and the copied user.
        ("https://acmecorp--uat.sandbox.my.salesforce.com", ADDRESS, USER, "x@acme.com.uat", True),
        ("https://zenith--uat.sandbox.my.salesforce.com", ADDRESS, OTHER_USER, "x@a.com", False),
        # An instance is shared by many orgs: the username decides, nothing else.
        ("https://cs42.salesforce.com", "https://cs42.salesforce.com", USER, "x@a.com.dev", False),
        (
            "https://cs42.salesforce.com",
            "https://cs17.salesforce.com",
            "",
            "Gems@acme.com.UAT",
            True,
        ),
        ("https://cs42.salesforce.com", ADDRESS, OTHER_USER, "gems@acme.com.uat", True),
        ("https://cs42.salesforce.com", ADDRESS, USER, "", False),
    ],
)
def test_a_refreshed_sandbox_is_known_by_its_place(
    customer, before, after, user_id, username, refreshed
):
    ConnectionFactory(
        customer=customer,
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url=before,
        epoch__user_id=USER,
        epoch__username="gems@acme.com.uat",
    )
    found = refusal_of(customer, address=after, user_id=user_id, username=username)
    assert found == ("" if refreshed else "other_org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["https://cs42.salesforce.com", "https://acmecorp--uat.sandbox.my.salesforce.com"]
)
def test_users_of_whom_nothing_is_known_are_not_the_same_one(customer, address):
    """The names of a customer's Salesforce users are forgotten in time (retention)."""
    ConnectionFactory(
        customer=customer,
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url=address,
        epoch__user_id="",
        epoch__username="",
    )
    assert refusal_of(customer) == "other_org"


@pytest.mark.django_db
def test_the_same_org_at_the_same_place_was_not_refreshed(customer):
    connection = ConnectionFactory(
        customer=customer, epoch__org_id="00D000000000002AAA", epoch__instance_url=ADDRESS
    )
    seen = SeenOrg(org_id="00D000000000002AAA", kind="sandbox", instance_url=ADDRESS)
    assert not org_was_refreshed(connection, seen)
    assert refusal_of(customer) == "", "its own customer may connect it again"


@pytest.mark.django_db
def test_the_org_of_the_other_environment_says_nothing_about_this_one(customer):
    ConnectionFactory(
        customer=customer, environment="production", epoch__org_id="00D000000000001AAA"
    )
    assert refusal_of(customer) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("health", list(Health.values))
def test_an_org_is_held_by_its_customer_whatever_the_connections_health(
    customer, other_customer, health
):
    ConnectionFactory(customer=other_customer, health=health, epoch__org_id="00D000000000002AAA")
    assert refusal_of(customer) == "org_taken"


@pytest.mark.django_db
def test_an_org_that_its_customer_left_for_another_is_free(customer, other_customer):
    connection = ConnectionFactory(customer=other_customer, epoch__org_id="00D000000000009AAA")
    OrgEpochFactory(
        connection=connection, org_id="00D000000000002AAA", number=2, ended_at=timezone.now()
    )
    assert refusal_of(customer) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        (["00D000000000001"], "proven"),
        (["00D000000000005", "00D000000000001AAA"], "proven"),
        (["00D000000000005"], "other"),
        (["", "00D000000000005"], "other"),
        ([""], "unknown"),
        ([], "unknown"),
        (None, "unknown"),
    ],
)
def test_production_names_its_sandboxes_or_says_nothing(customer, named, verdict):
    ConnectionFactory(customer=customer, epoch__org_id="00D000000000001AAA")
    assert (
        parent_verdict(customer=customer, sandbox_org_ids=named, instance_url=ELSEWHERE) == verdict
    )


@pytest.mark.django_db
def test_without_a_tested_sandbox_there_is_nothing_to_belong_to(customer):
    assert (
        parent_verdict(
            customer=customer, sandbox_org_ids=["00D000000000005"], instance_url=ELSEWHERE
        )
        == "unknown"
    )


@pytest.mark.django_db
def test_another_customers_sandbox_proves_nothing(customer, other_customer):
    ConnectionFactory(customer=other_customer, epoch__org_id="00D000000000005AAA")
    assert (
        parent_verdict(
            customer=customer, sandbox_org_ids=["00D000000000005"], instance_url=ELSEWHERE
        )
        == "unknown"
    )
    ConnectionFactory(customer=customer, epoch__org_id="00D000000000001AAA")
    assert (
        parent_verdict(
            customer=customer, sandbox_org_ids=["00D000000000005"], instance_url=ELSEWHERE
        )
        == "other"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("production", "verdict"),
    [("https://acme.my.salesforce.com", "unknown"), (ELSEWHERE, "other"), ("", "other")],
)
def test_a_list_without_the_tested_sandbox_proves_nothing_at_the_same_company(
    customer, production, verdict
):
    ConnectionFactory(
        customer=customer, epoch__org_id="00D000000000001AAA", epoch__instance_url=ADDRESS
    )
    named = ["00D000000000005"]
    found = parent_verdict(customer=customer, sandbox_org_ids=named, instance_url=production)
    assert found == verdict
