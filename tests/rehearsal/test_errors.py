"""Whatever is asked, the answer is one Salesforce could have given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import Server

FUZZ = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = [
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "ORDER BY",
    "GROUP BY",
    "LIMIT",
    "OFFSET",
    "ASC",
    "NULLS LAST",
    "null",
    "true",
    "Id",
    "Name",
    "Owner.Name",
    "Account",
    "Lead",
    "Contact",
    "CampaignMember",
    "count()",
    "COUNT(Id)",
    "FIELDS(ALL)",
    "(",
    ")",
    ",",
    ".",
    "=",
    "!=",
    "<",
    ">=",
    "'x'",
    "'\\'",
    "'%a_'",
    "5",
    "-1.5",
    "2026-01-01",
    "2026-99-01T00:00:00Z",
    "TODAY",
    "LAST_N_DAYS:99999999",
    "Status",
    "IsConverted",
    "CreatedDate",
    "BillingAddress",
    "Contacts",
    "(SELECT Id FROM Contacts)",
    "a",
    "x__c",
    "\\",
]


@pytest.fixture(scope="module")
def org(server_process: Server) -> Iterator[OrgClient]:
    client = server_process.full_copy()
    client.control("POST", "package", {"security": "all"})
    yield client
    client.control("POST", "reset")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Nope", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Lead/00Q000000000001AAA", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Lead/xyz", 404, "NOT_FOUND"),
        ("PUT", "/sobjects/Lead/00Q000000000001AAA", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/services/data/v20.0/sobjects", 410, "UNSUPPORTED_API_VERSION"),
        ("GET", "/services/data/v99.0/sobjects", 404, "NOT_FOUND"),
        ("GET", "/services/data/v68/sobjects", 404, "NOT_FOUND"),
        ("GET", "/services/apexrest/x", 404, "NOT_FOUND"),
        ("POST", "/sobjects/User", 400, "INVALID_TYPE_FOR_OPERATION"),
    ],
)
def test_unknown_requests_get_salesforces_kind_of_error(
    org: OrgClient, method: str, path: str, status: int, code: str
) -> None:
    answer = org.call(method, path, json={})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert set(answer.json()[0]) <= {"errorCode", "message", "fields"}


def test_the_wrong_verb_is_told_the_right_ones(org: OrgClient) -> None:
    text = org.call("PATCH", "/sobjects/Lead", json={}).json()[0]["message"]
    assert text == "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET,POST"


def test_without_a_session_nothing_is_said(server_process: Server) -> None:
    url = server_process.url(3) + "/services/data/v68.0/nowhere"
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
        answer = requests.get(url, headers=headers, timeout=TIMEOUT)
        assert answer.status_code == 401
        assert answer.json() == [
            {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
        ]


def test_the_version_list_is_free_for_everybody(server_process: Server) -> None:
    answer = requests.get(server_process.url(2) + "/services/data/", timeout=TIMEOUT)
    assert answer.json()[-1] == {
        "label": "Winter '27",
        "url": "/services/data/v68.0",
        "version": "68.0",
    }
    assert "Sforce-Limit-Info" not in answer.headers


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 9000, b'"x"'])
def test_a_body_that_is_no_object_is_the_parsers_to_refuse(org: OrgClient, data: bytes) -> None:
    for path in ("/sobjects/Lead", "/composite/sobjects", "/composite", "/composite/graph"):
        answer = org.call("POST", path, data=data)
        assert org.refusal(answer)[:2] == (400, "JSON_PARSER_ERROR")


def healthy(answer: requests.Response) -> None:
    assert answer.status_code < 500, answer.text


@FUZZ
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_no_query_of_known_words_breaks_the_server(org: OrgClient, words: list[str]) -> None:
    healthy(org.get("/query", q="SELECT Id FROM Lead " + " ".join(words)))
    healthy(org.get("/query", q=" ".join(words)))


FIELDS = [
    "Id",
    "Name",
    "OwnerId",
    "Owner.Name",
    "IsDeleted",
    "BillingAddress",
    "BillingLatitude",
    "Description",
    "Website",
    "Type",
    "NumberOfEmployees",
    "AnnualRevenue",
    "CreatedDate",
    "LastActivityDate",
    "PhotoUrl",
    "ParentId",
    "Nope",
]
OPERATORS = ["=", "!=", "<", ">=", "LIKE", "IN", "NOT IN"]
VALUES = [
    "'x'", "''", "'001'", "null", "true", "5", "-0.5", "99999999999999999999", "TODAY",
    "LAST_N_DAYS:3", "LAST_N_DAYS:9999999999", "2026-02-30", "2026-02-28", "NOPE",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-01-01T00:00:00Z",
    "('x','y')", "(1,2)", "(null)", "(TODAY)", "(SELECT Id FROM Contact)",
    "(SELECT BillingAddress FROM Account)", "(SELECT AccountId FROM Contact)",
]  # fmt: skip
FUNCTIONS = ["", "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "toLabel"]


@FUZZ
@given(
    st.sampled_from(FUNCTIONS),
    st.sampled_from(FIELDS),
    st.sampled_from(FIELDS),
    st.sampled_from(OPERATORS),
    st.sampled_from(VALUES),
    st.sampled_from(["", "GROUP BY", "ORDER BY"]),
    st.sampled_from(FIELDS),
)
def test_no_wellformed_query_breaks_the_server(
    org: OrgClient, function: str, shown: str, left: str, sign: str, right: str, by: str, last: str
) -> None:
    item = f"{function}({shown})" if function else shown
    end = f"{by} {last}" if by else ""
    healthy(org.get("/query", q=f"SELECT {item} FROM Account WHERE {left} {sign} {right} {end}"))
    healthy(org.get("/query", q=f"SELECT {item} FROM Account {end} LIMIT 5"))
    healthy(org.get("/query", q=f"SELECT Id FROM Account WHERE {left} {sign} {right}"))


@FUZZ
@given(st.text(max_size=60))
def test_no_query_text_breaks_the_server(org: OrgClient, text: str) -> None:
    quoted = text.encode("utf-8", "replace").decode()
    healthy(org.get("/query", q=quoted))
    healthy(org.get("/query", q=f"SELECT Id FROM Account WHERE Name LIKE '{quoted}'"))


@FUZZ
@given(
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["sobjects", "Lead", "describe", "composite", "graph", "query", "limits", "tooling",
                 "00Q7z00000002LAEAY", "UserGem__DeliveryKey__c", "..", "%2F", ""]
            ),
            st.text(alphabet="abc%/?#é\x01", max_size=6),
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_no_address_breaks_the_server(org: OrgClient, method: str, steps: list[str]) -> None:
    healthy(org.call(method, "/" + "/".join(steps), json={}))


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["records", "attributes", "type", "compositeRequest", "graphs", "graphId", "url",
                 "method", "referenceId", "body", "httpHeaders", "LastName", "Company", "Id",
                 "allOrNone", "ids", "fields", "NumberOfEmployees", "IsConverted", "OwnerId"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@FUZZ
@given(JSON)
def test_no_body_breaks_the_server(org: OrgClient, body: Any) -> None:
    for path in (
        "/sobjects/Lead",
        "/composite",
        "/composite/graph",
        "/composite/sobjects",
        "/composite/sobjects/Lead",
    ):
        healthy(org.post(path, body) if _plain(body) else org.call("POST", path, data=repr(body)))


def _plain(body: Any) -> bool:
    try:
        requests.models.complexjson.dumps(body, allow_nan=False)
    except ValueError:
        return False
    return True


@FUZZ
@given(
    st.dictionaries(
        st.sampled_from(["LastName", "Company", "Email", "OwnerId", "NumberOfEmployees",
                         "UserGem__JobStartedDate__c", "IsConverted", "UserGem__PastContact__c"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8),
                  st.just("0037z00000001IeAAI"), st.just("2026-01-01"), st.lists(st.none())),
    )
)  # fmt: skip
def test_no_record_breaks_the_server(org: OrgClient, values: dict[str, Any]) -> None:
    answer = org.post("/sobjects/Lead", values)
    healthy(answer)
    if answer.status_code == 201:
        healthy(org.get(f"/sobjects/Lead/{answer.json()['id']}"))
        healthy(org.patch(f"/sobjects/Lead/{answer.json()['id']}", values))
