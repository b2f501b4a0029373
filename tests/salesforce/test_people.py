"""Who we are in an org, and which package it has (platform reference, 4.1, 4.2, 4.4)."""

import pytest

from integrations.salesforce.errors import SalesforceError
from tests.salesforce.conftest import rows, says


def installed(namespace: str, version: str) -> dict[str, object]:
    package = {"attributes": {}, "NamespacePrefix": namespace}
    return {"SubscriberPackage": package, "SubscriberPackageVersionId": version}


def tooling(*records: dict[str, object]) -> object:
    return says(200, {"size": 1, "queryLocator": None, "entityTypeName": "X", **rows(*records)})


def version(major: int, minor: int, patch: int = 0, beta: bool = False) -> dict[str, object]:
    numbers = {"MajorVersion": major, "MinorVersion": minor, "PatchVersion": patch}
    return {**numbers, "BuildNumber": 1, "IsBeta": beta}


def test_the_version_of_a_package_is_read_for_that_package_alone(org, server):
    server.then(
        tooling(installed("pub", "04ti0000000GSu9AAG"), installed("UserGem", "04t" + "1" * 15))
    )
    server.then(tooling(version(1, 42)))
    assert org.package_version("UserGem") == "1.42"
    assert len(server.seen) == 2


def test_the_higher_of_two_packages_with_one_namespace_counts(org, server):
    server.then(
        tooling(installed("UserGem", "04t" + "1" * 15), installed("UserGem", "04t" + "2" * 15))
    )
    server.then(tooling(version(1, 10, 2, beta=True)), tooling(version(1, 9)))
    assert org.package_version("UserGem") == "1.10.2 beta"


def test_a_package_that_is_not_in_the_list_has_no_version(org, server):
    server.then(tooling(installed("pub", "04ti0000000GSu9AAG")))
    assert org.package_version("UserGem") == ""


def test_a_package_that_cannot_be_asked_about_is_unknown(org, server):
    text = "sObject type 'InstalledSubscriberPackage' is not supported."
    server.then(says(400, [{"message": text, "errorCode": "INVALID_TYPE"}]))
    assert org.package_version("UserGem") is None


def test_the_running_user_may_not_say_whether_they_are_an_administrator(org, server):
    info = {"user_id": "0055g00000AbCdEAAV", "organization_id": "00D5g000008AbCdEAK"}
    server.then(
        says(200, info),
        says(200, rows({"Id": "0055g00000AbCdEAAV", "Username": "ann@acme.com.uat"})),
        says(400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}]),
    )
    user = org.running_user()
    assert user["Username"] == "ann@acme.com.uat"
    assert user["IsAdministrator"] is None
    assert user["IsAppInstalled"] is None


@pytest.mark.parametrize(
    "row",
    [
        {"SubscriberPackage": {"NamespacePrefix": "UserGem"}},
        installed("UserGem", "x"),
        {**installed("UserGem", "04t" + "1" * 15), "SubscriberPackage": "UserGem"},
    ],
    ids=str,
)
def test_a_list_of_packages_of_odd_form_is_not_believed(org, server, row):
    server.then(tooling(row))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.package_version("UserGem")


def test_a_version_that_is_no_number_is_not_believed(org, server):
    server.then(tooling(installed("UserGem", "04t" + "1" * 15)))
    server.then(tooling({**version(1, 2), "MajorVersion": "one"}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.package_version("UserGem")


@pytest.mark.parametrize("info", [[], {}, {"user_id": 7}, {"user_id": "me"}], ids=str)
def test_a_user_of_odd_form_is_not_believed(org, server, info):
    server.then(says(200, info))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.running_user()


def test_limits_of_odd_form_are_not_believed(org, server):
    server.then(says(200, [1]))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.limits()


USER = {"user_id": "0055g00000AbCdEEAV", "organization_id": "00D5g000008AbCdEAK"}
RIGHTS = "PermissionsModifyAllData"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([{RIGHTS: True, "PermissionsCustomizeApplication": False}], True),
        ([{RIGHTS: False, "PermissionsCustomizeApplication": True}], False),
        ([], None),
    ],
    ids=["may change all", "may not", "no row"],
)
def test_an_administrator_is_who_may_change_all_data(org, server, found, expected):
    server.then(says(200, USER), says(200, rows({"Id": USER["user_id"]})), says(200, rows(*found)))
    assert org.running_user()["IsAdministrator"] is expected


@pytest.mark.parametrize(
    ("said", "expected"), [(True, True), (False, False), (None, None), ("false", None), (1, None)]
)
def test_whether_the_app_is_installed_is_told_only_by_yes_and_no(org, server, said, expected):
    server.then(says(200, {**USER, "is_app_installed": said}))
    server.then(says(200, rows({"Id": USER["user_id"]})), says(200, rows()))
    assert org.running_user()["IsAppInstalled"] is expected


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "REQUEST_LIMIT_EXCEEDED"), (403, "API_DISABLED_FOR_ORG"), (400, "MALFORMED_QUERY")],
)
def test_trouble_is_not_taken_for_what_may_not_be_asked(org, server, status, code):
    trouble = says(status, [{"errorCode": code, "message": "x"}])
    server.then(trouble, says(200, USER), says(200, rows({"Id": USER["user_id"]})), trouble)
    for ask in (lambda: org.package_version("UserGem"), org.running_user):
        with pytest.raises(SalesforceError, match=code):
            ask()


@pytest.mark.parametrize(
    "code",
    [
        "INVALID_TYPE",
        "INVALID_FIELD",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "NOT_FOUND",
    ],
)
def test_each_way_to_say_that_it_may_not_be_asked_is_unknown_and_not_none(org, server, code):
    refusal = says(400, [{"errorCode": code, "message": "x"}])
    server.then(refusal, refusal, refusal)
    assert org.package_version("UserGem") is None
    assert org.sandboxes() is None
    assert org.page_layouts("Lead") is None
