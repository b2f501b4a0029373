"""Configurations of the org itself: package, rights, limits, versions, what kind of org it says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import ADMIN, Server
from tests.rehearsal.laying import FULL, configure, take_away

PACKAGE_OBJECT = "/sobjects/UserGem__UserGem__c/describe"
INSTALLED = (
    "SELECT Id, SubscriberPackageVersion.MajorVersion, SubscriberPackageVersion.MinorVersion "
    "FROM InstalledSubscriberPackage"
)


def version(org: OrgClient) -> list[tuple[int, int]]:
    rows = org.get("/tooling/query", q=INSTALLED).json()["records"]
    found = [row["SubscriberPackageVersion"] for row in rows]
    return [(item["MajorVersion"], item["MinorVersion"]) for item in found]


def install_by_link(server: Server) -> None:
    url = f"{server.url(FULL)}/packaging/installPackage.apexp?p0=04t5g000000Gem1AAC"
    page = requests.get(url, timeout=TIMEOUT).text
    administrator = page.partition('name="user" value="')[2].partition('"')[0]
    form = {"user": administrator, "security": "all"}
    requests.post(url, data=form, timeout=TIMEOUT).raise_for_status()


def test_a_missing_package_is_back_when_it_is_taken_away(full: OrgClient, server: Server) -> None:
    configure(server, FULL, "package-missing")
    assert version(full) == []
    assert full.get(PACKAGE_OBJECT).status_code == 404
    take_away(server, FULL, "package-missing")
    assert version(full) == [(1, 42)]


def test_an_old_package_lacks_the_key_until_the_link_upgrades_it(
    full: OrgClient, server: Server
) -> None:
    configure(server, FULL, "package-old")
    assert version(full) == [(1, 38)]
    names = {field["name"] for field in full.get(PACKAGE_OBJECT).json()["fields"]}
    assert "UserGem__DeliveryKey__c" not in names
    install_by_link(server)
    assert version(full) == [(1, 42)]
    take_away(server, FULL)
    assert version(full) == [(1, 42)]


def test_what_was_not_installed_is_not_after_an_old_package(server: Server) -> None:
    configure(server, FULL, "package-old")
    take_away(server, FULL)
    assert version(server.full_copy()) == []


def test_a_package_for_administrators_is_hidden_from_others(server: Server) -> None:
    configure(server, FULL, "package-admins-only")
    assert server.full_copy().get(PACKAGE_OBJECT).status_code == 404
    assert server.full_copy(f"{ADMIN}.full").get(PACKAGE_OBJECT).status_code == 200


def test_a_low_rights_user_may_not_be_asked_about_packages(full: OrgClient, server: Server) -> None:
    configure(server, FULL, "low-rights-user")
    answer = full.get("/tooling/query", q=INSTALLED)
    assert full.refusal(answer)[:2] == (400, "INVALID_TYPE")
    assert full.get(PACKAGE_OBJECT).status_code == 200


def test_a_low_rights_user_has_none_of_the_three_rights(full: OrgClient, server: Server) -> None:
    soql = (
        "SELECT PermissionsViewSetup, PermissionsViewRoles, PermissionsInstallPackaging "
        "FROM UserPermissionAccess"
    )
    before = full.query(soql)[0]
    configure(server, FULL, "low-rights-user")
    after = full.query(soql)[0]
    rights = [name for name in before if name != "attributes"]
    assert [(before[name], after[name]) for name in rights] == [(True, False)] * 3


def test_the_marketing_user_box_is_unticked_and_ticked_again(
    full: OrgClient, server: Server
) -> None:
    soql = (
        "SELECT UserPermissionsMarketingUser FROM User WHERE Username LIKE 'usergems.integration%'"
    )
    configure(server, FULL, "no-marketing-user")
    assert full.query(soql)[0]["UserPermissionsMarketingUser"] is False
    assert full.post("/sobjects/Campaign", {"Name": "New"}).status_code >= 400
    take_away(server, FULL)
    assert full.query(soql)[0]["UserPermissionsMarketingUser"] is True
    assert full.post("/sobjects/Campaign", {"Name": "New"}).status_code == 201


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("api-limit-used-up", "REQUEST_LIMIT_EXCEEDED"),
        ("api-disabled", "API_DISABLED_FOR_ORG"),
        ("user-without-api", "API_CURRENTLY_DISABLED"),
    ],
)
def test_calls_are_refused_and_signing_in_works(server: Server, name: str, code: str) -> None:
    configure(server, FULL, name)
    org = server.full_copy()
    assert org.refusal(org.get("/limits"))[:2] == (403, code)
    assert org.get("/services/oauth2/userinfo").status_code == 200
    take_away(server, FULL)
    assert org.get("/limits").status_code == 200


def test_what_others_used_counts_in_header_and_limits(full: OrgClient, server: Server) -> None:
    configure(server, FULL, "api-limit-nearly-used")
    answer = full.get("/limits")
    used = int(answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0])
    assert answer.json()["DailyApiRequests"] == {"Max": 15000, "Remaining": 15000 - used}
    assert used > 12_000


def test_a_slow_org_takes_its_time(full: OrgClient, server: Server) -> None:
    configure(server, FULL, "slow")
    started = time.monotonic()
    assert full.get("/limits").status_code == 200
    assert time.monotonic() - started > 2.9


def test_older_versions_are_listed_and_newer_ones_unknown(full: OrgClient, server: Server) -> None:
    configure(server, FULL, "old-api-versions")
    listed = requests.get(server.url(FULL) + "/services/data/", timeout=TIMEOUT).json()
    assert [item["version"] for item in listed][-1] == "65.0"
    assert full.get("/services/data/v65.0/limits").status_code == 200
    assert full.refusal(full.get("/services/data/v66.0/limits"))[:2] == (404, "NOT_FOUND")
    others = requests.get(server.url(2) + "/services/data/", timeout=TIMEOUT).json()
    assert others[-1]["version"] == "68.0"


@pytest.mark.parametrize(
    ("name", "edition", "trial"),
    [
        ("developer-edition", "Developer Edition", False),
        ("trial", "Enterprise Edition", True),
        ("scratch", "Developer Edition", True),
    ],
)
def test_the_org_says_what_kind_it_is_and_then_again_what_it_was(
    full: OrgClient, server: Server, name: str, edition: str, trial: bool
) -> None:
    soql = "SELECT OrganizationType, TrialExpirationDate, IsSandbox FROM Organization"
    first = full.query(soql)[0]
    configure(server, FULL, name)
    row = full.query(soql)[0]
    assert row["OrganizationType"] == edition
    assert bool(row["TrialExpirationDate"]) is trial
    assert row["IsSandbox"] is True
    take_away(server, FULL)
    assert full.query(soql)[0] == first


@pytest.mark.parametrize(("name", "days"), [("scratch", 29), ("trial", 62)])
def test_a_trial_always_ends_in_days_to_come(
    full: OrgClient, server: Server, name: str, days: int
) -> None:
    configure(server, FULL, name)
    ends = full.query("SELECT TrialExpirationDate FROM Organization")[0]["TrialExpirationDate"]
    left = datetime.fromisoformat(ends) - datetime.now(UTC)
    # The day may change between laying it on and asking.
    assert timedelta(days=days - 2) < left <= timedelta(days=days)
