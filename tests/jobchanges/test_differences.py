"""What became of a field, in a word and a sentence: every kind, and whatever an org may hold."""

import datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jobchanges.differences import (
    NOT_READ,
    NOT_SENT,
    UNRESOLVED,
    FieldReading,
    Kind,
    difference_of,
    field_reading,
)
from jobchanges.models import ChangedBy, RecordWrite
from jobchanges.notations import normalised

SAVED = datetime.datetime(2026, 11, 23, 6, 0, tzinfo=datetime.UTC)
OWNER, QUEUE = "0057z000000001cAAA", "00G7z000000001cEAA"


def difference(**known):
    return difference_of(FieldReading(**{"name": "Title"} | known))


@pytest.mark.parametrize(
    ("known", "kind", "words"),
    [
        ({"sent": "VP", "stored": "VP"}, Kind.SAME, ""),
        ({"sent": "VP", "stored": "VP", "settled": "VP"}, Kind.SAME, ""),
        ({"sent": " VP ", "stored": "VP"}, Kind.SAME, ""),
        ({"sent": "VP", "settled": "VP"}, Kind.SAME, ""),
        ({"sent": "VP", "settled": "CEO"}, Kind.CHANGED_ON_SAVE, "likely by a flow or"),
        ({"sent": UNRESOLVED, "stored": OWNER}, Kind.SAME, ""),
        ({"sent": NOT_SENT, "stored": None}, Kind.SAME, ""),
        ({"sent": "VP"}, Kind.PENDING, ""),
        ({"sent": NOT_SENT, "stored": "Open"}, Kind.DEFAULTED, "org filled in its own value"),
        ({"sent": "", "stored": "Open"}, Kind.DEFAULTED, "We sent nothing here"),
        (
            {"sent": "VP Revenue Operations", "stored": "VP Revenue"},
            Kind.TRUNCATED,
            "10 of 21 characters",
        ),
        ({"sent": "VP Sales", "stored": "Director"}, Kind.CHANGED_ON_SAVE, "likely by a flow or"),
        (
            {"sent": OWNER, "stored": QUEUE, "name": "OwnerId"},
            Kind.CHANGED_ON_SAVE,
            "likely by an assignment rule",
        ),
        ({"sent": "VP", "stored": None}, Kind.EMPTIED, "stored nothing here, likely because"),
        ({"sent": "VP", "stored": "  "}, Kind.EMPTIED, "stored nothing here"),
        ({"sent": "VP", "hidden": True}, Kind.HIDDEN, "We wrote it, and the integration user may"),
        (
            {"sent": "VP", "stored": "VP", "hidden": True},
            Kind.HIDDEN,
            "VP when saved. The integration user may not read it any more",
        ),
        ({"sent": "VP", "stored": "VP", "gone": True}, Kind.GONE, "deleted in Salesforce, or is"),
        ({"sent": "VP", "removed": True}, Kind.REMOVED, "not kept any more"),
    ],
)
def test_every_kind_says_what_it_is(known, kind, words):
    found = difference(**known)
    assert found.kind == kind
    assert words in found.sentence
    assert bool(found.sentence) is bool(words)


LATER = {"sent": "VP", "stored": "VP", "settled": "Chief", "stored_at": SAVED}


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (
            {"changed_by": "Automated Process", "changed_by_kind": ChangedBy.AUTOMATED},
            "VP when saved. Changed 40 s later by Automated Process, likely an assignment rule "
            "or flow.",
        ),
        (
            {"changed_by": "Integration User", "changed_by_kind": ChangedBy.US},
            "VP when saved. Changed 40 s later, likely by a flow or trigger that ran as the "
            "integration user.",
        ),
        (
            {"changed_by": "Ines User", "changed_by_kind": ChangedBy.US, "name": "OwnerId"},
            "VP when saved. Changed 40 s later, likely by an assignment rule or flow that ran as "
            "the integration user.",
        ),
        (
            {"changed_by": "Amy Brown", "changed_by_kind": ChangedBy.PERSON},
            "VP when saved. Amy Brown saved the record last, 40 s later.",
        ),
        (
            {"changed_by_kind": ChangedBy.PERSON},
            "VP when saved. The record was last saved 40 s later by a user whom the integration "
            "user may not see.",
        ),
        ({}, "VP when saved. The org does not say who changed it."),
        ({"corrected_by": 2}, "VP when saved. Corrected by our attempt 2."),
    ],
)
def test_a_later_change_says_by_whom_and_when(known, words):
    found = difference(**LATER, changed_at=SAVED + datetime.timedelta(seconds=40), **known)
    assert found.kind == Kind.CHANGED_LATER
    assert found.sentence == words
    assert found.at == SAVED + datetime.timedelta(seconds=40)
    assert found.changed


def test_what_the_org_s_own_flow_made_is_expected_where_only_our_record_was_written():
    later = {"sent": NOT_SENT, "stored": None, "settled": "00Q7z0000010000EAA"}
    times = {"stored_at": SAVED, "changed_at": SAVED + datetime.timedelta(seconds=40)}
    found = difference(**later, **times, left_to_flow=True)
    assert (found.changed, found.tint) == (False, "")
    assert found.sentence == (
        "Filled in 40 s later, as expected: we wrote only this record, your flow the rest."
    )
    assert difference(**later, **times).changed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s later"),
        (119, "119 s later"),
        (120, "2 min later"),
        (3 * 3600, "3 h later"),
        (3 * 86_400, "3 days later"),
    ],
)
def test_how_much_later_reads_as_people_say_it(seconds, words):
    changed = SAVED + datetime.timedelta(seconds=seconds)
    found = difference(
        **LATER, changed_by="Amy", changed_by_kind=ChangedBy.PERSON, changed_at=changed
    )
    assert words in found.sentence


