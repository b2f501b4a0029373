"""`make test-org`: the client's contract against a real sandbox, and what no source proves.

Runs only with `SF_TEST_INSTANCE_URL` and `SF_TEST_ACCESS_TOKEN` in the environment. Writes one
lead and deletes nothing: use a sandbox of your own.
"""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from integrations.salesforce.client import Graph, Node, Org
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.soql import chunked_in, quote

INSTANCE_URL = os.environ.get("SF_TEST_INSTANCE_URL", "")
ACCESS_TOKEN = os.environ.get("SF_TEST_ACCESS_TOKEN", "")
API_VERSION = os.environ.get("SALESFORCE_API_VERSION", "66.0")

pytestmark = pytest.mark.skipif(
    not (INSTANCE_URL and ACCESS_TOKEN),
    reason="no real sandbox given: set SF_TEST_INSTANCE_URL and SF_TEST_ACCESS_TOKEN",
)


class Given:
    """The token of the environment; there is no other."""

    def access_token(self) -> str:
        return ACCESS_TOKEN

    def renew(self, rejected: str) -> str:
        raise ConnectionLost(detail="SF_TEST_ACCESS_TOKEN is not valid any more")


@pytest.fixture
def org() -> Iterator[Org]:
    config = ClientConfig(API_VERSION, (".salesforce.com", ".force.com"))
    client = Org(instance_url=INSTANCE_URL, tokens=Given(), config=config)
    if client.organization()["IsSandbox"] is not True:
        pytest.exit("SF_TEST_INSTANCE_URL is no sandbox; nothing was written.", returncode=2)
    yield client
    client.close()


def test_the_pinned_version_is_offered(org: Org):
    assert API_VERSION in org.versions()


def test_the_org_and_its_user_are_read(org: Org):
    user = org.running_user()
    assert user["OrganizationId"] == org.organization()["Id"]
    assert user["IsActive"] is True


@pytest.mark.parametrize("name", ["Lead", "Contact", "Account", "CampaignMember"])
def test_the_objects_we_write_are_described(org: Org, name: str):
    assert org.describe(name).fields["Id"].type == "id"


def test_a_query_too_long_for_an_address_goes_through_composite(org: Org):
    addresses = [f"nobody-{number}@contract.example" for number in range(450)]
    (soql,) = chunked_in("SELECT Id FROM Lead WHERE Email", addresses)
    assert org.query(soql) == []


def test_collection_reads_inside_composite_leave_out_what_is_not_there(org: Org):
    (row,) = org.query("SELECT Id FROM User WHERE IsActive = true LIMIT 1")
    found = org.records_get(
        [("User", [row["Id"]], ["Name"]), ("Lead", ["00Q" + "0" * 12], ["Name"])]
    )
    assert set(found) == {row["Id"]}


def test_awkward_signs_stay_inside_their_literal(org: Org):
    value = "x'; \\ \" % _ ) OR (Id != null — 裕樹 \t\n"
    assert org.query(f"SELECT Id FROM Lead WHERE Company = {quote(value)}") == []


def test_an_unknown_field_is_refused_with_the_code_we_know(org: Org):
    with pytest.raises(SalesforceError) as caught:
        org.query("SELECT Nonsense__c FROM Lead")
    assert caught.value.code == "INVALID_FIELD"


def lead(graph_id: str, **values: object) -> Graph:
    body = {"LastName": "Contract test", "Company": f"UserGems {uuid.uuid4().hex}", **values}
    headers = {"Sforce-Auto-Assign": "FALSE"}
    return Graph(graph_id, [Node("POST", "Lead", None, "person", body, headers)])


def test_graphs_are_all_or_nothing_each_and_the_cost_is_shown(
    org: Org, record_property: Callable[[str, object], None]
):
    bad = lead("bad", LastName=None)
    org.limits()
    before = org.usage
    good_result, bad_result = org.graphs([lead("good"), bad])
    after = org.usage
    assert good_result.successful, good_result.errors
    assert not bad_result.successful
    assert [error.code for error in bad_result.errors] == ["REQUIRED_FIELD_MISSING"]
    assert before is not None
    assert after is not None
    # Whether a call with several graphs counts once is not documented: measured here.
    record_property("api_calls_for_two_graphs", after.used - before.used)
