"""Whether the package's lead fields survive the conversion of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import (
    EXPECTED,
    field_words,
    fields_or_all,
    key_of,
    manifest_wanted,
    not_seen_yet,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class LeadConversion(Check):
    """Each field of the package on Lead, mapped to the field of the same name on Contact."""

    name = "lead_conversion"
    step = "lead_conversion"
    needs = ("lead_mapping", "described", "manifest", "package")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Do the UG fields go along when a lead is converted?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A lead field that is not mapped is lost when the lead is converted, without a word. "
            "That holds for leads we enrich, too."
        )

    def applies(self, context: CheckContext) -> bool:
        """Where leads are made, or existing ones enriched with our fields."""
        enriched = context.fields_updated.get("Lead", frozenset())
        return context.makes_leads or any(name.startswith(EXPECTED.prefix) for name in enriched)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown otherwise."""
        if context.leaves_it_to_a_flow:
            return _("Not needed: UserGems writes no leads, your own flow decides.")
        return _("Not needed: your settings make no leads.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """A field that is not mapped fails, where leads are only enriched it warns; one that goes
        elsewhere warns.
        """
        manifest = manifest_wanted(survey)
        if manifest is None:
            return not_seen_yet()
        fields = _mappable(survey, manifest)
        mapping = survey.lead_mapping
        targets = {name: mapping.target(name, "Contact") for name in fields}
        lost = {name for name, target in targets.items() if not target}
        astray = {name: target for name, target in targets.items() if target not in ("", name)}
        items = []
        if lost:
            items.append(_lost(survey, context, frozenset(lost), frozenset(fields)))
        for name, target in sorted(astray.items()):
            items.append(_astray(survey, name, target))
        found = _("%(right)d of %(all)d UG fields of Lead are mapped.") % {
            "right": len(fields) - len(lost),
            "all": len(fields),
        }
        return Finding.of(items, found=found)


def _mappable(survey: Survey, manifest: PackageManifest) -> list[str]:
    """Fields that are on both objects, as far as the running user sees them; not formulas."""
    wanted = manifest.fields_on("Lead") & manifest.fields_on("Contact")
    for object_name in ("Lead", "Contact"):
        described = survey.described.get(object_name)
        if described is not None:
            seen = {name for name, field in described.fields.items() if not field.calculated}
            # A field hidden from us is told elsewhere, and its mapping can be read all the same.
            hidden = wanted - set(described.fields)
            wanted &= seen | hidden
    return sorted(wanted)


def _lost(
    survey: Survey, context: CheckContext, names: frozenset[str], whole: frozenset[str]
) -> Item:
    """The step falls away where no leads are made, so that nobody is held by leads of others."""
    words = {"fields": fields_or_all(names, whole, survey.described, "Lead")}
    outcome = Outcome.FAIL
    sentence = _("Not mapped, and lost when a lead is converted: %(fields)s.")
    if not context.makes_leads:
        outcome = Outcome.WARNING
        sentence = _(
            "Your settings make no leads. Leads that exist are enriched, and lose this when "
            "somebody converts them: %(fields)s."
        )
    return Item(
        key_of("Lead", "unmapped", names),
        outcome,
        sentence % words,
        _(
            "Object Manager, Lead, Fields & Relationships, Map Lead Fields, tab Contact: choose "
            "for each of these the contact field of the same name, then Save."
        ),
        Who.ADMINISTRATOR,
        setup.setup_path(setup.FIELDS, "Lead"),
    )


def _astray(survey: Survey, name: str, target: str) -> Item:
    return Item(
        key_of("Lead", "mapped", [name, target]),
        Outcome.WARNING,
        _("%(field)s goes to another field of the contact: %(target)s.")
        % {
            "field": field_words([name], survey.described, "Lead"),
            "target": field_words([target], survey.described, "Contact"),
        },
        _(
            "Object Manager, Lead, Fields & Relationships, Map Lead Fields, tab Contact: choose "
            "the contact field of the same name, unless you meant it so."
        ),
        Who.ADMINISTRATOR,
        setup.setup_path(setup.FIELDS, "Lead"),
    )
