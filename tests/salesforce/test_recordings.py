"""Answers that real orgs gave, read by our client.

The recordings are not part of the project; their README beside them says where each is from.
What each is to us stands in tests/recordings.py.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest

from integrations.salesforce import oauth
from integrations.salesforce.client import Org, Record
from integrations.salesforce.composite import composite_parts
from integrations.salesforce.errors import SalesforceError, errors_in
from integrations.salesforce.families import Family
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.oauth import OAuthError
from tests.recordings import ABSENT, TABLE, USED, recorded, recording
from tests.salesforce.conftest import CONFIG, Server, says

pytestmark = pytest.mark.skipif(not recorded(), reason=ABSENT)
HEADERS = {"Sforce-Auto-Assign": "false", "Sforce-Duplicate-Rule-Header": "allowSave=false"}


@dataclass
class Replay:
    """One recording, given as the answer to the client's next call."""

    org: Org
    server: Server
    number: str

    def __post_init__(self) -> None:
        self.real = recording(self.number)
        self.body = self.real["response_body"]
        self.sent = self.real["request_body"]

    def __call__(self) -> Any:
        """Answer with it; what stands in `body` by now is sent."""
        self.server.then(says(self.real["status"], self.body))
        return self.body


Read = Callable[[Replay], None]


def describes(name: str, field: str, kind: str) -> Read:
    def read(replay: Replay) -> None:
        body = replay()
        found = replay.org.describe(name)
        assert found.name == name
        assert set(found.fields) == {item["name"] for item in body["fields"]}
        assert found.fields[field].type == kind
        assert (found.key_prefix, found.queryable) == (body["keyPrefix"], True)
        assert len(found.record_types) == len(body["recordTypeInfos"])

    return read


def lists_objects(replay: Replay) -> None:
    body = replay()
    assert replay.org.object_names() == {item["name"] for item in body["sobjects"]}


def queries(*, asked: Callable[[Org, str], list[dict[str, Any]]] = Org.query) -> Read:
    def read(replay: Replay) -> None:
        body = replay()
        soql = unquote(replay.real["path"]).partition("?q=")[2]
        found = asked(replay.org, soql)
        assert len(found) == len(body["records"])
        assert '"attributes"' not in json.dumps(found)
        for mine, real in zip(found, body["records"], strict=True):
            assert mine.keys() == real.keys() - {"attributes"}
            assert all(mine[name] == value for name, value in real.items() if is_plain(value))

    return read


def is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def first_of_two_pages(replay: Replay) -> None:
    replay.body["nextRecordsUrl"] = replay.body["nextRecordsUrl"].replace("v26.0", "v66.0")
    replay()
    replay.server.then(says(200, {"totalSize": 2, "done": True, "records": []}))
    found = replay.org.query("SELECT Text_Label FROM Whizbang")
    assert found == [{"Text_Label": "First Page"}]
    assert replay.server.paths[1] == "/services/data/v66.0/query/01gD"


def record(name: str) -> Read:
    def read(replay: Replay) -> None:
        masked = replay.body["Id"]
        # The organization's id is masked by those who recorded it, and no id any more.
        real_id = masked if is_id(masked) else "00D000000000001AAA"
        replay.body["Id"] = real_id
        body = replay()
        found = replay.org.record_get(name, real_id, ["Name"])
        assert found.keys() == body.keys() - {"attributes"}
        assert found["Name"] == body["Name"]

    return read


def counts(replay: Replay) -> None:
    replay()
    assert replay.org.record_counts(["Account", "Lead"]) == {"Account": 1, "Lead": 0}


def packages(replay: Replay) -> None:
    replay()
    version = {"MajorVersion": 2, "MinorVersion": 3, "PatchVersion": 0, "BuildNumber": 1}
    replay.server.then(says(200, {"totalSize": 1, "done": True, "records": [version]}))
    assert replay.org.package_version("pub") == "2.3"


def limits(replay: Replay) -> None:
    body = replay()
    assert replay.org.limits() == body


