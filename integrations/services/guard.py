"""Which org is this, and may this customer connect it here? (product.md, section 4)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from accounts.models import Customer, Environment
from integrations.models import Connection, Health, OrgEpoch, OrgKind


def org_kind(organization: Mapping[str, Any]) -> OrgKind:
    """The kind of org, from its `Organization` row (platform reference, 4.2).

    The login host proves nothing; these three columns do.
    """
    trial = bool(organization.get("TrialExpirationDate"))
    if organization.get("IsSandbox"):
        return OrgKind.SCRATCH if trial else OrgKind.SANDBOX
    if trial:
        return OrgKind.TRIAL
    if organization.get("OrganizationType") == "Developer Edition":
        return OrgKind.DEVELOPER
    return OrgKind.PRODUCTION


def org_refusal(
    *, customer: Customer, environment: str, kind: str, org_id: str, instance_url: str
) -> str:
    """The problem code (`integrations.oauth.problem_table`) that forbids it, or "".

    A kind that does not fit the environment; an org that another customer has connected; an org
    other than the live one of this connection, unless it is a refresh of it.
    """
    if kind == OrgKind.SCRATCH:
        return "scratch_org"
    if kind == OrgKind.TRIAL:
        return "trial_org"
    if kind == OrgKind.DEVELOPER:
        return "developer_org"
    if environment == Environment.SANDBOX and kind != OrgKind.SANDBOX:
        return "production_in_sandbox"
    if environment == Environment.PRODUCTION and kind != OrgKind.PRODUCTION:
        return "sandbox_in_production"
    elsewhere = OrgEpoch.objects.filter(org_id=org_id, ended_at=None)
    if elsewhere.exclude(connection__customer=customer).exists():
        return "org_taken"
    before = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=environment)
        .first()
    )
    if before is None or before.epoch is None or before.health == Health.DISCONNECTED:
        return ""
    if before.epoch.org_id == org_id or org_was_refreshed(before, org_id, instance_url):
        return ""
    return "other_org"


def org_was_refreshed(connection: Connection, org_id: str, instance_url: str) -> bool:
    """Whether this org is the connected sandbox after a refresh: same address, new org id.

    Source: platform reference, 5.2. A production org keeps its id for life.
    """
    return (
        connection.environment == Environment.SANDBOX
        and connection.epoch is not None
        and connection.epoch.org_id != org_id
        and urlsplit(connection.epoch.instance_url).netloc == urlsplit(instance_url).netloc
    )
