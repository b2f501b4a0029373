"""Bulk API 2.0: the life of an ingest job."""

from __future__ import annotations

import csv
import io
import threading
import time
from typing import Any

from integrations.rehearsal import bulk_calls
from integrations.rehearsal.config import ValidationRule
from tests.rehearsal.local import LocalOrg, Make, refusal

PACKAGE = {"package_version": "1.42"}
GEM = "UserGem__UserGem__c"
KEY = "UserGem__DeliveryKey__c"
LEADS = {"object": "Lead", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}
GEMS = {"object": GEM, "operation": "upsert", "externalIdFieldName": KEY}


def open_job(org: LocalOrg, **values: Any) -> dict[str, Any]:
    answer = org.api("POST", "/jobs/ingest", json=values)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def upload(org: LocalOrg, job: dict[str, Any], text: str) -> Any:
    return org.send("PUT", "/" + job["contentUrl"], data=text.encode(), content_type="text/csv")


def state(org: LocalOrg, job: dict[str, Any], to: str) -> Any:
    return org.api("PATCH", f"/jobs/ingest/{job['id']}", json={"state": to})


def ended(org: LocalOrg, job: dict[str, Any]) -> dict[str, Any]:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        for thread in threading.enumerate():
            if thread.name.endswith("(_work)"):
                thread.join(timeout=1)
        found: dict[str, Any] = org.api("GET", f"/jobs/ingest/{job['id']}").get_json()
        if found["state"] in ("JobComplete", "Failed", "Aborted"):
            return found
    raise AssertionError("the job did not end")


def run(org: LocalOrg, text: str, **values: Any) -> dict[str, Any]:
    job = open_job(org, **values)
    assert upload(org, job, text).status_code == 201
    assert state(org, job, "UploadComplete").status_code == 200
    return ended(org, job)


