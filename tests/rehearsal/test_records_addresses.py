"""Upserts and addresses: versions, odd characters in external ids, several matches, verbs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.rehearsal.local import BASE, LEAD, LocalOrg, Make, node, refusal, row

GEM = "UserGem__UserGem__c"
KEY = "UserGem__DeliveryKey__c"


@pytest.fixture
def org(local: Make) -> LocalOrg:
    made = local()
    made.send("POST", "/rehearsal/package", json={"security": "all"})
    return made


def upsert(org: LocalOrg, value: str, version: str = "68.0", **more: Any) -> Any:
    path = f"/sobjects/{GEM}/{KEY}/{quote(value, safe='')}"
    return org.api("PATCH", path, version, json=more.pop("body", {}), **more)


def gems(org: LocalOrg) -> list[Any]:
    rows = org.send("GET", f"/rehearsal/records/{GEM}").get_json()
    return [item[KEY] for item in rows if not item["IsDeleted"]]


@pytest.mark.parametrize(
    ("version", "new", "known"),
    [
        ("45.0", {"id", "success", "errors"}, None),
        ("46.0", {"id", "success", "errors", "created"}, {"id", "success", "errors", "created"}),
        ("68.0", {"id", "success", "errors", "created"}, {"id", "success", "errors", "created"}),
    ],
)
def test_an_upsert_of_a_known_record_answers_204_before_version_46(
    org: LocalOrg, version: str, new: set[str], known: set[str] | None
) -> None:
    first = upsert(org, "a", version)
    assert (first.status_code, set(first.get_json())) == (201, new)
    key = first.get_json()["id"]
    assert first.headers["Location"] == f"/services/data/v{version}/sobjects/{GEM}/{key}"
    again = upsert(org, "a", version)
    if known is None:
        assert (again.status_code, again.data) == (204, b"")
    else:
        assert (again.status_code, set(again.get_json())) == (200, known)
        assert again.get_json()["created"] is False


@pytest.mark.parametrize(
    ("version", "status"), [("30.0", 410), ("31.0", 200), ("50.0", 200), ("69.0", 404)]
)
def test_old_versions_answer_until_they_are_retired(
    org: LocalOrg, version: str, status: int
) -> None:
    assert org.api("GET", "/limits", version).status_code == status


@pytest.mark.parametrize("value", ["a/b", "/a/", "a.b", "..", "ä ö", "50%", "a+b", "a?b=c#d", "'"])
def test_odd_characters_in_an_external_id_arrive_as_they_were_sent(
    org: LocalOrg, value: str
) -> None:
    assert upsert(org, value).status_code == 201
    assert upsert(org, value).get_json()["created"] is False
    assert gems(org) == [value]
    found = org.api("GET", f"/sobjects/{GEM}/{KEY}/{quote(value, safe='')}")
    assert found.get_json()[KEY] == value


def test_odd_characters_arrive_in_composites_too(org: LocalOrg) -> None:
    part = node("g", "PATCH", f"/sobjects/{GEM}/{KEY}/a%2Fb%20c", {})
    org.api("POST", "/composite", json={"compositeRequest": [part]})
    assert gems(org) == ["a/b c"]


def test_a_slash_that_is_not_encoded_leads_nowhere(org: LocalOrg) -> None:
    answer = org.api("PATCH", f"/sobjects/{GEM}/{KEY}/a/b", json={})
    assert refusal(answer)[:2] == (404, "NOT_FOUND")


def test_an_empty_external_id_inserts_blindly_every_time(org: LocalOrg) -> None:
    for _ in range(2):
        assert org.api("PATCH", f"/sobjects/{GEM}/{KEY}/", json={}).status_code == 201
    assert gems(org) == [None, None]


def test_an_upsert_by_no_id_at_all_creates(org: LocalOrg) -> None:
    answer = org.api("PATCH", "/sobjects/Account/Id/", json={"Name": "New"})
    assert (answer.status_code, answer.get_json()["created"]) == (201, True)


def test_a_key_is_free_again_when_its_record_was_deleted(org: LocalOrg) -> None:
    first = upsert(org, "a").get_json()["id"]
    org.api("DELETE", f"/sobjects/{GEM}/{first}")
    second = upsert(org, "a")
    assert (second.status_code, second.get_json()["id"] == first) == (201, False)


def test_update_only_never_inserts(org: LocalOrg) -> None:
    only = {"query_string": {"updateOnly": "true"}}
    assert refusal(upsert(org, "a", **only))[:2] == (404, "NOT_FOUND")
    upsert(org, "a")
    body = {"UserGem__NewCompany__c": "New"}
    assert upsert(org, "a", body=body, **only).status_code == 200
    assert len(gems(org)) == 1


def test_the_external_id_stands_in_the_address_only(org: LocalOrg) -> None:
    text = f"The {KEY} field should not be specified in the sobject data."
    assert refusal(upsert(org, "a", body={KEY: "a"})) == (400, "INVALID_FIELD", text)


def test_external_ids_of_one_spelling_differ_by_case_where_the_field_says_so(
    org: LocalOrg,
) -> None:
    for value in ("Key", "key"):
        assert upsert(org, value).status_code == 201
    lead = org.create("Lead", **LEAD)
    path = f"/sobjects/Lead/Email/{quote('A@B.EXAMPLE')}"
    assert org.api("PATCH", path, json={"Title": "x"}).get_json()["id"] == lead


def test_several_matches_are_a_list_of_addresses_and_nothing_is_saved(org: LocalOrg) -> None:
    keys = [org.create("Lead", **LEAD) for _ in range(2)]
    path = "/sobjects/Lead/Email/a%40b.example"
    for method in ("PATCH", "GET", "DELETE"):
        answer = org.api(method, path, json={"Title": "x"} if method == "PATCH" else None)
        assert answer.status_code == 300
        assert answer.get_json() == [f"{BASE}/sobjects/Lead/{key}" for key in keys]
    assert [org.record("Lead", key)["Title"] for key in keys] == [None, None]


def test_a_field_that_is_no_external_id_or_is_hidden_is_not_found(local: Make) -> None:
    org = local(hidden_fields=frozenset({"Lead.Email"}))
    for field in ("Title", "Nope__c", "Email"):
        text = f"Provided external ID field does not exist or is not accessible: {field}"
        answer = org.api("PATCH", f"/sobjects/Lead/{field}/x", json={})
        assert refusal(answer) == (404, "NOT_FOUND", text)


def test_a_record_can_be_deleted_by_its_external_id(org: LocalOrg) -> None:
    upsert(org, "a")
    path = f"/sobjects/{GEM}/{KEY}/a"
    assert org.api("DELETE", path).status_code == 204
    assert org.api("DELETE", path).status_code == 404


def test_names_are_the_same_in_any_case(org: LocalOrg) -> None:
    answer = org.api("PATCH", f"/sobjects/{GEM.upper()}/{KEY.lower()}/a", json={})
    assert answer.headers["Location"].startswith(f"{BASE}/sobjects/{GEM}/")
    body = {"lastname": "Doe", "COMPANY": "Acme", "usergem__pastcompany__C": "Old"}
    key = org.api("POST", "/sobjects/lead", json=body).get_json()["id"]
    assert org.record("LEAD", key)["UserGem__PastCompany__c"] == "Old"
    records = [row("LEAD", **body)]
    assert org.api("POST", "/composite/sobjects", json={"records": records}).get_json()[0][
        "success"
    ]


def test_a_parent_may_be_named_by_its_external_id(org: LocalOrg) -> None:
    contact = org.create("Contact", LastName="Boss", Email="boss@b.example")
    body = {"LastName": "A", "ReportsTo": {"Email": "boss@b.example"}}
    key = org.api("POST", "/sobjects/Contact", json=body).get_json()["id"]
    assert org.record("Contact", key)["ReportsToId"] == contact
    body["ReportsTo"] = {"Email": "nobody@b.example"}
    text = "Foreign key external ID: nobody@b.example not found for field Email in entity Contact"
    refused = org.api("POST", "/sobjects/Contact", json=body)
    assert refusal(refused) == (400, "INVALID_FIELD", text)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/sobjects/Lead", "HEAD,GET,POST"),
        ("PUT", "/sobjects/Lead/00Q7z00000000000AA", "HEAD,GET,PATCH,DELETE"),
        ("GET", "/composite/graph", "POST"),
    ],
)
def test_the_wrong_verb_is_told_the_right_ones(
    org: LocalOrg, method: str, path: str, allowed: str
) -> None:
    answer = org.api(method, path, json={})
    status, code, text = refusal(answer)
    assert (status, code) == (405, "METHOD_NOT_ALLOWED")
    assert text == f"HTTP Method '{method}' not allowed. Allowed are {allowed}"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/csv"])
def test_a_body_that_is_not_said_to_be_json_is_refused(org: LocalOrg, kind: str) -> None:
    answer = org.api("POST", "/sobjects/Lead", data=b"{}", content_type=kind)
    assert refusal(answer)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")
    kind = "application/json; charset=utf-8"
    good = org.api("POST", "/sobjects/Account", data=b'{"Name": "A"}', content_type=kind)
    assert good.status_code == 201


def test_headers_that_are_too_long_fail_at_the_edge(org: LocalOrg) -> None:
    answer = org.api("GET", "/limits", headers={"X-Long": "x" * 33_000})
    assert (answer.status_code, answer.mimetype) == (431, "text/html")
