"""A hand-made healthy org as a survey answers for it; tests alter one thing and look what is said.

    survey = healthy(user=replace(USER, marketing_user=False))
    survey = healthy(profiles=CannotAsk(VIEW_SETUP))         # reading it raises that
    survey = healthy(described=without_field(DESCRIBED, "Lead", "Title"))

`survey.read` names the attributes that were read, so that a test can hold them against `needs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.checks.answers import (
    CampaignFacts,
    FieldGrant,
    GrantingSet,
    LayoutFacts,
    ObjectGrant,
    OrganizationFacts,
    OwnerFacts,
    PageFacts,
    ProfileUsers,
    RecordCount,
    Role,
    UserFacts,
)
from integrations.checks.base import Check, CheckContext, Finding, Item
from integrations.salesforce.client import ApiUsage
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe, RecordTypeInfo
from integrations.salesforce.ids import id18
from integrations.salesforce.layouts import Layout, LayoutField, LayoutSection, RelatedList
from integrations.salesforce.manifest import USERGEM_1
from integrations.salesforce.metadata import LeadMapping, MappedField
from integrations.services.facts import PackageFacts

GEM = USERGEM_1.object_name
PERSON_FIELDS = tuple(sorted(USERGEM_1.person_fields.values()))


def made_id(prefix: str, name: str) -> str:
    """An id of 18 characters that reads like its record."""
    return id18(prefix + name.rjust(12, "0"))


ORG_ID = made_id("00D", "Org")
USER_ID = made_id("005", "Integration")
SALES_PROFILE = made_id("00e", "Sales")
ADMIN_PROFILE = made_id("00e", "Admin")
API_PROFILE = made_id("00e", "Api")
SALES_SET = made_id("0PS", "SalesProf")
ADMIN_SET = made_id("0PS", "AdminProf")
API_SET = made_id("0PS", "ApiProf")
OWN_SET = made_id("0PS", "UserGems")
CAMPAIGN_ID = made_id("701", "Campaign")
OWNER_ID = made_id("005", "Owner")
ROLE_CHIEF = made_id("00E", "Chief")
ROLE_OPS = made_id("00E", "RevOps")
ROLE_SALES = made_id("00E", "Sales")
ROLE_REPS = made_id("00E", "Reps")

# --- describe ------------------------------------------------------------------------------------

# Fields that nobody may write, or that a create call may set and an update not.
_SYSTEM = frozenset({"Id", "CreatedDate", "LastActivityDate", "IsClosed", "IsConverted"})
_CREATE_ONLY = frozenset({"LeadId", "ContactId", "CampaignId"})
_REQUIRED = frozenset({"LastName", "Company", "CampaignId"})
_PERSON = "Id FirstName LastName Name Email Phone Title LeadSource OwnerId CreatedDate"
_PACKAGE = " ".join(PERSON_FIELDS)
_OBJECTS: Mapping[str, str] = {
    "Lead": f"{_PERSON} Company Website State Country City Street PostalCode NumberOfEmployees "
    f"Status IsConverted LastActivityDate {_PACKAGE}",
    "Contact": f"{_PERSON} AccountId MailingStreet MailingCity MailingPostalCode MailingState "
    f"MailingCountry LastActivityDate {_PACKAGE}",
    "Account": "Id Name OwnerId ParentId Website NumberOfEmployees AccountSource Type CreatedDate "
    "BillingStreet BillingCity BillingState BillingPostalCode BillingCountry "
    "UserGem__CreatedByUG__c",
    "Campaign": "Id Name IsActive",
    "CampaignMember": "Id CampaignId LeadId ContactId Status CreatedDate",
    "Opportunity": "Id AccountId Amount CloseDate LeadSource Name OwnerId StageName Type "
    "CreatedDate IsClosed",
    "OpportunityContactRole": "Id ContactId OpportunityId Role CreatedDate",
    "Task": "Id WhoId ActivityDate Subject",
    "Event": "Id WhoId ActivityDate Subject",
    "User": "Id Name Username IsActive",
    GEM: "Id Name OwnerId " + " ".join(sorted(USERGEM_1.fields_on(GEM))),
}
_LABELS = {
    GEM: "UserGem",
    "CampaignMember": "Campaign Member",
    "OpportunityContactRole": "Opportunity Contact Role",
}
_PICKLISTS = {
    "LeadSource": ("Web", "UserGems", "Other"),
    "Status": ("Open", "Working", "Closed"),
    "Type": ("Prospect", "Customer"),
    "AccountSource": ("Web", "UserGems"),
}


def a_field(name: str, **changes: Any) -> FieldDescribe:
    """A field of describe with all rights; a picklist, lookup or text by its name."""
    custom = name.endswith("__c")
    bare = name.split("__")[-2] if custom else name
    label = "".join(f" {sign}" if sign.isupper() else sign for sign in bare).strip()
    kind = "picklist" if name in _PICKLISTS else "reference" if name.endswith("Id") else "string"
    system = name in _SYSTEM
    given: dict[str, Any] = {
        "name": name,
        "label": f"UG - {label}" if custom else label,
        "type": kind,
        "length": 255 if kind == "string" else 0,
        "createable": not system,
        "updateable": not system and name not in _CREATE_ONLY,
        "nillable": name not in _REQUIRED,
        "picklist_values": _PICKLISTS.get(name, ()),
        "reference_to": (),
        "custom": custom,
    }
    return FieldDescribe(**{**given, **changes})


MASTER = RecordTypeInfo(
    record_type_id="012000000000000AAA",
    developer_name="Master",
    name="Master",
    active=True,
    available=True,
    default=True,
    master=True,
)


def an_object(name: str, fields: str, **changes: Any) -> ObjectDescribe:
    """An object of describe with all rights; `fields` are names with blanks between."""
    given: dict[str, Any] = {
        "name": name,
        "label": _LABELS.get(name, name),
        "key_prefix": "",
        "createable": name != "User",
        "updateable": name != "User",
        "deletable": name in {GEM, "CampaignMember"},
        "queryable": True,
        "fields": {field: a_field(field) for field in fields.split()},
        "custom": name.endswith("__c"),
        "layoutable": True,
        "record_types": (MASTER,),
    }
    return ObjectDescribe(**{**given, **changes})


Described = Mapping[str, ObjectDescribe]


def without_object(described: Described, *names: str) -> Described:
    """As the running user sees it who may not read these objects."""
    return {name: found for name, found in described.items() if name not in names}


def with_object(described: Described, name: str, **changes: Any) -> Described:
    """With other rights on one object, such as `createable=False`."""
    return {**described, name: replace(described[name], **changes)}


def without_field(described: Described, name: str, *fields: str) -> Described:
    """Without these fields: not there, or hidden from the running user."""
    left = {key: found for key, found in described[name].fields.items() if key not in fields}
    return with_object(described, name, fields=left)


def with_field(described: Described, name: str, field: str, **changes: Any) -> Described:
    """With one field altered (`updateable=False`), or added where there is none."""
    known = described[name].fields
    altered = replace(known[field], **changes) if field in known else a_field(field, **changes)
    return with_object(described, name, fields={**known, field: altered})


# A person's name is put together from its parts, the package's record numbers itself.
DESCRIBED: Described = {name: an_object(name, fields) for name, fields in _OBJECTS.items()}
for _name in ("Lead", "Contact", GEM):
    DESCRIBED = with_field(DESCRIBED, _name, "Name", createable=False, updateable=False)

# --- user, rights, people ------------------------------------------------------------------------

USER = UserFacts(
    user_id=USER_ID,
    username="usergems.integration@northwind.example",
    name="UserGems Integration",
    active=True,
    frozen=False,
    profile="Minimum Access - API Only Integrations",
    license="Salesforce Integration",
    role_id=ROLE_OPS,
    role="Revenue Operations",
    marketing_user=True,
    administrator=False,
    app_installed=True,
    set_licenses=("SalesforceAPIIntegrationPsl",),
)
SYSTEM_PERMISSIONS: Mapping[str, bool] = {
    "ApiEnabled": True,
    "RunReports": True,
    "ActivitiesAccess": True,
    "ViewSetup": True,
    "ViewRoles": True,
    "InstallPackaging": True,
    "ConvertLeads": False,
    "ViewAllData": False,
    "ModifyAllData": False,
    "CustomizeApplication": False,
    "AuthorApex": False,
    "ManageUsers": False,
    "ModifyMetadata": False,
    "ApproveUninstalledConnectedApps": False,
    "UseAnyApiClient": False,
}
PERMISSION_SETS = (
    GrantingSet(OWN_SET, "UserGems_Integration", "UserGems Integration", ""),
    GrantingSet(API_SET, "X00eApi", "00eApi", "Minimum Access - API Only Integrations"),
)


def object_grant(set_id: str, label: str, profile: str, name: str, **changes: Any) -> ObjectGrant:
    """Read, create and edit on an object."""
    rights = {"create": True, "read": True, "edit": True, "delete": False}
    more = {"view_all": False, "modify_all": False}
    return ObjectGrant(set_id, label, profile, name, **{**rights, **more, **changes})


_HOLDERS = (
    (OWN_SET, "UserGems Integration", ""),
    (SALES_SET, "00eSales", "Sales User"),
    (ADMIN_SET, "00eAdmin", "System Administrator"),
)
OBJECT_GRANTS = tuple(
    object_grant(
        set_id,
        label,
        profile,
        name,
        delete=name == GEM and set_id == OWN_SET,
        view_all=set_id == ADMIN_SET or (set_id, name) == (OWN_SET, "Campaign"),
        modify_all=set_id == ADMIN_SET or (set_id, name) == (OWN_SET, GEM),
    )
    for set_id, label, profile in _HOLDERS
    for name in _OBJECTS
    if name != "User"
)
FIELD_GRANTS = tuple(
    FieldGrant(set_id, label, profile, f"{name}.{field}", True, True)
    for set_id, label, profile in _HOLDERS
    for name in ("Lead", "Contact", "Account", GEM)
    for field in sorted(USERGEM_1.fields_on(name))
)
PROFILES = (
    ProfileUsers(SALES_PROFILE, "Sales User", 12, frozenset({SALES_SET})),
    ProfileUsers(ADMIN_PROFILE, "System Administrator", 2, frozenset({ADMIN_SET})),
    ProfileUsers(API_PROFILE, "Minimum Access - API Only Integrations", 1, frozenset({OWN_SET})),
)
ROLES = (
    Role(ROLE_CHIEF, "Chief Executive", "", 1),
    Role(ROLE_OPS, "Revenue Operations", ROLE_CHIEF, 1),
    Role(ROLE_SALES, "Sales Manager", ROLE_OPS, 3),
    Role(ROLE_REPS, "Account Executive", ROLE_SALES, 9),
)

# --- layouts and pages ---------------------------------------------------------------------------

# Which lookups of the package's record lead to the object.
GEM_LOOKUPS = {
    "Lead": ("UserGem__PastLead__c", "UserGem__NewLead__c"),
    "Contact": ("UserGem__PastContact__c", "UserGem__NewContact__c"),
    "Account": ("UserGem__PastAccount__c", "UserGem__NewAccount__c"),
}
COMPONENT = "UserGem:jobChange"
_OWN_FIELDS = {"Lead": PERSON_FIELDS, "Contact": PERSON_FIELDS, "Account": ()}


def a_layout(
    object_name: str,
    *,
    name: str = "",
    fields: tuple[str, ...] | None = None,
    lists: tuple[str, ...] | None = None,
    profile_ids: frozenset[str] | None = frozenset({SALES_PROFILE, ADMIN_PROFILE}),
) -> LayoutFacts:
    """A layout with the package's fields and related lists, or with these only."""
    name = name or f"{object_name} Layout"
    layout_id = made_id("00h", name.replace(" ", "")[-12:])
    shown = _OWN_FIELDS[object_name] if fields is None else fields
    lookups = GEM_LOOKUPS[object_name] if lists is None else lists
    layout = Layout(
        layout_id=layout_id,
        sections=(
            LayoutSection(f"{object_name} Information", (LayoutField("Name", True, True),)),
            LayoutSection("UserGems", tuple(LayoutField(one, False, True) for one in shown)),
        ),
        related_lists=tuple(
            RelatedList(f"{GEM}.{lookup}", "UserGems", GEM, lookup, ("Name",)) for lookup in lookups
        ),
    )
    return LayoutFacts(object_name, layout_id, name, layout, profile_ids)


