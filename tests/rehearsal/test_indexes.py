"""Queries that go by an index find what reading every record would find, in the same order."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rehearsal.indexes import ByPiece, Indexes
from integrations.rehearsal.soql_match import like_test, like_texts
from tests.rehearsal.local import LocalOrg, Make

NAMES = ("Ann", "ann", "Anna", "Ánna", "Bo", "Ян", "李雷", "O'Neill", "A%b", "a_b", "x\\y", "")
LETTERS = st.text("aAbB%_\\'é李 .", max_size=6)


def ids(org: LocalOrg, soql: str) -> list[str]:
    answer = org.api("GET", "/query", query_string={"q": soql})
    assert answer.status_code == 200, answer.text
    return [row["Id"] for row in answer.get_json()["records"]]


@pytest.fixture
def people(local: Make) -> LocalOrg:
    """Leads with few different names and companies, some renamed, some deleted."""
    org, random = local(), Random(7)
    writer = org.org.space
    for number in range(120):
        key = org.create(
            "Lead",
            LastName=random.choice(NAMES) or "X",
            Company=f"{random.choice(NAMES)} {number % 9}",
            Email=f"p{number % 40}@{'abc'[number % 3]}.example",
        )
        if number % 10 == 3:
            org.api("PATCH", f"/sobjects/Lead/{key}", json={"LastName": "Ann"})
        if number % 10 == 7:
            org.api("DELETE", f"/sobjects/Lead/{key}")
        if number == 60:
            # Made now, and to be kept up to date from here on.
            ids(org, "SELECT Id FROM Lead WHERE LastName = 'Ann' OR Company LIKE '%nna%'")
    assert writer.rows("Lead")
    return org


# Each condition beside one that says the same and that no index can answer.
CONDITIONS = (
    "LastName = 'ann'",
    "LastName IN ('Bo', 'Ян', 'nobody')",
    "Company LIKE '%nna%'",
    "Company LIKE 'ann%3'",
    "Company LIKE 'A\\\\%b%' OR LastName = '李雷'",
    "LastName = 'ann' AND (Company LIKE '%nna%' OR Email = 'p3@a.example')",
    "(LastName = 'ann' AND Company LIKE '%8') OR (LastName = 'bo' AND Email LIKE '%@b.example')",
    "Email IN ('p1@b.example', 'P2@C.EXAMPLE') OR Company LIKE '%x%'",
    "LastName = 'ann' AND LastName = 'bo'",
    "NOT LastName = 'ann'",
)


def test_an_index_changes_no_answer(people: LocalOrg) -> None:
    for condition in CONDITIONS:
        found = ids(people, f"SELECT Id FROM Lead WHERE {condition}")
        scanned = ids(people, f"SELECT Id FROM Lead WHERE NOT (NOT ({condition}))")
        assert found == scanned, condition
    assert ids(people, "SELECT Id FROM Lead WHERE LastName = 'ann'")


def test_each_branch_of_an_or_reads_few_rows(local: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    org = local()
    for number in range(30):
        org.create("Lead", LastName=f"Name{number}", Company="C", Email=f"p{number}@x.example")
    read: list[Any] = []
    monkeypatch.setattr(
        type(org.org.space), "rows", lambda self, kind: read.append(kind) or [], raising=True
    )
    soql = (
        "SELECT Id FROM Lead WHERE Email IN ('p3@x.example') OR (LastName = 'Name7' AND "
        "(Company LIKE '%zzz%' OR Company = 'C')) OR Email LIKE 'p29@%'"
    )
    assert len(ids(org, soql)) == 3
    assert "Lead" not in read


@given(values=st.lists(LETTERS, max_size=8), pattern=LETTERS)
def test_pieces_never_miss_a_row_that_is_like_the_pattern(values: list[str], pattern: str) -> None:
    rows = {str(place): {"Name": value} for place, value in enumerate(values)}
    # A backslash at the end escapes nothing; the grammar refuses it before.
    raw = re.sub(r"\\+$", "", pattern)
    index: ByPiece = Indexes().by_piece("X", "Name", rows)
    found = index.rarest(like_texts(raw))
    fits = like_test(raw)
    wanted = {key for key, row in rows.items() if fits(row["Name"])}
    assert found is None or wanted <= {key for keys in found for key in keys}


def test_an_index_follows_changes_and_deletions() -> None:
    rows: dict[str, dict[str, Any]] = {"1": {"Name": "Anna"}, "2": {"Name": "Otto"}}
    indexes = Indexes()
    index = indexes.by_piece("X", "Name", rows)
    indexes.change("X", "1", rows["1"], {"Name": "Berta"})
    indexes.change("X", "2", rows["2"], None)
    indexes.change("X", "3", None, {"Name": "Hannah"})

    def found(text: str) -> set[str]:
        return {key for keys in index.rarest([text]) or [] for key in keys}

    assert (found("ann"), found("ert"), found("ott")) == ({"3"}, {"1"}, set())
