"""What an org answers to a survey, as plain data: what the checks and the snapshots look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.salesforce.layouts import Layout

# Rights as Setup calls them; a check that cannot be made names the one that is missing.
VIEW_SETUP = "View Setup and Configuration"
VIEW_ROLES = "View Roles and Role Hierarchy"
DOWNLOAD_PACKAGES = "Download AppExchange Packages"
METADATA = "Modify Metadata Through Metadata API Functions"
READ_CAMPAIGNS = "Read on campaigns"
READ_RECORDS = "Read on leads, contacts and accounts"


class CannotAsk(Exception):
    """The running user may not ask that. `right`: what is missing, as Setup calls it."""

    def __init__(self, right: str) -> None:
        super().__init__(right)
        self.right = right


@dataclass(frozen=True)
class OrganizationFacts:
    """The row of Organization."""

    org_id: str
    name: str
    is_sandbox: bool
    edition: str
    trial_ends: str
    created: datetime | None
    # Object to its default sharing as Organization words it ("Private", "Edit", …): Account,
    # Contact, Lead, Opportunity, Campaign. Empty where the org does not say.
    sharing: Mapping[str, str]


@dataclass(frozen=True)
class UserFacts:
    """The user that the connection acts as."""

    user_id: str
    username: str
    name: str
    active: bool
    frozen: bool | None  # None: the org does not say
    profile: str
    license: str
    role_id: str
    role: str
    marketing_user: bool
    administrator: bool | None
    app_installed: bool | None
    # Permission set licenses assigned, such as "SalesforceAPIIntegrationPsl"; None: hidden.
    set_licenses: tuple[str, ...] | None = None


@dataclass(frozen=True)
class GrantingSet:
    """A permission set of the running user, or the one behind the profile."""

    set_id: str
    name: str
    label: str
    profile: str  # the profile's name where it stands for one, else ""
    namespace: str = ""


@dataclass(frozen=True)
class ObjectGrant:
    """A row of ObjectPermissions."""

    set_id: str
    label: str
    profile: str
    object_name: str
    create: bool
    read: bool
    edit: bool
    delete: bool
    view_all: bool
    modify_all: bool


@dataclass(frozen=True)
class FieldGrant:
    """A row of FieldPermissions; `field` as `Lead.UserGem__Persona__c`."""

    set_id: str
    label: str
    profile: str
    field: str
    read: bool
    edit: bool


@dataclass(frozen=True)
class ProfileUsers:
    """A profile with its active standard users; `user_ids` of at most a few, for their sets."""

    profile_id: str
    name: str
    users: int
    # Permission sets (ids) that at least one of its active users has, where it could be read.
    set_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Role:
    """A role with the number of its active users."""

    role_id: str
    name: str
    parent_id: str
    users: int


@dataclass(frozen=True)
class ValidationRuleFacts:
    """An active validation rule."""

    rule_id: str
    object_name: str
    name: str
    message: str
    field: str = ""


@dataclass(frozen=True)
class TriggerFacts:
    """An active Apex trigger; `events` such as "before insert"."""

    object_name: str
    name: str
    namespace: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class FlowFacts:
    """An active record-triggered flow; `when` as the org words it."""

    object_name: str
    name: str
    label: str
    when: str


@dataclass(frozen=True)
class DuplicateRuleFacts:
    """An active duplicate rule. Whether it blocks or alerts is not told by the API (K)."""

    object_name: str
    name: str
    label: str


@dataclass(frozen=True)
class CampaignFacts:
    """A campaign with its member statuses, the default one first."""

    campaign_id: str
    name: str
    active: bool
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class OwnerFacts:
    """The user that the settings name as default owner."""

    user_id: str
    name: str
    username: str
    active: bool


@dataclass(frozen=True)
class LayoutFacts:
    """A page layout of an object, with who sees it."""

    object_name: str
    layout_id: str
    name: str
    layout: Layout
    # Profiles (ids) it is assigned to; empty where none, None where the org does not say.
    profile_ids: frozenset[str] | None = None


@dataclass(frozen=True)
class PageFacts:
    """A Lightning record page."""

    page_id: str
    name: str  # DeveloperName, the same in both orgs
    label: str
    object_name: str
    fields: tuple[str, ...]
    components: tuple[str, ...]
    related_lists: tuple[str, ...]
    # Whether it is the org-wide default for View on the desktop (describe, `actionOverrides`);
    # None where the org does not say. Pages of single apps, record types and profiles: not told.
    org_default: bool | None


@dataclass(frozen=True)
class RecordCount:
    """E-mail addresses of an object: all, and those not masked (`.invalid`, `@example.com`)."""

    total: int
    unmasked: int