LAYOUTS = {name: (a_layout(name),) for name in ("Lead", "Contact", "Account")}


def a_page(object_name: str, **changes: Any) -> PageFacts:
    """A record page that shows the page layout, the package's component and all related lists."""
    component = () if object_name == "Account" else (COMPONENT,)
    given: dict[str, Any] = {
        "page_id": made_id("0M0", f"{object_name}Page"),
        "name": f"{object_name}_Record_Page",
        "label": f"{object_name} Record Page",
        "object_name": object_name,
        "fields": (),
        "components": (
            "force:highlightsPanel",
            "force:detailPanel",
            *component,
            "force:relatedListContainer",
        ),
        "related_lists": (),
        "org_default": True,
    }
    return PageFacts(**{**given, **changes})


RECORD_PAGES = tuple(a_page(name) for name in ("Lead", "Contact", "Account"))
LEAD_MAPPING = LeadMapping(
    tuple(MappedField(name, "Contact", name) for name in PERSON_FIELDS), "VisibleOptional"
)

# --- the whole -----------------------------------------------------------------------------------

ORGANIZATION = OrganizationFacts(
    org_id=ORG_ID,
    name="Northwind",
    is_sandbox=True,
    edition="Enterprise Edition",
    trial_ends="",
    created=datetime(2026, 10, 5, 7, 31, tzinfo=UTC),
    sharing={
        "Account": "Edit",
        "Contact": "ControlledByParent",
        "Lead": "ReadEditTransfer",
        "Opportunity": "Edit",
        "Campaign": "All",
    },
)
PRIVATE = {**ORGANIZATION.sharing, "Account": "None", "Lead": "None"}
CAMPAIGN = CampaignFacts(CAMPAIGN_ID, "UserGems job changes", True, ("Sent", "Responded"))
OWNER = OwnerFacts(OWNER_ID, "Dana Whitfield", "dana.whitfield@northwind.example", True)

