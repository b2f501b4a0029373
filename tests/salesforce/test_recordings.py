"""Answers that real orgs gave, read by our client.

The recordings are not part of the project; their README beside them says where each is from.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.errors import errors_in, parse_errors
from integrations.salesforce.ids import id18, is_id
from tests.salesforce.conftest import Server, says

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "salesforce-recordings"
RECORDINGS = {path.name[:3]: path for path in sorted(FOLDER.glob("*.json"))}

pytestmark = pytest.mark.skipif(
    not RECORDINGS, reason="the recordings of real orgs are not beside this checkout"
)


def recording(number: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(RECORDINGS[number].read_text(encoding="utf-8"))
    return value


def replay(server: Server, number: str) -> Any:
    body = recording(number)["response_body"]
    server.then(says(recording(number)["status"], body))
    return body


@pytest.mark.parametrize(
    ("number", "name", "field", "kind"),
    [
        ("002", "Lead", "LastName", "string"),
        ("004", "Account", "OwnerId", "reference"),
        ("046", "Campaign", "Name", "string"),
    ],
)
def test_describes_are_read(org: Org, server: Server, number, name, field, kind):
    body = replay(server, number)
    described = org.describe(name)
    assert described.name == name
    assert set(described.fields) == {item["name"] for item in body["fields"]}
    assert described.fields[field].type == kind


def test_the_list_of_objects_is_read(org: Org, server: Server):
    body = replay(server, "001")
    assert org.object_names() == {item["name"] for item in body["sobjects"]}


@pytest.mark.parametrize(
    "number", ["006", "012", "013", "014", "016", "017", "039", "040", "048", "049", "054"]
)
def test_queries_are_read_without_attributes(org: Org, server: Server, number):
    body = replay(server, number)
    found = org.query("SELECT Id FROM Lead")
    assert len(found) == len(body["records"])
    assert '"attributes"' not in json.dumps(found)


def test_a_first_page_is_followed_by_the_next(org: Org, server: Server):
    body = recording("067")["response_body"]
    body["nextRecordsUrl"] = body["nextRecordsUrl"].replace("v26.0", "v66.0")
    server.then(says(200, body), says(200, {"totalSize": 2, "done": True, "records": []}))
    assert org.query("SELECT Text_Label FROM Whizbang") == [{"Text_Label": "First Page"}]
    assert server.paths[1] == "/services/data/v66.0/query/01gD"


@pytest.mark.parametrize("number", ["024", "028"])
def test_composite_queries_are_read(org: Org, server: Server, number):
    body = recording(number)["response_body"]
    parts = body["compositeResponse"]
    for place, part in enumerate(parts):
        part["referenceId"] = f"r{place}"
    server.then(says(200, body))
    assert len(org.queries(["SELECT Id FROM Account"] * max(2, len(parts)))) == len(parts)


def test_installed_packages_are_read(org: Org, server: Server):
    replay(server, "009")
    version = {"MajorVersion": 2, "MinorVersion": 3, "PatchVersion": 0, "BuildNumber": 1}
    server.then(says(200, {"totalSize": 1, "done": True, "records": [version]}))
    assert org.package_version("pub") == "2.3"


def test_limits_are_read(org: Org, server: Server):
    body = replay(server, "053")
    assert org.limits() == body


@pytest.mark.parametrize(
    "number",
    [
        number
        for number, path in RECORDINGS.items()
        if json.loads(path.read_text())["status"] >= 400
    ],
)
def test_every_refusal_has_a_code_of_salesforces(number):
    answer = recording(number)
    for body in (answer["response_body"], json.dumps(answer["response_body"])):
        errors = parse_errors(answer["status"], "application/json", body)
        assert errors
        assert not any(error.code.startswith("HTTP_") for error in errors)
        assert all(error.message for error in errors)


def test_a_part_that_was_refused_has_a_code():
    part = recording("027")["response_body"]["compositeResponse"][1]
    assert [error.code for error in parse_errors(400, "", part["body"])] == ["INVALID_TYPE"]


@pytest.mark.parametrize(
    ("number", "code"), [("030", "INVALID_EMAIL_ADDRESS"), ("074", "DUPLICATES_DETECTED")]
)
def test_failed_rows_among_good_ones_are_found(number, code):
    assert [error.code for error in errors_in(recording(number)["response_body"])] == [code]


@pytest.mark.parametrize("number", ["019", "021", "033", "034", "038"])
def test_the_long_form_of_real_ids_is_computed(number):
    body = recording(number)["response_body"]
    for row in body if isinstance(body, list) else [body]:
        assert is_id(row["id"])
        assert id18(row["id"][:15]) == row["id"]