def in_parts(replay: Replay) -> list[str]:
    """The recorded parts with the references our client gives; answers their paths."""
    for place, part in enumerate(replay.body["compositeResponse"]):
        part["referenceId"] = f"r{place}"
    replay()
    asked = replay.sent["compositeRequest"]
    return [re.sub(r"^/services/data/v[^/]+/", "", part["url"]) for part in asked]


def composite_queries(replay: Replay) -> None:
    soqls = [unquote(path).partition("?q=")[2] for path in in_parts(replay)]
    found = replay.org.queries(soqls[:5])
    for rows, part in zip(found, replay.body["compositeResponse"], strict=False):
        # What only counts comes as one row with the count.
        assert len(rows) == (len(part["body"]["records"]) or bool(part["body"]["totalSize"]))


def parts_not_modified(replay: Replay) -> None:
    parts = composite_parts(replay.org._door, in_parts(replay))
    assert [part.status for part in parts] == [304, 304, 304]
    for part in parts:
        # Nobody asked whether it changed: no body is no answer.
        assert part.error is not None
        assert part.error.family == Family.WE_MUST_ACT


def part_refused(replay: Replay) -> None:
    soqls = [unquote(path).partition("?q=")[2] for path in in_parts(replay)]
    with pytest.raises(SalesforceError) as refused:
        replay.org.queries(soqls)
    assert refused.value.code == "INVALID_TYPE"
    assert refused.value.family == Family.CUSTOMER_MUST_ACT
    assert "XYZZY" in refused.value.message


def sent_records(replay: Replay) -> list[Record]:
    return [
        Record(
            row["attributes"]["type"],
            {name: row[name] for name in row if name not in ("attributes", "id", "Id")},
            row.get("id") or row.get("Id") or "",
        )
        for row in replay.sent["records"]
    ]


def collection(code: str = "", fields: tuple[str, ...] = ()) -> Read:
    """Rows created, changed or upserted; the one that failed has this code."""

    def read(replay: Replay) -> None:
        replay()
        records, path = sent_records(replay), replay.real["path"]
        external = re.search(r"/composite/sobjects/\w+/(\w+)$", path)
        if external:
            done = replay.org.records_upsert(records, external_id=external[1], headers=HEADERS)
        elif replay.real["method"] == "PATCH":
            done = replay.org.records_update(records, headers=HEADERS)
        else:
            done = replay.org.records_create(records, headers=HEADERS)
        assert [row.success for row in done] == [row["success"] for row in replay.body]
        assert [row.record_id for row in done] == [row.get("id") for row in replay.body]
        assert [row.created for row in done] == [row.get("created") for row in replay.body]
        errors = [error for row in done for error in row.errors]
        assert [(error.code, error.fields) for error in errors] == (
            [(code, fields)] if code else []
        )
        assert replay.server.seen[0].method == replay.real["method"]

    return read


def deleted(replay: Replay) -> None:
    replay()
    (wanted,) = [row["id"] for row in replay.body]
    (row,) = replay.org.records_delete([wanted])
    assert (row.success, row.record_id) == (True, wanted)


def userinfo(replay: Replay) -> None:
    body = replay()
    found = oauth.userinfo(instance_url=replay.server.url, access_token="x", config=CONFIG)
    assert found.username == body["preferred_username"]
    assert (found.user_id, found.org_id) == (body["user_id"], body["organization_id"])
    assert (found.active, found.app_installed) == (True, True)


def refresh(replay: Replay) -> oauth.Token:
    return oauth.token_refresh(
        login_url=replay.server.url,
        client_id="x",
        client_secret="x",
        refresh_token="old",
        config=CONFIG,
    )


def token(replay: Replay) -> None:
    # The org's host has to be one that is allowed; the first sample has no real ids.
    replay.body["instance_url"] = replay.server.url
    replay.body["id"] = replay.body["id"].replace("foo/bar", "00Dx0000000BV7z/005x00000012Q9P")
    body = replay()
    found = refresh(replay)
    assert found.access_token == body["access_token"]
    assert found.refresh_token == ""
    assert found.issued_at == int(body["issued_at"])
    assert (found.org_id[:15], found.user_id[:15]) == ("00Dx0000000BV7z", "005x00000012Q9P")


