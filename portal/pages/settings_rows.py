"""Rows of the settings' form: the people in turn, and the fields filled besides.

A row is a few fields with a number in their names; those saved come first, some empty ones after
them. Whoever needs more saves: then there are more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.salesforce.manifest import PackageManifest
from jobchanges.planning.mapping import OBJECT_OF, PAST_TARGETS
from jobchanges.planning.types import FieldMap, MapTarget
from jobchanges.planning.values import MAPPING_SOURCES
from jobchanges.services.settings import Options
from jobchanges.settings_fields import FieldChoice, fields_for
from jobchanges.settings_problems import MOST_FIELDS, MOST_PEOPLE
from portal.field_types import field_words

EMPTY_PEOPLE = 3
# Each row lists all fields there are: one empty one is enough, after saving there is another.
EMPTY_ROWS = 1
TARGETS = {
    MapTarget.PAST_CONTACT: gettext_lazy("On the contact at the past company"),
    MapTarget.PAST_LEAD: gettext_lazy("On the lead at the past company"),
    MapTarget.NEW_LEAD: gettext_lazy("On a new lead"),
    MapTarget.NEW_CONTACT: gettext_lazy("On a new contact"),
    MapTarget.NEW_ACCOUNT: gettext_lazy("On a new account"),
}
_TURN = re.compile(r"turn_(\d+)")
_ROW = re.compile(r"map_([a-z_]+)_(\d+)_field")


@dataclass(frozen=True)
class Row:
    """One mapped field: which, what goes in, and on past records whether it replaces."""

    field: BoundField
    source: BoundField
    text: BoundField
    replace: BoundField | None
    title: str
    is_new: bool
    # What a picklist takes, to choose from while typing.
    values: Sequence[str]


@dataclass(frozen=True)
class Section:
    """The rows of one kind of record. `open`: something is chosen there."""

    target: str
    title: str
    rows: Sequence[Row]
    count: int
    open: bool
    is_past: bool
    hidden: bool  # the integration user does not see such records


# --- people in turn ------------------------------------------------------------------------------


def people_add(
    form: forms.Form, data: Mapping[str, Any] | None, owners: Sequence[tuple[str, str]]
) -> None:
    """A choice for each person in turn, and some empty ones."""
    chosen = list(form.initial.get("round_robin") or ())
    count = _numbers(data, _TURN, len(chosen) + EMPTY_PEOPLE)
    for place in range(max(1, min(count, MOST_PEOPLE))):
        known = chosen[place] if place < len(chosen) else ""
        name = f"turn_{place}"
        form.fields[name] = forms.ChoiceField(
            label=_("Person %(number)d") % {"number": place + 1},
            choices=_with_chosen([("", _("Nobody")), *owners], known),
            required=False,
        )
        form.initial[name] = known


def people_chosen(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name of the field and id of the user, in their order, without the empty ones."""
    places = sorted(int(found[1]) for name in data if (found := _TURN.fullmatch(name)))
    return [(f"turn_{one}", data[f"turn_{one}"]) for one in places if data[f"turn_{one}"]]


# --- fields filled besides -----------------------------------------------------------------------


def rows_add(
    form: forms.Form,
    data: Mapping[str, Any] | None,
    options: Options,
    manifest: PackageManifest,
) -> None:
    """Rows for each kind of record: those saved, and some empty ones."""
    saved: dict[str, list[Mapping[str, Any]]] = {target: [] for target in TARGETS}
    for one in form.initial.get("field_mapping") or ():
        saved.setdefault(one["target"], []).append(one)
    for target in TARGETS:
        fields = fields_for(options.fields, target, manifest)
        listed = [(field.name, field_words(field)) for field in fields]
        posted = _numbers(data, re.compile(rf"map_{target}_(\d+)_field"), 0)
        count = min(max(posted, len(saved[target]) + (0 if posted else EMPTY_ROWS)), MOST_FIELDS)
        for place in range(count):
            one = saved[target][place] if place < len(saved[target]) else {}
            _row_add(form, f"map_{target}_{place}", target, listed, one)


