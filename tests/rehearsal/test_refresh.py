"""A refreshed sandbox is another org at the same address, made of production as it is now."""

from __future__ import annotations

import pytest
import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import ADMIN, INTEGRATION, Server
from tests.rehearsal.laying import DEV, FULL, PRODUCTION, configure, take_away

USER = f"{INTEGRATION}.full"
LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}
KEY = "UserGem__DeliveryKey__c"


@pytest.fixture
def production(server: Server) -> OrgClient:
    client = server.production()
    client.control("POST", "package", {"security": "all"})
    return client


def organization(org: OrgClient) -> dict[str, str]:
    soql = "SELECT Id, InstanceName, IsSandbox, CreatedDate FROM Organization"
    return org.query(soql)[0]


def test_the_org_id_changes_each_time_and_the_address_stays(server: Server) -> None:
    seen = [organization(server.full_copy())]
    for _ in range(2):
        told = configure(server, FULL, "refreshed-sandbox")["org_id"]
        org = server.full_copy()
        seen.append(organization(org))
        assert seen[-1]["Id"] == told
        assert org.base == server.url(FULL)
        assert org.tokens["id"].split("/")[-2] == told
    assert len({row["Id"] for row in seen}) == 3
    assert len({row["CreatedDate"] for row in seen}) == 3
    assert seen[1]["InstanceName"] != seen[0]["InstanceName"]


