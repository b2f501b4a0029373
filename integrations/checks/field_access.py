"""Whether the integration user may write the fields we fill, and read those of the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.permissions import ObjectWants, permission_list, wants
from integrations.checks.rights import (
    field_words,
    fields_or_all,
    fix_fields,
    key_of,
    later,
    manifest_seen,
    plural,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# Fields without field-level security that nobody may write (domain, 5.5).
_SYSTEM = frozenset(
    {
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
        "LastActivityDate",
        "LastViewedDate",
        "LastReferencedDate",
        "IsClosed",
        "IsWon",
        "IsConverted",
        "MasterRecordId",
        "PhotoUrl",
        "HasResponded",
        "FirstRespondedDate",
    }
)
# Set when the record is created, and never again.
_ON_CREATE = {
    "CampaignMember": frozenset({"LeadId", "ContactId", "CampaignId"}),
    "OpportunityContactRole": frozenset({"ContactId", "OpportunityId"}),
}


class FieldAccess(Check):
    """From describe: a field hidden from the running user is missing, a read-only one says so."""

    name = "field_access"
    step = "permissions"
    needs = ("described", "package", "manifest", "permission_sets", "defined_fields")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("May the integration user write every field we fill?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A field that is hidden or read-only for the integration user stays empty on every "
            "record, without a word. What is only on UserGems’ list is shown as advice."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """One point an object and kind of trouble. Objects not seen at all are another check's."""
        manifest = manifest_seen(survey)
        items: list[Item] = []
        looked_at = in_trouble = 0
        for wanted in wants(context, manifest):
            described = survey.described.get(wanted.name)
            if described is None:
                continue
            trouble = _trouble(survey, wanted, described, manifest)
            looked_at += len(wanted.fields)
            in_trouble += len(trouble.all)
            items.extend(_points(survey, wanted, trouble, manifest))
        found = _(
            "%(right)d of %(all)d fields are open as we need them (UserGems’ list %(list)s)."
        ) % {
            "right": looked_at - in_trouble,
            "all": looked_at,
            "list": permission_list(context.permission_list).version,
        }
        if manifest is None:
            found += " " + later()
        return Finding.of(items, found=found)


