"""Touched records as pages show them: values in words, names instead of nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobchanges.overwriting.verdicts import MISSING, Touched, TouchedField
from jobchanges.selectors.rows import object_label
from jobchanges.selectors.values import value_shown


@dataclass(frozen=True)
class FieldView:
    """One field; None where nothing is known."""

    field: TouchedField
    before: str | None
    sent: str | None
    stored: str | None


@dataclass(frozen=True)
class WriteView:
    """One write to an existing record."""

    touched: Touched
    object_label: str
    fields: list[FieldView]


def writes_shown(touched: Iterable[Touched]) -> list[WriteView]:
    """In their order."""
    return [
        WriteView(
            touched=one,
            object_label=object_label(one.object_name),
            fields=[
                FieldView(
                    field=item,
                    before=_shown(item.before, one.names),
                    sent=_shown(item.sent, one.names),
                    stored=_shown(
                        item.stored if item.settled is MISSING else item.settled, one.names
                    ),
                )
                for item in one.fields
            ],
        )
        for one in touched
    ]


def _shown(value: Any, names: Mapping[str, str]) -> str | None:
    return None if value is MISSING else value_shown(value, names)
