"""SOQL: what it finds, how it pages, how it complains."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server

NAMES = ["O'Brien", 'Quote"d', "50% off_er", "Back\\slash", "高橋", "Zoë", "new\nline"]


@pytest.fixture(scope="module")
def org(server_process: Server) -> Iterator[OrgClient]:
    """A full copy with accounts of difficult names; nothing here writes after that."""
    client = server_process.full_copy()
    client.control("POST", "reset")
    for name in NAMES:
        client.create("Account", Name=name, Website=f"https://{len(name)}.example")
    yield client
    client.control("POST", "reset")


def names(org: OrgClient, where: str) -> list[str]:
    rows = org.query(f"SELECT Name FROM Account WHERE {where} ORDER BY Name")
    return [row["Name"] for row in rows]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (r"Name = 'O\'Brien'", ["O'Brien"]),
        (r"Name = 'o\'BRIEN'", ["O'Brien"]),
        (r"Name IN ('O\'Brien', 'Zoë', 'nobody')", ["O'Brien", "Zoë"]),
        (r"Name LIKE '50\% off\_er'", ["50% off_er"]),
        (r"Name LIKE '50\%\%'", []),
        (r"Name LIKE '50_ off_er'", ["50% off_er"]),
        (r"Name = 'Back\\slash'", ["Back\\slash"]),
        (r"Name LIKE '%\\%'", ["Back\\slash"]),
        (r"Name = 'Quote\"d'", ['Quote"d']),
        (r"Name = '高橋'", ["高橋"]),
        (r"Name = 'new\nline'", ["new\nline"]),
        (r"Name LIKE 'zo_'", ["Zoë"]),
        (r"Name LIKE '%OË'", ["Zoë"]),
        (r"NAME = 'zoë' AND (website LIKE '%.example' OR Website = null)", ["Zoë"]),
        (r"Name IN ('Zoë', '高橋') AND NOT Name = 'Zoë'", ["高橋"]),
        (r"Name IN ('Zoë', '高橋') AND (NOT (Name LIKE 'Z%'))", ["高橋"]),
        (r"Name = 'Zoë' AND CreatedDate > 2026-01-01T00:00:00Z", ["Zoë"]),
        (r"Name = 'Zoë' AND CreatedDate = TODAY AND CreatedDate = LAST_N_DAYS:2", ["Zoë"]),
        (r"Name = 'Zoë' AND CreatedDate < TODAY", []),
        (r"Name = 'Zoë' AND NumberOfEmployees != 5 AND IsDeleted = false", ["Zoë"]),
        (r"Name = 'Zoë' AND NumberOfEmployees NOT IN (5, 6)", ["Zoë"]),
    ],
)
def test_conditions_find_what_they_say(org: OrgClient, where: str, found: list[str]) -> None:
    assert sorted(names(org, where)) == sorted(found)


def test_fields_of_parents_come_nested(org: OrgClient) -> None:
    row = org.query(
        "SELECT Id, Name, Account.Name, Account.Owner.Profile.Name, LastModifiedBy.Name "
        "FROM Contact WHERE Account.Name = 'Swedbank' LIMIT 1"
    )[0]
    assert list(row) == ["attributes", "Id", "Name", "Account", "LastModifiedBy"]
    assert row["Account"]["attributes"]["type"] == "Account"
    assert row["Account"]["Owner"]["Profile"]["Name"] == "Sales User"


def test_an_empty_parent_is_null(org: OrgClient) -> None:
    row = org.query("SELECT Name, Parent.Name FROM Account LIMIT 1")[0]
    assert row["Parent"] is None


def test_children_come_as_an_answer_of_their_own(org: OrgClient) -> None:
    row = org.query(
        "SELECT Name, (SELECT Id FROM Contacts LIMIT 2), (SELECT Id FROM ChildAccounts) "
        "FROM Account WHERE Name = 'Swedbank'"
    )[0]
    assert row["Contacts"]["totalSize"] == 2
    assert row["ChildAccounts"] is None


def test_counts_come_in_both_forms(org: OrgClient) -> None:
    bare = org.get("/query", q="SELECT count() FROM Contact").json()
    assert bare == {"totalSize": 4245, "done": True, "records": []}
    column = org.get("/query", q="select count(Id) from Contact").json()
    assert column["records"] == [{"attributes": {"type": "AggregateResult"}, "expr0": 4245}]
    groups = org.query("SELECT LeadSource, COUNT(Id) n FROM Lead GROUP BY LeadSource")
    assert sum(row["n"] for row in groups) == 942


def test_semijoins_ask_one_object_about_another(org: OrgClient) -> None:
    inner = "SELECT AccountId FROM Contact"
    rows = org.query(f"SELECT Id FROM Account WHERE Id NOT IN ({inner}) AND Name = 'Zoë'")
    assert len(rows) == 1


def test_sorting_puts_empty_fields_where_asked(org: OrgClient) -> None:
    soql = "SELECT LeadSource FROM Contact ORDER BY LeadSource DESC NULLS LAST, Id"
    rows = org.get("/query", q=soql).json()["records"]
    assert rows[0]["LeadSource"] == "Web"
    first = org.query("SELECT LeadSource FROM Contact ORDER BY LeadSource LIMIT 1")[0]
    assert first["LeadSource"] is None


def test_long_answers_come_in_pages_that_add_up(org: OrgClient) -> None:
    answer = org.get("/query", q="SELECT Id FROM Contact").json()
    assert (answer["totalSize"], answer["done"], len(answer["records"])) == (4245, False, 2000)
    keys = [row["Id"] for row in answer["records"]]
    while not answer["done"]:
        assert answer["nextRecordsUrl"].startswith("/services/data/v68.0/query/0r8")
        answer = org.get(answer["nextRecordsUrl"]).json()
        keys += [row["Id"] for row in answer["records"]]
    assert "nextRecordsUrl" not in answer
    assert len(set(keys)) == len(keys) == 4245


def test_the_page_size_is_a_wish_within_bounds(org: OrgClient) -> None:
    for wish, size in ((250, 250), (1, 200), (9999, 2000)):
        headers = {"Sforce-Query-Options": f"batchSize={wish}"}
        answer = org.call(
            "GET", "/query", params={"q": "SELECT Id FROM Contact"}, headers=headers
        ).json()
        assert len(answer["records"]) == size


def test_a_dead_locator_says_so(org: OrgClient) -> None:
    answer = org.get("/query/0r8000000000000-2000")
    assert org.refusal(answer)[:2] == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(
    ("soql", "code", "end"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token: '''"),
        (
            "SELECT Id FROM Lead WHERE Name='a' AND Name='b' OR Name='c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id, Id FROM Lead", "MALFORMED_QUERY", "duplicate field selected: Id"),
        (
            "SELECT Id, Foo FROM Lead",
            "INVALID_FIELD",
            "No such column 'Foo' on entity 'Lead'. If you are attempting to use a custom field, "
            "be sure to append the '__c' after the custom field name. Please reference your WSDL "
            "or the describe call for the appropriate names.",
        ),
        (
            "SELECT Id FROM Lead WHERE Id = 'abc'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: abc",
        ),
        (
            "SELECT Id FROM Lead WHERE Name = 5",
            "INVALID_FIELD",
            "value of filter criterion for field 'Name' must be of type string and should be "
            "enclosed in quotes",
        ),
        (
            "SELECT Id FROM Lead WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Lead LIMIT 1 OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("", "MALFORMED_QUERY", "A query string has to be specified"),
    ],
)
def test_complaints_are_worded_as_the_platforms(
    org: OrgClient, soql: str, code: str, end: str
) -> None:
    status, found, text = org.refusal(org.get("/query", q=soql))
    assert (status, found) == (400, code)
    assert text.endswith(end)


def test_a_complaint_points_at_the_place(org: OrgClient) -> None:
    answer = org.get("/query", q="select count() from XYZZY")
    assert answer.json()[0]["message"].startswith(
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type"
    )


def test_too_long_a_query_or_address_is_refused(org: OrgClient) -> None:
    long = "SELECT Id FROM Contact WHERE Name IN ('" + "x" * 20_000 + "')"
    assert org.get("/query", q=long).status_code == 414
    answer = org.get("/limits", q="x" * 14_000)
    assert answer.status_code == 200
    url = "/services/data/v68.0/query?q="
    longer = "SELECT Id FROM Contact WHERE Name = '" + "x" * 100_000 + "'"
    parts = [{"method": "GET", "url": url + longer, "referenceId": "q"}]
    inner = org.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"][0]
    assert inner["body"][0]["errorCode"] == "MALFORMED_QUERY"
    assert inner["body"][0]["message"].startswith("SOQL statement is longer than 100000 characters")


def test_questions_with_hundreds_of_values_are_answered_quickly(org: OrgClient) -> None:
    emails = ",".join(f"'person{n}@company{n}.example'" for n in range(180))
    started = time.perf_counter()
    org.query(f"SELECT Id FROM Contact WHERE Email IN ({emails}) OR Name IN ({emails})")
    assert time.perf_counter() - started < 1


def test_the_org_says_what_it_is(org: OrgClient) -> None:
    row = org.query(
        "SELECT Id, Name, IsSandbox, OrganizationType, TrialExpirationDate, InstanceName, "
        "NamespacePrefix FROM Organization"
    )[0]
    assert row["Name"] == "Northwind"
    assert row["IsSandbox"] is True
    assert row["OrganizationType"] == "Enterprise Edition"
    assert row["TrialExpirationDate"] is None
    assert row["Id"].startswith("00D")


def test_the_running_users_rights_are_one_row(org: OrgClient) -> None:
    rows = org.query(
        "SELECT PermissionsApiEnabled, PermissionsModifyAllData FROM UserPermissionAccess"
    )
    assert [(r["PermissionsApiEnabled"], r["PermissionsModifyAllData"]) for r in rows] == [
        (True, False)
    ]