def test_what_was_emptied_later_says_so():
    found = difference(**LATER | {"settled": None}, changed_by_kind=ChangedBy.AUTOMATED)
    assert found.kind == Kind.EMPTIED
    assert found.sentence.startswith("VP when saved.")


@pytest.mark.parametrize(
    ("sent", "stored", "words"),
    [
        ("Dana@Newco.example", "dana@newco.example", "spelling"),
        ("VP  of   Sales", "VP of Sales", "spelling"),
        ("Jose\u0301", "José", "spelling"),
        ("customer", "Customer", "spelling"),
        ("AT&T", "AT&amp;T", "characters"),
        ("+1 415 555-0100", "(415) 555-0100", "phone"),
        ("0049 30 123456", "+4930123456", "phone"),
        ("https://newco.example", "http://newco.example/", "address"),
        ("newco.example", "http://Newco.example", "address"),
        ("1,200", 1200, "number"),
        (3.14159, 3.14, "number"),
        ("12", 12.0, "number"),
        ("2026-04-01", "2026-04-01T00:00:00.000+0000", "date"),
        ("2026-04-01T18:39:00.250Z", "2026-04-01T18:39:00.000+0000", "date"),
        ("true", True, "notation"),
        ("b;a", "a;b", "order"),
    ],
)
def test_the_same_written_otherwise_is_no_change(sent, stored, words):
    found = difference(sent=sent, stored=stored)
    assert found.kind == Kind.NORMALISED
    assert words in found.sentence
    assert not found.changed


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("VP", "CEO"),
        ("+1 415 555-0100", "+1 415 555-0101"),
        ("https://newco.example/a", "https://newco.example/b"),
        ("2026-04-01", "2026-04-02T00:00:00.000+0000"),
        ("2026-04-01", "2026-04-01T15:00:00.000+0000"),
        ("2026-04-01T18:39:00", "2026-04-01T18:39:01Z"),
        ("2026-04-01T18:39:00Z", "2026-04-01T19:39:00Z"),
        (3, 4),
        ("1,5", "15"),
        ("007", "7"),
        (True, False),
        ("dana@newco.example", "http://dana@newco.example"),
    ],
)
def test_what_is_not_the_same_is_said_as_a_change(sent, stored):
    assert normalised(sent, stored) == ""
    assert difference(sent=sent, stored=stored).changed


# --- from the ledger --------------------------------------------------------------------------


def write(**values):
    return RecordWrite(
        **{"object_name": "Lead", "sent": {"Title": "VP"}, "hidden": [], "names": {}} | values
    )


def of(row, name="Title", **more):
    return difference_of(field_reading(row, name, **more))


def test_a_field_that_was_not_read_with_the_others_is_hidden():
    assert of(write(stored={"LastName": "Cole"})).kind == Kind.HIDDEN
    assert of(write(stored={"Title": "VP"}, settled={}, hidden=["Title"])).kind == Kind.HIDDEN


def test_what_the_ledger_let_go_of_is_not_being_read():
    assert of(write()).kind == Kind.PENDING
    assert of(write(settled_at=timezone.now())).kind == Kind.REMOVED


def test_what_our_next_attempt_wrote_is_our_own_change():
    row = write(stored={"Title": "VP"}, settled={"Title": "CEO"}, changed_by="Ines")
    assert "our attempt 2" in of(row, later={"Title": (2, "CEO")}).sentence
    assert "our attempt" not in of(row, later={"Title": (2, "Else")}).sentence


# --- whatever an org may hold -----------------------------------------------------------------

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.from_regex(r"\A[\d ()+.,x/-]{0,20}\Z")
    | st.from_regex(r"\A\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?(Z|[+-]\d{4})?)?\Z"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(
    sent=VALUES | st.sampled_from([NOT_SENT, UNRESOLVED]),
    stored=VALUES | st.just(NOT_READ),
    settled=VALUES | st.just(NOT_READ),
    flags=st.fixed_dictionaries(
        {"hidden": st.booleans(), "gone": st.booleans(), "removed": st.booleans()}
    ),
    by=st.sampled_from(["", *ChangedBy.values]),
    later=st.none() | st.integers(min_value=-(10**6), max_value=10**6),
)
def test_classifying_never_raises_and_always_has_words(sent, stored, settled, flags, by, later):
    changed_at = None if later is None else SAVED + datetime.timedelta(seconds=later)
    found = difference(
        sent=sent,
        stored=stored,
        settled=settled,
        changed_by_kind=by,
        changed_at=changed_at,
        stored_at=SAVED,
        **flags,
    )
    assert isinstance(found.kind, Kind)
    assert bool(found.word) is (found.kind != Kind.SAME)
    assert bool(found.sentence) is (found.kind not in (Kind.SAME, Kind.PENDING))


@given(value=VALUES)
def test_the_same_value_is_never_a_change(value):
    found = difference(sent=value, stored=value, settled=value)
    assert found.kind in (Kind.SAME, Kind.NORMALISED)


@given(left=VALUES, right=VALUES)
def test_being_written_otherwise_works_both_ways_but_for_rounding(left, right):
    if isinstance(left, int | float) or isinstance(right, int | float):
        return
    assert bool(normalised(left, right)) is bool(normalised(right, left))
