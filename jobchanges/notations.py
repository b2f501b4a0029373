"""Whether two values are the same, written otherwise: as Salesforce normalises them. Pure."""

import html
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

_SPACES = re.compile(r"\s+")
_PHONE = re.compile(r"[\d\s().\-/+]*(?:x|ext\.?)?[\s\d]*", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_URL = re.compile(r"(?:https?://)?([^\s/]+\.[^\s/]+)(/\S*)?", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")


def normalised(sent: Any, stored: Any) -> str:
    """How two values that are not written alike are the same, in words; "" when they are not."""
    if isinstance(sent, bool) or isinstance(stored, bool):
        same = str(sent).strip().lower() == str(stored).strip().lower()
        return _("The same, in Salesforce’s own notation.") if same else ""
    if _numbers_same(sent, stored):
        return _("The same number, as the field keeps it.")
    if not isinstance(sent, str) or not isinstance(stored, str):
        return ""
    if _text(sent) == _text(stored):
        return _("The same, in Salesforce’s own spelling.")
    if _text(html.unescape(sent)) == _text(html.unescape(stored)):
        return _("The same: Salesforce wrote some characters otherwise.")
    if _moments_same(sent, stored):
        return _("The same date, in Salesforce’s own notation.")
    if _phone(sent) and _phone(sent) == _phone(stored):
        return _("The same phone number, in Salesforce’s own notation.")
    if _url(sent) and _url(sent) == _url(stored):
        return _("The same address, in Salesforce’s own notation.")
    if ";" in sent and sorted(_text(sent).split(";")) == sorted(_text(stored).split(";")):
        return _("The same values, in Salesforce’s own order.")
    return ""


def _text(value: str) -> str:
    """Without case, repeated spaces, characters that do not show, and ways to write an accent."""
    plain = unicodedata.normalize("NFKC", value)
    seen = "".join(one for one in plain if one.isspace() or unicodedata.category(one)[0] != "C")
    return _SPACES.sub(" ", seen).strip().casefold()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    try:
        found = Decimal(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() else None


def _numbers_same(sent: Any, stored: Any) -> bool:
    """Whether a number came back as a number of so many places, or as a text of it."""
    if isinstance(sent, str) and isinstance(stored, str):
        # Two texts are no numbers: "007" is not "7".
        return "," in sent + stored and None is not _number(sent) == _number(stored)
    left, right = _number(sent), _number(stored)
    if left is None or right is None:
        return False
    places = right.as_tuple().exponent
    if left == right or not isinstance(places, int) or abs(places) > 20 or abs(left) > 10**18:
        return left == right
    return abs(left - right) <= Decimal(1).scaleb(min(places, 0)) / 2 and places < 0


def _moments_same(sent: str, stored: str) -> bool:
    left, right = _moment(sent), _moment(stored)
    if left is None or right is None:
        return False
    if isinstance(left, datetime) and isinstance(right, datetime):
        if (left.tzinfo is None) != (right.tzinfo is None):
            return False
        # Salesforce keeps whole seconds.
        return abs((left - right).total_seconds()) < 1
    longer, shorter = (left, right) if isinstance(left, datetime) else (right, left)
    if not isinstance(longer, datetime):
        return longer == shorter
    return longer.date() == shorter and (longer.hour, longer.minute, longer.second) == (0, 0, 0)


def _moment(text: str) -> date | None:
    text = text.strip()
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return None


def _phone(text: str) -> str:
    """Its digits, without the prefix of international calls; "" for what is no phone number."""
    if len(text) > 60 or not _PHONE.fullmatch(text.strip()):
        return ""
    digits = re.sub(r"\D", "", text).removeprefix("00")
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if len(digits) >= 5 else ""


def _url(text: str) -> str:
    found = _URL.fullmatch(text.strip())
    if found is None or "@" in found[1]:
        return ""
    return found[1].casefold() + (found[2] or "").rstrip("/")
