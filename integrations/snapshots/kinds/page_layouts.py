"""Dynamic page layouts: Lightning pages with the component, and the package's fields on layouts.

Presence, place (the section) and activation. A page that shows fields by Dynamic Forms does not
show those of the page layout (platform reference, 4.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.answers import LayoutFacts
from integrations.checks.survey_pages import MOST_LAYOUTS
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.layouts import RelatedList
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.kinds.lightning_pages import pages_compare, pages_not_read, pages_take
from integrations.snapshots.metadata_names import layout_name
from integrations.snapshots.pairing import Pair, changed

KIND = "page_layouts"
NEEDS = ("described", "layouts", "record_pages", "manifest")


def take(taking: Taking) -> dict[str, Part]:
    """The parts of this kind: layouts and pages that could carry something of the package."""
    parts: dict[str, Part] = {}
    layouts = taking.ask(f"{KIND}.layouts", lambda: taking.survey.layouts)
    if layouts is not None:
        parts["layouts"] = {
            f"{name}.{found.name}": {
                "fields": {
                    field.name: section.heading
                    for section in found.layout.sections
                    for field in section.fields
                    if taking.is_package(field.name)
                },
                "lists": any(taking.is_package(one.object_name) for one in _lists(found)),
                "assigned": None if found.profile_ids is None else bool(found.profile_ids),
            }
            for name, all_found in layouts.items()
            for found in all_found
        }
        if any(_carries(one) and one["assigned"] is None for one in parts["layouts"].values()):
            taking.cannot(f"{KIND}.assignments")
    pages = pages_take(taking)
    if pages is not None:
        parts["pages"] = pages
    return parts


def compare(pair: Pair) -> Iterator[Difference]:
    """What differs in layouts and pages."""
    yield from pages_compare(pair)
    for name, then, now in pair.entries(KIND, "layouts"):
        object_name = name.partition(".")[0]
        if then and now:
            yield from _fields(pair, name, then, now)
            yield from _sections(pair, name, then, now)
            yield from _assignment(pair, name, then, now)
        elif _carries(then or now) and not pair.may_be_unread(KIND, "layouts", name, MOST_LAYOUTS):
            yield _lone(pair, name, object_name, changed(then, now))


def not_read(pair: Pair) -> list[str]:
    """Layouts and pages of one side that the other may have among those that were not read."""
    layouts = [
        _("page layout “%(layout)s” of %(object)s") % _common(pair, name)
        for name, then, now in pair.entries(KIND, "layouts")
        if not (then and now)
        and _carries(then or now)
        and pair.may_be_unread(KIND, "layouts", name, MOST_LAYOUTS)
    ]
    names = [*layouts, *pages_not_read(pair)]
    if not names:
        return []
    words = _(
        "Only the page layouts and Lightning pages that most people see are read. Not among them "
        "on one side: %(names)s."
    )
    return [words % {"names": listed(names)}]


def _lists(found: LayoutFacts) -> tuple[RelatedList, ...]:
    return found.layout.related_lists


def _carries(facts: Facts) -> bool:
    return bool(facts["fields"] or facts["lists"])


def _common(pair: Pair, name: str) -> dict[str, Any]:
    object_name, _dot, layout = name.partition(".")
    return {"object": pair.object_label(object_name), "layout": layout}


def _path(name: str) -> str:
    return setup_path(setup_links.PAGE_LAYOUTS, name.partition(".")[0])


def _carried(name: str) -> tuple[tuple[str, str], ...]:
    return (("Layout", layout_name(*name.split(".", 1))),)


def _lone(pair: Pair, name: str, object_name: str, change: Change) -> Difference:
    missing = change == Change.MISSING
    return pair.difference(
        KIND,
        f"{name}:layout",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(
            _("The page layout “%(layout)s” of %(object)s is there %(here)s, not %(there)s."),
            **_common(pair, name),
            **pair.side(change),
        ),
        fix=_("Put the layout into the change set, then assign it: Page Layout Assignment.")
        if missing
        else "",
        setup_path=_path(name),
        names=(name,),
        change_set=_carried(name) if missing else (),
        by_hand=_("Page layout “%(layout)s” of %(object)s: assign it to the profiles of your reps.")
        % _common(pair, name)
        if missing
        else "",
    )


def _fields(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    object_name = name.partition(".")[0]
    before, after = set(then["fields"]), set(now["fields"])
    for change, fields in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        kept = sorted(field for field in fields if not pair.is_gone(object_name, field))
        if not kept:
            continue
        missing = change == Change.MISSING
        labels = listed([pair.field_label(object_name, field) for field in kept])
        said = {**_common(pair, name), "fields": labels}
        words = _(
            "The page layout “%(layout)s” of %(object)s shows %(fields)s %(here)s, not %(there)s."
        )
        fix = _(
            "Object Manager, %(object)s, Page Layouts, %(layout)s: drag %(fields)s onto it, then "
            "Save."
        )
        yield pair.difference(
            KIND,
            f"{name}:fields",
            Grade.CHANGES if missing else Grade.COSMETIC,
            change,
            pair.say(words, **said, **pair.side(change)),
            fix=fix % said if missing else "",
            setup_path=_path(name),
            names=tuple(kept),
            change_set=_carried(name) if missing else (),
        )


def _sections(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    object_name = name.partition(".")[0]
    moved = sorted(
        field
        for field, section in then["fields"].items()
        if field in now["fields"] and now["fields"][field] != section
    )
    if moved:
        yield pair.difference(
            KIND,
            f"{name}:sections",
            Grade.COSMETIC,
            Change.DIFFERENT,
            pair.say(
                _(
                    "The page layout “%(layout)s” of %(object)s has %(fields)s in “%(new)s” "
                    "%(now)s, in “%(old)s” %(then)s."
                ),
                fields=listed([pair.field_label(object_name, field) for field in moved]),
                old=listed(sorted({then["fields"][field] for field in moved})),
                new=listed(sorted({now["fields"][field] for field in moved})),
                **_common(pair, name),
            ),
            setup_path=_path(name),
            names=tuple(moved),
            then=",".join(then["fields"][field] for field in moved),
            now=",".join(now["fields"][field] for field in moved),
        )


def _assignment(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    """Where one side does not say who sees it, nothing is said (`unknown` does)."""
    if None in (then["assigned"], now["assigned"]) or then["assigned"] == now["assigned"]:
        return
    if not (_carries(then) and _carries(now)):
        return
    change = changed(then["assigned"], now["assigned"])
    missing = change == Change.MISSING
    fix = _(
        "Object Manager, %(object)s, Page Layouts, Page Layout Assignment: give “%(layout)s” "
        "to the profiles of your reps."
    ) % _common(pair, name)
    yield pair.difference(
        KIND,
        f"{name}:assignment",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(
            _(
                "The page layout “%(layout)s” of %(object)s is assigned to a profile %(here)s, to "
                "none %(there)s."
            ),
            **_common(pair, name),
            **pair.side(change),
        ),
        fix=fix if missing else "",
        setup_path=_path(name),
        names=(name,),
        by_hand=fix if missing else "",
    )
