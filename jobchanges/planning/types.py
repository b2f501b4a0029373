"""The words planning speaks: plain, frozen, without Django, Salesforce calls or a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from integrations.salesforce.manifest import PackageManifest

# What a field of a record may hold, as Salesforce's JSON knows it.
Value = str | int | float | bool | None


class Branch(StrEnum):
    """What a plan exercises; coverage counts these (product.md, section 6)."""

    EXISTING_ACCOUNT = "existing_account"
    NEW_ACCOUNT = "new_account"
    EXISTING_PERSON = "existing_person"
    NEW_CONTACT = "new_contact"
    NEW_LEAD = "new_lead"
    PAST_CONTACT = "past_contact"
    PAST_LEAD = "past_lead"
    LEFT_ONLY = "left_only"
    PROMOTION = "promotion"
    NO_EMAIL = "no_email"
    INACTIVE_OWNER = "inactive_owner"
    LONG_OR_NON_LATIN = "long_or_non_latin"
    CAMPAIGN = "campaign"
    # Only where the customer chose so: fields filled besides, and such that were filled before.
    MAPPED = "mapped"
    REPLACED = "replaced"


ASSIGN: Final = "Sforce-Auto-Assign"
DUPLICATES: Final = "Sforce-Duplicate-Rule-Header"
# What every write says unless the customer chose otherwise. Headers stand on each subrequest; the
# outer request's are not passed on (write-protocol).
RECORD_HEADERS: Final[Mapping[str, str]] = {ASSIGN: "FALSE", DUPLICATES: "allowSave=false"}


class JobChangeRow(Protocol):
    """Anything with the attributes of a `JobChange` row."""

    key: str


@dataclass(frozen=True, kw_only=True)
class JobChangeData:
    """One job change as imported; the fields are those of the `JobChange` model."""

    key: str
    kind: str
    last_name: str
    past_company_name: str = ""
    relationship_type: str = ""
    detected_at: datetime
    first_name: str = ""
    linkedin_url: str = ""
    person_country: str = ""
    person_state: str = ""
    phone: str = ""
    past_email: str = ""
    past_title: str = ""
    past_contact_id: str = ""
    past_lead_id: str = ""
    past_account_id: str = ""
    new_email: str = ""
    new_company_name: str = ""
    new_company_domain: str = ""
    new_company_website: str = ""
    new_company_employees: int | None = None
    new_company_country: str = ""
    new_company_city: str = ""
    new_title: str = ""
    job_started_date: date | None = None
    role_started_date: date | None = None
    is_target_company: bool = False
    # Whose turn it is where people take turns: the row's number, the same for every org and plan.
    turn: int = 0

    @classmethod
    def of(cls, row: JobChangeRow) -> JobChangeData:
        """Take the values of a `JobChange` row (or anything with the same attributes)."""
        values = {item.name: getattr(row, item.name) for item in fields(cls) if item.name != "turn"}
        return cls(**values, turn=getattr(row, "pk", None) or 0)

    @property
    def person_name(self) -> str:
        """First and last name, as shown everywhere."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class FieldFacts:
    """What describe says of one field, as far as a value has to fit it."""

    name: str
    label: str = ""
    type: str = "string"
    length: int = 0
    createable: bool = True
    updateable: bool = True
    # Must be given on create: neither nillable nor defaulted by the org.
    required: bool = False
    # Only these values are accepted; None: any.
    allowed: frozenset[str] | None = None
    # Of a number: digits in all, and behind the point. 0 in all: not limited that way.
    precision: int = 0
    scale: int = 0
    # No two records may hold the same value.
    unique: bool = False
    # Of a lookup: which objects it may point to, and its name in a query (`Owner.IsActive`).
    reference_to: tuple[str, ...] = ()
    relationship: str = ""


class MapTarget(StrEnum):
    """Which record a mapped field stands on."""

    NEW_LEAD = "new_lead"
    NEW_CONTACT = "new_contact"
    NEW_ACCOUNT = "new_account"
    PAST_LEAD = "past_lead"
    PAST_CONTACT = "past_contact"


