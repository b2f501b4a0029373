"""Several questions in one call: each has its own answer, or its own refusal."""

import pytest

from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18
from integrations.salesforce.together import Read, packed
from tests.salesforce.conftest import says

LAYOUT = id18("00h5g00000AbCdE")


def composite(*parts):
    """The answer of a composite call: `(status, body)` for each part."""
    return {
        "compositeResponse": [
            {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": f"r{place}"}
            for place, (status, body) in enumerate(parts)
        ]
    }


def rows(*records, **more):
    return {"totalSize": len(records), "done": True, "records": list(records), **more}


def refusal(code):
    return [{"errorCode": code, "message": "No."}]


def test_a_refused_question_leaves_the_others_their_answers(org, server):
    server.then(
        says(
            200,
            composite(
                (200, rows({"attributes": {"type": "Lead"}, "Id": "1"})),
                (400, refusal("INVALID_TYPE")),
                (200, {"name": "Lead", "fields": []}),
            ),
        )
    )
    found, refused, described = org.read_together(
        [Read.query("SELECT Id FROM Lead"), Read.query("SELECT Id FROM X"), Read.describe("Lead")]
    )
    assert found.body == [{"Id": "1"}]
    assert refused.body is None
    assert refused.error.code == "INVALID_TYPE"
    assert described.body["name"] == "Lead"
    assert len(server.seen) == 1


def test_questions_of_the_tooling_api_go_to_its_own_composite(org, server):
    server.then(says(200, composite((200, rows()), (200, {"Id": LAYOUT, "Metadata": {}}))))
    org.read_together(
        [Read.query("SELECT Id FROM Layout", tooling=True), Read.row("Layout", LAYOUT)]
    )
    (request,) = server.seen
    assert request.path == "/services/data/v66.0/tooling/composite"
    assert [part["url"] for part in request.json["compositeRequest"]] == [
        "/services/data/v66.0/tooling/query?q=SELECT%20Id%20FROM%20Layout",
        f"/services/data/v66.0/tooling/sobjects/Layout/{LAYOUT}",
    ]


def test_a_long_answer_is_followed_to_its_end(org, server):
    address = "/services/data/v66.0/query/01g-2000"
    first = {"totalSize": 2, "done": False, "nextRecordsUrl": address, "records": [{"Id": "1"}]}
    last = {"totalSize": 2, "done": True, "records": [{"Id": "2"}]}
    server.then(says(200, composite((200, first))), says(200, last))
    (reply,) = org.read_together([Read.query("SELECT Id FROM Lead")])
    assert [row["Id"] for row in reply.body] == ["1", "2"]
    assert server.paths == ["/services/data/v66.0/composite", address]


def test_a_second_page_that_fails_is_that_questions_error(org, server):
    first = {
        "totalSize": 2,
        "done": False,
        "nextRecordsUrl": "/services/data/v66.0/query/01g-2000",
        "records": [{"Id": "1"}],
    }
    server.then(
        says(200, composite((200, first), (200, rows({"Id": "9"})))),
        says(400, refusal("INVALID_QUERY_LOCATOR")),
    )
    broken, whole = org.read_together(
        [Read.query("SELECT A FROM B"), Read.query("SELECT C FROM D")]
    )
    assert broken.error.code == "INVALID_QUERY_LOCATOR"
    assert whole.body == [{"Id": "9"}]


def test_a_call_that_fails_as_a_whole_raises(org, server):
    server.then(says(403, refusal("API_DISABLED_FOR_ORG")))
    with pytest.raises(SalesforceError) as said:
        org.read_together([Read.describe("Lead")])
    assert said.value.code == "API_DISABLED_FOR_ORG"


def test_one_call_takes_five_queries_and_five_describes():
    reads = [Read.query(f"SELECT A{n} FROM B") for n in range(7)]
    reads += [Read.describe(f"O{n}") for n in range(7)]
    assert packed(reads) == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]


def test_one_call_takes_ten_rows_with_their_metadata():
    reads = [Read.row("Layout", LAYOUT) for _ in range(12)]
    assert packed(reads) == list(range(10))


def test_a_call_takes_questions_of_one_api():
    reads = [Read.query("SELECT A FROM B"), Read.query("SELECT A FROM B", tooling=True)]
    assert packed(reads) == [0]
    assert packed(reads[::-1]) == [0]


def test_what_may_take_long_goes_alone():
    reads = [Read.query("SELECT COUNT(Id) FROM Lead", slow=True), Read.query("SELECT A FROM B")]
    assert packed(reads) == [0]


def test_what_does_not_fit_into_a_call_is_not_sent(org, server):
    with pytest.raises(ValueError, match="one call"):
        org.read_together([Read.query("SELECT A FROM B")] * 6)
    with pytest.raises(ValueError, match="characters"):
        Read.query("SELECT " + "A" * 20_000)
    with pytest.raises(ValueError, match="API name"):
        Read.describe("../x")
    with pytest.raises(ValueError, match="record ID"):
        Read.row("Layout", "../x")
    assert server.seen == []
