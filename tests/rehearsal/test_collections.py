"""Collections and composite: many records or calls in one request."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.client import OrgClient

GEM_KEY = "UserGem__DeliveryKey__c"


def lead(**more: Any) -> dict[str, Any]:
    base = {"LastName": "Doe", "Company": "Acme", "Country": "France"}
    return {"attributes": {"type": "Lead"}, **base, **more}


def test_a_failed_row_has_no_id_and_speaks_of_status_codes(full: OrgClient) -> None:
    body = {"allOrNone": False, "records": [lead(), lead(LastName=None)]}
    answer = full.post("/composite/sobjects", body)
    assert answer.status_code == 200
    good, bad = answer.json()
    assert good == {"id": good["id"], "success": True, "errors": []}
    assert bad == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_all_or_none_rolls_the_good_rows_back(full: OrgClient) -> None:
    body = {"allOrNone": True, "records": [lead(LastName="Rolled"), lead(LastName=None)]}
    good, bad = full.post("/composite/sobjects", body).json()
    assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert full.query("SELECT Id FROM Lead WHERE LastName = 'Rolled'") == []


def test_rows_are_changed_deleted_and_read_by_id(full: OrgClient) -> None:
    full.may_delete()
    created = full.post("/composite/sobjects", {"records": [lead(), lead()]}).json()
    keys = [row["id"] for row in created]
    changes = [
        {"attributes": {"type": "Lead"}, "id": keys[0], "Title": "CTO"},
        {"attributes": {"type": "Lead"}, "Id": "00Q7z0000099999EAA", "Title": "CTO"},
    ]
    changed = full.patch("/composite/sobjects", {"records": changes}).json()
    assert changed[0] == {"id": keys[0], "success": True, "errors": []}
    assert changed[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    deleted = full.call("DELETE", f"/composite/sobjects?ids={keys[1]}&allOrNone=false").json()
    assert deleted == [{"id": keys[1], "success": True, "errors": []}]
    for answer in (
        full.get("/composite/sobjects/Lead", ids=",".join(keys), fields="Id,Title"),
        full.post("/composite/sobjects/Lead", {"ids": keys, "fields": ["Id", "Title"]}),
    ):
        first, second = answer.json()
        assert (first["Title"], first["attributes"]["type"], second) == ("CTO", "Lead", None)


PATH = "/composite/sobjects/UserGem__UserGem__c/UserGem__DeliveryKey__c"


def gems(*keys: str | None) -> dict[str, Any]:
    kind = {"attributes": {"type": "UserGem__UserGem__c"}}
    return {"records": [{**kind, "UserGem__DeliveryKey__c": key} for key in keys]}


def test_rows_are_upserted_by_key(full: OrgClient) -> None:
    assert [row["created"] for row in full.patch(PATH, gems("a", "b")).json()] == [True, True]
    assert [row["created"] for row in full.patch(PATH, gems("b", "c")).json()] == [False, True]


def test_rows_that_share_a_key_are_all_refused(full: OrgClient) -> None:
    first, other, second = full.patch(PATH, gems("a", "b", "a")).json()
    assert first == second
    fault = first["errors"][0]
    assert (fault["statusCode"], fault["fields"]) == ("DUPLICATE_VALUE", [GEM_KEY])
    assert fault["message"] == "Duplicate external id specified: a"
    assert other["created"] is True
    twice = [{"attributes": {"type": "UserGem__UserGem__c"}, "Id": other["id"]}] * 2
    changed = full.patch("/composite/sobjects", {"records": twice}).json()
    assert [row["errors"][0]["statusCode"] for row in changed] == ["DUPLICATE_VALUE"] * 2


def test_a_row_without_its_key_is_refused(full: OrgClient) -> None:
    good, bad = full.patch(PATH, gems("a", None)).json()
    assert good["success"] is True
    assert bad["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_rolled_back_rows_of_an_upsert_still_speak_of_creating(full: OrgClient) -> None:
    body = {**gems("a", None), "allOrNone": True}
    good, bad = full.patch(PATH, body).json()
    assert (good["success"], good["created"], "id" in good) == (False, True, False)
    assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert "created" not in bad
    assert full.query("SELECT Id FROM UserGem__UserGem__c") == []


def test_people_are_upserted_by_email_and_several_matches_are_named(full: OrgClient) -> None:
    path = "/composite/sobjects/Lead/Email"
    full.post("/composite/sobjects", {"records": [lead(Email="two@b.example")] * 2})
    records = [lead(Email="one@b.example"), lead(Email="two@b.example")]
    one, two = full.patch(path, {"records": records}).json()
    assert one["created"] is True
    fault = two["errors"][0]
    assert fault["statusCode"] == "DUPLICATE_EXTERNAL_ID"
    assert "more than one record found for external id field: [00Q" in fault["message"]


def test_addresses_that_differ_by_case_are_one_key(full: OrgClient) -> None:
    records = [lead(Email="One@b.example"), lead(Email="one@B.example")]
    rows = full.patch("/composite/sobjects/Lead/Email", {"records": records}).json()
    assert [row["errors"][0]["statusCode"] for row in rows] == ["DUPLICATE_VALUE"] * 2


def test_there_are_two_hundred_rows_at_most(full: OrgClient) -> None:
    answer = full.post("/composite/sobjects", {"records": [lead()] * 201})
    status, code, text = full.refusal(answer)
    assert (status, code) == (400, "EXCEEDED_ID_LIMIT")
    assert text.startswith("record limit reached. cannot submit more than 200 records")


def test_more_than_ten_changes_of_type_are_refused(full: OrgClient) -> None:
    contact = {"attributes": {"type": "Contact"}, "LastName": "A"}
    answer = full.post("/composite/sobjects", {"records": [lead(), contact] * 6})
    assert answer.status_code == 400


def part(reference: str, method: str, url: str, body: Any = None) -> dict[str, Any]:
    return {
        "method": method,
        "url": f"/services/data/v68.0{url}",
        "referenceId": reference,
        "body": body,
    }


def test_a_composite_hands_answers_on(full: OrgClient) -> None:
    parts = [
        part("acc", "POST", "/sobjects/Account", {"Name": "A"}),
        part("con", "POST", "/sobjects/Contact", {"LastName": "B", "AccountId": "@{acc.id}"}),
        part("q", "GET", "/query?q=SELECT+Name+FROM+Contact+WHERE+AccountId='@{acc.id}'"),
        part("get", "GET", "/sobjects/Contact/@{con.id}?fields=Name"),
    ]
    answer = full.post("/composite", {"allOrNone": True, "compositeRequest": parts}).json()
    results = {item["referenceId"]: item for item in answer["compositeResponse"]}
    assert results["acc"]["httpStatusCode"] == 201
    assert results["q"]["body"]["records"][0]["Name"] == "B"
    assert results["get"]["body"]["Name"] == "B"


def test_a_composite_with_all_or_none_undoes_everything(full: OrgClient) -> None:
    parts = [
        part("acc", "POST", "/sobjects/Account", {"Name": "Undone"}),
        part("con", "POST", "/sobjects/Contact", {"FirstName": "B"}),
    ]
    answer = full.post("/composite", {"allOrNone": True, "compositeRequest": parts}).json()
    first, second = answer["compositeResponse"]
    assert first["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert second["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert full.query("SELECT Id FROM Account WHERE Name = 'Undone'") == []


def test_one_part_can_fail_alone(full: OrgClient) -> None:
    parts = [
        part("bad", "GET", "/query?q=select count() from XYZZY"),
        part("good", "GET", "/query?q=select count() from Account"),
    ]
    answer = full.post("/composite", {"compositeRequest": parts}).json()
    bad, good = answer["compositeResponse"]
    assert bad["body"][0]["errorCode"] == "INVALID_TYPE"
    assert good["body"] == {"totalSize": 728, "done": True, "records": []}


def test_five_queries_and_twenty_five_parts_are_the_most(full: OrgClient) -> None:
    query = "/query?q=select count() from Account"
    six = [part(f"q{n}", "GET", query) for n in range(6)]
    assert full.post("/composite", {"compositeRequest": six}).status_code == 400
    five = [part(f"q{n}", "GET", query) for n in range(5)]
    assert full.post("/composite", {"compositeRequest": five}).status_code == 200
    many = [part(f"r{n}", "GET", "/limits") for n in range(26)]
    assert full.post("/composite", {"compositeRequest": many}).status_code == 400
    nested = [part("n", "POST", "/composite", {"compositeRequest": []})]
    answer = full.post("/composite", {"compositeRequest": nested}).json()
    assert answer["compositeResponse"][0]["httpStatusCode"] == 400
