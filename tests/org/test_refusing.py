"""The suite itself: it writes to sandboxes only, and leaves nothing."""

import datetime as dt
import json

import pytest

from tests.org import measured
from tests.org.places import REFRESHED_BY, Tokens, real_given, real_place, rehearsal_place
from tests.org.records import MARK, NotOurs, Records
from tests.rehearsal_server import ADMINISTRATOR, Rehearsal


def test_a_production_is_refused_before_anything_is_written(rehearsal: Rehearsal):
    client = rehearsal_place(rehearsal, "northwind").client()
    with pytest.raises(NotOurs, match="no sandbox"):
        Records(client)
    client.close()
    assert {call["method"] for call in rehearsal.calls("northwind")} <= {"GET"}


def test_a_production_is_refused_for_an_administrator_too(rehearsal: Rehearsal):
    client = rehearsal_place(rehearsal, "northwind", username=ADMINISTRATOR).client()
    with pytest.raises(NotOurs):
        Records(client)
    client.close()


def test_what_a_broken_test_made_is_gone_afterwards(rehearsal: Rehearsal):
    rehearsal.package_install("northwind-full")
    rehearsal.configure("northwind-full", extra_rights=["*.Delete"])
    client = rehearsal_place(rehearsal).client()
    records = Records(client)
    made = [("Lead", records.lead()), ("Contact", records.contact())]
    assert all(result.success for result in records.create(*made))
    (result,) = records.graphs(records.delivery(records.key()))
    assert result.successful
    assert Records(client).sweep_leftovers(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)) == []
    assert client.query(f"SELECT Id FROM Lead WHERE Company LIKE '{MARK}%'") == []
    client.close()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SF_TEST_INSTANCE_URL", "SF_TEST_ACCESS_TOKEN", *REFRESHED_BY):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_credentials_there_is_no_real_org(nobody: pytest.MonkeyPatch):
    nobody.setenv("SF_TEST_INSTANCE_URL", "https://acme--uat.sandbox.my.salesforce.com")
    assert not real_given()


def test_an_address_and_a_token_are_enough(nobody: pytest.MonkeyPatch):
    nobody.setenv("SF_TEST_INSTANCE_URL", "https://acme--uat.sandbox.my.salesforce.com")
    nobody.setenv("SF_TEST_ACCESS_TOKEN", "00Dsecret")
    assert real_given()
    place = real_place()
    assert place.tokens.access_token() == "00Dsecret"
    assert "00Dsecret" not in repr(place)


def test_a_refresh_token_with_its_app_is_enough(rehearsal: Rehearsal, nobody: pytest.MonkeyPatch):
    given = rehearsal_place(rehearsal).tokens
    values = (given.refresh, given.client_id, given.client_secret, given.login_url)
    for name, value in zip(REFRESHED_BY, values, strict=True):
        nobody.setenv(name, value)
    assert real_given()
    place = real_place()
    tokens = Tokens(**{**vars(place.tokens), "config": given.config})
    assert tokens.access_token()
    assert tokens.instance_url == rehearsal.url("northwind-full")
    assert tokens.renewals == 1


def test_what_was_measured_is_kept_by_place(tmp_path, monkeypatch: pytest.MonkeyPatch):
    report = tmp_path / "var" / "test-org.json"
    monkeypatch.delenv(measured.REPORT, raising=False)
    monkeypatch.setattr(measured, "_found", {})
    monkeypatch.setattr(measured, "_facts", {})
    measured.measured("real", "A call", "costs one")
    measured.remember("real", "seen", 7)
    assert measured.write() is None

    monkeypatch.setenv(measured.REPORT, str(report))
    assert measured.write() == report
    monkeypatch.setattr(measured, "_found", {"rehearsal": {"A call": "costs two"}})
    monkeypatch.setattr(measured, "_facts", {})
    measured.write()
    kept = json.loads(report.read_text())
    assert kept["real"]["points"] == {"A call": "costs one"}
    assert kept["rehearsal"]["points"] == {"A call": "costs two"}
    assert measured.remembered("real", "seen") == 7
    assert measured.table() == ["rehearsal org", "  A call  costs two"]
