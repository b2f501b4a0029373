"""Which orgs there are and how each is set up: data, so that a broken org is a few lines more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from integrations.rehearsal.clients import ENVIRONMENTS, Client
from integrations.rehearsal.clients import default_clients as default_clients
from integrations.rehearsal.house_rules import CampaignChange as CampaignChange
from integrations.rehearsal.house_rules import CustomField as CustomField
from integrations.rehearsal.house_rules import DuplicateRule as DuplicateRule
from integrations.rehearsal.house_rules import ExtraLayout as ExtraLayout
from integrations.rehearsal.house_rules import FieldChange as FieldChange
from integrations.rehearsal.house_rules import Flow as Flow
from integrations.rehearsal.house_rules import RecordType as RecordType
from integrations.rehearsal.house_rules import RequiredField as RequiredField
from integrations.rehearsal.house_rules import Role as Role
from integrations.rehearsal.house_rules import Trigger as Trigger
from integrations.rehearsal.house_rules import ValidationRule as ValidationRule
from integrations.rehearsal.users import ADMIN_PROFILE as ADMIN_PROFILE
from integrations.rehearsal.users import ADMIN_USER as ADMIN_USER
from integrations.rehearsal.users import API_PROFILE as API_PROFILE
from integrations.rehearsal.users import INTEGRATION_USER as INTEGRATION_USER
from integrations.rehearsal.users import SALES_PROFILE as SALES_PROFILE
from integrations.rehearsal.users import UserConfig as UserConfig
from integrations.rehearsal.users import org_part_id as _id

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
PRODUCTION, SANDBOX = ENVIRONMENTS
# From the top down; the people of the CRM file have one of the last three.
ROLES = (
    Role("VP Sales"),
    Role("Sales Manager", "VP Sales"),
    Role("Account Executive", "Sales Manager"),
    Role("SDR", "Sales Manager"),
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
    # A point in time, or "in 30 days".
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
    # Refresh Token Rotation; off, a refresh token stays good and no new one comes.
    token_rotation: bool = True
    # "open", "not_installed", "blocked", "admin_approved" (only `app_profiles` may sign in), or
    # "external_not_found": an external client app that was never packaged for this org.
    connected_app: str = "open"
    app_profiles: tuple[str, ...] = ()
    # API Access Control: signing in then needs UseAnyApiClient, unless the app is installed.
    api_access_control: bool = False
    # Login IP ranges that leave us out.
    ip_restricted: bool = False
    # Off: the org's policy allows signing in at its own My Domain only.
    login_host: bool = True
    api_enabled: bool = True
    # API versions offered; empty: all of VERSIONS.
    versions: tuple[str, ...] = ()
    # The package as found on the first day: "" is none; for "all" users or for "admins".
    package_version: str = ""
    package_security: str = "all"
    # The key of the production a sandbox was copied from, and what kind of copy it is.
    sandbox_of: str = ""
    sandbox_license: str = "FULL"
    # Calls that others have made today, before ours.
    requests_used: int = 0
    storage_full: bool = False
    # Whether `If-Modified-Since` and `If-Unmodified-Since` count. Off: they are not looked at.
    conditions_honoured: bool = True
    # How long every API call takes before it is answered.
    slow_seconds: float = 0.0
    validation_rules: tuple[ValidationRule, ...] = ()
    duplicate_rules: tuple[DuplicateRule, ...] = ()
    auto_assign_owner: str | None = None
    # Field-level security for everybody but administrators, as "Lead.LeadSource".
    hidden_fields: frozenset[str] = frozenset()
    read_only_fields: frozenset[str] = frozenset()
    hidden_objects: frozenset[str] = frozenset()
    # Object rights for everybody but administrators.
    no_create: frozenset[str] = frozenset()
    no_edit: frozenset[str] = frozenset()
    # System permissions taken from every user's own, such as "ViewSetup"; and given to the
    # integration user beyond its own, with object rights such as "Lead.Delete" or "*.Delete".
    removed_permissions: frozenset[str] = frozenset()
    extra_permissions: frozenset[str] = frozenset()
    extra_rights: frozenset[str] = frozenset()
    # The record owners' access to the package's object and fields, where it is for all users.
    reps_read_only: bool = False
    reps_without_access: bool = False
    # Record owners who have left, by the beginning of their username, such as "amy.brown".
    inactive_users: frozenset[str] = frozenset()
    roles: tuple[Role, ...] = ROLES
    # Org-wide default sharing where it is not public; private is "None" in the API.
    sharing: Mapping[str, str] = field(default_factory=dict)
    required_fields: tuple[RequiredField, ...] = ()
    # Values of picklists made restricted, by "Lead.LeadSource".
    restricted_picklists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    flows: tuple[Flow, ...] = ()
    record_types: tuple[RecordType, ...] = ()
    # Fields of the customer's own, and what is other about fields, by "Lead.Title".
    custom_fields: tuple[CustomField, ...] = ()
    field_changes: Mapping[str, FieldChange] = field(default_factory=dict)
    # What is other about campaigns, by name.
    campaigns_changed: Mapping[str, CampaignChange] = field(default_factory=dict)
    # Whether the administrator put the package's fields and related lists on the page layouts,
    # and mapped its lead fields for conversion.
    layouts_done: bool = True
    lead_mapping_done: bool = True
    # Layouts beside each object's standard one; and what is left off all layouts of an object:
    # "Lead.UserGem__Persona__c", and related lists as "Lead.UserGem__NewLead__c" (the lookup).
    extra_layouts: tuple[ExtraLayout, ...] = ()
    layout_fields_off: frozenset[str] = frozenset()
    related_lists_off: frozenset[str] = frozenset()
    # Objects whose Lightning page lacks the package's component, or is not activated.
    components_off: frozenset[str] = frozenset()
    pages_inactive: frozenset[str] = frozenset()
    # Objects whose Lightning page shows fields by Dynamic Forms, with the package's fields on it.
    dynamic_forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Package fields of leads that are not mapped, or to another field of the contact.
    unmapped_fields: frozenset[str] = frozenset()
    mapped_elsewhere: Mapping[str, str] = field(default_factory=dict)

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

# What Northwind's administrator made beside the package: the same in production and its copies.
OWN_FIELDS = (
    CustomField("UserGem__UserGem__c", "NPS_Score__c", "NPS Score", type="double", digits=3),
)
OWN_LAYOUTS = (ExtraLayout("Lead", "Lead (Sales) Layout", (SALES_PROFILE,)),)

NORTHWIND: tuple[OrgConfig, ...] = (
    OrgConfig(
        "northwind",
        "Northwind (production)",
        PRODUCTION,
        _id("00D", "7z", "NwPr"),
        validation_rules=LEAD_RULES,
        custom_fields=OWN_FIELDS,
        extra_layouts=OWN_LAYOUTS,
    ),
    OrgConfig(
        "northwind-full",
        "Northwind (full copy)",
        SANDBOX,
        _id("00D", "8b", "NwFu"),
        sandbox_name="full",
        sandbox_of="northwind",
        instance="USA55S",
        created="2026-10-05T07:31:09.000+0000",
        daily_requests=5_000_000,
        validation_rules=LEAD_RULES,
        custom_fields=OWN_FIELDS,
        extra_layouts=OWN_LAYOUTS,
    ),
    OrgConfig(
        "northwind-dev",
        "Northwind (developer sandbox)",
        SANDBOX,
        _id("00D", "8c", "NwDe"),
        sandbox_name="dev",
        sandbox_of="northwind",
        sandbox_license="DEVELOPER",
        instance="USA57S",
        created="2026-11-02T15:02:51.000+0000",
        records="few",
        daily_requests=25_000,
        storage_mb=200,
        custom_fields=OWN_FIELDS,
        extra_layouts=OWN_LAYOUTS,
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


def more_orgs(count: int) -> tuple[OrgConfig, ...]:
    """Further production orgs, each of a customer of its own with Northwind's records.

    For measuring many customers side by side; `make run` has none.
    """
    return tuple(
        replace(
            NORTHWIND[0],
            key=f"more-{number}",
            title=f"Customer {number} (production)",
            org_id=_id("00D", "7z", f"Mo{number:02d}"),
            name=f"Customer {number}",
            domain=f"more{number}.example",
            users=tuple(
                replace(user, username=f"{user.username.partition('@')[0]}@more{number}.example")
                for user in NORTHWIND[0].users
            ),
        )
        for number in range(1, count + 1)
    )


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
