"""Required fields: what the org demands of every new record and we do not fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import (
    Check,
    CheckContext,
    Finding,
    Item,
    Outcome,
    Who,
    once_settings_chosen,
)
from integrations.checks.written import (
    OBJECT_SETTINGS,
    Described,
    Refusals,
    field_label,
    key_of,
    listed,
    object_label,
    objects_created,
    records_word,
    sometimes_empty,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import FieldDescribe
from integrations.salesforce.setup_links import setup_path

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

_STANDARD = ("Lead", "Contact", "Account")


class RequiredFields(Check):
    """Whether every new record has what the org demands of it."""

    name = "required_fields"
    step = "settings"
    needs = ("described", "manifest")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Does the org require fields that we do not fill?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A field that is required in the database, not just on the page layout, must have a "
            "value on every new record. Salesforce refuses the others."
        )

    def applies(self, context: CheckContext) -> bool:
        """Not before it is known what we fill."""
        return bool(context.fields_created)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown then."""
        return once_settings_chosen()

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Hold what describe demands against what plans fill."""
        refusals = Refusals()
        manifest = refusals.answer(lambda: survey.manifest, None, "")
        described = survey.described
        items: list[Item] = []
        missing: list[str] = []
        for name in objects_created(context, manifest):
            if name not in context.fields_created:
                continue
            if name in described:
                items += _points(name, described, context)
            elif name in _STANDARD:
                items.append(_hidden(name, described))
                missing.append(_("Read on %(object)s") % {"object": object_label(name, described)})
        failed = sum(item.outcome == Outcome.FAIL for item in items)
        if failed:
            found = _("The org requires fields that we do not fill.")
        elif missing:
            found = _("Not all objects could be looked at.")
        else:
            found = _("We fill every field that the org requires.")
        return Finding.of(items, found=found, missing_right=", ".join(missing))


def _points(name: str, described: Described, context: CheckContext) -> Iterator[Item]:
    """What is never filled, and what is filled for some."""
    filled = context.fields_created[name]
    required = [field for field in described[name].fields.values() if field.required]
    never = [field for field in required if field.name not in filled]
    if never:
        yield _item(name, never, described, key="required", outcome=Outcome.FAIL)
    sometimes = sometimes_empty(context, name)
    some = [field for field in required if field.name in sometimes]
    if some:
        yield _item(name, some, described, key="sometimes", outcome=Outcome.WARNING)


def _item(
    name: str, fields: list[FieldDescribe], described: Described, *, key: str, outcome: Outcome
) -> Item:
    labels = listed(sorted(field_label(field) for field in fields))
    words = {"fields": labels, "records": records_word(name, described)}
    if outcome == Outcome.FAIL:
        sentence = _("Required on new %(records)s, and not filled by us: %(fields)s.")
    else:
        sentence = _(
            "Required on new %(records)s, and not every job change brings it: %(fields)s. Those "
            "without are refused."
        )
    return Item(
        key_of(f"{name}.{key}", (field.name for field in fields)),
        outcome,
        sentence % words,
        _(
            "Object Manager, %(object)s, Fields & Relationships, %(fields)s, Edit: "
            "give it a default value, or untick “Always require a value in this field in order to "
            "save a record” and require it on the page layout instead. Or choose what goes in, in "
            "the settings under “Fields you want filled besides”."
        )
        % {"object": object_label(name, described), "fields": labels},
        Who.ADMINISTRATOR,
        setup_path(setup.FIELDS, name),
    )


def _hidden(name: str, described: Described) -> Item:
    words = {"records": records_word(name, described), "place": OBJECT_SETTINGS}
    return Item(
        f"{name}.hidden",
        Outcome.CANNOT,
        _("The integration user does not see %(records)s, so what they require is not known.")
        % words,
        _("%(place)s: tick Read, Create and Edit for %(records)s, then check again.") % words,
        Who.ADMINISTRATOR,
        setup.PERMISSION_SETS,
    )
