"""Which set of job changes tries most cases, and what it leaves out."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobchanges.coverage import KNOWN, coverage_of, set_suggest
from jobchanges.models import JobChange, Kind
from jobchanges.planning.types import Branch
from jobchanges.selectors.exercised import branches_waiting, waiting_counts
from tests.factories import DeliveryFactory, JobChangeFactory

BRANCHES = sorted(KNOWN)[:5]
EXERCISED = st.dictionaries(
    st.integers(1, 30), st.frozensets(st.sampled_from(BRANCHES), max_size=3), max_size=9
)
TOUCHED = st.dictionaries(st.integers(1, 30), st.frozensets(st.sampled_from("abc"), max_size=2))


def covered(exercised, picks):
    return frozenset().union(*(exercised[pk] for pk in picks))


def meet(touched, picks):
    """Those that touch the same as another one of them."""
    pairs = combinations(picks, 2)
    return [
        {one, two} for one, two in pairs if set(touched.get(one, ())) & set(touched.get(two, ()))
    ]


@given(exercised=EXERCISED, minimum=st.integers(0, 3), more=st.integers(0, 3))
def test_the_set_covers_most_with_the_fewest(exercised, minimum, more):
    maximum = minimum + more
    picks = set_suggest(exercised, minimum=minimum, maximum=maximum)
    assert len(picks) == len(set(picks)) <= maximum
    assert len(picks) >= min(minimum, len(exercised))
    best, fewest = max(
        (
            (len(covered(exercised, some)), -count)
            for count in range(maximum + 1)
            for some in combinations(exercised, count)
        ),
    )
    assert len(covered(exercised, picks)) == best
    assert len(picks) == max(-fewest, min(minimum, len(exercised)))


@given(exercised=EXERCISED, touched=TOUCHED, kept=st.lists(st.integers(1, 30), max_size=3))
def test_no_two_of_a_set_meet_and_what_was_picked_stays(exercised, touched, kept):
    picks = set_suggest(exercised, kept=kept, touched=touched, minimum=3, maximum=5)
    mine = [pk for pk in dict.fromkeys(kept) if pk in exercised]
    assert picks[: len(mine)] == mine
    assert set(picks) <= set(exercised)
    assert len(picks) <= 5
    assert all(pair <= set(mine) for pair in meet(touched, picks)), "only what a person picked"


@given(exercised=EXERCISED)
def test_the_same_question_gets_the_same_answer(exercised):
    asked = {"minimum": 3, "maximum": 5}
    assert set_suggest(exercised, **asked) == set_suggest(dict(exercised), **asked)


def test_what_fills_the_set_up_differs_from_what_is_in_it():
    usual, left, known = frozenset(), frozenset({"left_only"}), frozenset({"past_contact"})
    exercised = {1: left, 2: left, 3: left, 4: usual, 5: usual, 6: known, 7: known}
    assert set_suggest(exercised, minimum=3, maximum=5) == [1, 6, 4]
    # What more is needed: the usual case, of which the org says what becomes.
    assert set_suggest(exercised, minimum=4, maximum=5) == [1, 6, 4, 5]


def test_ten_thousand_that_wait_take_no_time():
    rare = random.Random(7)
    exercised = {
        pk: frozenset(branch for branch in Branch if rare.random() < 0.1) for pk in range(10_000)
    }
    picks = set_suggest(exercised, minimum=5, maximum=10)
    assert covered(exercised, picks) == frozenset(Branch)
    assert 5 <= len(picks) <= 10


def test_a_case_nobody_has_one_left_out_and_one_only_the_org_knows_are_told_apart():
    lines = {
        line.key: line
        for line in coverage_of([{"past_contact"}], {"past_lead": 3, "inactive_owner": 1})
    }
    assert lines["past_contact"].covered
    assert lines["past_lead"].left_out
    assert lines["inactive_owner"].left_out, "a preview said so"
    assert lines["promotion"].absent
    new_account = lines["new_account"]
    assert (new_account.covered, new_account.left_out, new_account.absent) == (False,) * 3


@pytest.mark.django_db
def test_what_waits_is_known_by_its_preview_where_there_is_one(customer, django_assert_num_queries):
    DeliveryFactory(
        job_change=JobChangeFactory(customer=customer, kind=Kind.LEFT, last_name="Previewed"),
        org_id="00D7z0000000001EAA",
        plan={"branches": ["left_only", "inactive_owner"]},
        plan_hash="a" * 64,
    )
    JobChangeFactory(customer=customer, first_name="雪", last_name="山田", new_email="")
    with django_assert_num_queries(2):
        found = branches_waiting(JobChange.objects.filter(customer=customer), "00D7z0000000001EAA")
    assert waiting_counts(found, ()) == {
        "left_only": 1,
        "inactive_owner": 1,
        "no_email": 1,
        "long_or_non_latin": 1,
    }
    assert waiting_counts(found, found) == {}


def test_what_was_picked_before_takes_room_in_the_set():
    exercised = {number: frozenset({str(number)}) for number in range(1, 5)}
    assert set_suggest(exercised, kept=[4], minimum=1, maximum=2) == [4, 1]
    # What the kept ones cover already is no reason to add another one.
    twice = {1: frozenset({"a"}), 2: frozenset({"a"}), 3: frozenset({"b"})}
    assert set_suggest(twice, kept=[1], minimum=1, maximum=3) == [1, 3]
