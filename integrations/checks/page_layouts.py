"""Whether the package's fields stand on the pages that people see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import PageFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import (
    field_words,
    key_of,
    manifest_wanted,
    not_seen_yet,
    plural,
)
from integrations.checks.shown import (
    REPS_NEED,
    default_page,
    has_own_fields,
    layouts_left_out,
    pages_of,
    rep_layouts,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

OBJECTS = ("Lead", "Contact")


class PageLayouts(Check):
    """Layouts that reps' profiles see; a page with Dynamic Forms is looked at in their place."""

    name = "page_layouts"
    step = "layouts"
    needs = ("layouts", "record_pages", "described", "manifest", "package", *REPS_NEED)

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Do the UG fields stand on the pages of leads and contacts?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _("What no page shows, nobody sees: the job change is there, and no rep knows.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """No field of ours fails, some missing warn."""
        manifest = manifest_wanted(survey)
        if manifest is None:
            return not_seen_yet()
        items = [item for name in OBJECTS for item in _points(survey, name, manifest)]
        bad = sum(1 for item in items if item.outcome != Outcome.PASS)
        found = _("%(right)d of %(all)d layouts and pages show all UG fields.") % {
            "right": len(items) - bad,
            "all": len(items),
        }
        left_out = (layouts_left_out(survey, name) for name in OBJECTS)
        return Finding.of([*items, *filter(None, left_out)], found=found)


def _points(survey: Survey, object_name: str, manifest: PackageManifest) -> Iterator[Item]:
    wanted = _fields_there(survey, object_name, manifest)
    default = default_page(survey, object_name)
    for page in pages_of(survey, object_name):
        if has_own_fields(page):
            yield _page_point(survey, page, wanted, is_default=page is default)
    if default is not None and has_own_fields(default):
        # The page layout's fields are shown to nobody then.
        return
    layouts = rep_layouts(survey, object_name)
    if not layouts:
        yield Item(
            f"{object_name}.layouts.none",
            Outcome.WARNING,
            _("No page layout of %(object)s is assigned to a profile with active people.")
            % {"object": plural(object_name, survey.described)},
            _(
                "Object Manager, %(object)s, Page Layouts, Page Layout Assignment: look who sees "
                "what."
            )
            % {"object": object_name},
            Who.ADMINISTRATOR,
            setup.setup_path(setup.PAGE_LAYOUTS, object_name),
        )
    for layout in layouts:
        yield _layout_point(survey, object_name, layout.name, wanted, layout.layout.field_names)


def _fields_there(survey: Survey, object_name: str, manifest: PackageManifest) -> frozenset[str]:
    """The package's fields that are in the org, seen by the integration user or on some layout.

    All of them where none is: hidden from it altogether, and perhaps there all the same.
    """
    described = survey.described.get(object_name)
    there = set(described.fields) if described else set()
    for layout in survey.layouts.get(object_name, ()):
        there |= layout.layout.field_names
    wanted = manifest.fields_on(object_name)
    return wanted & there or wanted


def _layout_point(
    survey: Survey, object_name: str, name: str, wanted: frozenset[str], shown: frozenset[str]
) -> Item:
    missing = wanted - shown
    words = {
        "layout": name,
        "object": object_name,
        "fields": field_words(missing, survey.described, object_name),
    }
    if not missing:
        return Item(
            f"{object_name}.layout.{name}",
            Outcome.PASS,
            _("%(layout)s: all UG fields.") % words,
        )
    sentence = _("The page layout %(layout)s lacks: %(fields)s.")
    if missing == wanted:
        sentence = _("The page layout %(layout)s shows none of the UG fields.")
    return Item(
        key_of(f"{object_name}.layout.{name}", "fields", missing),
        Outcome.FAIL if missing == wanted else Outcome.WARNING,
        sentence % words,
        _(
            "Object Manager, %(object)s, Page Layouts, %(layout)s: drag the UG fields that your "
            "reps should see into a section, then Save."
        )
        % words,
        Who.ADMINISTRATOR,
        setup.setup_path(setup.PAGE_LAYOUTS, object_name),
    )


def _page_point(
    survey: Survey, page: PageFacts, wanted: frozenset[str], *, is_default: bool
) -> Item:
    object_name, label = page.object_name, page.label
    missing = wanted - frozenset(page.fields)
    words = {
        "page": label,
        "object": object_name,
        "fields": field_words(missing, survey.described, object_name),
    }
    if not missing:
        return Item(
            f"{object_name}.page.{page.name}",
            Outcome.PASS,
            _("%(page)s (Dynamic Forms): all UG fields.") % words,
        )
    if missing == wanted and is_default:
        outcome = Outcome.FAIL
        sentence = _(
            "The Lightning page %(page)s uses Dynamic Forms, so it shows its own fields and not "
            "those of the page layout. None of the UG fields is among them."
        )
    else:
        outcome = Outcome.WARNING
        sentence = _(
            "The Lightning page %(page)s uses Dynamic Forms, so it shows its own fields and not "
            "those of the page layout. It lacks: %(fields)s."
        )
    return Item(
        key_of(f"{object_name}.page.{page.name}", "fields", missing),
        outcome,
        sentence % words,
        _(
            "Object Manager, %(object)s, Lightning Record Pages, %(page)s, Edit: drag the UG "
            "fields from the tab Fields onto the page, then Save."
        )
        % words,
        Who.ADMINISTRATOR,
        setup.setup_path(setup.LIGHTNING_PAGES, object_name),
    )
