"""From the body of a request to rows as a file has them: JSON, or one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.imports.columns import COLUMNS
from jobchanges.imports.reading import FileRow

JSON = "application/json"
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
# What one request may hold; more goes in several.
LARGEST_BODY = 5 * 1024 * 1024
MOST_ITEMS = 1_000
LIST = "job_changes"
_TRUTH = ("is_target_company",)
_NUMBERS = ("new_company_employees",)


class BodyRefused(Exception):
    """Nothing of the request was taken; `status` is that of the answer."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


@dataclass(frozen=True)
class Item:
    """One job change as it was sent, by its place in the request (from 1), or why it is none."""

    row: FileRow
    reasons: list[str] = field(default_factory=list)
    # Its id as far as it could be read; the report names it.
    key: str = ""


class _Twice(ValueError):
    """One name twice in an object: which value counts is not said anywhere."""


def kind_of(content_type: str) -> str:
    """`JSON` or the first of `NDJSON`. Raises BodyRefused for everything else."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != JSON and kind not in NDJSON:
        raise BodyRefused(
            _("Send application/json or application/x-ndjson, and say so in Content-Type."), 415
        )
    return JSON if kind == JSON else NDJSON[0]


def body_read(kind: str, body: bytes) -> list[Item]:
    """The items of a request of this kind. Raises BodyRefused where it cannot be read."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BodyRefused(_("The body is not UTF-8.")) from None
    items = _of_json(text) if kind == JSON else _of_lines(text)
    if not items:
        raise BodyRefused(_("There is no job change in it."))
    if len(items) > MOST_ITEMS:
        raise BodyRefused(
            _("One request takes %(most)d job changes; these are %(count)d. Send them in parts.")
            % {"most": MOST_ITEMS, "count": len(items)},
            413,
        )
    return items


def _of_json(text: str) -> list[Item]:
    try:
        found = _loads(text)
    except _Twice as error:
        raise BodyRefused(_twice_words(error)) from None
    except (ValueError, RecursionError):
        raise BodyRefused(_("The body is not JSON.")) from None
    listed = found.get(LIST) if isinstance(found, dict) else found
    if not isinstance(listed, list) or (isinstance(found, dict) and set(found) != {LIST}):
        raise BodyRefused(
            _("Send a list of job changes, or an object with nothing but “%(name)s”: a list.")
            % {"name": LIST}
        )
    return [_item(place, value) for place, value in enumerate(listed, start=1)]


def _of_lines(text: str) -> list[Item]:
    items = []
    # Only a line feed ends a line of NDJSON: texts may hold other separators.
    for place, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            items.append(_item(place, _loads(line)))
        except _Twice as error:
            items.append(_refused(place, _twice_words(error)))
        except (ValueError, RecursionError):
            items.append(_refused(place, _("The line is not JSON.")))
    return items


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _twice_words(error: _Twice) -> str:
    return _("“%(name)s” stands in it twice.") % {"name": _shown(str(error))}


def _shown(name: str) -> str:
    """A stranger's name for a field as it may stand in a sentence."""
    return "".join(one if one.isprintable() else "�" for one in name[:60])


def _storable(text: str) -> bool:
    """Whether a database can hold it: no zero character, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _refused(place: int, sentence: str) -> Item:
    return Item(FileRow(line=place, cells={}), [sentence])


def _item(place: int, value: Any) -> Item:
    """The values as cells of a file, which are read the same way from then on."""
    if not isinstance(value, dict):
        return _refused(place, _("This is not an object with the fields of a job change."))
    key = value.get("id")
    known = key if isinstance(key, str) and _storable(key) else ""
    cells: dict[str, str] = {}
    reasons: list[str] = []
    broken = [
        _("%(field)s holds a character that cannot be stored.") % {"field": name}
        for name, given in value.items()
        if name in COLUMNS and isinstance(given, str) and not _storable(given)
    ]
    if broken:
        return Item(FileRow(line=place, cells={}), broken, known)
    for name, given in value.items():
        if name not in COLUMNS:
            reasons.append(_("“%(name)s” is not a field of a job change.") % {"name": _shown(name)})
        elif given is None:
            continue
        elif isinstance(given, bool) and name in _TRUTH:
            cells[name] = "true" if given else "false"
        elif isinstance(given, int) and not isinstance(given, bool) and name in _NUMBERS:
            cells[name] = str(given)
        elif isinstance(given, str):
            cells[name] = given
        else:
            reasons.append(_("%(field)s is of another type than documented.") % {"field": name})
    return Item(FileRow(line=place, cells=cells), reasons, known)