@dataclass(frozen=True)
class _Trouble:
    """Fields of one object that are not as they should be. `unsure`: hidden or not there."""

    hidden: frozenset[str]
    unsure: frozenset[str]
    gone: frozenset[str]
    locked: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Every one of them."""
        return self.hidden | self.unsure | self.gone | self.locked


def _trouble(
    survey: Survey,
    wanted: ObjectWants,
    described: ObjectDescribe,
    manifest: PackageManifest | None,
) -> _Trouble:
    """What is wrong with the fields of one object.

    Without Create on the object every field says it cannot be created: that is said once, by
    the check of the objects, and only what remains is asked here. Edit likewise.
    """
    creates = wanted.creates if described.createable else frozenset()
    updates = wanted.updates if described.updateable else frozenset()
    listed = wanted.listed_write if described.createable or described.updateable else frozenset()
    absent = frozenset(name for name in wanted.fields if name not in described.fields)
    locked = frozenset(
        name
        for name in (creates | updates | listed) - absent
        if _locked(
            described.fields[name],
            wanted.name,
            on_create=name in creates,
            on_update=name in updates or (name in listed and described.updateable),
        )
    )
    none: frozenset[str] = frozenset()
    try:
        defined = survey.defined_fields.get(wanted.name)
    except CannotAsk:
        defined = None
    if defined is None:
        return _Trouble(none, absent, none, locked)
    # A standard field that this org does not have can be given by nobody.
    gone = frozenset(name for name in absent - defined if name.endswith("__c"))
    if _too_old(survey, manifest, gone):
        gone = none
    return _Trouble(absent & defined, none, gone, locked)


def _points(
    survey: Survey, wanted: ObjectWants, trouble: _Trouble, manifest: PackageManifest | None
) -> Iterator[Item]:
    """What we write fails, what only the list asks for warns."""
    whole = manifest.fields_on(wanted.name) if manifest else frozenset()
    ours = wanted.creates | wanted.updates
    for outcome, names in ((Outcome.FAIL, ours), (Outcome.WARNING, wanted.fields - ours)):
        if trouble.hidden & names:
            yield _hidden_point(survey, wanted, trouble.hidden & names, whole, outcome, known=True)
        if trouble.unsure & names:
            yield _hidden_point(survey, wanted, trouble.unsure & names, whole, outcome, known=False)
        if trouble.gone & names:
            yield _gone_point(survey, wanted.name, trouble.gone & names, outcome)
        if trouble.locked & names:
            yield _locked_point(survey, wanted.name, trouble.locked & names, outcome)
    if not trouble.all:
        yield Item(
            f"{wanted.name}.fields",
            Outcome.PASS,
            _("%(object)s: %(count)d fields.")
            % {"object": plural(wanted.name, survey.described), "count": len(wanted.fields)},
        )


def _locked(field: FieldDescribe, object_name: str, *, on_create: bool, on_update: bool) -> bool:
    """Whether rights keep the user from writing; what nobody may write is no question of rights."""
    if field.calculated or field.name in _SYSTEM:
        return False
    if field.name in _ON_CREATE.get(object_name, ()):
        return not field.createable
    return (on_create and not field.createable) or (on_update and not field.updateable)


def _locked_point(
    survey: Survey, object_name: str, names: frozenset[str], outcome: Outcome
) -> Item:
    words = {
        "fields": field_words(names, survey.described, object_name),
        "object": plural(object_name, survey.described),
    }
    sentence = _("On %(object)s, the integration user may only read: %(fields)s. We fill this.")
    if outcome == Outcome.WARNING:
        sentence = _(
            "On %(object)s, the integration user may only read: %(fields)s. UserGems’ list asks "
            "for Edit; your job changes are delivered without it."
        )
    return Item(
        key_of(object_name, "fields.edit", names),
        outcome,
        sentence % words,
        fix_fields(survey, object_name, names, _("Edit Access")),
        Who.ADMINISTRATOR,
        setup.PERMISSION_SETS,
    )


def _hidden_point(
    survey: Survey,
    wanted: ObjectWants,
    names: frozenset[str],
    whole: frozenset[str],
    outcome: Outcome,
    *,
    known: bool,
) -> Item:
    words = {
        "fields": fields_or_all(names, whole, survey.described, wanted.name),
        "object": plural(wanted.name, survey.described),
        "right": VIEW_SETUP,
    }
    if known:
        sentence = _("Hidden from the integration user on %(object)s: %(fields)s.")
    else:
        sentence = _(
            "Not seen by the integration user on %(object)s: %(fields)s. Hidden, or not in this "
            "org: with “%(right)s” we could tell which."
        )
    access = _("Read Access and Edit Access")
    if names <= wanted.listed_read - wanted.creates - wanted.updates:
        access = _("Read Access")
    return Item(
        key_of(wanted.name, "fields.hidden", names),
        outcome,
        sentence % words,
        fix_fields(survey, wanted.name, names, access),
        Who.ADMINISTRATOR,
        setup.PERMISSION_SETS,
    )


def _gone_point(survey: Survey, object_name: str, names: frozenset[str], outcome: Outcome) -> Item:
    return Item(
        key_of(object_name, "fields.missing", names),
        outcome,
        _("Not in this org, by Setup’s own list of fields on %(object)s: %(fields)s.")
        % {
            "object": plural(object_name, survey.described),
            "fields": field_words(names, survey.described, object_name),
        },
        _(
            "Installed Packages: update UserGems, and choose Install for All Users. A field that "
            "was deleted comes back from Object Manager, %(object)s, Fields & Relationships, "
            "Deleted Fields."
        )
        % {"object": object_name},
        Who.ADMINISTRATOR,
        setup.PACKAGES,
    )


def _too_old(survey: Survey, manifest: PackageManifest | None, names: frozenset[str]) -> bool:
    """Whether all of them are missing because the package is too old: its own check says so."""
    version = survey.package.version
    if manifest is None or not version or manifest.version_suffices(version):
        return False
    return all(name.startswith(manifest.prefix) for name in names)
