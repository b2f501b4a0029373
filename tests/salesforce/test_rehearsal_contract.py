"""The client against the rehearsal org over HTTP: the same calls that a real org gets."""

import uuid
from collections.abc import Iterator

import pytest

from integrations.salesforce.client import Graph, Node, Org
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from integrations.salesforce.manifest import manifest_detect, manifest_get, manifest_missing
from integrations.salesforce.soql import chunked_in, quote
from tests.rehearsal_server import Rehearsal as Running
from tests.salesforce.rehearsal import Rehearsal, refresh, sign_in

CONFIG = ClientConfig("66.0", ("127.0.0.1",), read_timeout=20, write_timeout=30)
PACKAGE = manifest_get("usergem-1")


class SignedIn:
    """Tokens of a user who signed in, renewed at the login host."""

    def __init__(self, login: str, user: str) -> None:
        self.login = login
        self.answer = sign_in(login, user)
        self.renewals = 0

    def access_token(self) -> str:
        return str(self.answer["access_token"])

    def renew(self, rejected: str) -> str:
        self.renewals += 1
        self.answer = {**self.answer, **refresh(self.login, self.answer["refresh_token"])}
        return self.access_token()


@pytest.fixture(scope="module")
def rehearsal(rehearsal_process: Running) -> Rehearsal:
    """The process that the other tests use too, with fresh orgs for this module."""
    rehearsal_process.reset()
    rehearsal_process.package_install("northwind-full")
    return Rehearsal(
        sandbox_login=rehearsal_process.url("sandbox"),
        full_copy=rehearsal_process.url("northwind-full"),
        developer=rehearsal_process.url("northwind-dev"),
    )


@pytest.fixture(scope="module")
def tokens(rehearsal: Rehearsal) -> SignedIn:
    return SignedIn(rehearsal.sandbox_login, "northwind-full/0057z0000000Int")


@pytest.fixture
def org(tokens: SignedIn) -> Iterator[Org]:
    client = Org(
        instance_url=tokens.answer["instance_url"],
        tokens=tokens,
        config=CONFIG,
        sleep=lambda seconds: None,
    )
    yield client
    client.close()


def delivery(key: str, **lead: object) -> Graph:
    """A lead and the package's record that points to it."""
    body = {"LastName": "Test", "Company": "Acme", "Country": "US", **lead}
    email = f"{uuid.uuid4().hex}@contract.example"
    package = {
        PACKAGE.key_field: key,
        PACKAGE.attempt_field: 1,
        PACKAGE.lookups["new_lead"]: {"ref": "person"},
    }
    headers = {"Sforce-Auto-Assign": "FALSE"}
    return Graph(
        "g" + uuid.uuid4().hex,
        [
            Node("POST", "Lead", None, "person", {"Email": email, **body}, headers),
            Node("POST", PACKAGE.object_name, None, "package", package, headers),
        ],
    )


def new_key() -> str:
    return f"{uuid.uuid4()}:00D8b000000NwFuEAK"


def written_with(org: Org, key: str) -> list[dict[str, object]]:
    return org.query(
        f"SELECT Id, UserGem__NewLead__c FROM {PACKAGE.object_name} "
        f"WHERE {PACKAGE.key_field} = {quote(key)}"
    )


def test_the_org_says_which_org_and_user_it_is(org: Org):
    assert org.organization()["IsSandbox"] is True
    user = org.running_user()
    assert user["OrganizationId"] == org.organization()["Id"]
    assert user["IsAdministrator"] is False
    assert user["IsAppInstalled"] is True
    assert "66.0" in org.versions()
    assert org.limits()["DailyApiRequests"]["Max"] > 0
    assert org.usage is not None


def test_the_package_is_found_with_all_its_fields(org: Org):
    found = manifest_detect(org.object_names())
    assert found is PACKAGE
    version = org.package_version(found.namespace)
    assert version is not None
    assert found.version_suffices(version)
    names = ("Lead", "Contact", "Account", found.object_name)
    assert manifest_missing(found, {name: org.describe(name) for name in names}) == {}
    key = org.describe(found.object_name).fields[found.key_field]
    assert (key.external_id, key.unique, key.case_sensitive) == (True, True, True)


def test_queries_are_read_to_their_last_page(org: Org):
    (count,) = org.query("SELECT count() FROM Contact")
    contacts = org.query("SELECT Id, Email FROM Contact")
    assert len({row["Id"] for row in contacts}) == count["totalSize"] > 2000
    addresses = [row["Email"] for row in contacts if row["Email"]]
    calls = org.calls
    before = "SELECT Id, Email FROM Contact WHERE Email"
    found = org.queries(chunked_in(before, addresses))
    assert {row["Email"] for rows in found for row in rows} == set(addresses)
    assert org.calls - calls < 5


