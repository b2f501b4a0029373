"""Sandbox fitness: an estimate with its reason, and who of the waiting is here."""

from datetime import UTC, datetime

import pytest
import time_machine

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.sandbox_fitness import SandboxFitness
from tests.integrations.checks.surveys import a_context, healthy, made_id

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        yield


def pairs(number):
    return [(made_id("003", f"P{one}"), made_id("001", f"A{one}")) for one in range(number)]


def found_in(*, past=(), here=(), **answers):
    survey = healthy(existing_ids=frozenset(here), **answers)
    return SandboxFitness().run(survey, a_context(past_records=past))


def ids(records):
    return [one for pair in records for one in pair]


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        (200, "Looks like a Developer sandbox: 200 MB of data storage."),
        (1_024, "Looks like a Developer Pro sandbox: 1 GB of data storage."),
        (5_120, "Looks like a Partial Copy: 5 GB of data storage."),
        (10_240, "Looks like a full copy: 10 GB of data storage."),
    ],
)
def test_the_kind_is_estimated_with_the_reason(storage, words):
    assert words in found_in(storage_mb=storage).found


def test_a_full_copy_with_62_of_70_is_right():
    past = pairs(70)
    finding = found_in(past=past, here=ids(past[:62]))
    assert finding.outcome == "pass"
    assert "62 of 70 waiting job changes have their past contact and account here." in finding.found
    assert "Probably copied 49 days ago." in finding.found


def test_a_developer_sandbox_without_the_people_is_one_warning_that_recommends_a_full_copy():
    past = pairs(70)
    finding = found_in(past=past, here=ids(past[:3]), storage_mb=200)
    assert finding.outcome == "warning"
    assert len(finding.items) == 1
    assert "Looks like a Developer sandbox" in finding.items[0].sentence
    assert "3 of 70" in finding.items[0].sentence
    assert "full copy is recommended" in finding.items[0].fix


def test_people_who_are_here_make_the_kind_unimportant():
    past = pairs(10)
    assert found_in(past=past, here=ids(past), storage_mb=5_120).outcome == "pass"


def test_a_contact_without_its_account_is_not_counted():
    past = pairs(4)
    finding = found_in(past=past, here=[pair[0] for pair in past])
    assert "0 of 4" in finding.found


def test_a_developer_sandbox_warns_also_while_nothing_waits():
    assert found_in(storage_mb=200).outcome == "warning"


def test_many_records_look_like_a_full_copy_where_storage_is_hidden():
    finding = found_in(storage_mb=None)
    assert finding.outcome == "pass"
    assert "Looks like a full copy: about 338,000 records." in finding.found


def test_where_nothing_tells_the_kind_the_right_is_named():
    finding = found_in(storage_mb=None, record_counts=CannotAsk(VIEW_SETUP))
    assert finding.outcome == "cannot"
    assert finding.missing_right == VIEW_SETUP
    assert "look there whether it is a full copy" in finding.items[0].fix


def test_an_old_copy_is_a_warning_of_its_own():
    with time_machine.travel(datetime(2027, 8, 2, tzinfo=UTC), tick=False):
        finding = found_in()
    assert [item.key for item in finding.items if item.outcome == "warning"] == ["old"]
    assert "300 days old" in next(i for i in finding.items if i.key == "old").sentence


def test_it_is_asked_in_a_sandbox_only_and_never_signed():
    assert SandboxFitness.environments == ("sandbox",)
    assert not SandboxFitness.signed
