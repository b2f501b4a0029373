"""Which org is this, and may this customer connect it here? (product.md, section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from accounts.models import Customer, Environment
from integrations.models import ConnectAttempt, Connection, Health, OrgEpoch, OrgKind
from integrations.oauth.hosts import is_instance, sandbox_name
from integrations.salesforce.hosts import company_domain


@dataclass(frozen=True)
class SeenOrg:
    """What a sign-in showed: ids of 18 characters, the org's kind, address and name, who came."""

    org_id: str
    kind: str
    instance_url: str
    user_id: str = ""
    username: str = ""
    name: str = ""


def attempt_seen(attempt: ConnectAttempt) -> SeenOrg:
    """What an attempt that came back showed."""
    return SeenOrg(
        org_id=attempt.organization["id"],
        kind=attempt.organization["kind"],
        instance_url=attempt.identity["instance_url"],
        user_id=attempt.identity["user_id"],
        username=attempt.identity["username"],
        name=attempt.organization["name"],
    )


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


def org_refusal(*, customer: Customer, environment: str, seen: SeenOrg) -> str:
    """The problem code (`integrations.oauth.problem_table`) that forbids it, or "".

    A kind that does not fit the environment; an org that another customer has connected; an org
    other than the live one of this connection, unless it is a refresh of it.
    """
    if refusal := _kind_refusal(environment, seen.kind):
        return refusal
    if org_holder(customer=customer, org_id=seen.org_id) is not None:
        return "org_taken"
    before = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=environment)
        .first()
    )
    if before is None or before.epoch is None or before.health == Health.DISCONNECTED:
        return ""
    if before.epoch.org_id == seen.org_id or org_was_refreshed(before, seen):
        return ""
    return "other_org"


def _kind_refusal(environment: str, kind: str) -> str:
    never = {
        OrgKind.SCRATCH: "scratch_org",
        OrgKind.TRIAL: "trial_org",
        OrgKind.DEVELOPER: "developer_org",
    }
    if kind in never:
        return never[OrgKind(kind)]
    if environment == Environment.SANDBOX and kind != OrgKind.SANDBOX:
        return "production_in_sandbox"
    if environment == Environment.PRODUCTION and kind != OrgKind.PRODUCTION:
        return "sandbox_in_production"
    return ""


def org_holder(*, customer: Customer, org_id: str) -> Connection | None:
    """The other customer's connection whose current org this is; None when it is free.

    A disconnected one still holds it: its records and history lie there, and it may connect again
    at any time and go on (identity-and-state). One that has moved on to another org does not:
    that epoch is history, and `org_connected_once` says the same in the database.
    """
    epoch = (
        OrgEpoch.objects.select_related("connection__customer__implementation_manager")
        .filter(org_id=org_id, ended_at=None)
        .exclude(connection__customer=customer)
        .first()
    )
    return epoch.connection if epoch else None


def org_was_refreshed(connection: Connection, seen: SeenOrg) -> bool:
    """Whether this org is the connected sandbox after a refresh: a new org id at its old place.

    A production org keeps its id for life. Where both addresses name a sandbox, the name decides;
    when only the company's part changed, the user must be the same one, too: user ids are copied
    from production (platform reference, 5.2 and 5.3). An address with an instance is shared by
    many orgs and may change with the refresh: there the username decides, which no two orgs have
    at the same time. Any other address stands for itself.
    """
    epoch = connection.epoch
    if connection.environment != Environment.SANDBOX or epoch is None:
        return False
    if epoch.org_id == seen.org_id:
        return False
    there, here = sandbox_name(epoch.instance_url), sandbox_name(seen.instance_url)
    same_username = bool(seen.username) and epoch.username.lower() == seen.username.lower()
    if there and here:
        same_user = same_username or (bool(seen.user_id) and epoch.user_id == seen.user_id)
        return there.name == here.name and (there.company == here.company or same_user)
    if is_instance(epoch.instance_url) or is_instance(seen.instance_url):
        return same_username
    return urlsplit(epoch.instance_url).netloc == urlsplit(seen.instance_url).netloc


def parent_verdict(
    *, customer: Customer, sandbox_org_ids: Sequence[str] | None, instance_url: str
) -> str:
    """Whether production is the parent of the tested sandbox: "proven", "other" or "unknown".

    `sandbox_org_ids`: the orgs that production's own list of sandboxes names (15 characters or
    18), None when it may not be read (platform reference, 4.3). An empty list proves nothing: its
    rows are kept for a time only. Where both addresses carry the same company's domain, which no
    other company can have, neither does a list without the tested one.
    """
    tested = Connection.objects.filter(
        customer=customer, environment=Environment.SANDBOX, epoch__isnull=False
    ).values_list("epoch__org_id", "epoch__instance_url")
    named = {org_id[:15] for org_id in sandbox_org_ids or () if org_id}
    company = company_domain(instance_url)
    for org_id, sandbox_url in tested:
        if org_id[:15] in named:
            return "proven"
        if named and not (company and company_domain(sandbox_url) == company):
            return "other"
    return "unknown"
