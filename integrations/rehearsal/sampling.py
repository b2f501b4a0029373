"""Which of the customer's CRM records an org has: all, a handful, or a partial copy's sample."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
OBJECTS = ("Account", "Contact", "Lead", "Campaign")
FEW, PARTIAL = "few", "partial"
FEW_OF = {"Account": 2, "Contact": 3, "Lead": 0, "Campaign": 0}
# A partial copy takes every third account with its contacts, and every third lead. Of the people
# taken, one in five has an id that belongs to somebody else in production.
ONE_IN = 3
STRANGER_EVERY = 5
Source = Mapping[str, str]


@cache
def read_file(name: str) -> tuple[Source, ...]:
    """The rows of `data/crm-<name>.csv`."""
    with (DATA / f"crm-{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def sources(records: str) -> dict[str, tuple[Source, ...]]:
    """The customer's records by object, as the CSV files have them."""
    everything = {name: read_file(f"{name.lower()}s") for name in OBJECTS}
    if records == FEW:
        return {name: rows[: FEW_OF[name]] for name, rows in everything.items()}
    if records == PARTIAL:
        return _sample(everything)
    return everything


def _sample(everything: Mapping[str, tuple[Source, ...]]) -> dict[str, tuple[Source, ...]]:
    accounts = everything["Account"][::ONE_IN]
    kept = {row["Id"] for row in accounts}
    contacts = [row for row in everything["Contact"] if row["AccountId"] in kept]
    others = [row for row in everything["Contact"] if row["AccountId"] not in kept]
    leads, other_leads = (list(everything["Lead"][start::ONE_IN]) for start in (0, 1))
    return {
        "Account": accounts,
        "Contact": tuple(_with_strangers(contacts, others)),
        "Lead": tuple(_with_strangers(leads, other_leads)),
        "Campaign": everything["Campaign"],
    }


def _with_strangers(taken: list[Source], others: list[Source]) -> list[Source]:
    """The taken rows; every fifth id carries somebody else, who was not taken otherwise.

    Records that a sandbox got after its copy can have ids that production gave to others.
    """
    rows: list[Source] = []
    for number, row in enumerate(taken):
        if number % STRANGER_EVERY == 0:
            stranger = others[number % len(others)]
            own = {name: row[name] for name in ("Id", "AccountId", "OwnerId") if name in row}
            rows.append({**stranger, **own})
        else:
            rows.append(row)
    return rows
