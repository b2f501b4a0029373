"""The contract of writing: sandboxes only, marked with the run, deleted afterwards."""

import datetime as dt

import pytest

from integrations.salesforce.client import Graph, Node, Org, Record
from integrations.salesforce.errors import SalesforceError
from tests.org.records import HEADERS, Records


def test_records_are_created_changed_read_and_deleted(org: Org, records: Records):
    made = records.create(
        ("Lead", records.lead()), ("Contact", records.contact()), ("Lead", records.lead())
    )
    assert [result.success for result in made] == [True] * 3, made
    ids = [str(result.record_id) for result in made]
    assert [one[:3] for one in ids] == ["00Q", "003", "00Q"]

    (changed,) = org.records_update([Record("Lead", {"Title": "CTO"}, ids[0])], headers=HEADERS)
    assert changed.success, changed.errors
    found = org.records_get(
        [("Lead", [ids[0], ids[2]], ["Title"]), ("Contact", [ids[1]], ["LastName"])]
    )
    assert found[ids[0]]["Title"] == "CTO"
    assert found[ids[1]]["LastName"].startswith(records.mark)

    assert [result.success for result in org.records_delete(ids)] == [True] * 3
    with pytest.raises(SalesforceError) as caught:
        org.record_get("Lead", ids[0], ["Title"])
    assert caught.value.code == "NOT_FOUND"
    soql = f"SELECT Id, IsDeleted FROM Lead WHERE Id = '{ids[0]}'"
    assert org.query_all(soql, deleted=True) == [{"Id": ids[0], "IsDeleted": True}]
    assert org.query(soql) == []


def test_a_bad_record_does_not_stop_the_good_ones(records: Records):
    good, bad = records.create(("Lead", records.lead()), ("Lead", records.lead(LastName=None)))
    assert good.success
    assert (bad.success, bad.record_id) == (False, None)
    assert [error.code for error in bad.errors] == ["REQUIRED_FIELD_MISSING"]
    assert bad.errors[0].fields == ("LastName",)
    assert not bad.rolled_back


def test_all_or_nothing_rolls_the_good_ones_back(org: Org, records: Records):
    name = records.lead()["LastName"]
    results = records.create(
        ("Lead", records.lead(LastName=name)),
        ("Lead", records.lead(LastName=None)),
        all_or_none=True,
    )
    assert [result.success for result in results] == [False, False]
    assert [result.rolled_back for result in results] == [True, False]
    assert org.query(f"SELECT Id FROM Lead WHERE LastName = '{name}'") == []


def test_a_record_that_is_gone_is_refused_with_a_code(org: Org, records: Records):
    (made,) = records.create(("Lead", records.lead()))
    assert made.record_id
    org.records_delete([made.record_id])
    (again,) = org.records_delete([made.record_id])
    assert not again.success
    assert again.errors[0].code in {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"}


def test_an_upsert_creates_once_and_changes_afterwards(org: Org, packaged: Records):
    package = packaged.package
    assert package is not None
    key = packaged.key()
    outcomes = []
    for attempt in (1, 2):
        record = Record(
            package.object_name, {package.key_field: key, package.attempt_field: attempt}
        )
        (result,) = org.records_upsert([record], external_id=package.key_field, headers=HEADERS)
        assert result.success, result.errors
        outcomes.append((result.created, result.record_id))
    assert [created for created, _ in outcomes] == [True, False]
    assert outcomes[0][1] == outcomes[1][1]


def test_graphs_are_all_or_nothing_each(org: Org, records: Records):
    good, bad = records.lead_graph(), records.lead_graph()
    spoiled = Node("POST", "Lead", None, "second", records.lead(LastName=None), HEADERS)
    bad = Graph(bad.graph_id, [*bad.nodes, spoiled])
    refused, written = records.graphs(bad, good)
    assert (refused.successful, written.successful) == (False, True)
    assert [error.code for error in refused.errors] == ["REQUIRED_FIELD_MISSING"]
    name = bad.nodes[0].body["LastName"]
    assert org.query(f"SELECT Id FROM Lead WHERE LastName = '{name}'") == []


def test_text_with_every_awkward_sign_comes_back_as_it_was(org: Org, records: Records):
    # Salesforce trims blanks at the ends of a text, so none stand there.
    title = "x'; \\ \" % _ ) OR (Id != null — 裕樹"
    (result,) = records.graphs(records.lead_graph(Title=title))
    assert result.successful, result.errors
    row = org.record_get("Lead", str(result.nodes[0].record_id), ["Title"])
    assert row["Title"] == title


def test_a_delivery_is_written_once_and_its_repeat_is_refused_by_the_key(
    org: Org, packaged: Records
):
    key = packaged.key()
    (first,) = packaged.graphs(packaged.delivery(key))
    assert first.successful, first.errors
    (second,) = packaged.graphs(packaged.delivery(key))
    assert not second.successful
    assert [error.code for error in second.errors] == ["DUPLICATE_VALUE"]

    package = packaged.package
    assert package is not None
    lookup = package.lookups["new_lead"]
    (row,) = org.query(
        f"SELECT Id, {lookup} FROM {package.object_name} WHERE {package.key_field} = '{key}'"
    )
    assert row[lookup] == first.nodes[0].record_id
    assert len(org.query(f"SELECT Id FROM Lead WHERE Company = '{packaged.mark}'")) == 1


def test_keys_that_differ_in_case_are_two_keys(packaged: Records):
    key = packaged.key()
    results = packaged.graphs(packaged.delivery(key + "-A"), packaged.delivery(key + "-a"))
    assert [result.successful for result in results] == [True, True]


def test_what_another_run_makes_at_the_moment_is_left_alone(org: Org, records: Records):
    other = Records(org)
    try:
        (made,) = other.create(("Lead", other.lead()))
        records.sweep_leftovers(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
        records.sweep()
        row = org.record_get("Lead", str(made.record_id), ["Company"])
        assert row["Company"] == other.mark
    finally:
        assert other.sweep() == []


def test_what_was_left_over_is_found_by_its_mark_alone(org: Org, records: Records):
    """As after a write whose answer was lost: nobody knows its ids."""
    records.create(("Lead", records.lead()), ("Contact", records.contact()))
    assert records.sweep() == []
    assert org.query(f"SELECT Id FROM Lead WHERE Company = '{records.mark}'") == []
