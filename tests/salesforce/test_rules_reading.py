"""Rules of reading that nothing else would miss: whole lists, composite reads, no guesses."""

from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from tests.salesforce.conftest import hangs_up, page, rows, says
from tests.salesforce.test_layouts import COMMON, LAYOUT, MASTER, layout, layouts, mapped
from tests.salesforce.test_reads import composite, next_page

LEAD = "00Q5g00000AbCdEEAV"
OTHER = "00Q5g00000AbCdFEAV"
ASKED = ["SELECT Id FROM Lead", "SELECT Id FROM Contact"]


@pytest.mark.parametrize("trouble", [hangs_up, page(503)])
def test_reads_in_one_call_are_asked_again_though_they_are_posted(org, server, naps, trouble):
    server.then(trouble, composite(rows({"Id": "1"}), rows({"Id": "2"})))
    assert org.queries(ASKED) == [[{"Id": "1"}], [{"Id": "2"}]]
    assert len(naps) == 1


def test_reads_in_one_call_that_get_no_answer_are_no_writes(org, server):
    server.then(*[page(503)] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.queries(ASKED)
    assert not isinstance(caught.value, OutcomeUnknown)


def test_one_refused_read_does_not_take_the_others_along(org, server):
    server.then(composite(rows(), rows()))
    org.queries(ASKED)
    assert server.seen[0].json["allOrNone"] is False


@pytest.mark.parametrize("status", [201, 204, 206, 304])
def test_a_read_in_one_call_has_an_answer_only_with_200(org, server, status):
    server.then(composite(rows(), rows(), status=status))
    with pytest.raises(SalesforceError):
        org.queries(ASKED)


@pytest.mark.parametrize("done", ["false", "true", 0, 1, None])
def test_whether_a_list_is_whole_has_to_be_said_in_so_many_words(org, server, done):
    server.then(says(200, {**rows({"Id": "1"}), "done": done}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.query("SELECT Id FROM Lead")


@pytest.mark.parametrize("more", [{}, {"nextRecordsUrl": None}, {"nextRecordsUrl": ""}])
def test_a_list_that_is_not_whole_and_does_not_go_on_is_not_believed(org, server, more):
    server.then(says(200, {**rows({"Id": "1"}), "done": False, **more}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.query("SELECT Id FROM Lead")


def test_a_last_page_without_rows_does_not_take_the_pages_before_along(org, server):
    last = {"totalSize": 1, "done": True, "records": []}
    server.then(says(200, rows({"Id": "1"}, more=next_page(1))), says(200, last))
    assert org.query("SELECT Id FROM Lead") == [{"Id": "1"}]


def test_a_refused_later_page_is_told_and_not_begun_again(org, server):
    refused = says(400, [{"errorCode": "QUERY_TIMEOUT", "message": "x"}])
    server.then(says(200, rows({"Id": "1"}, more=next_page(1))), refused)
    with pytest.raises(SalesforceError, match="QUERY_TIMEOUT"):
        org.query("SELECT Id FROM Lead")
    assert len(server.seen) == 2


def test_of_many_lists_the_one_whose_cursor_died_is_begun_again(org, server):
    asked = [f"SELECT Id FROM Lead WHERE LastName = '{number}'" for number in range(7)]
    dead = says(400, [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "x"}])
    server.then(composite(*[rows()] * 5))
    server.then(composite(rows({"Id": "1"}, more=next_page(1)), rows({"Id": "3"})), dead)
    server.then(says(200, rows({"Id": "2"})))
    assert org.queries(asked) == [*[[]] * 5, [{"Id": "2"}], [{"Id": "3"}]]
    assert parse_qs(urlsplit(server.paths[-1]).query)["q"] == [asked[5]]


@pytest.mark.parametrize("row", [{"Id": OTHER}, {"Id": None}, {"Email": "a@b.c"}, []])
def test_another_record_than_the_one_asked_for_is_not_believed(org, server, row):
    server.then(says(200, row))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.record_get("Lead", LEAD, ["Email"])


@pytest.mark.parametrize("batch", [0, 1, 199, 2_001, -200])
def test_a_page_of_another_size_is_not_asked_for(org, server, batch):
    with pytest.raises(ValueError, match="2,000"):
        org.query_all("SELECT Id FROM Lead", batch=batch)
    assert server.seen == []


@pytest.mark.parametrize("soql", ["SELECT Id FROM Lead", f"SELECT Id FROM Lead -- {'x' * 5_000}"])
def test_the_bin_is_read_where_it_is_asked_for_and_pages_have_their_size(org, server, soql):
    for deleted in (True, False):
        answer = rows({"Id": "1"})
        server.then(composite(answer) if len(soql) > 4_000 else says(200, answer))
        org.query_all(soql, deleted=deleted, batch=500)
        sent = server.seen[-1]
        if sent.method == "GET":
            address, headers = sent.path, sent.headers
        else:
            (read,) = sent.json["compositeRequest"]
            address, headers = read["url"], read["httpHeaders"]
        assert ("/queryAll" in address) is deleted
        assert headers["Sforce-Query-Options"] == "batchSize=500"


def test_counts_of_objects_that_nobody_asked_for_are_left_out(org, server):
    counted = [{"name": "Lead", "count": 7}, {"name": "User", "count": 9}]
    server.then(says(200, {"sObjects": counted}))
    assert org.record_counts(["Lead", "Contact"]) == {"Lead": 7, "Contact": 0}


def test_more_objects_than_an_address_holds_are_counted_in_two_calls(org, server):
    names = [f"Thing{number}__c" for number in range(101)]
    server.then(
        says(200, {"sObjects": [{"name": "Thing0__c", "count": 3}]}),
        says(200, {"sObjects": [{"name": "Thing100__c", "count": 4}]}),
    )
    counts = org.record_counts(names)
    assert (counts["Thing0__c"], counts["Thing1__c"], counts["Thing100__c"]) == (3, 0, 4)
    assert [len(path.split("%2C")) for path in server.paths] == [100, 1]


def test_the_layout_of_records_without_a_type_is_read_though_the_user_has_types(org, server):
    master = mapped(MASTER, "Master", LAYOUT, available=False)
    server.then(says(200, layouts(None, master)), composite(layout(LAYOUT, COMMON)))
    (found,) = org.layouts("Lead")
    assert found.layout is not None
    assert "LeadSource" in found.layout.field_names


def test_a_layout_that_may_not_be_read_is_told_from_one_that_is_not_there(org, server):
    refused = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]
    gone = [{"errorCode": "NOT_FOUND", "message": "x"}]
    master = says(200, layouts(None, mapped(MASTER, "Master", LAYOUT)))
    server.then(master, composite(gone, status=404), master, composite(refused, status=403))
    assert [one.layout for one in org.layouts("Lead")] == [None]
    with pytest.raises(SalesforceError, match="REQUEST_LIMIT_EXCEEDED"):
        org.layouts("Lead")


def test_the_columns_of_a_related_list_have_their_api_names(org, server):
    columns = [
        {"fieldApiName": "UserGem__X__c", "name": "toLabel(UserGem__X__c)"},
        {"fieldApiName": None, "name": "Status"},
    ]
    listed = {"name": "UserGems__r", "label": "UserGems", "columns": columns}
    found = layout(LAYOUT, COMMON, lists=[listed])
    server.then(says(200, layouts([found], mapped(MASTER, "Master", LAYOUT))))
    (shown,) = org.layouts("Lead")
    assert shown.layout is not None
    assert shown.layout.related_lists[0].columns == ("UserGem__X__c", "Status")
