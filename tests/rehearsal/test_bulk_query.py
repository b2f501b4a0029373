"""Bulk API 2.0: query jobs."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.rehearsal.local import LocalOrg, Make, refusal


def complete(org: LocalOrg, soql: str, operation: str = "query") -> dict[str, Any]:
    answer = org.api("POST", "/jobs/query", json={"operation": operation, "query": soql})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.get_json()
    states = [job["state"]]
    while states[-1] != "JobComplete":
        job = org.api("GET", f"/jobs/query/{job['id']}").get_json()
        states.append(job["state"])
        assert len(states) < 10
    assert states[0] == "UploadComplete"
    return job


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_answer_is_fetched_as_csv_page_by_page(local: Make) -> None:
    org = local()
    account = org.create("Account", Name="Acme")
    for name in ("Ada", "Bob", "Cleo"):
        org.create("Contact", LastName=name, AccountId=account, Phone="7")
    columns = "LastName, Account.Name, IsDeleted"
    job = complete(org, f"SELECT {columns} FROM Contact WHERE Phone = '7' ORDER BY LastName")
    assert (job["object"], job["numberRecordsProcessed"]) == ("Contact", 3)
    first = org.api("GET", f"/jobs/query/{job['id']}/results?maxRecords=2")
    assert first.headers["Sforce-NumberOfRecords"] == "2"
    locator = first.headers["Sforce-Locator"]
    second = org.api("GET", f"/jobs/query/{job['id']}/results?maxRecords=2&locator={locator}")
    assert second.headers["Sforce-Locator"] == "null"
    found = rows(first) + rows(second)
    assert [row["LastName"] for row in found] == ["Ada", "Bob", "Cleo"]
    assert found[0] == {"LastName": "Ada", "Account.Name": "Acme", "IsDeleted": "false"}


def test_a_query_that_cannot_be_understood_is_refused_at_once(local: Make) -> None:
    body = {"operation": "query", "query": "SELECT Nonsense__c FROM Lead"}
    assert refusal(local().api("POST", "/jobs/query", json=body))[:2] == (400, "INVALID_FIELD")


def test_query_all_has_deleted_records_too(local: Make) -> None:
    org = local()
    key = org.create("Lead", LastName="Doe", Company="Acme")
    org.api("DELETE", f"/sobjects/Lead/{key}")
    job = complete(org, "SELECT Id, IsDeleted FROM Lead WHERE LastName = 'Doe'", "queryAll")
    [row] = rows(org.api("GET", f"/jobs/query/{job['id']}/results"))
    assert row == {"Id": key, "IsDeleted": "true"}
