"""What may be deleted and what goes back, over many imagined histories of one record. No org."""

import datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobchanges.delivery.cleanup_rules import (
    Around,
    delete_finding,
    edited_after,
    put_back_findings,
)
from jobchanges.selectors.values import same_value

NOW = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.UTC)
US, THEM = "005000000000001AAA", "005000000000002AAA"
LEAD = "00Q000000000001AAA"
AROUND = Around(user_id=US, key_prefix="00Q")


def stamp(minutes):
    return (NOW + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def write_of(sent, *, pk=1, before=None, stored=None, operation="create", minutes=0, hidden=()):
    began = NOW + datetime.timedelta(minutes=minutes)
    return SimpleNamespace(
        pk=pk, operation=operation, object_name="Lead", record_id=LEAD, sent=sent,
        before=before or {}, stored=sent if stored is None else stored, hidden=list(hidden),
        attempt=SimpleNamespace(started_at=began, ended_at=began + datetime.timedelta(seconds=5)),
    )  # fmt: skip


def row_of(**values):
    return {
        "CreatedById": US, "CreatedDate": stamp(0), "LastModifiedById": US,
        "LastModifiedDate": stamp(0), "LastName": "Manning",
    } | values  # fmt: skip


def found_for(row, around=AROUND, **more):
    return delete_finding([write_of({"LastName": "Manning"}, **more)], row, around)


def test_what_we_made_and_nobody_touched_is_deleted():
    found = found_for(row_of())
    assert (found.action, found.edited, found.reason) == ("delete", False, "")


def test_what_is_not_there_is_gone():
    assert found_for(None).gone


@pytest.mark.parametrize(
    ("row", "around", "words"),
    [
        (row_of(CreatedById=THEM), AROUND, "somebody else"),
        (row_of(CreatedById=None), AROUND, "somebody else"),
        (row_of(CreatedDate=stamp(60)), AROUND, "not created when"),
        (row_of(CreatedDate="yesterday"), AROUND, "not created when"),
        (row_of(IsConverted=True, ConvertedContactId="003x"), AROUND, "into contact 003x"),
        (row_of(), Around(user_id=US, key_prefix="00Q", merged=True), "merged"),
        (row_of(), Around(user_id=US, key_prefix="00Q", hanging="Others stand."), "Others"),
        (row_of(), Around(user_id=US, key_prefix="003"), "kind of record"),
        (row_of(), Around(user_id="", key_prefix="00Q"), "somebody else"),
    ],
)
def test_what_is_left_has_its_reason(row, around, words):
    found = found_for(row, around)
    assert found.left
    assert words in found.reason


def test_an_id_of_another_kind_of_record_is_never_deleted():
    write = write_of({"LastName": "Manning"})
    write.record_id = "003000000000001AAA"
    assert "kind of record" in delete_finding([write], row_of(), AROUND).reason


def test_what_was_there_before_the_test_is_never_deleted():
    assert found_for(row_of(), operation="update").left


@pytest.mark.parametrize(
    "row",
    [
        row_of(LastModifiedById=THEM, LastModifiedDate=stamp(0)),
        row_of(LastModifiedDate=stamp(90)),
        row_of(LastName="Manning-Jones"),
    ],
)
def test_an_edit_is_asked_about(row):
    found = found_for(row)
    assert (found.action, found.edited) == ("delete", True)


def test_a_lookup_that_salesforce_emptied_for_what_went_is_no_edit():
    gem = write_of({"NewLead__c": "00Q000000000009AAA"})
    row = row_of(NewLead__c=None)
    assert delete_finding([gem], row, AROUND).edited
    ours = Around(user_id=US, key_prefix="00Q", ours=["00Q000000000009AAA"])
    assert not delete_finding([gem], row, ours).edited


def test_a_correction_of_ours_is_no_edit():
    first = write_of({"LastName": "Maning"})
    second = write_of({"LastName": "Manning"}, operation="update", minutes=60)
    assert not delete_finding([first, second], row_of(LastModifiedDate=stamp(60)), AROUND).edited


def test_what_the_clean_up_itself_set_off_is_no_edit():
    row = row_of(LastModifiedDate=stamp(90))
    since = NOW + datetime.timedelta(minutes=90)
    at_work = Around(user_id=US, key_prefix="00Q", cleaning_since=since)
    assert not found_for(row, at_work).edited
    assert found_for(row_of(LastModifiedDate=stamp(80)), at_work).edited, "before it began"
    theirs = row_of(LastModifiedById=THEM, LastModifiedDate=stamp(90))
    assert found_for(theirs, at_work).edited


def test_only_the_edit_that_was_read_is_agreed_to():
    found = found_for(row_of(LastModifiedById=THEM, LastModifiedDate=stamp(30)))
    read = SimpleNamespace(edited=True, modified=stamp(30))
    assert not edited_after(read, found)
    assert edited_after(SimpleNamespace(edited=True, modified=stamp(20)), found)
    assert edited_after(SimpleNamespace(edited=False, modified=""), found)


# --- fields that go back --------------------------------------------------------------------------

VALUES = st.sampled_from([None, "", "a", "b", "c", False, True, 3])
HISTORIES = st.lists(st.tuples(st.sampled_from(["ours", "theirs"]), VALUES), min_size=1, max_size=8)


@given(first=VALUES, history=HISTORIES)
def test_a_field_goes_back_to_what_stood_there_before_the_first_of_ours(first, history):
    """One field is written by us and by them in any order."""
    writes, now, theirs_last = [], first, True
    for who, value in history:
        if who == "ours":
            writes.append(
                write_of(
                    {"F": value}, pk=len(writes) + 1, before={"F": now}, operation="update",
                    minutes=len(writes),
                )
            )  # fmt: skip
        theirs_last = who == "theirs" and not same_value(now, value)
        now = value
    if not writes:
        return
    found = put_back_findings(writes, {"F": now}, {"F"})
    assert found.keys() == {write.pk for write in writes}
    back, changed = now, False
    for write in reversed(writes):
        if "F" in found[write.pk].values:
            # A step back only from exactly what we left there.
            assert same_value(back, write.stored["F"])
            back, changed = found[write.pk].values["F"], True
    if theirs_last and not any(same_value(write.stored["F"], now) for write in writes):
        assert not changed, "an edit of theirs would be overwritten"
    if all(who == "ours" for who, _value in history):
        assert same_value(back, first)


def test_nothing_goes_back_into_a_field_we_cannot_see_or_write():
    write = write_of({"F": "a", "G": "a"}, before={"F": None, "G": None}, operation="update",
                     hidden=["F"])  # fmt: skip
    assert put_back_findings([write], {"F": "a", "G": "a"}, {"F"})[1].left
    assert put_back_findings([write], {"G": "a"}, {"F", "G"})[1].values == {"G": None}


@pytest.mark.parametrize(
    ("stored", "now", "goes"),
    [
        ({"F": "Vp Sales"}, "Vp Sales", True),
        ({"F": "Vp Sales"}, "VP OF SALES", False),
        ({"F": "Vp Sales"}, "vp sales of them", False),
    ],
)
def test_what_the_org_made_of_our_value_is_what_still_has_to_stand_there(stored, now, goes):
    write = write_of({"F": "VP OF SALES"}, before={"F": "b"}, stored=stored, operation="update")
    found = put_back_findings([write], row_of(F=now), {"F"})[1]
    assert dict(found.values) == ({"F": "b"} if goes else {})


def test_of_what_was_never_read_back_what_was_sent_counts():
    write = write_of({"F": "a"}, before={"F": "b"}, operation="update")
    write.stored = None
    assert dict(put_back_findings([write], row_of(F="a"), {"F"})[1].values) == {"F": "b"}
    assert put_back_findings([write], row_of(F="c"), {"F"})[1].left


def test_a_converted_lead_is_not_written():
    write = write_of({"F": "a"}, before={"F": None}, operation="update")
    found = put_back_findings([write], {"F": "a", "IsConverted": True}, {"F"})[1]
    assert found.left
    assert "converted" in found.reason


def test_values_that_are_no_longer_kept_are_not_made_up():
    write = write_of({"F": "a"}, before={}, operation="update")
    assert "not kept" in put_back_findings([write], {"F": "a"}, {"F"})[1].reason
    erased = write_of({}, before={}, operation="update")
    assert "not kept" in put_back_findings([erased], {"F": "a"}, {"F"})[1].reason
