"""Answers that real orgs gave: what each is to us, and whether another answer has its shape.

The recordings are not part of the project: where their folder is absent, tests skip and say so.
`TABLE` has every one of them: read by our client, asked of the rehearsal orgs, or why not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "salesforce-recordings"
ABSENT = "the recordings of real orgs are not beside this checkout"
# In the table: the test of that side has the recording.
USED = "used"

COMMUNITIES = "not a call we use: nobody asks for communities"
APEX = "not a call we use: no org's code is read, and the rehearsal orgs have none"
EVENTS = "not a call we use: no calendars, and the rehearsal orgs have none"
BULK = "not a call we use: writes go as graphs and collections"
SOAP_LOGIN = "not a call we use: nobody gives us a password"
SEARCH = "not a call we use: people are found by queries"
LIST_VIEWS = "not a call we use: what a list view shows is its owner's business"
ONE_BY_ONE = "not a call we use: the client writes collections and graphs"
BLIND = "not a call we use: the client refuses to upsert without a value, which inserts blindly"
IDENTITY = "not a call we use: userinfo says the same, asked at the org's own host"
COMPOSITE_WRITE = "not a call we use: the client reads with composite and writes with graphs"


@dataclass(frozen=True)
class Use:
    """What one recording is to our client and to the rehearsal orgs: `USED`, or why not."""

    client: str = USED
    rehearsal: str = USED


BOTH = Use()
TABLE: dict[str, Use] = {
    "001": BOTH,
    "002": BOTH,
    "004": BOTH,
    "005": BOTH,
    "006": BOTH,
    "007": BOTH,
    "008": Use(COMMUNITIES, COMMUNITIES),
    "009": BOTH,
    "011": Use(USED, APEX),
    "012": BOTH,
    "013": BOTH,
    "014": BOTH,
    "016": Use(USED, EVENTS),
    "017": BOTH,
    "018": Use(ONE_BY_ONE, USED),
    "019": BOTH,
    "020": BOTH,
    "021": BOTH,
    "023": Use(BLIND, USED),
    "024": BOTH,
    "025": BOTH,
    "027": BOTH,
    "028": BOTH,
    "029": Use(BULK, BULK),
    "030": BOTH,
    "033": BOTH,
    "034": BOTH,
    "035": BOTH,
    "037": BOTH,
    "038": Use(ONE_BY_ONE, USED),
    "039": BOTH,
    "040": BOTH,
    "041": BOTH,
    "042": BOTH,
    "043": BOTH,
    "044": BOTH,
    "046": BOTH,
    "048": BOTH,
    "049": BOTH,
    "050": Use(SOAP_LOGIN, SOAP_LOGIN),
    "051": Use(IDENTITY, USED),
    "053": BOTH,
    "054": BOTH,
    "055": Use(SEARCH, SEARCH),
    "057": BOTH,
    "058": BOTH,
    "059": BOTH,
    "060": BOTH,
    # Its refusal is read like every other; the flow that earned it is not offered.
    "061": Use(USED, SOAP_LOGIN),
    "063": BOTH,
    "065": Use(USED, SEARCH),
    "067": BOTH,
    "069": Use(LIST_VIEWS, LIST_VIEWS),
    "071": Use(COMPOSITE_WRITE, USED),
    "072": BOTH,
    "074": BOTH,
}


def recorded() -> dict[str, Path]:
    """The files there are, by number; empty where the folder is absent."""
    return {path.name.partition("-")[0]: path for path in sorted(FOLDER.glob("*.json"))}


def recording(number: str) -> dict[str, Any]:
    """One recording: `method`, `path`, `status`, `request_body`, `response_body`."""
    value: dict[str, Any] = json.loads(recorded()[number].read_text(encoding="utf-8"))
    return value


def differences(ours: Any, real: Any, at: str = "") -> Iterator[str]:
    """Where our answer has another shape: `path: what`, with `[]` for every item of a list.

    Keys and JSON types count, values do not. Null goes with everything: it says nothing of a
    field's type. Items of lists with a `name` are compared with their namesakes, others with what
    all items of the other list have among them.
    """
    if isinstance(real, dict) and isinstance(ours, dict):
        yield from (f"{at}.{name}: not in ours" for name in real if name not in ours)
        yield from (f"{at}.{name}: not in the real one" for name in ours if name not in real)
        for name in real.keys() & ours.keys():
            yield from differences(ours[name], real[name], f"{at}.{name}")
    elif isinstance(real, list) and isinstance(ours, list):
        yield from _of_lists(ours, real, f"{at}[]")
    elif ours is not None and real is not None and _type(ours) != _type(real):
        yield f"{at}: {_type(ours)} instead of {_type(real)}"


def _of_lists(ours: list[Any], real: list[Any], at: str) -> Iterator[str]:
    if not ours or not real:
        return
    if all(isinstance(item, dict) and "name" in item for item in (*ours, *real)):
        mine = {item["name"]: item for item in ours}
        for item in real:
            if item["name"] in mine:
                yield from differences(mine[item["name"]], item, at)
        return
    yield from differences(_merged(ours), _merged(real), at)


def _merged(values: list[Any]) -> Any:
    """One value with the keys of all: what the items of a list have among them."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, dict) for value in known):
        names = {name: None for value in known for name in value}
        return {name: _merged([value[name] for value in known if name in value]) for name in names}
    if known and all(isinstance(value, list) for value in known):
        return [item for value in known for item in value]
    return known[0] if known else None


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, Mapping):
        return "object"
    return {str: "text", list: "list"}.get(type(value), "null")
