"""The request of each recording, asked of a rehearsal org: ids and unknown objects are replaced.

Opportunity is no object of the rehearsal orgs: another one stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import requests

from tests.recordings import recording
from tests.rehearsal.client import OrgClient

Ask = Callable[[OrgClient], requests.Response]
LEAD = {"LastName": "Smith", "Company": "SmithCorp", "Country": "France"}
PAGES = {"Sforce-Query-Options": "batchSize=200"}


def query(soql: str, path: str = "/query") -> Ask:
    return lambda org: org.get(path, q=soql)


def describe(name: str) -> Ask:
    return lambda org: org.get(f"/sobjects/{name}/describe")


def record(name: str, **values: Any) -> Ask:
    return lambda org: org.get(f"/sobjects/{name}/{org.create(name, **values)}")


def composite(number: str, org: OrgClient) -> requests.Response:
    """The recorded parts, in our version and about objects that we have."""
    parts = recording(number)["request_body"]["compositeRequest"]
    for part in parts:
        url = re.sub(r"/v(xx|\d+)\.0", f"/v{org.version}", part["url"])
        part["url"] = url.replace("Opportunity", "CampaignMember")
        if "httpHeaders" in part:
            part["httpHeaders"] = {"If-Modified-Since": "Wed, 01 Jan 2098 00:00:00 GMT"}
    return org.post("/composite", {"compositeRequest": parts})


def organization(org: OrgClient) -> requests.Response:
    key = org.tokens["id"].split("/")[-2]
    return org.get(f"/sobjects/Organization/{key}")


def contacts_created(org: OrgClient) -> requests.Response:
    account = org.create("Account", Name="Acme")
    body = recording("019")["request_body"]
    for row in body["records"]:
        row["AccountId"] = account
    return org.post("/composite/sobjects", body)


def accounts_updated(org: OrgClient) -> requests.Response:
    body = recording("020")["request_body"]
    for row in body["records"]:
        row["Id"] = org.create("Account", Name="Acme")
    return org.patch("/composite/sobjects", body)


def contacts_upserted(org: OrgClient) -> requests.Response:
    return org.patch("/composite/sobjects/Contact/Email", recording("021")["request_body"])


def upserted_without_id(org: OrgClient) -> requests.Response:
    rows = [{"attributes": {"type": "Lead"}, "Id": None, **LEAD} for _ in range(2)]
    return org.patch("/composite/sobjects/Lead/Id", {"allOrNone": False, "records": rows})


def bad_email_among_good(org: OrgClient) -> requests.Response:
    # The recorded org had an e-mail field on Account; ours has one on Lead.
    rows: list[dict[str, Any]] = [
        {"attributes": {"type": "Lead"}, "id": org.create("Lead", **LEAD)} for _ in range(2)
    ]
    rows[1]["Email"] = "badone"
    return org.patch("/composite/sobjects", {"allOrNone": False, "records": rows})


def _campaign(org: OrgClient) -> tuple[str, str, str]:
    """A campaign, a lead, and its membership."""
    campaign, lead = org.create("Campaign", Name="(test) High Value4"), org.create("Lead", **LEAD)
    return campaign, lead, org.create("CampaignMember", CampaignId=campaign, LeadId=lead)


def member_created(org: OrgClient) -> requests.Response:
    body = recording("033")["request_body"]
    campaign, lead = org.create("Campaign", Name="A"), org.create("Lead", **LEAD)
    body["records"][0] |= {"CampaignId": campaign, "LeadId": lead}
    return org.post("/composite/sobjects", body)


def lead_created(org: OrgClient) -> requests.Response:
    body = recording("034")["request_body"]
    # The customer's validation rule wants a country.
    body["records"][0]["Country"] = "France"
    return org.post("/composite/sobjects", body)


def lead_updated(org: OrgClient) -> requests.Response:
    body = recording("035")["request_body"]
    body["records"][0]["id"] = org.create("Lead", **LEAD)
    return org.patch("/composite/sobjects", body)


def member_deleted(org: OrgClient) -> requests.Response:
    org.may_delete()
    return org.call("DELETE", "/composite/sobjects", params={"ids": _campaign(org)[2]})


def members(org: OrgClient) -> requests.Response:
    soql = f"SELECT LeadId FROM CampaignMember WHERE CampaignId = '{_campaign(org)[0]}'"
    return org.get("/query", q=soql)


def member_ids(org: OrgClient) -> requests.Response:
    campaign, lead, _ = _campaign(org)
    soql = (
        f"SELECT Id, LeadId FROM CampaignMember WHERE CampaignId = '{campaign}' "
        f"AND LeadId IN ('{lead}')"
    )
    return org.get("/query", q=soql)


def lead_found(org: OrgClient) -> requests.Response:
    org.create("Lead", **LEAD, Email="leadbrian@demo.com")
    return org.get("/query", q="SELECT Id FROM Lead WHERE Email = 'leadbrian@demo.com'")


def identity(org: OrgClient) -> requests.Response:
    path = org.tokens["id"].partition("/id/")[2]
    return org.session.get(f"{org.base}/id/{path}", timeout=30)


def refreshed(org: OrgClient, token: str) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "rehearsal-sandbox-client",
        "client_secret": "rehearsal-sandbox-secret",
    }
    return requests.post(f"{org.base}/services/oauth2/token", data=form, timeout=30)


def first_page(org: OrgClient) -> requests.Response:
    return org.call("GET", "/query", params={"q": "SELECT LastName FROM Contact"}, headers=PAGES)


def two_created(org: OrgClient) -> requests.Response:
    url = f"/services/data/v{org.version}/sobjects/Account"
    parts = [
        {"method": "POST", "url": url, "referenceId": f"NewAccount{n}", "body": {"Name": "A"}}
        for n in (1, 2)
    ]
    return org.post("/composite", {"compositeRequest": parts})


def _with_rule(org: OrgClient) -> str:
    """A duplicate rule that warns; an e-mail address that a contact has already."""
    org.control("POST", "configuration", {"name": "duplicate-alert"})
    return str(org.query("SELECT Email FROM Contact WHERE Email != null LIMIT 1")[0]["Email"])


def duplicate(org: OrgClient) -> requests.Response:
    return org.post("/sobjects/Contact", {"LastName": "Johnson", "Email": _with_rule(org)})


def duplicate_among_good(org: OrgClient) -> requests.Response:
    rows = [
        {"attributes": {"type": "Contact"}, "LastName": "Johnson", "Email": _with_rule(org)},
        # The rule compares last names, too: this one is nobody's.
        {"attributes": {"type": "Contact"}, "LastName": "Johnson-Nobody", "FirstName": "Erica"},
    ]
    return org.post("/composite/sobjects", {"allOrNone": False, "records": rows})


ASKS: dict[str, Ask] = {
    "001": lambda org: org.get("/sobjects"),
    "002": describe("Lead"),
    "004": describe("Account"),
    "005": organization,
    "006": query("SELECT Id, DeveloperName FROM RecordType WHERE SObjectType='Account'"),
    "007": lambda org: org.get("/limits/recordCount", sObjects="Account"),
    "009": query(
        "SELECT SubscriberPackage.Id, SubscriberPackage.NamespacePrefix, "
        "SubscriberPackageVersionId FROM InstalledSubscriberPackage",
        "/tooling/query/",
    ),
    "012": query("select count(Id) from Account", "/query/"),
    "013": query("select Id,Name from Campaign where Name = 'no such'", "/query/"),
    "014": query("SELECT Id,Name FROM Account", "/query/"),
    "017": query("SELECT FirstName,LastName FROM User LIMIT 1", "/query/"),
    "018": lambda org: org.post("/sobjects/Account/", recording("018")["request_body"]),
    "019": contacts_created,
    "020": accounts_updated,
    "021": contacts_upserted,
    "023": upserted_without_id,
    "024": lambda org: composite("024", org),
    "025": lambda org: composite("025", org),
    "027": lambda org: composite("027", org),
    "028": lambda org: composite("028", org),
    "030": bad_email_among_good,
    "033": member_created,
    "034": lead_created,
    "035": lead_updated,
    "037": member_deleted,
    "038": lambda org: org.post("/sobjects/Campaign", recording("038")["request_body"]),
    "039": members,
    "040": member_ids,
    "041": record("Lead", **LEAD),
    "042": record("Lead", **LEAD),
    "043": record("Contact", LastName="Smith"),
    "044": record("Account", Name="Smith"),
    "046": describe("Campaign"),
    "048": lead_found,
    "049": query("SELECT Id FROM Account"),
    "051": identity,
    "053": lambda org: org.get("/limits"),
    "054": query("SELECT Status, COUNT(Id) MyCount FROM Lead GROUP BY Status"),
    "057": lambda org: org.get("/services/oauth2/userinfo"),
    "058": lambda org: refreshed(org, org.tokens["refresh_token"]),
    "059": lambda org: refreshed(org, org.tokens["refresh_token"]),
    "060": lambda org: refreshed(org, "5Aep861nobody"),
    "063": lambda org: org.patch("/sobjects/Lead/Namez/x", {"LastName": "Smith"}),
    "067": first_page,
    "071": two_created,
    "072": duplicate,
    "074": duplicate_among_good,
}
