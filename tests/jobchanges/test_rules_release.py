"""What a call that Salesforce refused as a whole does to its deliveries and to the org."""

from types import SimpleNamespace

import pytest

from integrations.salesforce.errors import ConnectionLost, LimitReached, SalesforceError
from jobchanges.delivery import release
from jobchanges.delivery.leases import LONGEST_PAUSE
from jobchanges.models import Attempt

DAY = "TotalRequests Limit exceeded."
AT_ONCE = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
ORG = "00D5g000008AbCdEAK"
VISIT = SimpleNamespace(epoch=SimpleNamespace(org_id=ORG))
ONE = SimpleNamespace(delivery="first", attempt=1)
OTHER = SimpleNamespace(delivery="second", attempt=1)


@pytest.fixture
def done(monkeypatch):
    """What was recorded, for how long the org rests, and which size its groups were given."""
    seen = SimpleNamespace(answers=[], pauses=[], sizes=[])
    monkeypatch.setattr(
        release, "answers_record", lambda visit, answers: seen.answers.extend(answers)
    )
    monkeypatch.setattr(
        release.leases, "org_pause", lambda org_id, **kept: seen.pauses.append((org_id, kept))
    )
    monkeypatch.setattr(
        release.leases, "group_size_set", lambda org_id, size: seen.sizes.append((org_id, size))
    )
    return seen


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (LimitReached("REQUEST_LIMIT_EXCEEDED", DAY), LONGEST_PAUSE),
        (LimitReached("API_RESERVE"), LONGEST_PAUSE),
        (LimitReached("REQUEST_LIMIT_EXCEEDED", AT_ONCE), None),
        (SalesforceError("TOO_MANY_CALLS"), None),
        (SalesforceError("SERVER_UNAVAILABLE"), None),
        (ConnectionLost(), None),
    ],
    ids=["day", "reserve", "at once", "our own pace", "not available", "lost"],
)
@pytest.mark.parametrize("planned", [[ONE], [ONE, OTHER]], ids=["one", "two"])
def test_passing_trouble_releases_all_and_gives_the_org_a_rest(done, error, seconds, planned):
    assert release.call_refused(VISIT, planned, error) is False
    assert [answer.outcome for answer in done.answers] == [Attempt.Outcome.RELEASED] * len(planned)
    assert all(answer.reason == error.sentence for answer in done.answers)
    assert all(answer.wait is None for answer in done.answers)
    assert all(answer.errors[0]["code"] == error.code for answer in done.answers)
    assert done.pauses == [
        (ORG, {"reason": error.sentence, "setup": error.setup_path, "seconds": seconds})
    ]
    assert done.sizes == []


@pytest.mark.parametrize("code", ["JSON_PARSER_ERROR", "STORAGE_LIMIT_EXCEEDED", "SOMETHING_NEW"])
def test_a_refused_group_is_taken_apart_at_once_and_nobody_waits(done, code):
    assert release.call_refused(VISIT, [ONE, OTHER], SalesforceError(code, "x")) is True
    assert [(answer.outcome, answer.wait) for answer in done.answers] == [
        (Attempt.Outcome.RELEASED, 0)
    ] * 2
    assert [answer.reason for answer in done.answers] == ["", ""]
    assert done.sizes == [(ORG, 1)]
    assert done.pauses == []


def test_what_is_refused_alone_is_refused(done, monkeypatch):
    monkeypatch.setattr(release, "was_unanswered", lambda delivery: False)
    assert release.call_refused(VISIT, [ONE], SalesforceError("JSON_PARSER_ERROR", "x")) is True
    (answer,) = done.answers
    assert answer.outcome == Attempt.Outcome.REFUSED
    assert [error["code"] for error in answer.errors] == ["JSON_PARSER_ERROR"]
    assert done.pauses == done.sizes == []


def test_what_may_have_been_written_before_is_asked_for_before_it_counts_as_refused(
    done, monkeypatch
):
    monkeypatch.setattr(release, "was_unanswered", lambda delivery: True)
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
    assert len(done.pauses) == int(pause)