def _row_add(
    form: forms.Form,
    name: str,
    target: str,
    listed: Sequence[tuple[str, str]],
    saved: Mapping[str, Any],
) -> None:
    known = str(saved.get("field", ""))
    first = _("Remove this one") if known else _("Choose a field")
    # As it was posted, where it was: what is wrong is said of that field.
    shown = str(form.data.get(f"{name}_field") or known)
    form.fields[f"{name}_field"] = forms.ChoiceField(
        label=f"{TARGETS[MapTarget(target)]}, {_title_of(shown, listed)}",
        choices=_with_chosen([("", first), *listed], known),
        required=False,
    )
    form.fields[f"{name}_source"] = forms.ChoiceField(
        label=_("What goes in"),
        choices=[("", _("A text of your own")), *MAPPING_SOURCES.items()],
        required=False,
    )
    form.fields[f"{name}_text"] = forms.CharField(
        label=_("Text of your own"), required=False, max_length=255
    )
    form.initial[f"{name}_field"] = known
    form.initial[f"{name}_source"] = str(saved.get("source", ""))
    form.initial[f"{name}_text"] = str(saved.get("text", ""))
    if target in PAST_TARGETS:
        form.fields[f"{name}_replace"] = forms.BooleanField(
            label=_("Also replace what stands there"), required=False
        )
        form.initial[f"{name}_replace"] = bool(saved.get("replace"))


def _title_of(known: str, listed: Sequence[tuple[str, str]]) -> str:
    return dict(listed).get(known, known) or _("another field")


def rows_chosen(data: Mapping[str, Any]) -> list[tuple[str, FieldMap]]:
    """Name of the row and what was chosen in it, record by record; empty rows are left out."""
    found: list[tuple[str, FieldMap]] = []
    for target in TARGETS:
        for place in range(MOST_FIELDS):
            name = f"map_{target}_{place}"
            if f"{name}_field" not in data:
                break
            row = FieldMap(
                target=target.value,
                field=data[f"{name}_field"],
                source=data[f"{name}_source"],
                text=data[f"{name}_text"].strip(),
                replace=bool(data.get(f"{name}_replace")),
            )
            # Without a field, what stood beside it is removed with it.
            if row.field:
                found.append((name, row))
    return found


def rows_without_field(form: forms.Form) -> list[str]:
    """Names of new rows in which something goes in, but no field was chosen to take it."""
    names = [name.removesuffix("_field") for name in form.fields if _ROW.fullmatch(name)]
    return [
        name
        for name in names
        if not (form.data.get(f"{name}_field") or form.initial.get(f"{name}_field"))
        and any(form.data.get(f"{name}_{part}") for part in ("source", "text", "replace"))
    ]


def sections_of(form: forms.Form, options: Options) -> Iterator[Section]:
    """The rows as the page shows them."""
    for target, title in TARGETS.items():
        rows = list(_rows_of(form, target, options))
        count = sum(not row.is_new for row in rows)
        wrong = form.is_bound and any(
            bound.errors
            for row in rows
            for bound in (row.field, row.source, row.text, row.replace)
            if bound is not None
        )
        yield Section(
            target=target.value,
            title=str(title),
            rows=rows,
            count=count,
            open=bool(count) or wrong,
            is_past=target in PAST_TARGETS,
            hidden=not options.fields.get(OBJECT_OF[target]),
        )


def _rows_of(form: forms.Form, target: str, options: Options) -> Iterator[Row]:
    for place in range(MOST_FIELDS):
        name = f"map_{target}_{place}"
        if f"{name}_field" not in form.fields:
            return
        chosen = str(form[f"{name}_field"].value() or "")
        known = options.field_of(OBJECT_OF[target], chosen) if chosen else None
        if known is not None and known.values:
            text = form.fields[f"{name}_text"].widget
            text.attrs["list"] = f"{form[f'{name}_text'].auto_id}_values"
        yield Row(
            field=form[f"{name}_field"],
            source=form[f"{name}_source"],
            text=form[f"{name}_text"],
            replace=form[f"{name}_replace"] if f"{name}_replace" in form.fields else None,
            title=_title(known, chosen),
            is_new=not chosen,
            values=known.values if known is not None else (),
        )


def _title(field: FieldChoice | None, name: str) -> str:
    return (field.label if field else "") or name or _("Another field")


def _numbers(data: Mapping[str, Any] | None, pattern: re.Pattern[str], count: int) -> int:
    """How many rows there are: those posted, else `count`."""
    if not data:
        return count
    posted = (int(found[1]) + 1 for name in data if (found := pattern.fullmatch(name)))
    # A number out of reach is no row of ours.
    return max((one for one in posted if one <= MOST_FIELDS), default=0)


def _with_chosen(choices: Iterable[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """What is chosen and no longer there stays visible."""
    listed = list(choices)
    if chosen and chosen not in {value for value, _label in listed}:
        listed.append((chosen, _("%(id)s, not in this org") % {"id": chosen}))
    return listed