def test_text_with_every_awkward_sign_is_found_again(org: Org):
    # Salesforce trims blanks at the ends of a text, so none stand there.
    title = "x'; \\ \" % _ ) OR (Id != null — 裕樹"
    (result,) = org.graphs([delivery(new_key(), Title=title)])
    assert result.successful, result.errors
    (row,) = org.query(f"SELECT Title FROM Lead WHERE Title = {quote(title)}")
    assert row["Title"] == title


def test_a_graph_is_written_once_and_its_repeat_is_refused_with_the_key(org: Org):
    key = new_key()
    (first,) = org.graphs([delivery(key)])
    assert first.successful, first.errors
    (second,) = org.graphs([delivery(key)])
    assert not second.successful
    assert [error.code for error in second.errors] == ["DUPLICATE_VALUE"]
    (row,) = written_with(org, key)
    assert row["UserGem__NewLead__c"] == first.nodes[0].record_id


def test_a_refused_graph_leaves_its_neighbours_alone(org: Org):
    good, bad = delivery(new_key()), delivery(new_key(), Company=None)
    results = org.graphs([bad, good])
    assert [result.successful for result in results] == [False, True]
    assert [error.code for error in results[0].errors] == ["REQUIRED_FIELD_MISSING"]
    assert results[0].errors[0].fields == ("Company",)


def test_written_records_are_read_back_in_one_call(org: Org):
    results = org.graphs([delivery(new_key()), delivery(new_key())])
    leads = [str(result.nodes[0].record_id) for result in results]
    records = [str(result.nodes[1].record_id) for result in results]
    calls = org.calls
    found = org.records_get(
        [
            ("Lead", [*leads, "00Q8b00000000zzAAA"], ["LastName", "Company"]),
            (PACKAGE.object_name, records, [PACKAGE.lookups["new_lead"]]),
        ]
    )
    assert org.calls - calls == 1
    assert set(found) == {*leads, *records}
    assert found[records[1]][PACKAGE.lookups["new_lead"]] == leads[1]


def test_a_lost_answer_is_unknown_and_the_key_tells_what_happened(org: Org, rehearsal: Rehearsal):
    key = new_key()
    fault = {"kind": "drop_answer_after_commit", "match": {"path": "composite/graph"}, "times": 1}
    rehearsal.control(rehearsal.full_copy, "faults", fault)
    with pytest.raises(OutcomeUnknown):
        org.graphs([delivery(key)])
    assert len(written_with(org, key)) == 1


def test_a_call_lost_before_it_ran_is_unknown_too(org: Org, rehearsal: Rehearsal):
    key = new_key()
    fault = {"kind": "drop_before", "match": {"path": "composite/graph"}, "times": 1}
    rehearsal.control(rehearsal.full_copy, "faults", fault)
    with pytest.raises(OutcomeUnknown):
        org.graphs([delivery(key)])
    assert written_with(org, key) == []


def test_a_maintenance_page_is_read_past(org: Org, rehearsal: Rehearsal):
    fault = {"kind": "http_503_html", "match": {"path": "limits"}, "times": 2}
    rehearsal.control(rehearsal.full_copy, "faults", fault)
    assert "DailyApiRequests" in org.limits()
    assert org.calls == 3


def test_a_lock_is_transient(org: Org, rehearsal: Rehearsal):
    fault = {"kind": "lock_row", "match": {"sobject": "Lead"}, "times": 1}
    rehearsal.control(rehearsal.full_copy, "faults", fault)
    (result,) = org.graphs([delivery(new_key())])
    assert result.transient
    assert [error.code for error in result.errors] == ["UNABLE_TO_LOCK_ROW"]


def test_after_fourteen_refused_graphs_the_rest_is_not_tried(org: Org):
    wanted = [delivery(new_key(), Company=None) for _ in range(15)]
    results = org.graphs([*wanted, delivery(new_key())])
    assert not any(result.not_attempted for result in results[:14])
    assert all(result.not_attempted for result in results[14:])


def test_a_dead_access_token_is_renewed_by_the_way(org: Org, tokens: SignedIn):
    tokens.answer["access_token"] = tokens.answer["access_token"][:-4] + "dead"
    renewals = tokens.renewals
    assert org.organization()["IsSandbox"] is True
    assert tokens.renewals == renewals + 1


def test_an_unknown_field_is_refused_with_its_code(org: Org):
    with pytest.raises(SalesforceError) as caught:
        org.query("SELECT Nonsense__c FROM Lead")
    assert caught.value.code == "INVALID_FIELD"
