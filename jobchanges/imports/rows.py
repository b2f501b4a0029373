"""From one row of text to the values of a `JobChange`, or the reasons why not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from integrations.salesforce.ids import id18, is_id
from jobchanges.imports.columns import (
    ADDRESSES,
    COLUMNS,
    DATES,
    EMAILS,
    ID_PREFIXES,
    LEFT_CONTRADICTS,
    REQUIRED_BY_KIND,
    REQUIRED_CELLS,
)
from jobchanges.imports.reading import FileRow
from jobchanges.models import JobChange

FAR_FUTURE = timedelta(days=730)
EARLIEST_YEAR = 1970
# Salesforce keeps eight digits of NumberOfEmployees.
MOST_EMPLOYEES = 99_999_999
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONG_ID = re.compile(r"[A-Za-z0-9]{18}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d{1,12}|\d{1,3}(?:,\d{3}){1,3}")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?")
_ADDRESS = re.compile(r"(?:https?://)?[^\s/@:<>\"']+\.[^\s<>\"']+", re.IGNORECASE)
# They turn the order of the characters around them: a name that shows as another one.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "no", "n", "0", ""), False),
}
LENGTHS: dict[str, int] = {
    "id" if field.name == "key" else field.name: field.max_length
    for field in JobChange._meta.concrete_fields
    if field.max_length
}
_is_email = EmailValidator()


@dataclass
class RowRead:
    """What one row says; `values` are ready for a `JobChange` when there are no reasons."""

    line: int
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    content_hash: str = ""


def row_read(row: FileRow, *, now: datetime) -> RowRead:
    """Validate a row wholly: every reason is listed, not only the first."""
    cells = {name: _clean(row.cells.get(name, "")) for name in COLUMNS}
    read = RowRead(line=row.line, key=cells["id"])
    reasons = read.reasons
    if row.extra:
        reasons.append(_("The row has more cells than the header has columns."))
    kind = cells["kind"].casefold()
    if kind not in REQUIRED_BY_KIND and kind:
        reasons.append(_("kind is “%(value)s”; it can be joined, left or promotion.") % _cut(kind))
    for name in (*REQUIRED_CELLS, *REQUIRED_BY_KIND.get(kind, ())):
        if not cells[name]:
            reasons.append(_("%(column)s is empty.") % {"column": name})
    if kind == "left":
        for name in LEFT_CONTRADICTS:
            if cells[name]:
                reasons.append(
                    _("kind is left, which says the new job is unknown, but %(column)s is filled.")
                    % {"column": name}
                )
    if not any(cells[name] for name in ("past_email", "past_contact_id", "past_lead_id")):
        reasons.append(
            _("One of past_email, past_contact_id and past_lead_id is needed to find the person.")
        )
    if cells["id"] and not _KEY.fullmatch(cells["id"]):
        reasons.append(_("id may hold letters, digits, points, hyphens and underscores only."))
    _check_texts(cells, reasons)
    values: dict[str, Any] = {**cells, "kind": kind}
    values["key"] = values.pop("id")
    _read_ids(values, reasons)
    _read_domain(values, reasons)
    _read_numbers(values, reasons)
    _read_times(values, reasons, now)
    read.values = values
    if not reasons:
        read.content_hash = content_hash(_as_plain(values))
    return read


def _clean(cell: str) -> str:
    """A cell without what is only form: outer spaces, line breaks within, turning marks."""
    text = unicodedata.normalize("NFC", cell).translate(_TURNING)
    return " ".join(text.split())


def _cut(value: str) -> dict[str, str]:
    return {"value": value[:40]}


def _check_texts(cells: dict[str, str], reasons: list[str]) -> None:
    for name, text in cells.items():
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            reasons.append(_("%(column)s holds a control character.") % {"column": name})
        length = LENGTHS.get(name)
        if length and len(text) > length:
            reasons.append(
                _("%(column)s is longer than %(length)d characters.")
                % {"column": name, "length": length}
            )
    for name in EMAILS:
        try:
            if cells[name]:
                _is_email(cells[name])
        except ValidationError:
            reasons.append(_("%(column)s is not an e-mail address.") % {"column": name})
    for name in ADDRESSES:
        if cells[name] and not _ADDRESS.fullmatch(cells[name]):
            reasons.append(_("%(column)s is not a web address.") % {"column": name})


def _read_ids(values: dict[str, Any], reasons: list[str]) -> None:
    """Ids in 18 characters. An id whose last three letters do not fit has lost its case."""
    for name, prefix in ID_PREFIXES.items():
        text = values[name]
        if not text:
            continue
        is_long = _LONG_ID.fullmatch(text) and text[:3].upper() == prefix.upper()
        if is_long and (not is_id(text, prefix) or id18(text[:15]) != text):
            reasons.append(
                _("%(column)s has lost the case of its letters, as spreadsheets do to IDs.")
                % {"column": name}
            )
        elif not is_id(text, prefix):
            reasons.append(
                _("%(column)s is not such an ID: it has 15 or 18 characters, first %(prefix)s.")
                % {"column": name, "prefix": prefix}
            )
        else:
            values[name] = id18(text)


def _read_domain(values: dict[str, Any], reasons: list[str]) -> None:
    text = re.sub(r"^https?://|/$", "", values["new_company_domain"].lower())
    if text and not _HOST.fullmatch(text):
        reasons.append(
            _("%(column)s is not a domain such as acme.com.") % {"column": "new_company_domain"}
        )
    values["new_company_domain"] = text


def _read_numbers(values: dict[str, Any], reasons: list[str]) -> None:
    text = values["new_company_employees"]
    number = int(text.replace(",", "")) if _NUMBER.fullmatch(text) and text.isascii() else None
    if text and (number is None or number > MOST_EMPLOYEES):
        reasons.append(
            _("%(column)s is not a whole number up to %(most)d.")
            % {"column": "new_company_employees", "most": MOST_EMPLOYEES}
        )
    values["new_company_employees"] = number
    truth = _TRUTH.get(values["is_target_company"].casefold())
    if truth is None:
        reasons.append(_("%(column)s is not true or false.") % {"column": "is_target_company"})
    values["is_target_company"] = bool(truth)


def _read_times(values: dict[str, Any], reasons: list[str], now: datetime) -> None:
    for name in DATES:
        text = values[name]
        values[name] = None
        if not text:
            continue
        day = _date(text)
        if day is None:
            reasons.append(
                _("%(column)s is not a real date written like 2026-04-01.") % {"column": name}
            )
        elif not _within(day, now):
            reasons.append(_("%(column)s is too far from today.") % {"column": name})
        else:
            values[name] = day
    text = values["detected_at"]
    values["detected_at"] = None
    if not text:
        return
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        reasons.append(_("detected_at is not a real time written like 2026-04-01T18:39:00Z."))
        return
    if moment.tzinfo is None:
        reasons.append(_("detected_at lacks its time zone, such as the Z of UTC."))
    elif not _within(moment.date(), now):
        reasons.append(_("%(column)s is too far from today.") % {"column": "detected_at"})
    else:
        values["detected_at"] = moment.astimezone(UTC)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _within(day: date, now: datetime) -> bool:
    return day.year >= EARLIEST_YEAR and day <= (now + FAR_FUTURE).date()


def _as_plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON, the same for the same meaning: 15- and 18-character ids hash alike."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