def token_refused(*, lost: bool) -> Read:
    def read(replay: Replay) -> None:
        replay()
        with pytest.raises(OAuthError) as refused:
            refresh(replay)
        assert refused.value.code == "invalid_grant"
        assert refused.value.family == Family.CUSTOMER_MUST_ACT
        assert refused.value.lost == lost

    return read


def refused(code: str, family: Family, ask: Callable[[Org], object]) -> Read:
    def read(replay: Replay) -> None:
        body = replay()
        with pytest.raises(SalesforceError) as found:
            ask(replay.org)
        assert (found.value.code, found.value.family) == (code, family)
        assert found.value.message == body[0]["message"]
        assert found.value.status == replay.real["status"]
        assert found.value.sentence

    return read


ONE = [Record("Contact", {"LastName": "Smith", "Namez": "x"})]
READERS: dict[str, Read] = {
    "001": lists_objects,
    "002": describes("Lead", "LastName", "string"),
    "004": describes("Account", "OwnerId", "reference"),
    "005": record("Organization"),
    **dict.fromkeys(("006", "012", "013", "014", "016", "017", "039", "040"), queries()),
    **dict.fromkeys(("048", "049", "054"), queries()),
    "007": counts,
    "009": packages,
    "011": queries(asked=Org.tooling_query),
    **dict.fromkeys(("019", "020", "021", "033", "034", "035"), collection()),
    "024": composite_queries,
    "025": parts_not_modified,
    "027": part_refused,
    "028": composite_queries,
    "030": collection("INVALID_EMAIL_ADDRESS", ("email_field__c",)),
    "037": deleted,
    "041": record("Lead"),
    "042": record("Lead"),
    "043": record("Contact"),
    "044": record("Account"),
    "046": describes("Campaign", "Name", "string"),
    "053": limits,
    "057": userinfo,
    "058": token,
    "059": token,
    "060": token_refused(lost=True),
    "061": token_refused(lost=False),
    "063": refused(
        "NOT_FOUND",
        Family.CUSTOMER_MUST_ACT,
        lambda org: org.records_upsert(ONE, external_id="Namez", headers=HEADERS),
    ),
    "065": refused(
        "MALFORMED_SEARCH", Family.WE_MUST_ACT, lambda org: org.query("SELECT Id FROM Lead")
    ),
    "067": first_of_two_pages,
    "072": refused(
        "DUPLICATES_DETECTED",
        Family.CUSTOMER_MUST_ACT,
        lambda org: org.records_create(ONE, headers=HEADERS),
    ),
    "074": collection("DUPLICATES_DETECTED"),
}


def test_every_recording_that_concerns_us_is_read():
    assert set(READERS) == {number for number, use in TABLE.items() if use.client == USED}


@pytest.mark.parametrize("number", sorted(READERS))
def test_the_client_reads_what_a_real_org_answered(org: Org, server: Server, number: str):
    READERS[number](Replay(org, server, number))
    assert server.seen


def test_every_recording_is_in_the_table():
    assert set(recorded()) == set(TABLE)


@pytest.mark.parametrize("number", sorted(TABLE))
def test_what_is_not_used_says_why(number: str):
    for reason in (TABLE[number].client, TABLE[number].rehearsal):
        assert reason == USED or reason.startswith("not a call we use: ")


@pytest.mark.parametrize("number", ["019", "021", "033", "034", "038"])
def test_the_long_form_of_real_ids_is_computed(number: str):
    body = recording(number)["response_body"]
    for row in body if isinstance(body, list) else [body]:
        assert is_id(row["id"])
        assert id18(row["id"][:15]) == row["id"]


def test_errors_are_found_wherever_a_recording_has_them():
    found = {
        number: [error.code for error in errors_in(recording(number)["response_body"])]
        for number in ("030", "060", "061", "063", "065", "072", "074")
    }
    assert all(codes for codes in found.values()), found