_ANSWERS: Mapping[str, Any] = {
    "organization": ORGANIZATION,
    "user": USER,
    "system_permissions": SYSTEM_PERMISSIONS,
    "permission_sets": PERMISSION_SETS,
    "described": DESCRIBED,
    "package": PackageFacts(True, version="1.42", manifest=USERGEM_1.name),
    "manifest": USERGEM_1,
    "defined_fields": {name: frozenset(found.fields) for name, found in DESCRIBED.items()},
    "object_grants": OBJECT_GRANTS,
    "field_grants": FIELD_GRANTS,
    "profiles": PROFILES,
    "roles": ROLES,
    "validation_rules": (),
    "triggers": (),
    "flows": (),
    "duplicate_rules": (),
    "assignment_rules": (),
    "campaign": CAMPAIGN,
    "owner": OWNER,
    "turn_owners": {},
    "storage_mb": 10_240,
    "storage_left_mb": 10_228,
    "usage": ApiUsage(used=1_200, limit=145_000),
    "record_counts": {"Account": 42_000, "Contact": 180_000, "Lead": 95_000, "Opportunity": 21_000},
    "existing_ids": frozenset(),
    "emails": {"Lead": RecordCount(900, 0), "Contact": RecordCount(1_500, 0)},
    "layouts": LAYOUTS,
    "record_pages": RECORD_PAGES,
    "lead_mapping": LEAD_MAPPING,
}


