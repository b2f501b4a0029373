"""Our answers beside answers of real orgs: the same keys, the same kinds of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.client import OrgClient

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "salesforce-recordings"
LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}


def recording(name: str) -> Any:
    """The answer of a real org; skips where the recordings are not at hand."""
    found = list(RECORDINGS.glob(f"{name}-*.json"))
    if not found:
        pytest.skip("the recordings of real orgs are not beside this checkout")
    return json.loads(found[0].read_text(encoding="utf-8"))["response_body"]


@pytest.mark.parametrize(
    ("number", "name"), [("002", "Lead"), ("004", "Account"), ("046", "Campaign")]
)
def test_describes_have_the_keys_of_real_ones(full: OrgClient, number: str, name: str) -> None:
    real = recording(number)
    ours = full.get(f"/sobjects/{name}/describe").json()
    assert set(real) - set(ours) <= {"listviewable"}
    for field in real["fields"]:
        mine = next((item for item in ours["fields"] if item["name"] == field["name"]), None)
        if mine:
            assert set(field) <= set(mine), field["name"]


@pytest.mark.parametrize(
    ("number", "name"), [("002", "Lead"), ("004", "Account"), ("046", "Campaign")]
)
def test_described_fields_say_the_same_about_themselves(
    full: OrgClient, number: str, name: str
) -> None:
    real = {field["name"]: field for field in recording(number)["fields"]}
    ours = {
        field["name"]: field for field in full.get(f"/sobjects/{name}/describe").json()["fields"]
    }
    keys = "type soapType createable updateable nillable filterable sortable referenceTo idLookup"
    # What an org's administrator can set, the recorded orgs set differently.
    theirs = {"Type", "Industry", "CampaignMemberRecordTypeId"}
    for field_name in real.keys() & ours.keys() - theirs:
        for key in keys.split():
            assert ours[field_name][key] == real[field_name][key], (field_name, key)


def test_the_global_describe_has_the_keys_of_real_ones(full: OrgClient) -> None:
    real = recording("001")
    ours = full.get("/sobjects").json()
    assert set(real) == set(ours)
    mine = {item["name"]: item for item in ours["sobjects"]}
    for item in real["sobjects"]:
        if item["name"] in mine:
            assert set(item) == set(mine[item["name"]])


@pytest.mark.parametrize(
    ("number", "name"), [("041", "Lead"), ("043", "Contact"), ("044", "Account")]
)
def test_records_have_the_standard_fields_of_real_ones(
    full: OrgClient, number: str, name: str
) -> None:
    optional = {
        "Jigsaw", "JigsawContactId", "JigsawCompanyId", "DandbCompanyId", "IndividualId",
        "CompanyDunsNumber", "LastCURequestDate", "LastCUUpdateDate", "OperatingHoursId",
        "DunsNumber", "NaicsCode", "NaicsDesc", "YearStarted", "SicDesc", "Tradestyle",
    }  # fmt: skip
    real = {key for key in recording(number) if not key.endswith("__c")}
    values = {"Lead": LEAD, "Contact": {"LastName": "A"}, "Account": {"Name": "A"}}
    key = full.create(name, **values[name])
    ours = full.get(f"/sobjects/{name}/{key}").json()
    missing = {item for item in real - set(ours) if not item.startswith("Is")}
    assert missing <= optional


def test_creating_and_collecting_answer_with_the_real_keys(full: OrgClient) -> None:
    assert set(full.post("/sobjects/Account", {"Name": "A"}).json()) == set(recording("018"))
    row = {"attributes": {"type": "Lead"}, **LEAD}
    ours = full.post("/composite/sobjects", {"records": [row, {**row, "Email": "bad"}]}).json()
    good, bad = recording("030")
    assert [set(item) for item in ours] == [set(good), set(bad)]
    assert set(ours[1]["errors"][0]) == set(bad["errors"][0])
    assert ours[1]["errors"][0]["statusCode"] == bad["errors"][0]["statusCode"]


def test_queries_answer_with_the_real_keys(full: OrgClient) -> None:
    for number, soql in (
        ("012", "select count(Id) from Account"),
        ("013", "select Id from CampaignMember where Status = 'no such'"),
        ("014", "SELECT Id,Name FROM Account LIMIT 3"),
        ("017", "SELECT FirstName,LastName FROM User LIMIT 1"),
        ("028", "select count() from Account"),
    ):
        real = recording(number)
        if number == "028":
            real = real["compositeResponse"][0]["body"]
        ours = full.get("/query", q=soql).json()
        assert list(ours) == list(real), number
        for mine, theirs in zip(ours["records"], real["records"], strict=False):
            assert list(mine) == list(theirs)
            assert set(mine["attributes"]) == set(theirs["attributes"])


def test_the_tooling_query_has_the_real_shape(full: OrgClient) -> None:
    real = recording("009")
    soql = (
        "SELECT SubscriberPackage.Id, SubscriberPackage.NamespacePrefix, "
        "SubscriberPackageVersionId FROM InstalledSubscriberPackage"
    )
    ours = full.get("/tooling/query", q=soql).json()
    assert list(ours) == list(real)
    mine, theirs = ours["records"][0], real["records"][0]
    assert list(mine) == list(theirs)
    assert mine["SubscriberPackage"].keys() == theirs["SubscriberPackage"].keys()
    assert "/tooling/sobjects/" in mine["attributes"]["url"]


def test_an_unknown_type_in_a_composite_is_worded_as_in_a_real_org(full: OrgClient) -> None:
    real = recording("027")["compositeResponse"][1]
    url = "/services/data/v68.0/query/?q=select count() from XYZZY"
    parts = [{"method": "GET", "url": url, "referenceId": "refXYZZY"}]
    ours = full.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"][0]
    assert ours == real


def test_identity_and_userinfo_have_the_keys_of_real_ones(full: OrgClient) -> None:
    path = full.tokens["id"].split("/id/")[1]
    answer = full.session.get(f"{full.base}/id/{path}", timeout=30).json()
    assert set(answer) == set(recording("051"))
    assert set(recording("051")["urls"]) == set(answer["urls"])
    info = full.get("/services/oauth2/userinfo").json()
    assert set(recording("057")) == set(info)


def test_limits_are_pairs_of_most_and_remaining(full: OrgClient) -> None:
    real, ours = recording("053"), full.get("/limits").json()
    assert set(ours) <= set(real)
    assert set(ours["DailyApiRequests"]) == set(real["DailyApiRequests"])


def test_counts_and_oauth_refusals_have_the_real_keys(full: OrgClient) -> None:
    real = recording("007")
    ours = full.get("/limits/recordCount", sObjects="Account,CampaignMember").json()
    assert set(ours) == set(real)
    assert ours["sObjects"] == [{"count": 728, "name": "Account"}]
