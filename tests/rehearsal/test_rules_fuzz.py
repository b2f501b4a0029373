"""Whatever is written to an org full of rules, the answer is one Salesforce could have given."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from integrations.rehearsal.config import (
    DuplicateRule,
    Flow,
    RecordType,
    RequiredField,
    Trigger,
    ValidationRule,
)
from tests.rehearsal.local import LocalOrg, Make, row

EVERYTHING: dict[str, Any] = {
    "read_only_fields": frozenset({"Lead.Title"}),
    "hidden_fields": frozenset({"Lead.Phone"}),
    "required_fields": (RequiredField("Contact", "Region__c", "Region"),),
    "restricted_picklists": {"Lead.LeadSource": ("Web",)},
    "triggers": (Trigger("Account", "Guard", "System.LimitException: Too many", ("update",)),),
    "flows": (Flow("Lead", "Now", "Rating", "Hot", after_seconds=0),),
    "duplicate_rules": (DuplicateRule("Lead"), DuplicateRule("Account", "block", "Name")),
    "validation_rules": (ValidationRule("Lead", "Rule", ("Country",), "Country, then."),),
    "record_types": (RecordType("Lead", "Inbound", "Inbound", default=True),),
    "auto_assign_owner": "0057z000000001jAAA",
}
NAMES = [
    "LastName", "Company", "Country", "Email", "Name", "Title", "Phone", "LeadSource", "Region__c",
    "RecordTypeId", "OwnerId", "Account", "AccountId", "ReportsTo", "Owner", "Id", "id",
    "attributes", "Rating",
]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=6),
    st.sampled_from(["Web", "a@b.example", "0127z000000ZZZZAA4", "0017z00000000010AA"]),
    st.dictionaries(
        st.sampled_from(["Email", "Name", "Id", "attributes", "Nope__c"]),
        st.one_of(st.none(), st.text(max_size=4), st.just({"type": "Account"})),
        max_size=2,
    ),
)
RECORDS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
HEADERS = st.dictionaries(
    st.sampled_from(["Sforce-Auto-Assign", "Sforce-Duplicate-Rule-Header", "If-Modified-Since"]),
    st.sampled_from(["TRUE", "false", "01Q7z00000000001", "allowSave=true", "Mon, 99", ""]),
)


BASES: dict[str, dict[str, Any]] = {
    "Lead": {"LastName": "Doe", "Company": "Acme", "Country": "France"},
    "Contact": {"LastName": "Doe", "Region__c": "EMEA"},
    "Account": {"Name": "Acme"},
    "Campaign": {"Name": "Spring"},
}


def write(org: LocalOrg, name: str, values: dict[str, Any], headers: dict[str, str]) -> bool:
    """Write and read in every way; whether the first create was accepted."""

    def send(method: str, path: str, body: Any = None) -> TestResponse:
        answer = org.api(method, path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer

    made = send("POST", f"/sobjects/{name}", values)
    if made.status_code == 201:
        path = f"/sobjects/{name}/{made.get_json()['id']}"
        send("GET", path)
        send("PATCH", path, values)
        send("DELETE", path)
    send("PATCH", f"/sobjects/{name}/Email/a%2F", values)
    records = {"records": [{**values, **row(name)}] * 2}
    send("POST", "/composite/sobjects", records)
    send("PATCH", "/composite/sobjects", records)
    send("PATCH", f"/composite/sobjects/{name}/Id", records)
    return made.status_code == 201


def test_no_record_breaks_an_org_full_of_rules(local: Make) -> None:
    org = local(**EVERYTHING)
    accepted: list[bool] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(list(BASES)), RECORDS, st.booleans(), HEADERS)
    def try_one(name: str, values: dict[str, Any], complete: bool, headers: dict[str, str]) -> None:
        accepted.append(write(org, name, {**(BASES[name] if complete else {}), **values}, headers))

    try_one()
    assert any(accepted)
    assert not all(accepted)
