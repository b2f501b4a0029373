"""Record types: what new records get from the integration user's profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import plural
from integrations.checks.written import (
    Described,
    Refusals,
    listed,
    objects_created,
    records_word,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import ObjectDescribe, RecordTypeInfo

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class RecordTypes(Check):
    """Which record type new records get: we name none, so the profile's default decides."""

    name = "record_types"
    step = "settings"
    needs = ("described", "manifest")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Do new records get a record type that is meant for them?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "The record type decides which page layout reps see and which picklist values are "
            "allowed. New records get the default one of the integration user’s profile."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the record types of the objects we create records of."""
        manifest = Refusals().answer(lambda: survey.manifest, None, "")
        described = survey.described
        items = []
        gets = []
        for name in objects_created(context, manifest):
            found = described.get(name)
            own = _own(found)
            if found is None or not own:
                continue
            default = next((one for one in found.record_types if one.default), None)
            if default is not None and not default.master:
                gets.append(
                    _("new %(records)s get “%(type)s”")
                    % {"records": records_word(name, described), "type": _name(default)}
                )
            if item := _point(name, own, default, described):
                items.append(item)
        if gets:
            words = _("By default, %(what)s.") % {"what": listed(gets)}
        elif items:
            words = _("Record types are in use, and new records get none of them.")
        else:
            words = _("No record types are in use on what we create.")
        return Finding.of(items, found=words)


def _own(found: ObjectDescribe | None) -> tuple[RecordTypeInfo, ...]:
    """The active record types beside the master, which every object has."""
    types = found.record_types if found is not None else ()
    return tuple(one for one in types if one.active and not one.master)


def _name(record_type: RecordTypeInfo) -> str:
    return record_type.name or record_type.developer_name


def _point(
    name: str,
    own: tuple[RecordTypeInfo, ...],
    default: RecordTypeInfo | None,
    described: Described,
) -> Item | None:
    """Fail where the default cannot be used; warn where it is one of several."""
    words = {
        "records": records_word(name, described),
        "types": listed([f"“{_name(one)}”" for one in own]),
        "type": _name(default) if default is not None else "",
    }
    if default is None:
        key, outcome = f"{name}.no_default", Outcome.FAIL
        sentence = _(
            "The integration user has no default record type for %(records)s, so new ones may be "
            "refused. There are %(types)s."
        )
    elif not default.master and not (default.active and default.available):
        key, outcome = f"{name}.default.{default.developer_name}", Outcome.FAIL
        sentence = _(
            "The integration user’s default record type for %(records)s, “%(type)s”, is not "
            "available to that user, so new ones are refused."
        )
    elif default.master:
        key, outcome = f"{name}.master", Outcome.WARNING
        sentence = _(
            "New %(records)s get no record type, while others have %(types)s: reps may see another "
            "page layout on them, or not find them in lists by record type."
        )
    elif len(own) > 1:
        key = f"{name}.default.{default.developer_name}"
        outcome = Outcome.WARNING
        sentence = _(
            "There are %(types)s for %(records)s. New ones get “%(type)s”, the default of the "
            "integration user’s profile."
        )
    else:
        return None
    return Item(
        key,
        outcome,
        sentence % words,
        _(
            "Profiles, the integration user’s profile, Object Settings, %(object)s, "
            "Record Types and Page Layout Assignments: assign the record type that reps work "
            "with, tick it as Default, then Save."
        )
        % {"object": plural(name, described)},
        Who.ADMINISTRATOR,
        setup.PROFILES,
    )
