"""The customer's own flow that makes a lead or contact of each record of the package's object.

That is the record mode "Flow template": the vendor writes the package's record, the flow the rest.
"""

from __future__ import annotations

from integrations.rehearsal import ids
from integrations.rehearsal.keeping import put_record
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

# Field of the person → field of the package's record.
TAKEN = {
    "Email": "UserGem__NewEmail__c",
    "Title": "UserGem__NewTitle__c",
    "UserGem__PastCompany__c": "UserGem__PastCompany__c",
    "UserGem__PastTitle__c": "UserGem__PastTitle__c",
    "UserGem__PersonLinkedInUrl__c": "UserGem__PersonLinkedInUrl__c",
}
FIRST_NUMBER = 62**4


def made_person(org: Org, record: Row, moment: str, by: str) -> Row:
    """Make the person a record of the package tells of; what changes on the record itself.

    A contact where the new account is known, a lead where it is not, in system context, so that
    no rule refuses it. Nobody where the record names the person already or no new company.
    """
    if any(record.get(f"UserGem__New{name}__c") for name in ("Contact", "Lead")):
        return {}
    account, company = (record.get(f"UserGem__New{name}__c") for name in ("Account", "Company"))
    first, _, last = str(record.get("UserGem__PersonName__c") or "").rpartition(" ")
    if not last or not (account or company):
        return {}
    name = "Contact" if account else "Lead"
    prefix = {"Contact": "003", "Lead": "00Q"}[name]
    key = ids.make(prefix, org.space.count_up(prefix, FIRST_NUMBER))
    taken = {field: record.get(source) for field, source in TAKEN.items()}
    values: Row = {
        "Id": key,
        "FirstName": first,
        "LastName": last,
        "OwnerId": record.get("OwnerId"),
        "LeadSource": "UserGems",
        **({"AccountId": account} if account else {"Company": company, "Status": "Open"}),
        **taken,
    }
    kept = {field: value for field, value in values.items() if value not in (None, "")}
    put_record(org.space, name, kept, by, moment)
    return {f"UserGem__New{name}__c": key}
