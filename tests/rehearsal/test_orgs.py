"""The three Northwind orgs and what they share."""

from __future__ import annotations

from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server

LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}


def test_production_and_its_copy_hold_the_same_people_under_the_same_ids(server: Server) -> None:
    soql = "SELECT Id, Email FROM Contact ORDER BY Id LIMIT 50"
    here, there = (org.query(soql) for org in (server.full_copy(), server.production()))
    assert here == there


def test_a_new_record_in_the_copy_may_have_the_id_of_another_in_production(
    server: Server,
) -> None:
    keys = {org.create("Lead", **LEAD) for org in (server.full_copy(), server.production())}
    assert len(keys) == 1


def test_the_developer_sandbox_is_nearly_empty(server: Server) -> None:
    org = OrgClient(server.pages("sandbox").sign_in("usergems.integration@northwind.example.dev"))
    counts = {
        item["name"]: item["count"] for item in org.get("/limits/recordCount").json()["sObjects"]
    }
    assert counts["Contact"] == 3
    assert counts["Account"] == 2
    assert "Campaign" not in counts
