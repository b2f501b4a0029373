"""Describes and counts: several objects a call, record types and child lists, odd forms refused."""

from typing import Any

import pytest

from integrations.salesforce.composite import composite_parts
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18
from tests.salesforce.conftest import NOT_FOUND, says

RECORD_TYPE = id18("0125g00000AbCdE")
MASTER = "012000000000000AAA"
LEAD = id18("00Q5g00000AbCdE")


def field(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": "string",
        "length": 80,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "picklistValues": [],
        "referenceTo": [],
        **more,
    }


def record_type(type_id: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": False,
        "developerName": name,
        "master": False,
        "name": name,
        "recordTypeId": type_id,
        "urls": {"layout": "/x"},
        **more,
    }


def described(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "keyPrefix": "00Q",
        "createable": True,
        "updateable": True,
        "deletable": False,
        "queryable": True,
        "layoutable": True,
        "custom": False,
        "fields": [field("LastName")],
        "recordTypeInfos": [],
        "childRelationships": [],
        **more,
    }


def composite(*parts: tuple[int, Any]) -> Any:
    return says(
        200,
        {
            "compositeResponse": [
                {
                    "body": body,
                    "httpHeaders": {},
                    "httpStatusCode": status,
                    "referenceId": f"r{place}",
                }
                for place, (status, body) in enumerate(parts)
            ]
        },
    )


def test_record_types_and_child_relationships_are_read(org, server):
    child = {
        "cascadeDelete": True,
        "childSObject": "CampaignMember",
        "field": "LeadId",
        "relationshipName": "CampaignMembers",
    }
    nameless = {"childSObject": "Task", "field": "WhoId", "relationshipName": None}
    infos = [
        record_type(RECORD_TYPE, "Partner", available=False),
        record_type(MASTER, "Master", master=True, defaultRecordTypeMapping=True),
    ]
    server.then(
        says(200, described("Lead", recordTypeInfos=infos, childRelationships=[child, nameless]))
    )
    found = org.describe("Lead")
    partner, master = found.record_types
    assert (partner.developer_name, partner.available, partner.default) == ("Partner", False, False)
    assert (master.record_type_id, master.master, master.default) == (MASTER, True, True)
    assert [(one.name, one.object_name, one.field) for one in found.child_relationships] == [
        ("CampaignMembers", "CampaignMember", "LeadId"),
        ("", "Task", "WhoId"),
    ]
    assert found.layoutable


def test_fields_say_what_a_comparison_needs(org, server):
    amount = field(
        "Amount__c", type="currency", custom=True, precision=16, scale=2, calculated=True
    )
    owner = field("OwnerId", type="reference", referenceTo=["Group"], relationshipName="Owner")
    server.then(says(200, described("Lead", fields=[amount, owner])))
    fields = org.describe("Lead").fields
    assert (fields["Amount__c"].precision, fields["Amount__c"].scale) == (16, 2)
    assert (fields["Amount__c"].custom, fields["Amount__c"].calculated) == (True, True)
    assert fields["OwnerId"].relationship_name == "Owner"


def test_several_objects_come_in_one_call_and_a_hidden_one_is_left_out(org, server):
    server.then(composite((200, described("Lead")), (404, NOT_FOUND), (200, described("Account"))))
    found = org.describes(["Lead", "UserGem__UserGem__c", "Account"])
    assert list(found) == ["Lead", "Account"]
    (sent,) = server.seen
    assert [part["url"] for part in sent.json["compositeRequest"]] == [
        "/services/data/v66.0/sobjects/Lead/describe",
        "/services/data/v66.0/sobjects/UserGem__UserGem__c/describe",
        "/services/data/v66.0/sobjects/Account/describe",
    ]


def test_six_objects_take_two_calls(org, server):
    names = [f"Thing{number}__c" for number in range(6)]
    server.then(composite(*[(200, described(name)) for name in names[:5]]))
    server.then(composite((200, described(names[5]))))
    assert list(org.describes(names)) == names


def test_another_refusal_than_not_found_is_told(org, server):
    body = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]
    server.then(composite((500, body)))
    with pytest.raises(SalesforceError) as caught:
        org.describes(["Lead"])
    assert caught.value.code == "UNKNOWN_EXCEPTION"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"name": "Lead"},
        described("Contact"),
        described("Lead", fields=None) | {"fields": "none"},
        described("Lead", fields=[{"name": "LastName"}]),
        described("Lead", fields=[field("LastName", createable="yes")]),
        described("Lead", fields=[field("LastName", length="80")]),
        described("Lead", fields=[field("LastName", picklistValues=["a"])]),
        described("Lead", recordTypeInfos=[{"recordTypeId": "x"}]),
        described("Lead", childRelationships=["CampaignMembers"]),
        described("Lead", label=7),
    ],
    ids=str,
)
def test_a_describe_of_odd_form_is_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError) as caught:
        org.describe("Lead")
    assert caught.value.code == "UNEXPECTED_ANSWER"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"compositeResponse": None},
        {"compositeResponse": []},
        {"compositeResponse": ["x"]},
        {"compositeResponse": [{"referenceId": "r0"}]},
        {"compositeResponse": [{"referenceId": "r0", "httpStatusCode": "200", "body": {}}]},
        {"compositeResponse": [{"referenceId": "r1", "httpStatusCode": 200, "body": {}}]},
        {"compositeResponse": [{"referenceId": "r0", "httpStatusCode": 200, "httpHeaders": 1}]},
    ],
    ids=str,
)
def test_a_composite_of_odd_form_is_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.describes(["Lead"])


