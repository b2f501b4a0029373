"""Related lists of the package's object: on each page layout, and on Lightning pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.metadata_names import layout_name
from integrations.snapshots.pairing import Pair, changed

KIND = "related_lists"
NEEDS = ("layouts", "record_pages", "manifest")
# Shows all related lists of the page layout (platform reference, 4.6).
CONTAINER = "force:relatedListContainer"


def take(taking: Taking) -> dict[str, Part]:
    """Each layout and page with the package's lists on it; also those without any."""
    parts: dict[str, Part] = {}
    layouts = taking.ask(f"{KIND}.layouts", lambda: taking.survey.layouts)
    if layouts is not None:
        parts["layouts"] = {
            f"{name}.{found.name}": {
                "lists": {
                    one.field: list(one.columns)
                    for one in found.layout.related_lists
                    if taking.manifest is not None
                    and one.object_name == taking.manifest.object_name
                }
            }
            for name, all_found in layouts.items()
            for found in all_found
        }
    pages = taking.ask(f"{KIND}.pages", lambda: taking.survey.record_pages)
    if pages is not None:
        parts["pages"] = {
            f"{page.object_name}.{page.name}": {
                "label": page.label,
                "container": CONTAINER in page.components,
                "lists": sorted({one for one in page.related_lists if taking.is_package(one)}),
            }
            for page in pages
        }
    return parts


def compare(pair: Pair) -> Iterator[Difference]:
    """Only what both sides have: what one lacks is a difference of the page layouts."""
    for name, then, now in pair.in_both(KIND, "layouts"):
        yield from _on_layout(pair, name, then["lists"], now["lists"])
        yield from _columns(pair, name, then["lists"], now["lists"])
    for name, then, now in pair.in_both(KIND, "pages"):
        yield from _on_page(pair, name, then, now)


def _layout_words(pair: Pair, name: str) -> dict[str, Any]:
    object_name, _dot, layout = name.partition(".")
    return {"object": pair.object_label(object_name), "layout": layout}


def _list_words(pair: Pair, lookups: list[str]) -> str:
    """A list is told apart by the lookup behind it: "Past Contact"."""
    return listed([pair.field_label(pair.package_object, lookup) for lookup in lookups])


def _on_layout(
    pair: Pair, name: str, then: dict[str, list[str]], now: dict[str, list[str]]
) -> Iterator[Difference]:
    before, after = set(then), set(now)
    for change, lookups in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        kept = sorted(one for one in lookups if not pair.is_gone(pair.package_object, one))
        if not kept:
            continue
        missing = change == Change.MISSING
        said = {**_layout_words(pair, name), "lists": _list_words(pair, kept)}
        yield pair.difference(
            KIND,
            f"{name}:lists",
            Grade.CHANGES if missing else Grade.COSMETIC,
            change,
            pair.say(
                _(
                    "The page layout “%(layout)s” of %(object)s has the related list of UserGems "
                    "(%(lists)s) %(here)s, not %(there)s."
                ),
                **said,
                **pair.side(change),
            ),
            fix=_(
                "Object Manager, %(object)s, Page Layouts, %(layout)s, Related Lists: drag "
                "“UserGems” (%(lists)s) onto it, then Save."
            )
            % said
            if missing
            else "",
            setup_path=setup_path(setup_links.PAGE_LAYOUTS, name.partition(".")[0]),
            names=tuple(kept),
            change_set=(("Layout", layout_name(*name.split(".", 1))),) if missing else (),
        )


def _columns(
    pair: Pair, name: str, then: dict[str, list[str]], now: dict[str, list[str]]
) -> Iterator[Difference]:
    other = sorted(one for one in {*then} & {*now} if then[one] != now[one])
    if other:
        yield pair.difference(
            KIND,
            f"{name}:columns",
            Grade.COSMETIC,
            Change.DIFFERENT,
            pair.say(
                _(
                    "On the page layout “%(layout)s” of %(object)s the related list of UserGems "
                    "(%(lists)s) has other columns %(now)s than %(then)s."
                ),
                lists=_list_words(pair, other),
                **_layout_words(pair, name),
            ),
            setup_path=setup_path(setup_links.PAGE_LAYOUTS, name.partition(".")[0]),
            names=tuple(other),
            then=";".join(",".join(then[one]) for one in other),
            now=";".join(",".join(now[one]) for one in other),
        )


def _on_page(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    said = {"page": now["label"], "object": pair.object_label(name.partition(".")[0])}
    path = setup_path(setup_links.LIGHTNING_PAGES, name.partition(".")[0])
    carried = (("FlexiPage", name.partition(".")[2]),)
    if then["container"] != now["container"]:
        change = changed(then["container"], now["container"])
        missing = change == Change.MISSING
        yield pair.difference(
            KIND,
            f"{name}:container",
            Grade.CHANGES if missing else Grade.COSMETIC,
            change,
            pair.say(
                _(
                    "The Lightning page “%(page)s” of %(object)s shows the related lists of the "
                    "page layout %(here)s, not %(there)s."
                ),
                **said,
                **pair.side(change),
            ),
            fix=_(
                "Lightning App Builder, page “%(page)s”: drag “Related Lists” onto it, then Save."
            )
            % said
            if missing
            else "",
            setup_path=path,
            names=(name,),
            change_set=carried if missing else (),
        )
        return
    before, after = set(then["lists"]), set(now["lists"])
    for change, lists in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        if not lists:
            continue
        missing = change == Change.MISSING
        # With all lists of the page layout on the page, a single one is only a second place.
        matters = missing and not now["container"]
        names = listed(sorted(lists))
        yield pair.difference(
            KIND,
            f"{name}:lists",
            Grade.CHANGES if matters else Grade.COSMETIC,
            change,
            pair.say(
                _(
                    "The Lightning page “%(page)s” of %(object)s shows the related list %(lists)s "
                    "%(here)s, not %(there)s."
                ),
                lists=names,
                **said,
                **pair.side(change),
            ),
            fix=_(
                "Lightning App Builder, page “%(page)s”: drag “Related List - Single” onto it, "
                "choose the list, then Save."
            )
            % said
            if matters
            else "",
            setup_path=path,
            names=tuple(sorted(lists)),
            change_set=carried if missing else (),
        )