def test_everybody_is_signed_out_and_codes_are_void(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens = pages.sign_in(USER)
    code = pages.answer(USER, "allow")["code"]
    configure(server, FULL, "refreshed-sandbox")
    assert OrgClient(tokens).get("/limits").status_code == 401
    expired = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert pages.refresh(tokens["refresh_token"]).json() == expired
    assert pages.exchange(code).json()["error"] == "invalid_grant"
    assert "Allow access?" not in pages.open(prompt="").text


def test_records_of_the_test_are_gone_and_productions_are_there(
    server: Server, production: OrgClient
) -> None:
    sandbox = server.full_copy()
    sandbox.control("POST", "package", {"security": "all"})
    tested = sandbox.create("Account", Name="Made in the test")
    sandbox.create("UserGem__UserGem__c", **{KEY: "jc-1:sandbox"})
    lead = production.create("Lead", **LEAD)
    changed = production.query("SELECT Id FROM Contact LIMIT 1")[0]["Id"]
    production.patch(f"/sobjects/Contact/{changed}", {"Title": "Changed in production"})
    production.create("UserGem__UserGem__c", UserGem__NewLead__c=lead, **{KEY: "jc-1:production"})
    configure(server, FULL, "refreshed-sandbox")
    org = server.full_copy()
    assert org.query(f"SELECT Id FROM Account WHERE Id = '{tested}'") == []
    assert org.query(f"SELECT Id FROM Lead WHERE Id = '{lead}'")
    title = org.query(f"SELECT Title FROM Contact WHERE Id = '{changed}'")[0]["Title"]
    assert title == "Changed in production"
    rows = org.query(f"SELECT {KEY}, UserGem__NewLead__c FROM UserGem__UserGem__c")
    assert [(row[KEY], row["UserGem__NewLead__c"]) for row in rows] == [("jc-1:production", lead)]


def test_a_record_made_after_the_copy_gets_the_id_that_production_gives_next(
    server: Server, production: OrgClient
) -> None:
    production.create("Lead", **LEAD)
    configure(server, FULL, "refreshed-sandbox")
    assert server.full_copy().create("Lead", **LEAD) == production.create("Lead", **LEAD)


def test_the_package_comes_from_production_at_its_version_or_not_at_all(server: Server) -> None:
    sandbox = server.full_copy()
    sandbox.control("POST", "package", {"security": "all"})
    configure(server, FULL, "refreshed-sandbox")
    describe = "/sobjects/UserGem__UserGem__c/describe"
    assert server.full_copy().get(describe).status_code == 404
    configure(server, 2, "package-old")
    configure(server, FULL, "refreshed-sandbox")
    names = {field["name"] for field in server.full_copy().get(describe).json()["fields"]}
    assert "UserGem__NewLead__c" in names
    assert KEY not in names


@pytest.mark.parametrize(("offset", "suffix"), [(FULL, ".full"), (DEV, ".dev")])
def test_users_keep_their_ids_and_are_masked_before_and_after(
    server: Server, offset: int, suffix: str
) -> None:
    soql = "SELECT Id, Username, Email FROM User WHERE UserType = 'Standard' ORDER BY Id"
    there = server.production().query(soql)
    for _ in range(2):
        org = OrgClient(server.pages("sandbox").sign_in(INTEGRATION + suffix))
        here = org.query(soql)
        assert [(row["Id"], row["Username"], row["Email"]) for row in here] == [
            (row["Id"], row["Username"] + suffix, row["Email"] + ".invalid") for row in there
        ]
        configure(server, offset, "refreshed-sandbox")


def test_a_developer_sandbox_gets_the_set_up_and_no_records_of_production(
    server: Server, production: OrgClient
) -> None:
    production.create("UserGem__UserGem__c", **{KEY: "jc-1:production"})
    configure(server, DEV, "refreshed-sandbox")
    org = OrgClient(server.pages("sandbox").sign_in(f"{ADMIN}.dev"))
    assert org.query(f"SELECT {KEY} FROM UserGem__UserGem__c") == []
    assert len(org.query("SELECT Id FROM Contact")) == 3


def people(org: OrgClient) -> dict[str, tuple[str, str]]:
    """E-mail and last name of all contacts by id."""
    rows = org.control("GET", "records/Contact?fields=Id,Email,LastName")
    return {row["Id"]: (row["Email"], row["LastName"]) for row in rows}


def test_a_partial_copy_has_a_sample_in_which_some_ids_are_somebody_elses(server: Server) -> None:
    made = server.full_copy().create("Account", Name="Made here")
    configure(server, FULL, "partial-copy")
    org = server.full_copy()
    here, there = people(org), people(server.production())
    assert 1000 < len(here) < 2000
    assert set(here) < set(there)
    strangers = {key for key in here if here[key] != there[key]}
    assert 0.15 < len(strangers) / len(here) < 0.25
    # Each is a person of production who is not in the sample under an id of their own.
    known = {there[key]: key for key in there}
    assert all(known[here[key]] not in here for key in strangers)
    assert org.query(f"SELECT Id FROM Account WHERE Id = '{made}'")
    assert org.get("/limits").json()["DataStorageMB"]["Max"] == 5120


def test_the_sample_survives_a_refresh_and_goes_when_it_is_taken_away(server: Server) -> None:
    configure(server, FULL, "partial-copy")
    before = people(server.full_copy())
    configure(server, FULL, "refreshed-sandbox")
    assert people(server.full_copy()) == before
    take_away(server, FULL)
    soql = "SELECT Id, Email FROM Contact ORDER BY Id"
    assert server.full_copy().query(soql) == server.production().query(soql)


def test_a_refreshed_sandbox_is_the_first_one_again_after_a_reset(server: Server) -> None:
    first = organization(server.full_copy())
    configure(server, FULL, "refreshed-sandbox")
    requests.post(server.url(0) + "/rehearsal/reset", timeout=TIMEOUT)
    assert organization(server.full_copy()) == first


def test_copied_records_have_the_sandboxs_own_record_type_of_the_same_name(server: Server) -> None:
    configure(server, PRODUCTION, "two-record-types")
    key = server.production().create("Lead", LastName="Doe", Company="Acme", Country="France")
    configure(server, FULL, "two-record-types", "refreshed-sandbox")
    soql = f"SELECT RecordTypeId, RecordType.DeveloperName FROM Lead WHERE Id = '{key}'"
    there, here = server.production().query(soql)[0], server.full_copy().query(soql)[0]
    assert here["RecordTypeId"] != there["RecordTypeId"]
    assert here["RecordType"]["DeveloperName"] == there["RecordType"]["DeveloperName"]


def test_a_copied_record_has_no_record_type_where_the_sandbox_has_none(server: Server) -> None:
    configure(server, PRODUCTION, "two-record-types")
    key = server.production().create("Lead", LastName="Doe", Company="Acme", Country="France")
    configure(server, FULL, "refreshed-sandbox", "two-record-types")
    row = server.full_copy().query(f"SELECT RecordTypeId FROM Lead WHERE Id = '{key}'")[0]
    assert row["RecordTypeId"] is None
