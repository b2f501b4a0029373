"""Every row of the platform reference's catalogue, from the wire to family, sentence and place."""

import pytest

from integrations.salesforce.client import Graph, Node
from integrations.salesforce.errors import (
    ConnectionLost,
    Family,
    LimitReached,
    OutcomeUnknown,
    SalesforceError,
)
from integrations.salesforce.families import ADMINISTRATOR, NOBODY, USERGEMS
from integrations.salesforce.messages import MESSAGES
from tests.salesforce.conftest import page, plain_text, says
from tests.salesforce.platform_codes import (
    AT_ONCE,
    CALLS,
    DAY,
    NEIGHBOURS,
    PLAIN_READING,
    RECORDS,
    Row,
    in_graph,
)

WHO = {
    Family.TRY_AGAIN: NOBODY,
    Family.CUSTOMER_MUST_ACT: ADMINISTRATOR,
    Family.WE_MUST_ACT: USERGEMS,
}
GRAPH = Graph("g1", [Node("POST", "Lead", None, "person", {"LastName": "Doe"})])


def path(row: Row) -> str:
    return f"/lightning/setup/{row.setup}" if row.setup else ""


@pytest.mark.parametrize("row", [*CALLS, *RECORDS], ids=str)
def test_our_family_is_the_references_class_or_says_why_not(row):
    if not row.why and row.doc != "-":
        assert PLAIN_READING.get(row.doc, row.family) is row.family
        assert row.doc in PLAIN_READING or row.doc == "data/admin"


