"""A day's allowance of API calls: it rolls, and tests can let it."""

from __future__ import annotations

from tests.rehearsal.local import LocalOrg, Make, refusal

HOUR = 3600
USED_UP = (403, "REQUEST_LIMIT_EXCEEDED")


def older(org: LocalOrg, seconds: float) -> None:
    answer = org.send("POST", "/rehearsal/calls", json={"older_by": seconds})
    assert answer.status_code == 200, answer.text


def used(org: LocalOrg) -> tuple[int, int]:
    found = org.send("GET", "/rehearsal/calls", query_string={"list": "no"}).get_json()
    assert found["calls"] == []
    return found["used"], found["allowed"]


def test_a_used_up_allowance_comes_back_call_by_call(local: Make) -> None:
    org = local(daily_requests=3)
    org.api("GET", "/limits")
    older(org, 12 * HOUR)
    last = [org.api("GET", "/limits") for _ in range(2)][-1]
    assert last.headers["Sforce-Limit-Info"] == "api-usage=3/3"
    assert refusal(org.api("GET", "/limits"))[:2] == USED_UP
    older(org, 12 * HOUR)
    # The first call is a day old now, and the refused one never counted.
    assert used(org) == (2, 3)
    again = org.api("GET", "/limits")
    assert again.headers["Sforce-Limit-Info"] == "api-usage=3/3"
    assert again.get_json()["DailyApiRequests"] == {"Max": 3, "Remaining": 0}
    assert refusal(org.api("GET", "/limits"))[:2] == USED_UP


def test_what_others_have_used_does_not_get_older(local: Make) -> None:
    org = local(daily_requests=10, requests_used=10)
    older(org, 48 * HOUR)
    assert refusal(org.api("GET", "/limits"))[:2] == USED_UP


def test_calls_of_other_programs_get_older_too(local: Make) -> None:
    org = local(daily_requests=10)
    answer = org.send("POST", "/rehearsal/calls", json={"others": 10, "older_by": 23 * HOUR})
    assert answer.status_code == 200
    assert refusal(org.api("GET", "/limits"))[:2] == USED_UP
    older(org, HOUR)
    assert used(org) == (0, 10)


def test_a_reset_puts_the_clock_back(local: Make) -> None:
    org = local(daily_requests=2)
    older(org, 30 * HOUR)
    org.api("GET", "/limits")
    org.send("POST", "/rehearsal/reset")
    assert used(org) == (0, 2)


def test_calls_do_not_get_younger(local: Make) -> None:
    org = local()
    for body in ({"older_by": -1}, {"older_by": "1"}, {}, []):
        assert org.send("POST", "/rehearsal/calls", json=body).status_code == 400
