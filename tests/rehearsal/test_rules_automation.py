"""The customer's automation: assignment rules, flows that come later, record types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from integrations.rehearsal.automation import ASSIGNMENT_RULE, AUTOMATED_PROCESS
from integrations.rehearsal.config import INTEGRATION_USER, Flow, RecordType
from tests.rehearsal.local import LEAD, LocalOrg, Make, node, refusal, row

OWNER = "0057z000000001jAAA"
ME = INTEGRATION_USER.user_id
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = Flow("Lead", "Route_new_leads", "OwnerId", OWNER, after_seconds=90)


def headers(value: str | None) -> dict[str, str]:
    return {} if value is None else {"Sforce-Auto-Assign": value}


# Without the header the rule runs; with the rule's id it runs; in any case of letters.
CHOICES = [
    (None, OWNER),
    ("TRUE", OWNER),
    ("true", OWNER),
    (ASSIGNMENT_RULE, OWNER),
    (ASSIGNMENT_RULE[:15], OWNER),
    ("FALSE", ME),
    ("false", ME),
]


@pytest.mark.parametrize(("value", "owner"), CHOICES)
def test_the_assignment_header_counts_for_single_records(
    local: Make, value: str | None, owner: str
) -> None:
    org = local(auto_assign_owner=OWNER)
    key = org.create("Lead", headers=headers(value), **LEAD)
    assert org.record("Lead", key)["OwnerId"] == owner


@pytest.mark.parametrize(("value", "owner"), [(None, OWNER), ("FALSE", ME)])
def test_the_assignment_header_counts_for_a_whole_collection(
    local: Make, value: str | None, owner: str
) -> None:
    org = local(auto_assign_owner=OWNER)
    body = {"records": [row("Lead", **LEAD), row("Lead", LastName="B", Company="C")]}
    made = org.api("POST", "/composite/sobjects", json=body, headers=headers(value)).get_json()
    assert {org.record("Lead", item["id"])["OwnerId"] for item in made} == {owner}


@pytest.mark.parametrize("path", ["/composite", "/composite/graph"])
def test_in_composites_each_parts_own_assignment_header_counts(local: Make, path: str) -> None:
    org = local(auto_assign_owner=OWNER)
    parts = [
        node("ruled", "POST", "/sobjects/Lead", LEAD),
        node("mine", "POST", "/sobjects/Lead", LEAD, httpHeaders=headers("FALSE")),
    ]
    graph = {"graphs": [{"graphId": "g", "compositeRequest": parts}]}
    body = graph if path.endswith("graph") else {"compositeRequest": parts}
    answer = org.api("POST", path, json=body, headers=headers("FALSE")).get_json()
    if path.endswith("graph"):
        answer = answer["graphs"][0]["graphResponse"]
    keys = [part["body"]["id"] for part in answer["compositeResponse"]]
    assert [org.record("Lead", key)["OwnerId"] for key in keys] == [OWNER, ME]


def test_the_rule_runs_on_changes_too_and_only_for_leads(local: Make) -> None:
    org = local(auto_assign_owner=OWNER)
    key = org.create("Lead", headers=headers("FALSE"), **LEAD)
    path = f"/sobjects/Lead/{key}"
    org.api("PATCH", path, json={"Title": "a"}, headers=headers("FALSE"))
    assert org.record("Lead", key)["OwnerId"] == ME
    org.api("PATCH", path, json={"Title": "b"})
    assert org.record("Lead", key)["OwnerId"] == OWNER
    assert org.record("Contact", org.create("Contact", LastName="A"))["OwnerId"] == ME


def test_a_rule_of_another_org_is_no_rule_here(local: Make) -> None:
    refused = local().api("POST", "/sobjects/Lead", json=LEAD, headers=headers("01Q7z00000999999"))
    assert refused.status_code == 201  # 16 characters are no id, and no header
    refused = local().api("POST", "/sobjects/Lead", json=LEAD, headers=headers("01Q7z0000099999"))
    assert refusal(refused)[:2] == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_a_flow_changes_the_owner_a_while_after_the_record_was_made(local: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        org = local(flows=(LATER,))
        key = org.create("Lead", **LEAD)
        clock.shift(timedelta(seconds=89))
        assert org.record("Lead", key)["OwnerId"] == ME
        clock.shift(timedelta(seconds=1))
        lead = org.record("Lead", key)
    assert lead["OwnerId"] == OWNER
    assert lead["LastModifiedDate"] == lead["SystemModstamp"] == "2026-11-23T09:01:30.000+0000"
    assert (lead["CreatedById"], lead["LastModifiedById"]) == (ME, AUTOMATED_PROCESS)


def seen_by_query(org: LocalOrg, key: str) -> Any:
    soql = f"SELECT OwnerId, LastModifiedBy.Name FROM Lead WHERE Id = '{key}'"
    found = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"][0]
    return found["OwnerId"], found["LastModifiedBy"]["Name"]


def seen_behind_the_scenes(org: LocalOrg, key: str) -> Any:
    rows = org.send("GET", "/rehearsal/records/Lead", query_string={"id": key}).get_json()
    return rows[0]["OwnerId"], "Automated Process"


@pytest.mark.parametrize("look", [seen_by_query, seen_behind_the_scenes])
def test_every_reader_sees_what_a_flow_has_done(local: Make, look: Any) -> None:
    org = local(flows=(Flow("Lead", "Now", "OwnerId", OWNER, after_seconds=0),))
    assert look(org, org.create("Lead", **LEAD)) == (OWNER, "Automated Process")


def test_a_flow_leaves_other_objects_old_records_and_later_changes_alone(local: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        org = local(flows=(LATER,))
        contact = org.create("Contact", LastName="A")
        lead = org.create("Lead", **LEAD)
        clock.shift(timedelta(seconds=90))
        assert org.record("Lead", lead)["OwnerId"] == OWNER
        clock.shift(timedelta(seconds=10))
        org.api("PATCH", f"/sobjects/Lead/{lead}", json={"OwnerId": ME})
        clock.shift(timedelta(hours=1))
        assert org.record("Lead", lead)["OwnerId"] == ME
        assert org.record("Contact", contact)["OwnerId"] == ME


def test_a_rolled_back_record_starts_no_flow(local: Make) -> None:
    org = local(flows=(Flow("Lead", "Now", "OwnerId", OWNER, after_seconds=0),))
    body = {"allOrNone": True, "records": [row("Lead", **LEAD), row("Lead")]}
    org.api("POST", "/composite/sobjects", json=body)
    assert org.org.space.items("flow_waiting") == []


def test_a_flow_still_comes_after_a_restart(tmp_path: Path) -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = LocalOrg(tmp_path, flows=(LATER,)).create("Lead", **LEAD)
        clock.shift(timedelta(seconds=90))
        assert LocalOrg(tmp_path, flows=(LATER,)).record("Lead", key)["OwnerId"] == OWNER


def test_a_flow_leaves_a_deleted_record_alone(local: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        org = local(flows=(LATER,))
        key = org.create("Lead", **LEAD)
        org.api("DELETE", f"/sobjects/Lead/{key}")
        clock.shift(timedelta(seconds=90))
        found = org.send("GET", "/rehearsal/records/Lead", query_string={"id": key}).get_json()[0]
    assert (found["IsDeleted"], found["OwnerId"], found["LastModifiedById"]) == (True, ME, ME)


TYPES = (
    RecordType("Lead", "Inbound", "Inbound"),
    RecordType("Lead", "Partner", "Partner", default=True),
)


def test_a_new_record_gets_the_default_record_type_or_the_one_it_names(local: Make) -> None:
    org = local(record_types=TYPES)
    soql = "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Lead'"
    found = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    by_name = {item["DeveloperName"]: item["Id"] for item in found}
    default = org.record("Lead", org.create("Lead", **LEAD))
    assert default["RecordTypeId"] == by_name["Partner"]
    named = org.create("Lead", **LEAD, RecordTypeId=by_name["Inbound"])
    assert org.record("Lead", named)["RecordTypeId"] == by_name["Inbound"]


def test_a_record_type_of_another_org_or_object_is_refused(local: Make) -> None:
    org = local(record_types=TYPES)
    foreign = "0127z000000ZZZZAA4"
    refused = org.api("POST", "/sobjects/Lead", json={**LEAD, "RecordTypeId": foreign})
    text = f"Record Type ID: this ID value isn't valid for the user: {foreign}"
    assert refusal(refused) == (400, "INVALID_CROSS_REFERENCE_KEY", text)
    assert refused.get_json()[0]["fields"] == ["RecordTypeId"]
    assert "RecordTypeId" not in org.describe("Account")[1]
