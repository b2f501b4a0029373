#!/usr/bin/env python3
"""Verify a UserGems evidence pack without UserGems: one file, any Python from 3.8, no network.

    python3 verify_evidence.py evidence.json
    python3 verify_evidence.py evidence.json --sha256 THE-HASH-PRINTED-IN-THE-PDF
    python3 verify_evidence.py ours.json --against theirs.json

It prints what it looked at, and for everything that is wrong where it is: a path in the file
(`batches[0].job_changes[17]`) or the number of an event. It ends with 0 when everything holds, 1
when something does not, 2 when the file cannot be read.

What it recomputes:

* The file itself: JSON written one way (keys sorted, no spaces, UTF-8), so every byte counts. With
  `--sha256` also that it is the very file whose hash the PDF prints; whoever changes the file and
  all hashes in it cannot change that one.
* Every object with a `sha256`: the SHA-256 of its canonical JSON without that key, where objects
  below that have a `sha256` of their own stand as {"sha256": …} only.
* The chain of events: each event's hash covers its contents and the hash of the event before.
* Every approval, allowance, signature, confirmation and waiver: what was agreed to gives the hash
  that was agreed to, and the event that recorded it carries the same one.
* The numbers: each batch adds up, and everything ever tried in the sandbox is found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "usergems-evidence-1"
SEAL = "sha256"
EVENT_KEYS = {
    *("customer", "sequence", "action", "actor", "side", "environment", "org_id", "data"),
    *("created_at", "previous_hash", "hash"),
}
COUNTS = (
    *("created", "enriched", "past_only", "package_only"),
    *("refused", "held", "not_answered"),
)
# After one of these, values that were agreed to may be gone: their hashes stay.
BLANKING = ("ledger.values_removed", "job_changes.erased", "customer.data_removed")
PARTS = (
    *("customer", "people", "orgs", "settings", "checks", "said", "tests", "allowances"),
    *("summaries", "batches", "reconciliation", "events", "chain"),
)


def canonical(value: Any) -> bytes:
    """The one way a value is written before it is hashed."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def sha256(content: bytes) -> str:
    """In 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return sha256(canonical(value))


def seal_of(value: dict[str, Any]) -> str:
    """What the `sha256` of an object must be; objects below with their own count by theirs."""
    return hash_of({key: _folded(one) for key, one in value.items() if key != SEAL})


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        if SEAL in value:
            return {SEAL: value[SEAL]}
        if set(value) == EVENT_KEYS:
            return {"hash": value["hash"]}
        return {key: _folded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_folded(one) for one in value]
    return value


# --- the file ------------------------------------------------------------------------------------


class Unreadable(Exception):
    """Why the file cannot be read as a pack, with the place."""


def read(content: bytes) -> dict[str, Any]:
    """The pack. Raises Unreadable."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start}: this is not UTF-8.") from None
    try:
        pack = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except ValueError as error:
        raise Unreadable(f"this is not JSON as we write it: {error}") from None
    except RecursionError:
        raise Unreadable("this is nested too deeply to be a pack.") from None
    if not isinstance(pack, dict) or pack.get("format") != FORMAT:
        raise Unreadable(f'format: this is no evidence pack of the format "{FORMAT}".')
    return pack


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object.")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON.")


