"""Installing the package changes what the org is made of."""

from __future__ import annotations

import re

import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import ADMIN, Server

KEY_FIELD = "UserGem__DeliveryKey__c"
INSTALLED = (
    "SELECT Id, SubscriberPackage.NamespacePrefix, SubscriberPackageVersion.MajorVersion, "
    "SubscriberPackageVersion.MinorVersion FROM InstalledSubscriberPackage"
)


def field_names(org: OrgClient, name: str) -> set[str]:
    answer = org.get(f"/sobjects/{name}/describe")
    assert answer.status_code == 200
    return {field["name"] for field in answer.json()["fields"]}


def install_by_page(base: str, org_title: str, security: str) -> requests.Response:
    url = f"{base}/packaging/installPackage.apexp?p0=04t5g000000Gem1AAC"
    page = requests.get(url, timeout=TIMEOUT).text
    found = re.search(
        r'name="user" value="([^"]+)"[^>]*>\s*<span><strong>' + re.escape(org_title), page
    )
    assert found
    form = {"user": found[1], "security": security}
    return requests.post(url, data=form, timeout=TIMEOUT)


def test_at_first_there_is_no_package(server: Server) -> None:
    org = server.full_copy()
    assert not any(name.startswith("UserGem__") for name in field_names(org, "Lead"))
    assert org.get("/sobjects/UserGem__UserGem__c/describe").status_code == 404
    answer = org.get("/tooling/query", q=INSTALLED).json()
    assert answer["records"] == []
    assert answer["size"] == 0


def test_the_install_page_brings_objects_fields_and_the_installed_row(server: Server) -> None:
    done = install_by_page(server.url(1), "Northwind (full copy)", "all")
    assert "Installation complete" in done.text
    org = server.full_copy()
    assert {"UserGem__PastContact__c", "UserGem__NoLongerAtCompany__c"} <= field_names(org, "Lead")
    assert "UserGem__CreatedByUG__c" in field_names(org, "Account")
    describe = org.get("/sobjects/UserGem__UserGem__c/describe").json()
    key = next(field for field in describe["fields"] if field["name"] == KEY_FIELD)
    assert key["unique"]
    assert key["externalId"]
    assert key["caseSensitive"]
    assert key["length"] == 80
    row = org.get("/tooling/query", q=INSTALLED).json()["records"][0]
    assert row["SubscriberPackage"]["NamespacePrefix"] == "UserGem"
    assert row["SubscriberPackageVersion"]["MajorVersion"] == 1
    assert row["SubscriberPackageVersion"]["MinorVersion"] == 42


def test_an_install_in_the_sandbox_leaves_production_alone(server: Server) -> None:
    install_by_page(server.url(3), "Northwind (full copy)", "all")
    assert "UserGem__PastContact__c" not in field_names(server.production(), "Lead")


def test_a_describe_is_not_repeated_until_the_package_changes_it(server: Server) -> None:
    org = server.full_copy()
    first = org.get("/sobjects/Lead/describe")
    headers = {"If-Modified-Since": first.headers["Last-Modified"]}
    again = org.call("GET", "/sobjects/Lead/describe", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    install_by_page(server.url(3), "Northwind (full copy)", "all")
    assert org.call("GET", "/sobjects/Lead/describe", headers=headers).status_code == 200


def test_admins_only_hides_everything_from_the_integration_user(server: Server) -> None:
    install_by_page(server.url(1), "Northwind (full copy)", "admins")
    org, admin = server.full_copy(), server.full_copy(f"{ADMIN}.full")
    assert not any(name.startswith("UserGem__") for name in field_names(org, "Contact"))
    assert "UserGem__PastContact__c" in field_names(admin, "Contact")
    names = {item["name"] for item in org.get("/sobjects").json()["sobjects"]}
    assert "UserGem__UserGem__c" not in names
    answer = org.get("/query", q="SELECT Id FROM UserGem__UserGem__c")
    assert org.refusal(answer)[:2] == (400, "INVALID_TYPE")
    refused = org.post("/sobjects/Contact", {"LastName": "A", "UserGem__PastTitle__c": "B"})
    assert org.refusal(refused) == (
        400,
        "INVALID_FIELD",
        "No such column 'UserGem__PastTitle__c' on sobject of type Contact",
    )


def test_a_link_to_another_package_leads_to_a_page_that_says_so(server: Server) -> None:
    url = f"{server.url(1)}/packaging/installPackage.apexp?p0=04t000000000000"
    page = requests.get(url, timeout=TIMEOUT)
    assert page.status_code == 404
    assert "requested package" in page.text


def test_the_choice_has_to_be_made(server: Server) -> None:
    page = install_by_page(server.url(1), "Northwind (full copy)", "nobody")
    assert page.status_code == 400
    assert "Choose the org" in page.text


def test_a_user_without_the_right_is_told_the_type_does_not_exist(server: Server) -> None:
    org = server.full_copy("amy.brown@northwind.example.full")
    answer = org.get("/tooling/query", q="SELECT Id FROM InstalledSubscriberPackage")
    status, code, text = org.refusal(answer)
    assert (status, code) == (400, "INVALID_TYPE")
    assert "sObject type 'InstalledSubscriberPackage' is not supported." in text
