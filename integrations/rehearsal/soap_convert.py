"""Partner API, `convertLead`: leads become contacts of an account, as the org has it mapped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import Fault, SalesforceError, refuse
from integrations.rehearsal.options import Options
from integrations.rehearsal.records import Writer
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.setup.conversion import mapped_fields
from integrations.rehearsal.soap_values import Element, SoapFault, element, nillable
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import now

NAMESPACE = "urn:partner.soap.sforce.com"
MOST_LEADS = 100
# The fixed map of standard fields; custom ones are mapped by the administrator.
ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
ACCOUNT_FIELDS = {
    "Company": "Name",
    "Website": "Website",
    "Industry": "Industry",
    "Rating": "Rating",
    "AnnualRevenue": "AnnualRevenue",
    "NumberOfEmployees": "NumberOfEmployees",
    "Phone": "Phone",
    "LeadSource": "AccountSource",
    **{part: f"Billing{part}" for part in ADDRESS},
}
CONTACT_FIELDS = {
    **{
        name: name
        for name in (
            "FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "MobilePhone", "Fax",
            "Description", "LeadSource",
        )
    },
    **{part: f"Mailing{part}" for part in ADDRESS},
}  # fmt: skip
NOTHING = (None, "")


def convert_lead(access: Access, operation: Element) -> str:
    """One result for each lead, in their order; one that fails leaves the others alone."""
    wanted = [item for item in operation.children if item.name == "leadConverts"]
    if len(wanted) > MOST_LEADS:
        text = f"record limit reached. cannot submit more than {MOST_LEADS} records"
        raise SoapFault("sf:EXCEEDED_ID_LIMIT", text)
    return "".join(_result(access, item) for item in wanted)


def _result(access: Access, asked: Element) -> str:
    made: dict[str, str | None] = {}
    faults: list[Fault] = []
    try:
        with access.org.space.transaction():
            made = Conversion(access, asked).run()
    except SalesforceError as error:
        faults = error.faults
    lead_id = ids.to18(asked.value("leadId")) or asked.value("leadId")
    return (
        "<result>"
        + nillable("accountId", made.get("accountId"))
        + nillable("contactId", made.get("contactId"))
        + "".join(_error(fault) for fault in faults)
        + nillable("leadId", lead_id)
        + nillable("opportunityId", made.get("opportunityId"))
        + element("success", not faults)
        + "</result>"
    )


def _error(fault: Fault) -> str:
    values: dict[str, Any] = {
        "fields": fault.fields or None,
        "message": fault.message,
        "statusCode": fault.code,
    }
    return element("errors", values)


class Conversion:
    """One lead's conversion; runs inside a transaction that its caller opens."""

    def __init__(self, access: Access, asked: Element) -> None:
        self.access, self.asked = access, asked
        self.org, self.space = access.org, access.org.space
        self.writer = Writer(access, Options(assignment="false"))

    def run(self) -> dict[str, str | None]:
        """Make or fill account and contact, then close the lead.

        Raises SalesforceError with the code the result carries.
        """
        lead = self._lead()
        status = self._status()
        owner = self._owner(lead)
        account_id = self._account(lead, owner)
        contact_id = self._contact(lead, owner, account_id)
        opportunity_id = None
        if not self.asked.flag("doNotCreateOpportunity"):
            opportunity_id = self._opportunity(lead, owner, account_id)
        stamp = now()
        changed = {
            "Status": status,
            "IsConverted": True,
            "ConvertedDate": stamp[:10],
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
            "ConvertedOpportunityId": opportunity_id,
            "IsUnreadByOwner": False,
            "LastModifiedDate": stamp,
            "LastModifiedById": self.access.user["Id"],
            "SystemModstamp": stamp,
        }
        self.space.put("Lead", lead["Id"], {**lead, **changed})
        self._move_members(lead["Id"], contact_id)
        return {
            "accountId": account_id,
            "contactId": contact_id,
            "opportunityId": opportunity_id,
        }

    def _sobject(self, name: str) -> SObject:
        found = self.access.sobject(name)
        if found is None:
            raise _no_access()
        return found

    def _lead(self) -> Row:
        sobject = self._sobject("Lead")
        if "ConvertLeads" not in self.access.permissions or not self.access.may_edit(sobject):
            raise _no_access()
        row = self.space.get("Lead", ids.to18(self.asked.value("leadId")) or "")
        if row is None:
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        if row.get("IsDeleted"):
            raise refuse("ENTITY_IS_DELETED", "entity is deleted", [])
        if row.get("IsConverted"):
            raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
        return row

    def _status(self) -> str:
        wanted = self.asked.value("convertedStatus")
        for row in self.space.rows("LeadStatus"):
            if row.get("IsConverted") and row["MasterLabel"] == wanted:
                return str(row["MasterLabel"])
        raise refuse("INVALID_STATUS", f"invalid convertedStatus: {wanted}", ["convertedStatus"])

    def _owner(self, lead: Row) -> str:
        owner = ids.to18(self.asked.value("ownerId")) or str(lead["OwnerId"])
        if self.space.get("User", owner) is None:
            message = (
                "Converted objects can only be owned by users. If the lead is not owned by a user, "
                "you must specify a user for the Owner field."
            )
            raise refuse("REQUIRED_FIELD_MISSING", message, ["OwnerId"])
        return owner

    def _account(self, lead: Row, owner: str) -> str:
        values = _mapped(lead, ACCOUNT_FIELDS) | self._custom(lead, "Account")
        return self._make_or_fill("Account", "accountId", values, owner)

    def _contact(self, lead: Row, owner: str, account_id: str) -> str:
        values = _mapped(lead, CONTACT_FIELDS) | self._custom(lead, "Contact")
        values["AccountId"] = account_id
        contact_id = self._make_or_fill("Contact", "contactId", values, owner)
        row = self.space.get("Contact", contact_id) or {}
        if row.get("AccountId") != account_id:
            message = "The contact belongs to another account"
            raise refuse("INVALID_CROSS_REFERENCE_KEY", message, ["contactId"])
        if self.asked.flag("overwriteLeadSource") and lead.get("LeadSource"):
            self.writer.update(
                self._sobject("Contact"), contact_id, {"LeadSource": lead["LeadSource"]}
            )
        return contact_id

    def _custom(self, lead: Row, target: str) -> Row:
        mapping = mapped_fields(self.org)
        return _mapped(lead, {name: there for name, on, there in mapping if on == target})

    def _make_or_fill(self, name: str, asked: str, values: Row, owner: str) -> str:
        """A new record, or the named one with what was empty filled in."""
        sobject = self._sobject(name)
        key = ids.to18(self.asked.value(asked))
        # Fields the user may not write are left out; what the platform does then is not confirmed.
        allowed = {
            field: value
            for field, value in values.items()
            if (known := self.access.field(sobject, field))
            and self.access.writable(sobject, known, "update" if key else "create")
        }
        if key is None:
            return self.writer.create(sobject, {**allowed, "OwnerId": owner})
        row = self.space.get(name, key)
        if row is None or row.get("IsDeleted"):
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        missing = {
            field: value for field, value in allowed.items() if row.get(field) in (*NOTHING, False)
        }
        if missing:
            self.writer.update(sobject, key, missing)
        return key

    def _opportunity(self, lead: Row, owner: str, account_id: str) -> str:
        sobject = self._sobject("Opportunity")
        name = self.asked.value("opportunityName") or f"{lead['Company']}-"
        values = {
            "Name": name,
            "AccountId": account_id,
            "StageName": "Prospecting",
            "CloseDate": now()[:10],
            "LeadSource": lead.get("LeadSource"),
            "OwnerId": owner,
        }
        return self.writer.create(sobject, values)

    def _move_members(self, lead_id: str, contact_id: str) -> None:
        """Campaign memberships become the contact's; the lead stays named beside it."""
        for member in self.space.find("CampaignMember", "LeadId", [lead_id]):
            changed = {"ContactId": contact_id, "LeadOrContactId": contact_id, "Type": "Contact"}
            self.space.put("CampaignMember", member["Id"], {**member, **changed})


def _mapped(lead: Row, pairs: dict[str, str]) -> Row:
    return {there: lead[name] for name, there in pairs.items() if lead.get(name) not in NOTHING}


def _no_access() -> SalesforceError:
    return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])


OPERATIONS: dict[str, Callable[[Access, Element], str]] = {"convertLead": convert_lead}
