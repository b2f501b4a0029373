"""Which package generation an org has, and what is missing of it."""

import pytest

from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.ids import checked_name
from integrations.salesforce.manifest import (
    MANIFESTS,
    manifest_detect,
    manifest_get,
    manifest_missing,
    version_needed,
)

DEMO = manifest_get("usergem-1")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"Lead", "UserGem__UserGem__c"}, "usergem-1"),
        ({"Lead", "UserGem__Other__c"}, "usergem-1"),
        ({"Lead", "UserGems__Is_a_UserGem__c"}, "usergems-0"),
        ({"UserGems__Old__c", "UserGem__UserGem__c"}, "usergem-1"),
        ({"Lead", "UserGemstone__c", "UserGem"}, None),
        (set(), None),
    ],
)
def test_the_generation_is_told_by_the_names_in_the_org(names, expected):
    found = manifest_detect(names)
    assert (found.name if found else None) == expected


def test_only_a_generation_with_a_key_can_be_delivered_to():
    assert DEMO.can_deliver
    assert not manifest_get("usergems-0").can_deliver


def test_names_are_as_the_write_protocol_has_them():
    assert (DEMO.object_name, DEMO.key_field, DEMO.attempt_field) == (
        "UserGem__UserGem__c",
        "UserGem__DeliveryKey__c",
        "UserGem__DeliveryAttempt__c",
    )
    assert DEMO.lookups["past_lead"] == "UserGem__PastLead__c"
    assert DEMO.person_fields["no_longer_at_company"] == "UserGem__NoLongerAtCompany__c"


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=list(MANIFESTS))
def test_every_field_is_an_api_name_of_the_namespace(manifest):
    for object_name in ("Lead", "Contact", "Account", manifest.object_name):
        for name in manifest.fields_on(object_name) - {""}:
            assert checked_name(name).startswith(manifest.prefix)
            assert name.endswith("__c")


def test_versions_are_compared_as_numbers():
    assert DEMO.minimum_version == "1.40"
    assert DEMO.version_suffices("1.40")
    assert DEMO.version_suffices("1.100.2 beta")
    assert DEMO.version_suffices("2.0")
    assert not DEMO.version_suffices("1.9")
    assert not DEMO.version_suffices("")


def test_a_version_that_is_too_old_is_told_the_one_it_needs():
    assert version_needed(DEMO.name, "1.38") == "1.40"
    assert version_needed(DEMO.name, "1.42") == ""
    assert version_needed(DEMO.name, "") == "", "not known is not too old"
    assert version_needed("no-such-package", "1.0") == ""


def test_fields_that_are_missing_or_hidden_are_named():
    seen = DEMO.fields_on("Account")
    account = ObjectDescribe("Account", "Account", "001", True, True, True, True, fields(seen))
    own = DEMO.fields_on(DEMO.object_name) - {DEMO.key_field}
    package = ObjectDescribe(
        DEMO.object_name, "UserGem", "a0X", True, True, True, True, fields(own)
    )
    described = {"Account": account, DEMO.object_name: package}
    assert manifest_missing(DEMO, described) == {DEMO.object_name: [DEMO.key_field]}


def fields(names: frozenset[str]) -> dict[str, FieldDescribe]:
    return {
        name: FieldDescribe(name, name, "string", 255, True, True, True, (), ()) for name in names
    }