class HandMade:
    """Answers as given; one that is an exception is raised when it is read."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._answers:
            raise AttributeError(name)
        self.read.add(name)
        answer = self._answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer


def healthy(environment: str = "sandbox", **changes: Any) -> Any:
    """A survey of a healthy org; `changes` replace answers by name, an exception is raised."""
    unknown = set(changes) - set(_ANSWERS)
    assert not unknown, f"The survey has no such attribute: {sorted(unknown)}"
    organization = replace(ORGANIZATION, is_sandbox=environment == "sandbox")
    return HandMade({**_ANSWERS, "organization": organization, **changes})


def a_context(environment: str = "sandbox", **changes: Any) -> CheckContext:
    """What the floors above say of a customer with complete settings."""
    people = "FirstName LastName Email Title Phone LeadSource OwnerId"
    package = set(PERSON_FIELDS)
    created = {
        "Lead": frozenset({*people.split(), "Company", "Website", "State", "Country"} | package),
        "Contact": frozenset({*people.split(), "AccountId", "MailingCountry"} | package),
        "Account": frozenset({"Name", "Website", "OwnerId", "BillingCity", "BillingCountry"}),
        "CampaignMember": frozenset({"CampaignId", "LeadId", "ContactId", "Status"}),
        GEM: USERGEM_1.fields_on(GEM),
    }
    updated = {
        "Lead": frozenset({"Email", "Title", "Phone", "State", "Country"} | package),
        "Contact": frozenset({"Email", "Title", "Phone", "MailingCountry"} | package),
    }
    given: dict[str, Any] = {
        "environment": environment,
        "permission_list": "V4",
        "record_mode": "contact_if_account",
        "lead_source": "UserGems",
        "contact_owner_rule": "account_owner",
        "default_owner_id": OWNER_ID,
        "default_owner_name": OWNER.name,
        "campaign_id": CAMPAIGN_ID,
        "campaign_name": CAMPAIGN.name,
        "campaign_status": "Sent",
        "fields_created": created,
        "fields_updated": updated,
        "calls_needed": 14,
    }
    return CheckContext(**{**given, **changes})


def asked(check: Check, context: CheckContext | None = None, **answers: Any) -> Finding:
    """What a check finds in the healthy org with these answers altered."""
    context = context or a_context()
    survey = healthy(context.environment, **answers)
    finding = check.run(survey, context)
    unasked = survey.read - set(check.needs)
    assert not unasked, f"{check.name} reads what it does not declare: {sorted(unasked)}"
    return finding


def points(finding: Finding, outcome: str = "") -> list[Item]:
    """The points of a finding that are not right, or those with one outcome."""
    return [
        item
        for item in finding.items
        if item.outcome == outcome or (not outcome and item.outcome != "pass")
    ]
