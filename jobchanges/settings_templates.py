"""Starting a customer's settings from a template: what the org allows of it, and what not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from integrations.salesforce.manifest import PackageManifest
from jobchanges.models import OutputSettings
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.planning.mapping import mapping_from_json
from jobchanges.planning.types import FieldMap
from jobchanges.settings_options import Options
from jobchanges.settings_problems import SettingsValues, problems_in_offer

# A rule that looks at a field stands and falls with it.
_WITH = {"contact_owner_field": ("contact_owner_rule", "contact_owner_field")}


@dataclass(frozen=True)
class Started:
    """Choices started from a template; `left_out`: by name of the choice, why it stays as it was.

    A mapped field that is left out is the row itself.
    """

    values: SettingsValues
    left_out: tuple[tuple[str | FieldMap, str], ...] = ()


def template_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of a template, whole: what it does not say is as nobody chose it."""
    unchosen = OutputSettings()
    return {name: values.get(name, getattr(unchosen, name)) for name in SHARED_CHOICES}


def template_start(
    values: Mapping[str, Any],
    before: SettingsValues,
    options: Options,
    manifest: PackageManifest,
) -> Started:
    """`before` with the template's choices, as far as this org offers them. Nothing is saved.

    Owners, people in turn and the campaign belong to the org and stay.
    """
    chosen = template_values(values)
    rows = mapping_from_json(chosen.pop("field_mapping"))
    after = replace(before, **chosen, field_mapping=rows)
    problems, _names = problems_in_offer(after, options, manifest)
    left_out: list[tuple[str | FieldMap, str]] = []
    kept = dict(enumerate(rows))
    undone: dict[str, Any] = {}
    for name, sentence in problems.items():
        kind, _dot, place = name.partition(".")
        if kind == "field_mapping":
            left_out.append((kept.pop(int(place)), sentence))
        elif kind in SHARED_CHOICES:
            left_out.append((kind, sentence))
            undone |= {one: getattr(before, one) for one in _WITH.get(kind, (kind,))}
    after = replace(after, **undone, field_mapping=tuple(kept.values()))
    return Started(after, tuple(left_out))