def test_more_reads_than_a_composite_takes_are_not_sent(org, server):
    with pytest.raises(ValueError, match="25"):
        composite_parts(org._door, ["limits"] * 26)
    assert server.seen == []


def test_records_are_counted_and_an_object_without_any_has_none(org, server):
    server.then(says(200, {"sObjects": [{"count": 7, "name": "Lead"}]}))
    assert org.record_counts(["Lead", "Account"]) == {"Lead": 7, "Account": 0}
    assert server.paths == ["/services/data/v66.0/limits/recordCount?sObjects=Lead%2CAccount"]


@pytest.mark.parametrize("answer", [[], {}, {"sObjects": [{"name": "Lead", "count": "many"}]}])
def test_counts_of_odd_form_are_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.record_counts(["Lead"])


def test_one_record_is_read_by_its_id(org, server):
    row = {"attributes": {"type": "Lead", "url": "/x"}, "Id": LEAD, "Email": None}
    server.then(says(200, row))
    assert org.record_get("Lead", LEAD[:15], ["Email"]) == {"Id": LEAD, "Email": None}
    assert server.paths == [f"/services/data/v66.0/sobjects/Lead/{LEAD[:15]}?fields=Id%2CEmail"]


def test_a_deleted_record_is_not_found(org, server):
    server.then(says(404, NOT_FOUND))
    with pytest.raises(SalesforceError) as caught:
        org.record_get("Lead", LEAD, ["Email"])
    assert caught.value.code == "NOT_FOUND"


@pytest.mark.parametrize("answer", [[], {"Email": "a@b.c"}, {"Id": "00Q5g00000AbCdFAAV"}], ids=str)
def test_another_record_than_the_one_asked_for_is_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.record_get("Lead", LEAD, ["Email"])


@pytest.mark.parametrize(
    ("name", "record_id", "fields"),
    [("Lead/..", LEAD, []), ("Lead", "../User", []), ("Lead", LEAD, ["Email,(SELECT"])],
)
def test_what_could_change_the_address_is_not_sent(org, server, name, record_id, fields):
    with pytest.raises(ValueError, match=r".+"):
        org.record_get(name, record_id, fields)
    assert server.seen == []


def test_deleted_records_are_asked_for_in_pages_of_a_size(org, server):
    row = {"attributes": {"type": "Lead"}, "Id": LEAD, "IsDeleted": True}
    server.then(says(200, {"totalSize": 1, "done": True, "records": [row]}))
    found = org.query_all("SELECT Id, IsDeleted FROM Lead", deleted=True, batch=500)
    assert found == [{"Id": LEAD, "IsDeleted": True}]
    (sent,) = server.seen
    assert "/queryAll" in sent.path
    assert sent.headers["Sforce-Query-Options"] == "batchSize=500"


def test_a_long_query_for_deleted_records_is_posted(org, server):
    server.then(composite((200, {"totalSize": 0, "done": True, "records": []})))
    soql = f"SELECT Id FROM Lead WHERE Email IN ('{'x' * 15_000}')"
    assert org.query_all(soql, deleted=True, batch=200) == []
    (part,) = server.seen[0].json["compositeRequest"]
    assert part["url"].startswith("/services/data/v66.0/queryAll?q=SELECT")
    assert part["httpHeaders"] == {"Sforce-Query-Options": "batchSize=200"}


def test_a_page_has_at_least_200_rows(org, server):
    with pytest.raises(ValueError, match="200"):
        org.query_all("SELECT Id FROM Lead", batch=10)
    assert server.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        {"totalSize": 1, "done": True, "records": ["x"]},
        {"totalSize": "1", "done": True, "records": []},
        {"totalSize": 1, "done": "yes", "records": []},
        {"totalSize": 1, "done": True, "records": {"Id": LEAD}},
        {"totalSize": 1, "done": False, "records": [], "nextRecordsUrl": 7},
        [{"Id": LEAD}],
    ],
    ids=str,
)
def test_a_query_answer_of_odd_form_is_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.query("SELECT Id FROM Lead")
