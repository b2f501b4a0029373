"""Pages a person looks at."""

from __future__ import annotations

import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import Server

BANNER = "Rehearsal Salesforce – not the real one"


def page(url: str, status: int = 200) -> str:
    answer = requests.get(url, timeout=TIMEOUT)
    assert answer.status_code == status
    assert BANNER in answer.text
    assert '<html lang="en">' in answer.text
    assert answer.text.count("<h1") == 1
    for forbidden in ("style=", "<script", "onclick"):
        assert forbidden not in answer.text
    return answer.text


def test_a_record_shows_its_fields_and_leads_to_its_relations(full: OrgClient) -> None:
    contact = full.query("SELECT Id, AccountId, Account.Name FROM Contact LIMIT 1")[0]
    lead = full.create("Lead", LastName="<b>Doe", Company="Acme", Country="France",
                       UserGem__PastContact__c=contact["Id"])  # fmt: skip
    full.create("UserGem__UserGem__c", UserGem__NewLead__c=lead, UserGem__DeliveryKey__c="k")
    text = page(f"{full.base}/{lead}")
    assert "Northwind (full copy)" in text
    assert "&lt;b&gt;Doe" in text
    assert f'href="/{contact["Id"]}"' in text
    assert "UG-00001" in text
    assert contact["Account"]["Name"].split()[0] in page(f"{full.base}/{contact['AccountId']}")


def test_the_lightning_address_and_the_short_id_lead_to_the_record(full: OrgClient) -> None:
    key = full.query("SELECT Id, Name FROM Account LIMIT 1")[0]
    for path in (f"/lightning/r/Account/{key['Id']}/view", f"/{key['Id'][:15]}"):
        assert key["Name"] in page(full.base + path)


def test_home_lists_the_newest_records(full: OrgClient) -> None:
    full.create("Lead", LastName="Newest", Company="Acme", Country="France")
    text = page(full.base + "/")
    assert "Newest" in text
    assert "UserGems package installed" in text


def test_search_finds_by_name_and_email(full: OrgClient) -> None:
    full.create("Contact", LastName="Searchable", Email="needle@hay.example")
    for words in ("searchab", "NEEDLE@"):
        assert "Searchable" in page(f"{full.base}/search?q={words}")
    assert "No record" in page(f"{full.base}/search?q=zzzzzz")


def test_other_pages_say_what_they_stand_for(server: Server) -> None:
    org = server.url(3)
    assert "ConnectedAppsUsage" in page(f"{org}/lightning/setup/ConnectedAppsUsage/home")
    assert "Northwind (full copy)" in page(server.url(1) + "/")
    assert "Leads" in page(f"{org}/lightning/o/Lead/list")
    page(f"{org}/setup/secur/RemoteAccessErrorPage.apexp")
    page(f"{org}/no-such-record", 404)
    page(f"{org}/0017z0000099999", 404)
    page(f"{org}/a/b/c", 404)


def test_deep_links_into_setup_name_the_place(server: Server) -> None:
    org = server.url(3)
    for path, words in (
        (
            "/lightning/setup/ObjectManager/UserGem__UserGem__c/FieldsAndRelationships/view",
            "Object Manager › UserGem__UserGem__c › Fields And Relationships",
        ),
        ("/lightning/setup/ConnectedAppsUsage/home", "Connected Apps Usage"),
        ("/lightning/setup/ManageUsers/page?address=%2F005", "Manage Users"),
        ("/setup/secur/ConnectedApps.apexp", "secur › Connected Apps"),
        ("/lightning/setup", "Home"),
    ):
        text = page(org + path)
        assert words in text
        assert 'href="/rehearsal/"' in text
        assert 'type="search" value=""' in text
    page(f"{server.url(0)}/lightning/setup/ConnectedAppsUsage/home", 404)


def test_the_configurations_are_a_page_like_the_others(server: Server) -> None:
    for port in range(6):
        page(f"{server.url(port)}/rehearsal/")


def test_the_stylesheet_is_served(server: Server) -> None:
    answer = requests.get(server.url(0) + "/static/rehearsal.css", timeout=TIMEOUT)
    assert answer.headers["Content-Type"].startswith("text/css")
