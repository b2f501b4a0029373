"""The 18-character form of record ids."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rehearsal import ids

DATA = Path(ids.__file__).parent / "data"


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("0017z00000000G8", "0017z00000000G8AAI"),
        ("0037z0000000GA9", "0037z0000000GA9AAM"),
        ("00Q7z00000002LA", "00Q7z00000002LAEAY"),
        ("012000000000000", "012000000000000AAA"),
        ("0012300000bVTq1", "0012300000bVTq1AAG"),
    ],
)
def test_the_suffix_is_the_one_real_orgs_give(short: str, full: str) -> None:
    assert short + ids.suffix(short) == full
    assert ids.to18(short) == full
    assert ids.to18(full) == full


def test_every_id_of_the_data_set_has_the_right_suffix() -> None:
    for path in DATA.glob("crm-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert ids.to18(row["Id"]) == row["Id"]


@given(st.integers(min_value=0, max_value=62**9))
def test_made_ids_are_valid_and_keep_their_order(number: int) -> None:
    first, second = ids.make("00Q", number), ids.make("00Q", number + 1)
    assert ids.to18(first) == first
    assert len(first) == 18
    assert first[:15] < second[:15]


@pytest.mark.parametrize("value", ["", "abc", "0017z00000000G8AAA", "0017z00000000G!", None, 5])
def test_what_is_no_id_is_refused(value: object) -> None:
    assert ids.to18(value) is None
