"""The contract of reading, in the rehearsal org and in a real one."""

import uuid

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.manifest import manifest_detect, manifest_missing
from integrations.salesforce.soql import chunked_in, quote
from tests.org.places import VERSION

WRITTEN = ["Lead", "Contact", "Account", "CampaignMember"]


def test_the_pinned_version_is_offered(org: Org):
    assert VERSION in org.versions()


def test_the_org_and_its_user_say_who_they_are(org: Org):
    user = org.running_user()
    assert user["OrganizationId"] == org.organization()["Id"]
    assert user["IsActive"] is True
    assert user["IsAdministrator"] in {True, False, None}


def test_every_answer_tells_the_use_of_the_day(org: Org):
    day = org.limits()["DailyApiRequests"]
    assert org.usage is not None
    assert org.usage.limit == day["Max"] > 0


def test_the_objects_we_write_are_described_in_one_call(org: Org):
    calls = org.calls
    found = org.describes([*WRITTEN, "Nonsense__c"])
    assert org.calls - calls == 1
    assert set(found) == set(WRITTEN)
    for name, described in found.items():
        assert described.fields["Id"].type == "id"
        assert described.key_prefix, name
    lead = found["Lead"]
    (master,) = [one for one in lead.record_types if one.master]
    assert master.record_type_id == "012000000000000AAA"
    assert ("CampaignMember", "LeadId") in {
        (child.object_name, child.field) for child in lead.child_relationships
    }
    assert org.describe("Lead") == lead


def test_an_object_that_is_not_there_is_not_found(org: Org):
    with pytest.raises(SalesforceError) as caught:
        org.describe("Nonsense__c")
    assert caught.value.code == "NOT_FOUND"


def test_the_package_is_found_with_all_its_fields(org: Org):
    found = manifest_detect(org.object_names())
    if found is None:
        pytest.skip("the package is not installed in this org, or our user may not see it")
    version = org.package_version(found.namespace)
    assert version is None or found.version_suffices(version)
    names = ("Lead", "Contact", "Account", found.object_name)
    assert manifest_missing(found, org.describes(names)) == {}
    key = org.describe(found.object_name).fields[found.key_field]
    assert (key.external_id, key.unique, key.case_sensitive) == (True, True, True)


def test_a_package_that_is_not_there_is_not_found_or_unknown(org: Org):
    assert org.package_version("NobodyHasThis") in {"", None}


def test_queries_are_read_to_their_last_page(org: Org):
    (count,) = org.query("SELECT count() FROM Contact")
    wanted = min(count["totalSize"], 450)
    found = org.query_all("SELECT Id FROM Contact LIMIT 450", batch=200)
    assert len({row["Id"] for row in found}) == len(found) == wanted


def test_several_queries_keep_their_order_in_one_call(org: Org):
    calls = org.calls
    user, none, organization = org.queries(
        [
            "SELECT Id FROM User WHERE IsActive = true LIMIT 1",
            "SELECT Id FROM Lead WHERE Email = 'nobody@contract.example'",
            "SELECT Id FROM Organization",
        ]
    )
    assert org.calls - calls == 1
    assert (user[0]["Id"][:3], none, organization[0]["Id"][:3]) == ("005", [], "00D")


@pytest.mark.parametrize("deleted", [False, True])
def test_a_query_too_long_for_an_address_goes_through_composite(org: Org, deleted: bool):
    run = uuid.uuid4().hex
    addresses = [f"nobody-{number}-{run}@contract.example" for number in range(250)]
    (soql,) = chunked_in("SELECT Id FROM Lead WHERE Email", addresses)
    assert org.query_all(soql, deleted=deleted) == []


def test_reads_by_id_leave_out_what_is_not_there(org: Org):
    (row,) = org.query("SELECT Id, Name FROM User WHERE IsActive = true LIMIT 1")
    nobody = id18("00Q" + "0" * 12)
    found = org.records_get([("User", [row["Id"]], ["Name"]), ("Lead", [nobody], ["Name"])])
    assert found == {row["Id"]: row}
    assert org.record_get("User", row["Id"], ["Name"]) == row
    with pytest.raises(SalesforceError) as caught:
        org.record_get("Lead", nobody, ["Name"])
    assert caught.value.code == "NOT_FOUND"


def test_records_are_counted(org: Org):
    counts = org.record_counts(["Account", "Lead", "CampaignMember"])
    assert set(counts) == {"Account", "Lead", "CampaignMember"}
    assert all(count >= 0 for count in counts.values())


def test_awkward_signs_stay_inside_their_literal(org: Org):
    value = "x'; \\ \" % _ ) OR (Id != null — 裕樹 \t\n"
    assert org.query(f"SELECT Id FROM Lead WHERE Company = {quote(value)}") == []


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nonsense__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense__c", "INVALID_TYPE"),
        ("SELECT FROM Lead WHERE", "MALFORMED_QUERY"),
    ],
)
def test_a_wrong_query_is_refused_with_the_code_we_know(org: Org, soql: str, code: str):
    with pytest.raises(SalesforceError) as caught:
        org.query(soql)
    assert caught.value.code == code


def test_one_wrong_query_of_several_is_told(org: Org):
    with pytest.raises(SalesforceError) as caught:
        org.queries(["SELECT Id FROM Organization", "SELECT Nonsense__c FROM Lead"])
    assert caught.value.code == "INVALID_FIELD"


def test_ids_have_eighteen_characters_with_the_right_ending(org: Org):
    for name in ("User", "Account", "Contact"):
        for row in org.query(f"SELECT Id FROM {name} LIMIT 20"):
            assert is_id(row["Id"])
            assert id18(row["Id"][:15]) == row["Id"]