@dataclass(frozen=True, kw_only=True)
class FieldMap:
    """One field that the customer had filled besides (contact-tracking, section 7).

    `source` is an attribute of a job change (`values.MAPPING_SOURCES`); "" for the fixed `text`.
    On a past record `replace` is the customer's consent to overwrite what stands there (rule 6).
    """

    target: str
    field: str
    source: str = ""
    text: str = ""
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanSettings:
    """The customer's choices and the org's shape: all that a plan depends on but the records.

    `fields` is describe by object name and field name, as the connected user sees it. An object
    that user may not see is missing.
    """

    org_id: str
    record_mode: str
    lead_source: str
    contact_owner_rule: str
    default_owner_id: str
    campaign_id: str = ""
    campaign_status: str = ""
    run_assignment_rules: bool = False
    save_past_alerts: bool = False
    # API name of the user lookup on Account, for the contact owner rule `account_lookup`.
    contact_owner_field: str = ""
    lead_owner_rule: str = "default_owner"
    # Users who take turns, in their order, where an owner rule is `round_robin`.
    round_robin: tuple[str, ...] = ()
    # API name of the customer's own lookup on Lead that takes the matched account.
    lead_account_field: str = ""
    update_past_record: bool = True
    field_mapping: tuple[FieldMap, ...] = ()
    manifest: PackageManifest = field(repr=False)
    fields: Mapping[str, Mapping[str, FieldFacts]] = field(repr=False)

    def delivery_key(self, job_change_key: str) -> str:
        """The package record's unique external id (write-protocol, "The key")."""
        return f"{job_change_key}:{self.org_id}"

    def headers(self, object_name: str, operation: str) -> dict[str, str]:
        """What a write says about the org's assignment and duplicate rules, always outright.

        Assignment rules are for leads, and only a new one may be handed to another owner: an
        update never is. `allowSave` gets past rules that alert, never past those that block
        (platform reference, 2.9).
        """
        assign = self.run_assignment_rules and (object_name, operation) == ("Lead", "create")
        return {
            ASSIGN: "TRUE" if assign else "FALSE",
            DUPLICATES: f"allowSave={'true' if self.save_past_alerts else 'false'}",
        }


@dataclass(frozen=True, kw_only=True)
class AccountFact:
    """An account as it stands in the org."""

    id: str
    name: str
    website: str = ""
    owner_id: str = ""
    owner_active: bool = True
    # The user in the account's lookup that the settings name (`contact_owner_field`).
    lookup_owner_id: str = ""
    lookup_owner_active: bool = False
    # Not there yet: another job change of the same run creates it (planning/together.py).
    is_planned: bool = False

    @property
    def target(self) -> str | Ref:
        """What stands in a lookup to it: its id, or the name it is known by until it has one."""
        return Ref(self.id) if self.is_planned else self.id


@dataclass(frozen=True, kw_only=True)
class PersonFact:
    """A lead or contact as it stands in the org; `values` is the before-image."""

    id: str
    object_name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    company: str = ""
    account_id: str = ""
    account_website: str = ""
    converted: bool = False
    converted_contact_id: str = ""
    # LastModifiedDate as the org gave it, when the before-image was read.
    modified_at: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Matches:
    """What was found in the org for one job change, each with the reason in words."""

    account: AccountFact | None = None
    account_why: str = ""
    person: PersonFact | None = None
    person_why: str = ""
    past: PersonFact | None = None
    past_why: str = ""
    past_account: AccountFact | None = None
    # None: no default owner is chosen, or the org does not know it.
    default_owner_active: bool | None = None
    # Of the users named in the settings: id → whether active. Who is missing is none of the org's.
    users_active: Mapping[str, bool] = field(default_factory=dict)
    # Names of the users that came along, by id: for display only.
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    member_exists: bool = False


@dataclass(frozen=True)
class Ref:
    """Stands for the id of a record that does not exist yet: one that an earlier write of the
    same plan creates (its role), or that another plan of the run does (`together.account_of`)."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class Write:
    """One node of the graph: create a record, or update one by its id.

    `role` is a `WriteRole` value and also the node's reference. `before` holds what an existing
    record has in exactly the fields that are written.
    """

    role: str
    object_name: str
    operation: str
    fields: Mapping[str, Value | Ref]
    record_id: str | None = None
    before: Mapping[str, Value] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=lambda: dict(RECORD_HEADERS))
    # Fields of an existing record that the customer let us overwrite (rule 6).
    replaces: tuple[str, ...] = ()
    # When the record was last modified as of `before`, in the org's words; like it, no part of
    # what is hashed.
    modified_at: str = ""

    @property
    def reference(self) -> str:
        """The node's name inside its graph."""
        return self.role


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything one job change will do to one org, or why it is held."""

    writes: tuple[Write, ...] = ()
    outcome: str = ""
    held_reason: str = ""
    # Which kind of reason (`Delivery.held_code`); "" where nothing is wrong with us or the org.
    held_code: str = ""
    explanations: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether there is nothing to send until someone acts."""
        return bool(self.held_reason)

    def write(self, role: str) -> Write | None:
        """The write with this role."""
        return next((item for item in self.writes if item.role == role), None)


# Plans as they are stored (`Delivery.plan`).
PlanJSON = dict[str, Any]