def results(org: LocalOrg, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    answer = org.api("GET", f"/jobs/ingest/{job['id']}/{kind}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_new_job_is_open_and_says_where_to_upload(local: Make) -> None:
    org = local(**PACKAGE)
    job = open_job(org, **GEMS)
    assert job["id"].startswith("750")
    assert (job["state"], job["apiVersion"], job["columnDelimiter"]) == ("Open", 68.0, "COMMA")
    assert job["contentUrl"] == f"services/data/v68.0/jobs/ingest/{job['id']}/batches"
    assert job["externalIdFieldName"] == KEY


def test_rows_are_written_and_listed_with_their_ids(local: Make) -> None:
    org = local()
    job = run(org, "LastName,Company\nDoe,Acme\nRoe,Globex\n", **LEADS)
    assert (job["state"], job["numberRecordsProcessed"]) == ("JobComplete", 2)
    assert job["jobType"] == "V2Ingest"
    done = {row["LastName"]: row for row in results(org, job, "successfulResults")}
    assert set(done["Doe"]) == {"sf__Id", "sf__Created", "LastName", "Company"}
    assert done["Doe"]["sf__Created"] == "true"
    assert org.record("Lead", done["Roe"]["sf__Id"])["Company"] == "Globex"


def test_a_complete_job_can_have_rows_that_failed(local: Make) -> None:
    org = local()
    job = run(org, "LastName,Company\nDoe,Acme\nRoe,\n", **LEADS)
    assert job["state"] == "JobComplete"
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"] == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --"
    )
    assert (failed["sf__Id"], failed["LastName"]) == ("", "Roe")
    assert results(org, job, "unprocessedrecords") == []


def test_a_locked_row_fails_alone(local: Make) -> None:
    org = local()
    org.fault("lock_row", match={"sobject": "Lead"})
    job = run(org, "LastName,Company\nDoe,Acme\nRoe,Globex\n", **LEADS)
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")
    assert failed["sf__Error"].endswith(":--")
    assert len(results(org, job, "successfulResults")) == 1


def test_results_come_in_another_order_than_the_rows(local: Make) -> None:
    org = local()
    names = [f"Person {number:03d}" for number in range(50)]
    text = "LastName,Company\n" + "".join(f"{name},Acme\n" for name in names)
    found = [row["LastName"] for row in results(org, run(org, text, **LEADS), "successfulResults")]
    assert found != names
    assert sorted(found) == names


def test_an_upsert_by_external_id_creates_once_and_changes_after(local: Make) -> None:
    org = local(**PACKAGE)
    first = run(org, f"{KEY},UserGem__PersonName__c\nk1,Ada\n", **GEMS)
    again = run(org, f"{KEY},UserGem__PersonName__c\nk1,Ada L.\nk2,Bob\n", **GEMS)
    [made] = results(org, first, "successfulResults")
    found = {row[KEY]: row for row in results(org, again, "successfulResults")}
    assert (found["k1"]["sf__Id"], found["k1"]["sf__Created"]) == (made["sf__Id"], "false")
    assert found["k2"]["sf__Created"] == "true"
    assert org.record(GEM, made["sf__Id"])["UserGem__PersonName__c"] == "Ada L."


def test_an_empty_cell_leaves_a_field_and_a_sign_empties_it(local: Make) -> None:
    org = local()
    key = org.create("Lead", LastName="Doe", Company="Acme", Title="VP", Phone="1")
    job = run(org, f"Id,Title,Phone\n{key},,#N/A\n", object="Lead", operation="update")
    assert results(org, job, "failedResults") == []
    row = org.record("Lead", key)
    assert (row["Title"], row["Phone"]) == ("VP", None)


def test_a_parent_can_be_named_by_its_external_id(local: Make) -> None:
    org = local()
    account = org.create("Account", Name="Acme")
    text = f"LastName,Account.Id\nDoe,{account}\nRoe,001000000000000AAA\n"
    job = run(org, text, object="Contact", operation="insert")
    [done] = results(org, job, "successfulResults")
    assert org.record("Contact", done["sf__Id"])["AccountId"] == account
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID:")


def test_the_customers_rules_hold_in_bulk_too(local: Make) -> None:
    rule = ValidationRule("Lead", "Country", ("Country",), "Country is required.", on=("insert",))
    org = local(validation_rules=(rule,))
    job = run(org, "LastName,Company\nDoe,Acme\n", **LEADS)
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:Country is required.:--"


def test_an_unknown_column_fails_the_job_and_leaves_the_rows_unprocessed(local: Make) -> None:
    org = local()
    job = run(org, "LastName,Nonsense__c\nDoe,1\n", **LEADS)
    assert job["state"] == "Failed"
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Nonsense__c"
    [row] = results(org, job, "unprocessedrecords")
    assert row == {"LastName": "Doe", "Nonsense__c": "1"}


def test_line_endings_other_than_announced_fail_the_job(local: Make) -> None:
    job = run(local(), "LastName,Company\r\nDoe,Acme\r\n", **LEADS)
    assert job["state"] == "Failed"
    assert "LineEnding is invalid on user data" in job["errorMessage"]


def test_a_job_takes_one_upload(local: Make) -> None:
    org = local()
    job = open_job(org, **LEADS)
    upload(org, job, "LastName,Company\nDoe,Acme\n")
    assert upload(org, job, "LastName,Company\nRoe,Acme\n").status_code == 400


def test_an_aborted_job_writes_nothing(local: Make) -> None:
    org = local()
    job = open_job(org, **LEADS)
    upload(org, job, "LastName,Company\nDoe,Acme\n")
    assert state(org, job, "Aborted").get_json()["state"] == "Aborted"
    assert refusal(state(org, job, "UploadComplete"))[1] == "INVALIDJOBSTATE"
    assert len(results(org, job, "unprocessedrecords")) == 1


def test_a_deleted_job_is_gone(local: Make) -> None:
    org = local()
    job = open_job(org, **LEADS)
    assert org.api("DELETE", f"/jobs/ingest/{job['id']}").status_code == 204
    assert refusal(org.api("GET", f"/jobs/ingest/{job['id']}"))[:2] == (404, "NOT_FOUND")


def test_results_are_there_only_when_the_job_has_ended(local: Make) -> None:
    org = local()
    job = open_job(org, **LEADS)
    answer = org.api("GET", f"/jobs/ingest/{job['id']}/successfulResults")
    assert refusal(answer)[:2] == (400, "INVALIDJOBSTATE")


def test_a_job_cut_short_by_a_restart_goes_on(local: Make) -> None:
    org = local()
    job = open_job(org, **LEADS)
    upload(org, job, "LastName,Company\nDoe,Acme\n")
    bulk_calls._change(org.org, job["id"], state="UploadComplete")
    assert ended(org, job)["numberRecordsProcessed"] == 1


def test_an_upsert_needs_an_external_id_field(local: Make) -> None:
    answer = local().api(
        "POST",
        "/jobs/ingest",
        json={"object": "Lead", "operation": "upsert", "externalIdFieldName": "Company"},
    )
    assert refusal(answer)[:2] == (400, "INVALIDJOB")
