"""Reports: what they show comes from the CRM, as far as the running user may see it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER
from integrations.rehearsal.world import now
from tests.rehearsal.client import OrgClient
from tests.rehearsal.local import LocalOrg, Make, refusal

BASE = "/analytics/reports"


def reports(org: LocalOrg) -> dict[str, str]:
    soql = "SELECT Id, DeveloperName FROM Report"
    rows = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    return {row["DeveloperName"]: row["Id"] for row in rows}


def run(org: LocalOrg, name: str, body: Any = None) -> dict[str, Any]:
    path = f"{BASE}/{reports(org)[name]}?includeDetails=true"
    answer = org.api("POST", path, json=body) if body else org.api("GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def labels(result: dict[str, Any]) -> list[list[str]]:
    return [
        [cell["label"] for cell in row["dataCells"]] for row in result["factMap"]["T!T"]["rows"]
    ]


def test_reports_are_listed_with_folder_and_format(local: Make) -> None:
    soql = (
        "SELECT Id, Name, DeveloperName, FolderName, Format, LastRunDate FROM Report "
        "WHERE DeveloperName = 'Champions_to_track'"
    )
    org = local()
    [row] = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    assert row["Id"].startswith("00O")
    assert (row["FolderName"], row["Format"], row["LastRunDate"]) == (
        "UserGems tracking",
        "Tabular",
        None,
    )
    listed = org.api("GET", BASE).get_json()
    assert row["Id"] in {item["id"] for item in listed}


def test_a_describe_tells_columns_and_filters(local: Make) -> None:
    org = local()
    found = org.api("GET", f"{BASE}/{reports(org)['Leads_from_events']}/describe").get_json()
    assert set(found) >= {"reportMetadata", "reportExtendedMetadata", "reportTypeMetadata"}
    metadata = found["reportMetadata"]
    assert metadata["reportFormat"] == "TABULAR"
    assert metadata["reportFilters"][0]["column"] == "LEAD_SOURCE"
    columns = found["reportExtendedMetadata"]["detailColumnInfo"]
    assert columns["EMAIL"] == {"dataType": "email", "label": "Email"}
    assert set(metadata["detailColumns"]) == set(columns)


def test_a_run_shows_what_the_crm_has(local: Make) -> None:
    org = local()
    account = org.create("Account", Name="Acme", Type="Customer")
    contact = org.create("Contact", LastName="Doe", AccountId=account)
    result = run(org, "Customer_contacts")
    assert (result["allData"], result["hasDetailRows"]) == (True, True)
    columns = result["reportMetadata"]["detailColumns"]
    rows = result["factMap"]["T!T"]["rows"]
    [row] = [row for row in rows if row["dataCells"][0]["value"] == contact]
    cell = row["dataCells"][columns.index("ACCOUNT.NAME")]
    assert cell == {"label": "Acme", "value": account}
    assert row["dataCells"][columns.index("EMAIL")] == {"label": "-", "value": None}
    assert result["factMap"]["T!T"]["aggregates"][0]["value"] == len(rows)


def test_filters_of_the_request_hold_for_this_run_only(local: Make) -> None:
    org = local()
    for name, source in (("Doe", "Event"), ("Roe", "Web")):
        org.create("Lead", LastName=name, Company="Acme", LeadSource=source)
    filters = [{"column": "LEAD_SOURCE", "operator": "equals", "value": "Web"}]
    asked = {"reportMetadata": {"reportFilters": filters, "detailColumns": ["LAST_NAME"]}}
    assert labels(run(org, "Leads_from_events", asked)) == [["Roe"]]
    again = run(org, "Leads_from_events")
    last_name = again["reportMetadata"]["detailColumns"].index("LAST_NAME")
    assert [row[last_name] for row in labels(again)] == ["Doe"]


def test_a_filter_that_makes_no_sense_is_refused(local: Make) -> None:
    org = local()
    filters = [{"column": "NO_SUCH", "operator": "equals", "value": "x"}]
    path = f"{BASE}/{reports(org)['Leads_from_events']}"
    answer = org.api("POST", path, json={"reportMetadata": {"reportFilters": filters}})
    assert refusal(answer)[:2] == (400, "BAD_REQUEST")


def test_a_run_ends_at_2000_rows_and_says_so(full: OrgClient) -> None:
    [report] = full.query("SELECT Id FROM Report WHERE DeveloperName = 'Champions_to_track'")
    result = full.get(f"{BASE}/{report['Id']}", includeDetails="true").json()
    assert len(result["factMap"]["T!T"]["rows"]) == 2000
    assert result["allData"] is False
    assert result["factMap"]["T!T"]["aggregates"][0]["value"] > 2000


def test_a_hidden_field_is_no_column(local: Make) -> None:
    org = local(hidden_fields=frozenset({"Contact.Email"}))
    assert "EMAIL" not in run(org, "Champions_to_track")["reportMetadata"]["detailColumns"]


def test_a_private_report_is_there_for_its_owner_only(local: Make) -> None:
    org = local()
    assert "My_scratch_list" not in reports(org)
    org.sign_in(ADMIN_USER.user_id)
    private = reports(org)["My_scratch_list"]
    assert org.api("GET", f"{BASE}/{private}").status_code == 200
    org.sign_in()
    assert refusal(org.api("GET", f"{BASE}/{private}"))[:2] == (404, "NOT_FOUND")


def test_without_run_reports_nothing_can_be_run(local: Make) -> None:
    rights = tuple(item for item in INTEGRATION_USER.permissions if item != "RunReports")
    org = local(users=(ADMIN_USER, replace(INTEGRATION_USER, permissions=rights)))
    org.sign_in(ADMIN_USER.user_id)
    key = reports(org)["Champions_to_track"]
    org.sign_in()
    assert refusal(org.api("GET", f"{BASE}/{key}"))[0] == 403


def test_a_run_in_the_background_is_asked_for_until_it_is_done(local: Make) -> None:
    org = local()
    org.create("Lead", LastName="Doe", Company="Acme", LeadSource="Event")
    path = f"{BASE}/{reports(org)['Leads_from_events']}/instances"
    started = org.api("POST", path).get_json()
    assert started["id"].startswith("0LG")
    assert started["status"] == "New"
    for thread in threading.enumerate():
        if thread.name.endswith("(_run_in_background)"):
            thread.join(timeout=10)
    found = org.send("GET", started["url"]).get_json()
    assert found["attributes"]["status"] == "Success"
    assert "Doe" in labels(found)[0]
    assert [item["id"] for item in org.api("GET", path).get_json()] == [started["id"]]


def test_the_hour_has_room_for_500_runs(local: Make) -> None:
    org = local()
    key = reports(org)["Leads_from_events"]
    with org.org.space.transaction():
        org.org.space.put("report_runs", "sync", {"at": [now()] * 499})
    assert org.api("GET", f"{BASE}/{key}").status_code == 200
    assert refusal(org.api("GET", f"{BASE}/{key}"))[0] == 403
    limits = org.api("GET", "/limits").get_json()
    assert limits["HourlySyncReportRuns"] == {"Max": 500, "Remaining": 0}


def test_who_was_asked_about_reports_is_remembered_over_a_reset(local: Make) -> None:
    """So that a vendor who promises to read none in a sandbox can be held to it."""
    org = local()

    def asked() -> int:
        return org.send("GET", "/rehearsal/calls").get_json()["reports_ever"]

    before = asked()
    reports(org)
    assert asked() > before
    run(org, "Customer_contacts")
    since = asked()
    org.send("POST", "/rehearsal/reset")
    assert asked() == since
