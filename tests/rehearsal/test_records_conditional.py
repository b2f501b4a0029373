"""Conditional requests on single records: unchanged ones are not sent, changed ones not touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from werkzeug.http import http_date

from tests.rehearsal.local import LEAD, Make, node, refusal

START = datetime(2026, 11, 23, 9, 0, 0, 400_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("since", "status"), [(START, 304), (START - SECOND, 200)])
def test_a_record_is_sent_only_if_it_changed(local: Make, since: datetime, status: int) -> None:
    with time_machine.travel(START, tick=False):
        org = local()
        key = org.create("Lead", **LEAD)
        headers = {"If-Modified-Since": http_date(since)}
        answer = org.api("GET", f"/sobjects/Lead/{key}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["Last-Modified"] == http_date(START)
    assert (answer.data == b"") is (status == 304)


def test_inside_a_composite_an_unchanged_record_has_no_body(local: Make) -> None:
    org = local()
    key = org.create("Lead", **LEAD)
    headers = {"If-Modified-Since": http_date(datetime.now(UTC) + SECOND)}
    part = node("lead", "GET", f"/sobjects/Lead/{key}", httpHeaders=headers)
    found = org.api("POST", "/composite", json={"compositeRequest": [part]}).get_json()
    answer = found["compositeResponse"][0]
    assert (answer["httpStatusCode"], answer["body"]) == (304, None)
    assert "Last-Modified" in answer["httpHeaders"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_record_changed_since_is_not_touched(local: Make, method: str) -> None:
    with time_machine.travel(START, tick=False):
        org = local()
        key = org.create("Lead", **LEAD)
        body = {"Title": "x"} if method == "PATCH" else None
        path = f"/sobjects/Lead/{key}"
        late = {"If-Unmodified-Since": http_date(START - SECOND)}
        refused = org.api(method, path, json=body, headers=late)
        assert refusal(refused)[:2] == (412, "PRECONDITION_FAILED")
        assert org.record("Lead", key)["Title"] is None
        fine = {"If-Unmodified-Since": http_date(START)}
        assert org.api(method, path, json=body, headers=fine).status_code in (200, 204)


def test_a_condition_on_a_parent_does_not_look_at_what_goes_with_it(local: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        org = local()
        account = org.create("Account", Name="A")
        clock.shift(timedelta(hours=1))
        contact = org.create("Contact", LastName="B", AccountId=account)
        headers = {"If-Unmodified-Since": http_date(START)}
        assert org.api("DELETE", f"/sobjects/Account/{account}", headers=headers).status_code == 204
        assert org.api("GET", f"/sobjects/Contact/{contact}").status_code == 404
