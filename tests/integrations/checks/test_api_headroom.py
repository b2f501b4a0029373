"""API calls that are left of the org's day."""

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.api_headroom import ApiHeadroom
from integrations.salesforce.client import ApiUsage
from tests.integrations.checks.surveys import a_context, healthy


def found_in(used, limit, *, needed=14, environment="production"):
    survey = healthy(environment, usage=ApiUsage(used=used, limit=limit))
    return ApiHeadroom().run(survey, a_context(environment, calls_needed=needed))


def test_enough_calls_are_right_and_counted():
    finding = found_in(1_200, 145_000)
    assert finding.outcome == "pass"
    assert finding.found == (
        "1,200 of 145,000 API calls used in 24 hours (<1%). About 14 are needed for what is sent "
        "next."
    )


def test_beyond_the_reserve_batches_wait_and_tests_do_not():
    finding = found_in(12_600, 15_000)
    assert finding.outcome == "warning"
    assert finding.items[0].sentence == (
        "12,600 of 15,000 API calls are used, beyond 80%. Tests still work; a batch waits until "
        "calls come back."
    )


def test_a_batch_that_would_reach_the_reserve_is_told():
    finding = found_in(9_000, 15_000, needed=4_000)
    assert finding.outcome == "warning"
    assert "About 4,000 API calls are needed" in finding.items[0].sentence
    assert found_in(9_000, 15_000, needed=3_000).outcome == "pass"


def test_no_calls_left_fails():
    finding = found_in(15_000, 15_000)
    assert finding.outcome == "fail"
    assert "nothing can be sent" in finding.items[0].sentence


@pytest.mark.parametrize("usage", [None, ApiUsage(used=0, limit=0)])
def test_an_org_that_does_not_tell_can_be_looked_at_by_hand(usage):
    finding = ApiHeadroom().run(healthy(usage=usage), a_context())
    assert finding.outcome == "cannot"
    assert "API Requests, Last 24 Hours" in finding.items[0].fix


def test_in_a_sandbox_it_is_the_test_that_needs_them():
    assert "for a test" in found_in(0, 25_000, environment="sandbox").found


def test_it_is_not_signed_since_it_changes_by_the_hour():
    assert not ApiHeadroom.signed


def test_a_full_org_refuses_every_new_record():
    finding = ApiHeadroom().run(healthy(storage_left_mb=0), a_context())
    assert finding.outcome == "fail"
    assert finding.items[0].sentence.startswith("No data storage is left")
    assert finding.items[0].setup_path == "/lightning/setup/CompanyResourceDisk/home"


def test_storage_that_what_waits_would_fill_is_told_in_production():
    survey = healthy("production", storage_left_mb=20)
    assert ApiHeadroom().run(survey, a_context("production", waiting=1_000)).outcome == "pass"
    finding = ApiHeadroom().run(survey, a_context("production", waiting=5_000))
    assert finding.outcome == "warning"
    assert "20 MB of data storage are left, and what waits takes up about 40 MB" in (
        finding.items[0].sentence
    )
    # A test in a sandbox is ten job changes, whoever waits.
    survey = healthy(storage_left_mb=20)
    assert ApiHeadroom().run(survey, a_context(waiting=5_000)).outcome == "pass"


def test_storage_that_is_not_told_is_nobodys_concern():
    for hidden in (None, CannotAsk(VIEW_SETUP)):
        assert ApiHeadroom().run(healthy(storage_left_mb=hidden), a_context()).outcome == "pass"
