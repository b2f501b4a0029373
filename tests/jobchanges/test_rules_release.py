"""What a call that Salesforce refused as a whole does to its deliveries and to the org."""

from types import SimpleNamespace

import pytest

from integrations.salesforce.errors import ConnectionLost, LimitReached, SalesforceError
from jobchanges.delivery import release
from jobchanges.models import Attempt

DAY = "TotalRequests Limit exceeded."
AT_ONCE = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
ORG = "00D5g000008AbCdEAK"
VISIT = SimpleNamespace(epoch=SimpleNamespace(org_id=ORG), connection=None, org=None)
ONE = SimpleNamespace(delivery="first", attempt=1)
OTHER = SimpleNamespace(delivery="second", attempt=1)


@pytest.fixture
def done(monkeypatch):
    """What was recorded, and what the org was given a rest for."""
    seen = SimpleNamespace(answers=[], rests=[])
    monkeypatch.setattr(
        release, "answers_record", lambda visit, answers: seen.answers.extend(answers)
    )
    monkeypatch.setattr(
        release, "org_rest", lambda connection, org, error: seen.rests.append(error)
    )
    return seen


@pytest.mark.parametrize(
    "error",
    [
        LimitReached("REQUEST_LIMIT_EXCEEDED", DAY),
        LimitReached("API_RESERVE"),
        LimitReached("REQUEST_LIMIT_EXCEEDED", AT_ONCE),
        SalesforceError("TOO_MANY_CALLS"),
        SalesforceError("SERVER_UNAVAILABLE"),
        ConnectionLost(),
    ],
    ids=["day", "reserve", "at once", "our own pace", "not available", "lost"],
)
@pytest.mark.parametrize("planned", [[ONE], [ONE, OTHER]], ids=["one", "two"])
def test_passing_trouble_releases_all_and_gives_the_org_a_rest(done, error, planned):
    assert release.call_refused(VISIT, planned, error) is False
    assert [answer.outcome for answer in done.answers] == [Attempt.Outcome.RELEASED] * len(planned)
    assert all(answer.reason == error.sentence for answer in done.answers)
    # The org rests; what waits for it does not wait longer for having been unlucky.
    assert all((answer.wait, answer.is_its_own) == (0, False) for answer in done.answers)
    assert all(answer.errors[0]["code"] == error.code for answer in done.answers)
    assert done.rests == [error]


@pytest.mark.parametrize("code", ["JSON_PARSER_ERROR", "STORAGE_LIMIT_EXCEEDED", "SOMETHING_NEW"])
def test_a_refused_group_is_taken_apart_at_once_and_nobody_waits(done, code):
    assert release.call_refused(VISIT, [ONE, OTHER], SalesforceError(code, "x")) is True
    assert [(answer.outcome, answer.wait) for answer in done.answers] == [
        (Attempt.Outcome.RELEASED, 0)
    ] * 2
    assert [(answer.reason, answer.is_its_own) for answer in done.answers] == [("", True)] * 2
    assert done.rests == []


def test_what_is_refused_alone_is_refused(done, monkeypatch):
    monkeypatch.setattr(release, "unanswered_of", lambda deliveries: set())
    assert release.call_refused(VISIT, [ONE], SalesforceError("JSON_PARSER_ERROR", "x")) is True
    (answer,) = done.answers
    assert answer.outcome == Attempt.Outcome.REFUSED
    assert [error["code"] for error in answer.errors] == ["JSON_PARSER_ERROR"]
    assert done.rests == []


def test_what_may_have_been_written_before_is_asked_for_before_it_counts_as_refused(
    done, monkeypatch
):
    monkeypatch.setattr(release, "unanswered_of", lambda deliveries: {1})
    monkeypatch.setattr(release, "readings_answer", lambda visit, asked: ["from the key"])
    release.call_refused(VISIT, [ONE], SalesforceError("JSON_PARSER_ERROR", "x"))
    assert done.answers == ["from the key"]


@pytest.mark.parametrize("pause", [True, False])
def test_trouble_while_matching_releases_the_group_with_its_reason(done, pause):
    error = SalesforceError("SERVER_UNAVAILABLE")
    release.release(VISIT, ["first", "second"], error, pause=pause)
    assert [(answer.outcome, answer.reason) for answer in done.answers] == [
        (Attempt.Outcome.RELEASED, error.sentence)
    ] * 2
    assert len(done.rests) == int(pause)
