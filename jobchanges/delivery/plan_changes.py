"""What a new plan writes differently: names of objects and fields, never values. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.planning.types import PlanJSON

# So many are named; the page shows the rest.
MOST_NAMED = 6
Labels = Mapping[str, Mapping[str, str]]


def changed_words(pairs: Iterable[tuple[PlanJSON, PlanJSON]], labels: Labels) -> str:
    """A sentence about what differs between plans of before and of now, by the org's labels."""
    names: dict[str, None] = {}
    for before, after in pairs:
        for name in _different(before, after, labels):
            names[name] = None
    if not names:
        return _("What will be written has changed.")
    named = list(names)[:MOST_NAMED]
    words = ", ".join(named)
    if len(names) > len(named):
        words = _("%(some)s and more") % {"some": words}
    return _("What will be written has changed: %(what)s.") % {"what": words}


def _different(before: PlanJSON, after: PlanJSON, labels: Labels) -> list[str]:
    old, new = _fields(before), _fields(after)
    found = []
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            _role, object_name, name = key
            label = labels.get(object_name, {}).get(name, name)
            found.append(f"{object_name} {label}".strip())
    return found


def _fields(plan: PlanJSON) -> dict[tuple[str, str, str], Any]:
    """Every value by role, object and field; an empty field name stands for the record itself."""
    found: dict[tuple[str, str, str], Any] = {}
    for write in plan.get("writes", ()):
        place = (write["role"], write["object_name"])
        found[*place, ""] = (write["operation"], write["record_id"])
        if write["role"] != "package":
            found |= {(*place, name): value for name, value in write["fields"].items()}
    return found
