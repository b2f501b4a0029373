"""Page layouts over REST: with and without the package's part, and by record type."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.config import RecordType
from tests.rehearsal.local import LocalOrg, Make, refusal

TWO = (
    RecordType("Lead", "Sales_lead", "Sales lead", default=True),
    RecordType("Lead", "Partner_lead", "Partner lead"),
)
PACKAGE = {"package_version": "1.42"}
MASTER = "012000000000000AAA"


def layouts(org: LocalOrg, name: str, more: str = "/") -> Any:
    answer = org.api("GET", f"/sobjects/{name}/describe/layouts{more}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def fields_on(layout: dict[str, Any]) -> set[str]:
    return {
        component["value"]
        for section in layout["detailLayoutSections"]
        for row in section["layoutRows"]
        for item in row["layoutItems"]
        for component in item["layoutComponents"]
    }


def lists_on(layout: dict[str, Any]) -> set[tuple[str, str]]:
    return {(entry["sobject"], entry["field"]) for entry in layout["relatedLists"]}


def test_an_object_without_record_types_answers_with_its_one_layout(local: Make) -> None:
    found = layouts(local(), "Lead")
    assert set(found) == {"layouts", "recordTypeMappings", "recordTypeSelectorRequired"}
    [layout] = found["layouts"]
    assert layout["id"].startswith("00h")
    assert {"LeadSource", "Email", "Status"} <= fields_on(layout)
    assert ("CampaignMember", "LeadId") in lists_on(layout)
    [mapping] = found["recordTypeMappings"]
    assert (mapping["recordTypeId"], mapping["layoutId"]) == (MASTER, layout["id"])
    assert found["recordTypeSelectorRequired"] == [False]


def test_an_object_with_record_types_answers_null_and_is_asked_one_by_one(local: Make) -> None:
    org = local(record_types=TWO)
    found = layouts(org, "Lead")
    assert found["layouts"] is None
    names = [item["developerName"] for item in found["recordTypeMappings"]]
    assert names == ["Sales_lead", "Partner_lead", "Master"]
    for mapping in found["recordTypeMappings"]:
        layout = layouts(org, "Lead", f"/{mapping['recordTypeId']}")
        assert layout["id"] == mapping["layoutId"]
        assert layout["detailLayoutSections"]


def test_the_layout_of_an_unknown_record_type_is_not_found(local: Make) -> None:
    answer = local().api("GET", "/sobjects/Lead/describe/layouts/012000000000001AAA")
    assert refusal(answer)[:2] == (404, "NOT_FOUND")


def test_describe_query_and_layouts_name_the_same_record_types(local: Make) -> None:
    org = local(record_types=TWO)
    infos = org.describe("Lead")[0]["recordTypeInfos"]
    mappings = layouts(org, "Lead")["recordTypeMappings"]
    assert [item["recordTypeId"] for item in infos] == [item["recordTypeId"] for item in mappings]
    soql = "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Lead' AND IsActive = true"
    rows = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    assert {(row["Id"], row["DeveloperName"]) for row in rows} == {
        (item["recordTypeId"], item["developerName"]) for item in infos if not item["master"]
    }
    assert [item["defaultRecordTypeMapping"] for item in infos] == [True, False, False]


def test_a_record_type_of_the_describe_can_be_written_and_is_the_default(local: Make) -> None:
    org = local(record_types=TWO)
    infos = org.describe("Lead")[0]["recordTypeInfos"]
    sales, partner, _ = (item["recordTypeId"] for item in infos)
    values = {"LastName": "Doe", "Company": "Acme"}
    assert org.record("Lead", org.create("Lead", **values))["RecordTypeId"] == sales
    key = org.create("Lead", **values, RecordTypeId=partner)
    assert org.record("Lead", key)["RecordTypeId"] == partner
    soql = f"SELECT RecordType.DeveloperName FROM Lead WHERE Id = '{key}'"
    [row] = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    assert row["RecordType"]["DeveloperName"] == "Partner_lead"


def test_a_layout_has_the_packages_fields_and_lists_when_somebody_put_them_there(
    local: Make,
) -> None:
    org = local(**PACKAGE)
    [layout] = layouts(org, "Lead")["layouts"]
    assert "UserGem__PastCompany__c" in fields_on(layout)
    assert ("UserGem__UserGem__c", "UserGem__NewLead__c") in lists_on(layout)


def test_a_layout_lacks_them_when_nobody_did(local: Make) -> None:
    org = local(**PACKAGE, layouts_done=False)
    [layout] = layouts(org, "Contact")["layouts"]
    assert not any(name.startswith("UserGem__") for name in fields_on(layout))
    assert not any(child == "UserGem__UserGem__c" for child, _ in lists_on(layout))


def test_a_layout_leaves_out_what_the_user_may_not_see(local: Make) -> None:
    org = local(hidden_fields=frozenset({"Lead.Industry"}))
    [layout] = layouts(org, "Lead")["layouts"]
    assert "Industry" not in fields_on(layout)


def test_layouts_are_counted_as_calls(local: Make) -> None:
    org = local()
    before = org.send("GET", "/rehearsal/calls").get_json()["total"]
    layouts(org, "Account")
    assert org.send("GET", "/rehearsal/calls").get_json()["total"] == before + 1
