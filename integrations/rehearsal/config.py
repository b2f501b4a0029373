"""Which orgs there are and how each is set up: data, so that a broken org is a few lines more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.rehearsal import ids

VERSIONS: tuple[tuple[str, str], ...] = (
    ("Spring '24", "60.0"),
    ("Summer '24", "61.0"),
    ("Winter '25", "62.0"),
    ("Spring '25", "63.0"),
    ("Summer '25", "64.0"),
    ("Winter '26", "65.0"),
    ("Spring '26", "66.0"),
    ("Summer '26", "67.0"),
    ("Winter '27", "68.0"),
)
PRODUCTION = "production"
SANDBOX = "sandbox"
ADMIN_PROFILE = "System Administrator"
API_PROFILE = "Minimum Access - API Only Integrations"


def _id(prefix: str, instance: str, rest: str) -> str:
    value = prefix + instance + rest.rjust(10, "0")
    return value + ids.suffix(value)


@dataclass(frozen=True)
class ValidationRule:
    """A customer-made rule: refuse when all of `blank` are empty at one of the moments in `on`.

    `when` limits it to records whose field has a value, such as ("Country", "Germany").
    """

    sobject: str
    name: str
    blank: tuple[str, ...]
    message: str
    on: tuple[str, ...] = ("insert", "update")
    when: tuple[str, str] | None = None


@dataclass(frozen=True)
class DuplicateRule:
    """Standard rule on the same e-mail: `alert` may be saved past with the header, `block` not."""

    sobject: str
    action: str = "alert"
    match_on: str = "Email"


@dataclass(frozen=True)
class UserConfig:
    """A user that is not a record owner from the CRM file."""

    user_id: str
    username: str
    first_name: str
    last_name: str
    profile: str
    marketing_user: bool = True
    permissions: tuple[str, ...] = ()


INTEGRATION_USER = UserConfig(
    _id("005", "7z", "Int"),
    "usergems.integration@northwind.example",
    "UserGems",
    "Integration",
    API_PROFILE,
    permissions=(
        "ApiEnabled",
        "ActivitiesAccess",
        "RunReports",
        "ViewSetup",
        "ViewRoles",
        "InstallPackaging",
        "ApproveUninstalledConnectedApps",
    ),
)
ADMIN_USER = UserConfig(
    _id("005", "7z", "Adm"), "priya.shah@northwind.example", "Priya", "Shah", ADMIN_PROFILE
)


@dataclass(frozen=True)
class OrgConfig:
    """One org. The defaults are those of a healthy one."""

    key: str
    title: str
    environment: str
    org_id: str
    name: str = "Northwind"
    sandbox_name: str = ""
    edition: str = "Enterprise Edition"
    instance: str = "USA812"
    trial_ends: str | None = None
    created: str = "2019-03-04T09:12:44.000+0000"
    records: str = "crm"  # "crm": the whole data set; "few": users and a handful of records
    country: str = "US"
    users: tuple[UserConfig, ...] = (ADMIN_USER, INTEGRATION_USER)
    # What the record owners' usernames end in.
    domain: str = "northwind.example"
    daily_requests: int = 145_000
    storage_mb: int = 10_240
    session_seconds: int = 7200
    connected_app: str = "open"  # "open", "not_installed" or "blocked"
    api_enabled: bool = True
    validation_rules: tuple[ValidationRule, ...] = ()
    duplicate_rules: tuple[DuplicateRule, ...] = ()
    auto_assign_owner: str | None = None
    # Field-level security for everybody but administrators, as "Lead.LeadSource".
    hidden_fields: frozenset[str] = frozenset()
    read_only_fields: frozenset[str] = frozenset()
    hidden_objects: frozenset[str] = frozenset()

    @property
    def username_suffix(self) -> str:
        """What a sandbox appends to usernames."""
        return f".{self.sandbox_name}" if self.sandbox_name else ""

    @property
    def is_sandbox(self) -> bool:
        """Whether the org is a sandbox."""
        return self.environment == SANDBOX


# The first is met by every job change of the data set; the second refuses the few people in
# Germany who come with neither, so that one realistic refusal can be rehearsed.
LEAD_RULES = (
    ValidationRule(
        "Lead",
        "Country_on_new_leads",
        ("Country",),
        "Country is required on new leads.",
        on=("insert",),
    ),
    ValidationRule(
        "Lead",
        "Reachable_leads_in_Germany",
        ("Email", "Phone"),
        "New leads in Germany need an e-mail address or a phone number.",
        on=("insert",),
        when=("Country", "Germany"),
    ),
)

NORTHWIND: tuple[OrgConfig, ...] = (
    OrgConfig(
        "northwind",
        "Northwind (production)",
        PRODUCTION,
        _id("00D", "7z", "NwPr"),
        validation_rules=LEAD_RULES,
    ),
    OrgConfig(
        "northwind-full",
        "Northwind (full copy)",
        SANDBOX,
        _id("00D", "8b", "NwFu"),
        sandbox_name="full",
        instance="USA55S",
        created="2026-10-05T07:31:09.000+0000",
        daily_requests=5_000_000,
        validation_rules=LEAD_RULES,
    ),
    OrgConfig(
        "northwind-dev",
        "Northwind (developer sandbox)",
        SANDBOX,
        _id("00D", "8c", "NwDe"),
        sandbox_name="dev",
        instance="USA57S",
        created="2026-11-02T15:02:51.000+0000",
        records="few",
        daily_requests=25_000,
        storage_mb=200,
    ),
)

HARBOR: tuple[OrgConfig, ...] = (
    OrgConfig(
        "harbor",
        "Harbor Analytics (production)",
        PRODUCTION,
        _id("00D", "7z", "HrPr"),
        name="Harbor Analytics",
        instance="USA814",
        created="2022-06-13T10:40:02.000+0000",
        domain="harbor.example",
        users=(
            replace(
                ADMIN_USER,
                username="leo.fischer@harbor.example",
                first_name="Leo",
                last_name="Fischer",
            ),
            replace(INTEGRATION_USER, username="usergems.integration@harbor.example"),
        ),
        validation_rules=LEAD_RULES,
    ),
)


@dataclass(frozen=True)
class Client:
    """A registered connected app. A callback ending in `*` allows everything that begins so."""

    client_id: str
    client_secret: str
    environment: str
    callbacks: tuple[str, ...]
    name: str = "UserGems"
    scopes: tuple[str, ...] = ("api", "refresh_token", "openid", "id")

    def allows(self, redirect_uri: str) -> bool:
        """Whether the app may be sent back to this address."""
        return any(
            redirect_uri.startswith(callback[:-1])
            if callback.endswith("*")
            else redirect_uri == callback
            for callback in self.callbacks
        )


def default_clients(site_url: str) -> list[Client]:
    """The demo's two apps, with the site's callback addresses."""
    return [
        Client(
            f"rehearsal-{environment}-client",
            f"rehearsal-{environment}-secret",
            environment,
            (f"{site_url.rstrip('/')}/connect/callback/{environment}/",),
        )
        for environment in (PRODUCTION, SANDBOX)
    ]


def clients_from_json(text: str) -> list[Client]:
    """Clients from `REHEARSAL_CLIENTS`: a list of objects with the fields of `Client`."""
    result = []
    for item in json.loads(text):
        values: dict[str, Any] = dict(item)
        values["callbacks"] = tuple(values.get("callbacks", ()))
        if "scopes" in values:
            values["scopes"] = tuple(values["scopes"])
        result.append(Client(**values))
    return result


@dataclass(frozen=True)
class Settings:
    """What the command line decides."""

    port: int
    site_url: str = "http://127.0.0.1:8000"
    clients: tuple[Client, ...] = ()
    orgs: tuple[OrgConfig, ...] = field(default=(*NORTHWIND, *HARBOR))

    def url(self, offset: int) -> str:
        """The address of a host by its place among the ports."""
        return f"http://127.0.0.1:{self.port + offset}"

    @property
    def login_urls(self) -> dict[str, str]:
        """Environment to address of its login host."""
        return {PRODUCTION: self.url(0), SANDBOX: self.url(1)}
