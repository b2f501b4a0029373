"""Values of records as people read them, and whether two of them are the same. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A record id: key prefix, instance, number; the last three characters only repeat its case.
_ID = re.compile(r"[0-9a-zA-Z]{5}0[0-9a-zA-Z]{9}([A-Z0-5]{3})?")

# Words for a record that the same plan creates, by reference.
_CREATED = {
    "account": gettext_lazy("the new account"),
    "person": gettext_lazy("the new record"),
    "package": gettext_lazy("the new UserGem"),
}


def value_shown(value: Any, names: Mapping[str, str]) -> str:
    """A field's value in words: yes and no, names instead of ids, "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        reference = str(value.get("ref", ""))
        return names.get(reference) or str(_CREATED.get(reference, reference))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return names.get(text) or _moment_shown(text) or text


def same_value(left: Any, right: Any) -> bool:
    """Whether Salesforce holds what was meant, however it writes it.

    Nothing and "" are the same, so are 3 and 3.0, one moment in two notations, and an id in its
    15- and 18-character form.
    """
    return bool(left == right) or _plain(left) == _plain(right)


def was_truncated(sent: Any, stored: Any) -> bool:
    """Whether the stored text is the beginning of what was sent."""
    return (
        isinstance(sent, str)
        and isinstance(stored, str)
        and 0 < len(stored) < len(sent)
        and sent.startswith(stored)
    )


def _plain(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        text = value.strip().replace("\r\n", "\n")
        moment = _moment(text)
        if moment:
            return moment.timestamp()
        return text[:15] if _ID.fullmatch(text) else text
    return value


def _moment(text: str) -> datetime | None:
    """A date with a time, as Salesforce or we write it; None for anything else."""
    if len(text) < 16 or "T" not in text[8:12]:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _moment_shown(text: str) -> str:
    moment = _moment(text)
    if moment is None:
        return ""
    try:
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except OverflowError:  # at the very ends of the calendar
        return ""
