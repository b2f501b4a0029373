"""Collections: each record its own result, sent once, read with care (platform reference, 2.3)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.salesforce.client import Record
from integrations.salesforce.errors import LimitReached, OutcomeUnknown, SalesforceError
from integrations.salesforce.ids import id18
from tests.salesforce.conftest import EXPIRED, cut, hangs_up, page, says, silence

LEAD = id18("00Q5g00000AbCdE")
OTHER_LEAD = id18("00Q5g00000AbCdF")
CONTACT = id18("0035g00000AbCdE")
CAMPAIGN = id18("7015g00000AbCdE")
HEADERS = {
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=false",
}
ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
    "fields": [],
}


def done(record_id: str, **more: object) -> dict[str, object]:
    return {"id": record_id, "success": True, "errors": [], **more}


def refused(code: str, *fields: str, **more: object) -> dict[str, object]:
    error = {"statusCode": code, "message": f"{code} it is", "fields": list(fields)}
    return {"success": False, "errors": [error], **more}


def lead(name: str = "Doe", **values: object) -> Record:
    return Record("Lead", {"LastName": name, "Company": "Acme", **values})


def test_records_are_created_in_one_call_with_the_choices_said(org, server):
    server.then(says(200, [done(LEAD), done(OTHER_LEAD)]))
    results = org.records_create([lead("Doe"), lead("Roe")], headers=HEADERS)
    assert [result.record_id for result in results] == [LEAD, OTHER_LEAD]
    (sent,) = server.seen
    assert (sent.method, sent.path) == ("POST", "/services/data/v66.0/composite/sobjects")
    assert sent.json == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Lead"}, "LastName": "Doe", "Company": "Acme"},
            {"attributes": {"type": "Lead"}, "LastName": "Roe", "Company": "Acme"},
        ],
    }
    assert HEADERS.items() <= sent.headers.items()


@pytest.mark.parametrize("missing", HEADERS)
def test_nothing_is_sent_while_a_choice_is_left_to_salesforce(org, server, missing):
    headers = {name: value for name, value in HEADERS.items() if name != missing}
    with pytest.raises(ValueError, match=missing):
        org.records_create([lead()], headers=headers)
    assert server.seen == []


def test_a_refused_record_has_its_own_reason_and_no_id(org, server):
    server.then(says(200, [done(LEAD), refused("REQUIRED_FIELD_MISSING", "LastName")]))
    good, bad = org.records_create([lead(), lead("")], headers=HEADERS)
    assert (good.success, good.record_id, good.errors) == (True, LEAD, ())
    assert (bad.success, bad.record_id, bad.created) == (False, None, None)
    assert [(error.code, error.fields) for error in bad.errors] == [
        ("REQUIRED_FIELD_MISSING", ("LastName",))
    ]
    assert not bad.rolled_back
    assert not good.rolled_back


def test_records_of_mixed_objects_go_sorted_and_come_back_in_the_order_asked(org, server):
    # Leads and contacts in turn would be 100 runs; Salesforce takes ten.
    mixed = [
        Record(name, {"LastName": str(number)})
        for number in range(50)
        for name in ("Lead", "Contact")
    ]
    leads = [f"00Q5g00000{number:05d}" for number in range(50)]
    contacts = [f"0035g00000{number:05d}" for number in range(50)]
    server.then(says(200, [done(one) for one in [*leads, *contacts]]))
    results = org.records_create(mixed, headers=HEADERS)
    kinds = [record["attributes"]["type"] for record in server.seen[0].json["records"]]
    assert kinds == ["Lead"] * 50 + ["Contact"] * 50
    assert [str(result.record_id)[:15] for result in results] == [
        one for pair in zip(leads, contacts, strict=True) for one in pair
    ]


@pytest.mark.parametrize(
    "records",
    [
        [lead()] * 201,
        [Record(f"Thing{number}__c", {"Name": "x"}) for number in range(11)],
        [Record("Lead/../User", {"LastName": "x"})],
        [Record("Lead", {"Last Name": "x"})],
        [Record("Lead", {"Id": LEAD})],
        [Record("Lead", {"LastName": "x"}, LEAD)],
        [Record("Lead", {"AnnualRevenue": float("nan")})],
    ],
    ids=["201 records", "11 objects", "object", "field", "an id", "has an id", "no number"],
)
def test_what_cannot_be_created_is_not_sent(org, server, records):
    with pytest.raises(ValueError, match=r".+"):
        org.records_create(records, headers=HEADERS)
    assert server.seen == []


def test_no_records_are_no_call(org, server):
    assert org.records_create([], headers=HEADERS) == []
    assert org.records_update([], headers=HEADERS) == []
    assert org.records_upsert([], external_id="Key__c", headers=HEADERS) == []
    assert org.records_delete([]) == []
    assert server.seen == []


def test_records_are_changed_by_their_18_character_ids(org, server):
    server.then(says(200, [done(LEAD)]))
    record = Record("Lead", {"Title": None}, LEAD[:15])
    (result,) = org.records_update([record], headers=HEADERS, all_or_none=True)
    assert result.success
    (sent,) = server.seen
    assert sent.method == "PATCH"
    assert sent.json["allOrNone"] is True
    assert sent.json["records"] == [{"attributes": {"type": "Lead"}, "Title": None, "id": LEAD}]


@pytest.mark.parametrize(
    "records",
    [[lead()], [Record("Lead", {}, "../User")], [Record("Lead", {}, LEAD)] * 2],
    ids=["no id", "no id at all", "twice"],
)
def test_what_cannot_be_changed_is_not_sent(org, server, records):
    with pytest.raises(ValueError, match=r".+"):
        org.records_update(records, headers=HEADERS)
    assert server.seen == []


def test_all_or_nothing_tells_the_cause_from_its_neighbours(org, server):
    server.then(
        says(200, [{"success": False, "errors": [ROLLED_BACK]}, refused("STRING_TOO_LONG", "City")])
    )
    results = org.records_create([lead(), lead()], headers=HEADERS, all_or_none=True)
    assert [result.rolled_back for result in results] == [True, False]


def test_an_upsert_says_what_it_created(org, server):
    server.then(says(200, [done(LEAD, created=True), done(OTHER_LEAD, created=False)]))
    results = org.records_upsert(
        [lead(Key__c="a/1"), lead(Key__c="a.2")], external_id="Key__c", headers=HEADERS
    )
    assert [result.created for result in results] == [True, False]
    (sent,) = server.seen
    assert sent.method == "PATCH"
    assert sent.path == "/services/data/v66.0/composite/sobjects/Lead/Key__c"
    assert [record["Key__c"] for record in sent.json["records"]] == ["a/1", "a.2"]


def test_a_rolled_back_upsert_that_says_created_was_not(org, server):
    server.then(
        says(
            200,
            [
                {"success": False, "created": True, "errors": [ROLLED_BACK]},
                refused("REQUIRED_FIELD_MISSING", "Company", created=True),
            ],
        )
    )
    results = org.records_upsert(
        [lead(Key__c="1"), lead(Key__c="2")],
        external_id="Key__c",
        headers=HEADERS,
        all_or_none=True,
    )
    assert [(result.success, result.created) for result in results] == [(False, None)] * 2


@pytest.mark.parametrize(
    "records",
    [
        [lead()],
        [lead(Key__c="")],
        [lead(Key__c=" ")],
        [lead(Key__c=7)],
        [lead(Key__c="a"), lead(Key__c="A")],
        [lead(Key__c="a"), Record("Contact", {"Key__c": "b"})],
    ],
    ids=["none", "empty", "blank", "number", "the same key", "two objects"],
)
def test_an_upsert_that_would_insert_blindly_is_not_sent(org, server, records):
    with pytest.raises(ValueError, match=r".+"):
        org.records_upsert(records, external_id="Key__c", headers=HEADERS)
    assert server.seen == []


def test_records_of_several_objects_are_deleted_in_one_call(org, server):
    server.then(says(200, [done(LEAD), refused("ENTITY_IS_DELETED"), done(CONTACT)]))
    results = org.records_delete([LEAD, CONTACT, OTHER_LEAD[:15]])
    assert [result.success for result in results] == [True, True, False]
    (sent,) = server.seen
    assert sent.method == "DELETE"
    assert parse_qs(urlsplit(sent.path).query) == {
        "ids": [f"{LEAD},{OTHER_LEAD},{CONTACT}"],
        "allOrNone": ["false"],
    }


@pytest.mark.parametrize(
    "ids", [["x"], [LEAD, LEAD[:15]], [LEAD[:13] + f"{n:02d}" for n in range(201)]]
)
def test_what_cannot_be_deleted_is_not_sent(org, server, ids):
    with pytest.raises(ValueError, match=r".+"):
        org.records_delete(ids)
    assert server.seen == []


@pytest.mark.parametrize(
    "trouble",
    [silence, hangs_up, cut([done(LEAD)]), page(503), page(200)],
    ids=["silence", "hang-up", "cut", "503 page", "200 page"],
)
def test_a_collection_without_a_proper_answer_may_have_been_written(org, server, trouble):
    server.then(trouble, says(200, [done(LEAD)]))
    with pytest.raises(OutcomeUnknown):
        org.records_create([lead()], headers=HEADERS)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"hasErrors": False},
        [None],
        ["ok"],
        [{}],
        [{"success": "true", "id": LEAD}],
        [{"success": True}],
        [{"success": True, "id": "x"}],
        [{"success": True, "id": 7}],
        [{"success": True, "id": LEAD, "created": "no"}],
        [{"success": False}],
        [{"success": False, "errors": []}],
        [{"success": False, "errors": [{"message": "no code"}]}],
        [done(LEAD), done(OTHER_LEAD)],
    ],
    ids=str,
)
def test_an_answer_of_odd_form_may_have_been_written(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(OutcomeUnknown):
        org.records_create([lead()], headers=HEADERS)
    assert len(server.seen) == 1


def test_a_change_answered_with_another_record_is_not_known(org, server):
    server.then(says(200, [done(OTHER_LEAD)]))
    with pytest.raises(OutcomeUnknown):
        org.records_update([Record("Lead", {"Title": "x"}, LEAD)], headers=HEADERS)


def test_a_refused_collection_was_not_written(org, server):
    text = "record limit reached. cannot submit more than 200 records into this call"
    server.then(says(400, [{"message": text, "errorCode": "EXCEEDED_ID_LIMIT"}]))
    with pytest.raises(SalesforceError) as caught:
        org.records_create([lead()], headers=HEADERS)
    assert caught.value.code == "EXCEEDED_ID_LIMIT"
    assert not isinstance(caught.value, OutcomeUnknown)


def test_a_used_up_day_is_told_and_nothing_was_written(org, server):
    text = "TotalRequests Limit exceeded."
    server.then(says(403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]))
    with pytest.raises(LimitReached) as caught:
        org.records_delete([CAMPAIGN])
    assert caught.value.daily


def test_an_expired_session_is_renewed_and_the_collection_sent_again(org, server, tokens):
    server.then(says(401, EXPIRED), says(200, [done(LEAD)]))
    (result,) = org.records_create([lead()], headers=HEADERS)
    assert result.record_id == LEAD
    assert tokens.rejected == ["TOKEN-1"]
    assert server.seen[0].body == server.seen[1].body
    assert server.seen[1].headers["Sforce-Auto-Assign"] == "FALSE"