def bytes_verify(content: bytes, pack: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every byte is as we write it, also where it would not change the meaning."""
    expected = canonical(pack)
    if content == expected:
        return
    place = next(
        (at for at, (one, other) in enumerate(zip(content, expected)) if one != other),  # noqa: B905
        min(len(content), len(expected)),
    )
    yield f"byte {place}", "The file is written otherwise than we write it."


# --- hashes of objects ---------------------------------------------------------------------------


def seals_verify(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every object whose contents do not give its `sha256`, the innermost first."""
    if isinstance(value, dict):
        for key in sorted(value):
            if path or key != "events":
                for problem in seals_verify(value[key], f"{path}.{key}" if path else key):
                    yield problem
        if SEAL in value and value[SEAL] != seal_of(value):
            yield path or "the file as a whole", "Its contents do not give its sha256."
    elif isinstance(value, list):
        for place, one in enumerate(value):
            for problem in seals_verify(one, f"{path}[{place}]"):
                yield problem


# --- events --------------------------------------------------------------------------------------


def events_verify(pack: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The chain from event 1 to the head that the pack names."""
    previous, expected = "", 1
    for place, event in enumerate(pack["events"]):
        if not isinstance(event, dict) or set(event) != EVENT_KEYS:
            yield f"events[{place}]", "This is no event: it lacks something or holds more."
            continue
        number = event["sequence"]
        where = f"event {number}"
        if number != expected:
            yield where, f"Event {expected} should stand here: one is missing, added or moved."
        if event["previous_hash"] != previous:
            yield where, "It does not follow the event before it."
        if event["customer"] != pack["customer"]["id"]:
            yield where, "It belongs to another customer."
        content = {key: one for key, one in event.items() if key != "hash"}
        if event["hash"] != hash_of(content):
            yield where, "Its contents were changed: they do not give its hash."
        previous = event["hash"]
        expected = number + 1 if isinstance(number, int) else expected + 1
    head = pack["chain"]
    if head["hash"] != previous or head["events"] != len(pack["events"]):
        yield (
            "event {}".format(head["events"]),
            "The chain ends elsewhere: the newest events were cut off, or others added.",
        )


# --- what people agreed to -----------------------------------------------------------------------


def agreed_verify(pack: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Contents give the hashes that were agreed to, and the log recorded the same ones."""
    log = _Log(pack["events"])
    for path, given, action in _agreed(pack):
        where = "{} ({})".format(path, given["what"])
        if given.get("removed"):
            if not log.blanked_after(given["in_event"]):
                yield where, "It says that values were removed, and no event records that."
        elif hash_of(given["content"]) != given["content_sha256"]:
            yield where, "What was agreed to does not give the hash that was agreed to."
        if not log.has(action, given["content_sha256"]):
            yield where, f"No event “{action}” carries its hash."
    for at, summary in enumerate(pack["summaries"]):
        where = f"summaries[{at}]"
        if summary["signed_sha256"] and hash_of(summary["signed"]) != summary["signed_sha256"]:
            yield where, "What was signed does not give the hash that was signed."
        for place, one in enumerate(summary["signatures"]):
            said = f"{where}.signatures[{place}]"
            if one["content"]["signed_hash"] != summary["signed_sha256"]:
                yield said, "It signs another hash than that of this summary."
            if hash_of(one["content"]) != one["content_sha256"]:
                yield said, "Its contents do not give its hash."
            if not log.has("sign_off.signed", one["content_sha256"]):
                yield said, "No event “sign_off.signed” carries its hash."
    yield from _left_out(pack, log)


def _agreed(pack: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(path, what, action of its event) of approvals, allowances and what people said of steps."""
    for at, run in enumerate(pack["tests"]):
        for place, one in enumerate(run["approvals"]):
            yield f"tests[{at}].approvals[{place}]", one, "test_run.side_approved"
    for at, one in enumerate(pack["allowances"]):
        yield f"allowances[{at}]", one, "test_run.allowed"
    for at, one in enumerate(pack["said"]):
        yield f"said[{at}]", one, one["recorded_as"]


def _left_out(pack: dict[str, Any], log: _Log) -> Iterator[tuple[str, str]]:
    """What the log says was agreed to and the pack does not show."""
    shown = {one["content_sha256"] for _path, one, _action in _agreed(pack)}
    for summary in pack["summaries"]:
        shown |= {one["content_sha256"] for one in summary["signatures"]}
    withdrawn = log.of("test_run.approval_withdrawn")
    for action in ("test_run.side_approved", "test_run.allowed", "sign_off.signed"):
        for number, found in log.of(action):
            # Whoever approved the same once more afterwards did approve it.
            ended = any(one == found and later > number for later, one in withdrawn)
            if found not in shown and not ended:
                yield f"event {number}", f"The pack does not show what it records ({action})."


class _Log:
    """The events by action."""

    KEYS = ("signature_hash", "content_hash")

    def __init__(self, events: list[Any]) -> None:
        self.rows: dict[str, list[tuple[Any, str]]] = {}
        self.blanked: int | None = None
        for event in events:
            if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
                continue
            found = next((event["data"][key] for key in self.KEYS if key in event["data"]), "")
            self.rows.setdefault(event.get("action", ""), []).append((event.get("sequence"), found))
            if event.get("action") in BLANKING:
                self.blanked = event.get("sequence")

    def of(self, action: str) -> list[tuple[Any, str]]:
        """(number, hash) of each event of this action."""
        return self.rows.get(action, [])

    def hashes(self, action: str) -> list[str]:
        """The hashes that events of this action carry."""
        return [found for _number, found in self.of(action)]

    def has(self, action: str, found: str) -> bool:
        """Whether an event of this action carries the hash."""
        return found in self.hashes(action)

    def blanked_after(self, number: Any) -> bool:
        """Whether values were removed after this event."""
        return self.blanked is not None and isinstance(number, int) and self.blanked > number


# --- numbers -------------------------------------------------------------------------------------


def numbers_verify(pack: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Batches add up, counted from their job changes; what was tried in the sandbox is found."""
    found: dict[str, str] = {}
    for run in pack["tests"]:
        for one in run["job_changes"]:
            if run["environment"] == "production":
                found[one["key"]] = one["state"]
    for at, batch in enumerate(pack["batches"]):
        where, counts = f"batches[{at}].counts", batch["counts"]
        if counts["total"] != sum(counts[name] for name in COUNTS):
            yield where, "The batch holds another number than its parts add up to."
        if not batch["in_full"]:
            continue
        counted = dict.fromkeys(COUNTS, 0)
        for one in batch["job_changes"]:
            found[one["key"]] = one["state"]
            counted[_column(one)] += 1
        for name in COUNTS:
            if counts[name] != counted[name]:
                words = f"{name} says {counts[name]}; its job changes are {counted[name]}."
                yield where, words
    yield from _tried_verify(pack, found)


def _column(one: dict[str, Any]) -> str:
    if one["state"] == "delivered" and one["outcome"] in COUNTS:
        return str(one["outcome"])
    return str(one["state"]) if one["state"] in ("refused", "held") else "not_answered"


def _tried_verify(pack: dict[str, Any], found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each job change that was ever sent to the sandbox has its place in production."""
    tried = {one["key"]: one for one in pack["reconciliation"]["tried"]["job_changes"]}
    where = "reconciliation.tried"
    if pack["reconciliation"]["tried"]["total"] != len(tried):
        yield where, "It counts another number than it lists."
    for run in pack["tests"]:
        if run["environment"] == "sandbox":
            for one in run["job_changes"]:
                if one["attempts"] and one["key"] not in tried:
                    yield where, "{} was sent to the sandbox and is not listed.".format(one["key"])
    for key, one in sorted(tried.items()):
        if one["production"] == "missing":
            yield where, f"{key} was sent to the sandbox and is nowhere in production."
        elif key in found and one["production"] not in ("waiting", found[key]):
            yield where, "{} is {} here and {} there.".format(key, one["production"], found[key])


# --- all of it -----------------------------------------------------------------------------------


def verify(content: bytes, expected_sha256: str = "") -> list[tuple[str, str]]:
    """Everything that is wrong, with its place; empty when the pack is as it was made.

    Raises Unreadable for a file that is no pack at all.
    """
    problems: list[tuple[str, str]] = []
    if expected_sha256 and sha256(content) != expected_sha256.strip().lower():
        problems.append(("the file as a whole", "Its SHA-256 is not the one that you gave."))
    pack = read(content)
    missing = [name for name in PARTS if name not in pack]
    if missing or SEAL not in pack:
        names = ", ".join(missing) or SEAL
        return [*problems, ("the file as a whole", f"It lacks: {names}.")]
    for look in (seals_verify, events_verify, agreed_verify, numbers_verify):
        try:
            problems += list(look(pack))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # Something was taken out or replaced; the hashes of objects say where.
            words = f"It cannot be followed: {type(error).__name__} {error}."
            problems.append((look.__name__.split("_")[0], words))
    problems += list(bytes_verify(content, pack))
    return problems


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """The paths at which two packs differ, value by value."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            inside = f"{path}.{key}" if path else key
            if key not in ours or key not in theirs:
                yield "{}: only in {}".format(inside, "ours" if key in ours else "theirs")
            else:
                for line in differences(ours[key], theirs[key], inside):
                    yield line
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} entries and {len(theirs)}"
        for place, (one, other) in enumerate(zip(ours, theirs)):  # noqa: B905
            for line in differences(one, other, f"{path}[{place}]"):
                yield line
    elif ours != theirs or type(ours) is not type(theirs):
        yield f"{path}: {ours!r} and {theirs!r}"


def summary(pack: dict[str, Any]) -> str:
    """What the pack is about, in a few lines."""
    signatures = sum(len(one["signatures"]) for one in pack["summaries"])
    written = sum(one["counts"]["total"] for one in pack["batches"])
    name, newest = pack["customer"]["name"], pack["chain"]["hash"]
    return (
        f"{name}, made {pack['made_at']}\n"
        f"{len(pack['events'])} events, the newest {newest}\n"
        f"{len(pack['tests'])} tests, {signatures} signatures, {len(pack['batches'])} batches with "
        f"{written} job changes"
    )


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, verify, print."""
    parser = argparse.ArgumentParser(description="Verify a UserGems evidence pack, offline.")
    parser.add_argument("file", help="the JSON file of the pack")
    parser.add_argument("--sha256", default="", help="the hash that the PDF prints")
    parser.add_argument("--against", metavar="FILE", help="another copy: print where they differ")
    options = parser.parse_args(arguments)
    try:
        with open(options.file, "rb") as opened:
            content = opened.read()
        problems = verify(content, options.sha256)
        pack = read(content)
        other: Any = None
        if options.against:
            with open(options.against, "rb") as opened:
                other = read(opened.read())
    except (OSError, Unreadable) as error:
        say(f"CANNOT BE READ: {error}")
        return 2
    say(f"SHA-256 of the file: {sha256(content)}")
    if other is not None:
        found = list(differences(pack, other))
        for line in found[:200]:
            say(f"DIFFERS  {line}")
        say(f"{len(found)} differences.")
        problems += [("the other copy", "It differs.")] if found else []
    for where, words in problems:
        say(f"FAILED  {where}: {words}")
    if problems:
        say("This pack is NOT as it was made.")
        return 1
    say(summary(pack))
    if not options.sha256:
        say("Compare the SHA-256 above with the one printed in the PDF, or give it: --sha256")
    say("Everything holds: hashes, the chain of events, what people agreed to, and the numbers.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
