"""Whether the package's component stands on a Lightning page that people get to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import key_of, manifest_wanted, not_seen_yet, plural
from integrations.checks.shown import default_page, has_component, pages_left_out, pages_of
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

OBJECTS = ("Lead", "Contact")


class LightningPages(Check):
    """Component and activation. The org tells the default of an object; it does not tell for
    which apps, record types and profiles another page is active: then a person has to look.
    """

    name = "lightning_pages"
    step = "layouts"
    needs = ("record_pages", "manifest", "package", "described")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is the UserGems component on the active pages of leads and contacts?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "The component shows a rep the new job on a lead, and that the person left on the "
            "past contact. A page that is saved and not activated is seen by nobody."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """No component fails; a page that is not the org's default cannot be told."""
        manifest = manifest_wanted(survey)
        if manifest is None:
            return not_seen_yet()
        items = [_point(survey, name, manifest) for name in OBJECTS]
        right = sum(1 for item in items if item.outcome == Outcome.PASS)
        found = _("The component is on the default page of %(right)d of %(all)d objects.") % {
            "right": right,
            "all": len(items),
        }
        return Finding.of(items, found=found)


def _point(survey: Survey, object_name: str, manifest: PackageManifest) -> Item:
    with_it = [page for page in pages_of(survey, object_name) if has_component(page, manifest)]
    default = default_page(survey, object_name)
    setup_path = setup.setup_path(setup.LIGHTNING_PAGES, object_name)
    words = {
        "objects": plural(object_name, survey.described),
        "object": object_name,
        "one": _("a lead") if object_name == "Lead" else _("a contact"),
        "pages": ", ".join(sorted(page.label for page in with_it)),
        "default": default.label if default else "",
    }
    if not with_it and pages_left_out(survey, object_name):
        looked_at = [page.name for page in pages_of(survey, object_name)]
        return Item(
            key_of(object_name, "component_not_seen", looked_at),
            Outcome.CANNOT,
            _(
                "None of the %(count)d Lightning pages of %(objects)s that were looked at holds "
                "the UserGems component. The org may have more pages; those were not looked at."
            )
            % {**words, "count": len(looked_at)},
            _(
                "Open %(one)s as a rep does: if the UserGems component is on the page, confirm "
                "that by hand. If not: Setup (the cog), Edit Page, drag it onto the page, Save, "
                "Activation."
            )
            % words,
            Who.ADMINISTRATOR,
            setup_path,
        )
    if not with_it:
        return Item(
            f"{object_name}.component",
            Outcome.FAIL,
            _("No Lightning page of %(objects)s holds the UserGems component.") % words,
            _(
                "Open %(one)s, Setup (the cog), Edit Page: drag the UserGems component to the "
                "upper right, Save, Activation: assign the page to the apps, record types and "
                "profiles of your reps."
            )
            % words,
            Who.ADMINISTRATOR,
            setup_path,
        )
    if default in with_it:
        return Item(
            f"{object_name}.component",
            Outcome.PASS,
            _("%(objects)s: on %(default)s, the default of the org.") % words,
        )
    if all(page.org_default is None for page in with_it):
        sentence = _(
            "The component is on %(pages)s. Whether that page is active cannot be read in this org."
        )
    elif default is not None:
        sentence = _(
            "The component is on %(pages)s, but the default of the org is %(default)s. Whether "
            "the first is active for single apps, record types or profiles is not read here."
        )
    else:
        sentence = _(
            "The component is on %(pages)s, which is not the default of the org. Whether it is "
            "active for single apps, record types or profiles is not read here."
        )
    return Item(
        key_of(object_name, "activation", [page.name for page in with_it]),
        Outcome.CANNOT,
        sentence % words,
        _(
            "Object Manager, %(object)s, Lightning Record Pages, %(pages)s, Edit, Activation: "
            "make it the org default, or assign it to the apps, record types and profiles of "
            "your reps. If it is assigned already, confirm that by hand."
        )
        % words,
        Who.ADMINISTRATOR,
        setup_path,
    )