@pytest.mark.parametrize("row", CALLS, ids=str)
def test_a_read_that_is_refused(org, server, row):
    server.then(*[says(row.status, row.body)] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    error = caught.value
    assert (error.code, error.family, error.status) == (row.code, row.family, row.status)
    assert error.who == WHO[row.family]
    if not isinstance(error, ConnectionLost):
        assert error.message == row.text
        # No object is known here but from the text: else the way leads to the list of objects.
        expected = path(row)
        if "/ObjectManager/" in expected and "on entity 'Lead'" not in row.text:
            expected = "/lightning/setup/ObjectManager/home"
        assert error.setup_path == expected
    assert error.sentence.endswith(".")
    assert row.text not in error.sentence
    if row.text in (DAY, AT_ONCE):
        assert isinstance(error, LimitReached)
        assert error.daily is (row.text == DAY)


@pytest.mark.parametrize("row", CALLS, ids=str)
def test_a_write_that_is_refused_as_a_whole(org, server, row):
    """A 5xx may have been carried out; anything else that Salesforce words itself was not."""
    server.then(*[says(row.status, row.body)] * 2)
    with pytest.raises(SalesforceError) as caught:
        org.graphs([GRAPH])
    error = caught.value
    if row.status >= 500:
        assert isinstance(error, OutcomeUnknown)
        assert error.family is Family.TRY_AGAIN
    else:
        assert not isinstance(error, OutcomeUnknown)
        assert (error.code, error.family) == (row.code, row.family)


@pytest.mark.parametrize("row", RECORDS, ids=str)
def test_a_record_that_is_refused(org, server, row):
    server.then(says(200, in_graph(row, *NEIGHBOURS)))
    (result,) = org.graphs([GRAPH])
    (error,) = result.errors
    assert (error.code, error.message, error.fields) == (row.code, row.text, row.fields)
    said = error.explained("Lead")
    assert said.family is row.family
    assert said.who == WHO[row.family]
    assert said.setup_path == path(row)
    known = MESSAGES.get(row.code)
    for words in ("sentence", "where"):
        if "{fields}" in getattr(known, words, ""):
            assert all(name in getattr(said, words) for name in row.fields)
    assert result.transient is (row.family is Family.TRY_AGAIN)


@pytest.mark.parametrize("row", NEIGHBOURS, ids=str)
def test_a_row_that_points_at_another_is_not_shown_as_the_cause(org, server, row):
    server.then(says(200, in_graph(row)))
    (result,) = org.graphs([GRAPH])
    assert result.errors == []
    assert result.not_attempted


def test_several_rules_at_once_are_all_kept(org, server):
    rules = [row for row in RECORDS if row.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"] * 3
    server.then(says(200, in_graph(*rules)))
    (result,) = org.graphs([GRAPH])
    assert len(result.errors) == 3


def test_an_unknown_code_is_shown_as_it_came_and_may_be_tried_again(org, server):
    row = RECORDS[-1]
    server.then(says(200, in_graph(row)))
    (error,) = org.graphs([GRAPH])[0].errors
    assert (error.code, error.message) == (row.code, row.text)
    assert "sending again may help" in error.explanation.sentence


# --- answers without a code -------------------------------------------------------------------

READS = [
    (300, says(300, ["/services/data/v66.0/sobjects/Lead/1"]), "MULTIPLE_CHOICES", "same external"),
    (304, says(304), "HTTP_304", "nothing has changed"),
    (301, says(301, None, Location="/x"), "HTTP_301", "moved to another address"),
    (302, page(302), "HTTP_302", "moved to another address"),
    (401, page(401), "HTTP_401", "in a way it does not accept"),
    (403, page(403), "HTTP_403", "gave no reason"),
    (403, plain_text(403, "Request blocked by policy"), "HTTP_403", "gave no reason"),
    (404, page(404), "HTTP_404", "gave no reason"),
    (405, page(405), "HTTP_405", "does not offer"),
    (410, page(410), "HTTP_410", "version of the API"),
    (412, page(412), "HTTP_412", "changed while we were"),
    (414, page(414), "HTTP_414", "gave no reason"),
    (420, page(420), "HTTP_420", "not available at the moment"),
    (429, plain_text(429, "slow down"), "HTTP_429", "not available at the moment"),
    (431, page(431), "HTTP_431", "gave no reason"),
    (500, page(500), "HTTP_500", "not available at the moment"),
    (502, plain_text(502, "Bad gateway"), "HTTP_502", "not available at the moment"),
    (503, page(503), "HTTP_503", "not available at the moment"),
]


@pytest.mark.parametrize(("status", "answer", "code", "words"), READS)
def test_a_read_answered_without_a_code(org, server, status, answer, code, words):
    server.then(*[answer] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert (caught.value.code, caught.value.status) == (code, status)
    assert words in caught.value.sentence
    assert "html" not in caught.value.message
    passing = status in {420, 429} or status >= 500
    assert len(server.seen) == (3 if passing else 1)


@pytest.mark.parametrize(
    ("status", "answer", "happened"),
    [
        (300, says(300, ["/services/data/v66.0/sobjects/Lead/1"]), "no"),
        (304, says(304), "no"),
        (301, says(301, None, Location="/x"), "no"),
        (302, page(302), "no"),
        (307, says(307, None, Location="/x"), "no"),
        (308, says(308, None, Location="/x"), "no"),
        # See other: the answer to something that was carried out.
        (303, says(303, None, Location="/x"), "unknown"),
        (401, page(401), "unknown"),
        (403, page(403), "unknown"),
        (403, says(403, {"error": "Forbidden"}), "unknown"),
        (404, page(404), "unknown"),
        (408, plain_text(408, "Request Timeout"), "unknown"),
        (408, says(408, [{"errorCode": "REQUEST_TIMEOUT", "message": "x"}]), "unknown"),
        (413, plain_text(413, "Too large"), "unknown"),
        (420, page(420), "unknown"),
        (429, says(429, {"error": "too_many"}), "unknown"),
        (502, plain_text(502, "Bad gateway"), "unknown"),
    ],
)
def test_a_write_answered_without_a_code(org, server, status, answer, happened):
    server.then(answer)
    with pytest.raises(SalesforceError) as caught:
        org.graphs([GRAPH])
    assert isinstance(caught.value, OutcomeUnknown) is (happened == "unknown")
    assert caught.value.status == status
    assert len(server.seen) == 1
