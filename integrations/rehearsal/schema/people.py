"""Account, Contact and Lead: the standard fields, in the order of a real describe."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import (
    READ_ONLY,
    SYSTEM,
    Field,
    SObject,
    address,
    area,
    audit_fields,
    check,
    date,
    deleted_field,
    lookup,
    moment,
    number,
    phone,
    pick,
    record_id,
    text,
    url,
    whole,
)

INDUSTRIES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|"
    "Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|"
    "Food & Beverage|Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|"
    "Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|"
    "Utilities|Other"
)
SOURCES = "Web|Phone Inquiry|Partner Referral|Purchased List|Event|Outbound|Referral|UserGems|Other"
RATINGS = "Hot|Warm|Cold"
SALUTATIONS = "Mr.|Ms.|Mrs.|Dr.|Prof.|Mx."
CLEAN = "Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped"


def _seen() -> tuple[Field, ...]:
    return (
        date("LastActivityDate", "Last Activity", **READ_ONLY),
        moment("LastViewedDate", "Last Viewed Date", **READ_ONLY),
        moment("LastReferencedDate", "Last Referenced Date", **READ_ONLY),
    )


def _person_names() -> tuple[Field, ...]:
    part = {"compound": "Name"}
    return (
        text("LastName", "Last Name", 80, required=True, extra_type="personname", **part),
        text("FirstName", "First Name", 40, extra_type="personname", **part),
        pick("Salutation", "Salutation", SALUTATIONS, 40, extra_type="personname", **part),
        text("Name", "Full Name", 121, name_field=True, extra_type="personname", **SYSTEM),
    )


def _master(target: str) -> Field:
    return lookup("MasterRecordId", "Master Record ID", target, **READ_ONLY)


def _owner(target: str = "User") -> Field:
    return lookup("OwnerId", "Owner ID", target, system=True, permissionable=False)


def _data_quality() -> tuple[Field, ...]:
    return (
        text("Jigsaw", "Data.com Key", 20),
        pick("CleanStatus", "Clean Status", CLEAN, 40, restricted=True, default="Pending"),
    )


ACCOUNT = SObject(
    "Account",
    "Account",
    "Accounts",
    "001",
    (
        record_id("Account ID"),
        deleted_field(),
        _master("Account"),
        text("Name", "Account Name", 255, required=True, name_field=True),
        pick("Type", "Account Type", "Prospect|Customer|Partner|Competitor|Other"),
        lookup("ParentId", "Parent Account ID", "Account", children="ChildAccounts"),
        *address("Billing", "BillingAddress"),
        *address("Shipping", "ShippingAddress"),
        phone("Phone", "Account Phone"),
        phone("Fax", "Account Fax"),
        text("AccountNumber", "Account Number", 40),
        url("Website", "Website"),
        url("PhotoUrl", "Photo URL", extra_type="imageurl", **READ_ONLY),
        text("Sic", "SIC Code", 20),
        pick("Industry", "Industry", INDUSTRIES),
        number("AnnualRevenue", "Annual Revenue", "currency"),
        whole("NumberOfEmployees", "Employees", 8),
        pick("Ownership", "Ownership", "Public|Private|Subsidiary|Other", 40),
        text("TickerSymbol", "Ticker Symbol", 20),
        area("Description", "Account Description"),
        pick("Rating", "Account Rating", RATINGS, 40),
        text("Site", "Account Site", 80),
        _owner(),
        *audit_fields(),
        *_seen(),
        *_data_quality(),
        pick("AccountSource", "Account Source", SOURCES),
    ),
)

CONTACT = SObject(
    "Contact",
    "Contact",
    "Contacts",
    "003",
    (
        record_id("Contact ID"),
        deleted_field(),
        _master("Contact"),
        lookup("AccountId", "Account ID", "Account", on_delete="cascade", children="Contacts"),
        *_person_names(),
        *address("Other", "OtherAddress"),
        *address("Mailing", "MailingAddress"),
        phone("Phone", "Business Phone"),
        phone("Fax", "Business Fax"),
        phone("MobilePhone", "Mobile Phone"),
        phone("HomePhone", "Home Phone"),
        phone("OtherPhone", "Other Phone"),
        phone("AssistantPhone", "Asst. Phone"),
        lookup("ReportsToId", "Reports To ID", "Contact"),
        Field("Email", "email", "Email", length=80, id_lookup=True),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        text("AssistantName", "Assistant's Name", 40),
        pick("LeadSource", "Lead Source", SOURCES),
        date("Birthdate", "Birthdate"),
        area("Description", "Contact Description"),
        _owner(),
        *audit_fields(),
        *_seen(),
        text("EmailBouncedReason", "Email Bounced Reason", 255),
        moment("EmailBouncedDate", "Email Bounced Date"),
        check("IsEmailBounced", "Is Email Bounced", **READ_ONLY),
        url("PhotoUrl", "Photo URL", extra_type="imageurl", **READ_ONLY),
        *_data_quality(),
    ),
)

LEAD = SObject(
    "Lead",
    "Lead",
    "Leads",
    "00Q",
    (
        record_id("Lead ID"),
        deleted_field(),
        _master("Lead"),
        *_person_names(),
        text("Title", "Title", 128),
        text("Company", "Company", 255, required=True),
        *address("", "Address"),
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile Phone"),
        phone("Fax", "Fax"),
        Field("Email", "email", "Email", length=80, id_lookup=True),
        url("Website", "Website"),
        url("PhotoUrl", "Photo URL", extra_type="imageurl", **READ_ONLY),
        area("Description", "Description"),
        pick("LeadSource", "Lead Source", SOURCES),
        pick(
            "Status",
            "Status",
            "Open - Not Contacted|Open|Working|Nurturing|Disqualified|Closed - Converted",
            required=True,
            default="Open - Not Contacted",
            permissionable=False,
        ),
        pick("Industry", "Industry", INDUSTRIES),
        pick("Rating", "Rating", RATINGS, 40),
        number("AnnualRevenue", "Annual Revenue", "currency"),
        whole("NumberOfEmployees", "Employees", 8),
        _owner("Group|User"),
        check("IsConverted", "Converted", updateable=False, permissionable=False),
        date("ConvertedDate", "Converted Date", **READ_ONLY),
        lookup("ConvertedAccountId", "Converted Account ID", "Account", **READ_ONLY),
        lookup("ConvertedContactId", "Converted Contact ID", "Contact", **READ_ONLY),
        Field(
            "ConvertedOpportunityId",
            "reference",
            "Converted Opportunity ID",
            length=18,
            reference_to=("Opportunity",),
            relationship="ConvertedOpportunity",
            **READ_ONLY,
        ),
        check("IsUnreadByOwner", "Unread By Owner", default=True, permissionable=False),
        *audit_fields(),
        *_seen(),
        *_data_quality(),
        text("CompanyDunsNumber", "Company D-U-N-S Number", 9),
        text("EmailBouncedReason", "Email Bounced Reason", 255),
        moment("EmailBouncedDate", "Email Bounced Date"),
    ),
)
