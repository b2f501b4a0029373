"""Whether the list of UserGems records stands on leads, contacts and accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import LayoutFacts, PageFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import (
    EXPECTED,
    field_words,
    key_of,
    manifest_wanted,
    not_seen_yet,
    plural,
)
from integrations.checks.shown import (
    RELATED_LISTS,
    REPS_NEED,
    default_page,
    layouts_left_out,
    lookups_to,
    rep_layouts,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

OBJECTS = ("Lead", "Contact", "Account")


class RelatedLists(Check):
    """Lists of the layouts that reps' profiles see, and single lists of the default page."""

    name = "related_lists"
    step = "layouts"
    needs = ("layouts", "record_pages", "described", "manifest", "package", *REPS_NEED)

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is the UserGems related list on leads, contacts and accounts?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "The UserGems record ties the past record, the new one and both accounts together. "
            "People reach it by the related list."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """No list on an object fails; one of past and new missing warns."""
        manifest = manifest_wanted(survey)
        if manifest is None or not manifest.object_name:
            return not_seen_yet()
        items = [item for name in OBJECTS for item in _points(survey, name, manifest)]
        bad = {item.key.partition(".")[0] for item in items if item.outcome != Outcome.PASS}
        found = _("The related list is on %(right)d of %(all)d objects.") % {
            "right": len(OBJECTS) - len(bad),
            "all": len(OBJECTS),
        }
        left_out = (layouts_left_out(survey, name) for name in OBJECTS)
        return Finding.of([*items, *filter(None, left_out)], found=found)


def _points(survey: Survey, object_name: str, manifest: PackageManifest) -> Iterator[Item]:
    wanted = lookups_to(manifest, object_name)
    page = default_page(survey, object_name)
    on_page = _single_lists(survey, page, object_name, manifest) if page else frozenset()
    if page is not None and RELATED_LISTS not in page.components:
        # Lists of the page layout are not shown on such a page.
        yield _point(survey, object_name, page.label, wanted, on_page, is_page=True)
        return
    layouts = rep_layouts(survey, object_name)
    for layout in layouts:
        shown = on_page | _of_layout(layout, manifest)
        yield _point(survey, object_name, layout.name, wanted, shown, is_page=False)
    if not layouts and wanted - on_page:
        yield Item(
            f"{object_name}.layouts.none",
            Outcome.WARNING,
            _("No page layout of %(objects)s is assigned to a profile with active people.")
            % {"objects": plural(object_name, survey.described)},
            _(
                "Object Manager, %(object)s, Page Layouts, Page Layout Assignment: look who sees "
                "what."
            )
            % {"object": object_name},
            Who.ADMINISTRATOR,
            setup.setup_path(setup.PAGE_LAYOUTS, object_name),
        )


def _of_layout(layout: LayoutFacts, manifest: PackageManifest) -> frozenset[str]:
    return frozenset(
        listed.field
        for listed in layout.layout.related_lists
        if listed.object_name == manifest.object_name
    )


def _single_lists(
    survey: Survey, page: PageFacts, object_name: str, manifest: PackageManifest
) -> frozenset[str]:
    """Lookups behind the single related lists of a page, which names them by relationship."""
    described = survey.described.get(object_name)
    return frozenset(
        child.field
        for child in (described.child_relationships if described else ())
        if child.object_name == manifest.object_name and child.name in page.related_lists
    )


def _point(
    survey: Survey,
    object_name: str,
    place: str,
    wanted: frozenset[str],
    shown: frozenset[str],
    *,
    is_page: bool,
) -> Item:
    missing = wanted - shown
    words = {
        "objects": plural(object_name, survey.described),
        "object": object_name,
        "place": place,
        "lists": field_words(missing, survey.described, EXPECTED.object_name),
    }
    kind = "page" if is_page else "layout"
    key = f"{object_name}.{kind}.{place}"
    if not missing:
        return Item(key, Outcome.PASS, _("%(objects)s: on %(place)s.") % words)
    if missing == wanted:
        outcome, sentence = Outcome.FAIL, _("%(place)s (%(objects)s) has no UserGems related list.")
    else:
        outcome, sentence = (
            Outcome.WARNING,
            _("%(place)s (%(objects)s) lacks a UserGems related list: the one of %(lists)s."),
        )
    fix = _(
        "Object Manager, %(object)s, Page Layouts, %(place)s, Related Lists: drag the UserGems "
        "lists onto the layout, then Save. Missing: those of %(lists)s."
    )
    if is_page:
        fix = _(
            "Object Manager, %(object)s, Lightning Record Pages, %(place)s, Edit: add Related "
            "Lists, or Related List - Single for UserGems, then Save. Missing: those of %(lists)s."
        )
    return Item(
        key_of(key, "lists", missing),
        outcome,
        sentence % words,
        fix % words,
        Who.ADMINISTRATOR,
        setup.setup_path(setup.LIGHTNING_PAGES if is_page else setup.PAGE_LAYOUTS, object_name),
    )
