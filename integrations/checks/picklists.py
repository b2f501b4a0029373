"""Picklist values: restricted lists that lack what we write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    Described,
    Refusals,
    field_label,
    key_of,
    listed,
    object_label,
    objects_created,
    objects_written,
    records_word,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import FieldDescribe
from integrations.salesforce.setup_links import setup_path

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# Address fields that become lists of their own with State and Country/Territory Picklists.
_ADDRESSES = {
    "Lead": ("State", "Country"),
    "Contact": ("MailingState", "MailingCountry"),
    "Account": ("BillingState", "BillingCountry"),
}
_KINDS = frozenset({"picklist", "multipicklist", "combobox"})


class Picklists(Check):
    """Whether every value we write is one that the org takes."""

    name = "picklists"
    step = "settings"
    needs = ("described", "manifest")

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Do the picklists and the fields you chose take what we write?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A restricted picklist takes nothing but its own values. What is not among them is "
            "left out of the record, and a report by lead source would miss it."
        )

    def applies(self, context: CheckContext) -> bool:
        """Not before it is known what we write."""
        return bool(_written(context) or context.types_written)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown then."""
        if context.leaves_it_to_a_flow:
            return _("Not needed: UserGems writes its own record only.")
        return once_settings_chosen()

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Hold what we write against the lists of describe."""
        manifest = Refusals().answer(lambda: survey.manifest, None, "")
        described = survey.described
        items: list[Item] = []
        looked_at = 0
        for full_name, values in sorted(_written(context).items()):
            name, _dot, field_name = full_name.partition(".")
            if name not in objects_written(context, manifest) or name not in described:
                continue
            field = described[name].fields.get(field_name)
            if field is None:
                continue
            looked_at += 1
            if item := _missing(name, field, values, described):
                items.append(item)
        lacking = bool(items)
        other = list(_of_another_type(described, context))
        items += other
        items += [
            _address_lists(name, described)
            for name in objects_created(context, manifest)
            if _has_address_lists(name, described, context)
        ]
        if other:
            found = _("A field that you chose does not take what goes in.")
        elif lacking:
            found = _("A restricted picklist lacks a value we write.")
        elif looked_at or context.types_written:
            found = _("The restricted picklists have the values we write.")
        else:
            found = _("None of the fields we write is a picklist.")
        return Finding.of(items, found=found)


def _written(context: CheckContext) -> Mapping[str, frozenset[str]]:
    """Values by "Object.Field"; the settings' own ones whatever else is known."""
    values = {name: frozenset(some) for name, some in context.values_written.items()}
    if context.lead_source:
        for name in ("Lead.LeadSource", "Contact.LeadSource"):
            values.setdefault(name, frozenset({context.lead_source}))
    if context.campaign_id and context.campaign_status:
        values.setdefault("CampaignMember.Status", frozenset({context.campaign_status}))
    return values


def _of_another_type(described: Described, context: CheckContext) -> Iterator[Item]:
    """Fields of the customer's choice whose type takes nothing of it: a plan leaves them out."""
    for full_name, types in sorted(context.types_written.items()):
        name, _dot, field_name = full_name.partition(".")
        field = described[name].fields.get(field_name) if name in described else None
        # A field that is hidden or missing is said by the check of the fields.
        if field is None or field.type in types:
            continue
        words = {
            "field": field_label(field),
            "records": records_word(name, described),
            "type": field.type,
        }
        yield Item(
            f"{full_name}.type",
            Outcome.FAIL,
            _(
                "%(field)s on %(records)s is of the type %(type)s here, which does not take what "
                "the settings put in: it would stay as it is."
            )
            % words,
            _("Choose another field, or something else to go in, in the settings."),
            Who.MANAGER,
            setup_path(setup.FIELDS, name),
        )


def _missing(
    name: str, field: FieldDescribe, values: frozenset[str], described: Described
) -> Item | None:
    """Fail where nothing that we write is taken, warn where some is."""
    if not field.restricted_picklist or field.type not in _KINDS:
        return None
    wanted = {value for value in values if value}
    lacking = sorted(wanted - set(field.picklist_values))
    if not lacking:
        return None
    all_lack = len(lacking) == len(wanted)
    words = {
        "values": listed([f"“{value}”" for value in lacking]),
        "field": field_label(field),
        "records": records_word(name, described),
        "object": object_label(name, described),
    }
    sentence = (
        _(
            "%(field)s on %(records)s is a restricted picklist without %(values)s, which we write: "
            "it would stay empty."
        )
        if all_lack
        else _(
            "%(field)s on %(records)s is a restricted picklist without %(values)s: on job changes "
            "with that value it stays empty."
        )
    )
    fix = _(
        "Object Manager, %(object)s, Fields & Relationships, %(field)s, Values, New: "
        "add %(values)s, also for the record types in use."
    )
    if field.name == "LeadSource":
        fix = _("%(fix)s Or choose another lead source in the settings.") % {"fix": fix % words}
    else:
        fix = fix % words
    return Item(
        key_of(f"{name}.{field.name}", lacking),
        Outcome.FAIL if all_lack else Outcome.WARNING,
        sentence % words,
        fix,
        Who.ADMINISTRATOR,
        setup_path(setup.FIELDS, name),
    )


def _has_address_lists(name: str, described: Described, context: CheckContext) -> bool:
    """Whether states and countries are lists here, and we write some of them.

    The codes are in describe, the names that we write are not: they are checked on saving only.
    """
    if name not in _ADDRESSES or name not in described:
        return False
    fields = described[name].fields
    filled = context.fields_created.get(name, frozenset())
    return any(
        field in filled and f"{field}Code" in fields and fields[f"{field}Code"].type in _KINDS
        for field in _ADDRESSES[name]
    )


def _address_lists(name: str, described: Described) -> Item:
    return Item(
        f"{name}.address",
        Outcome.WARNING,
        _(
            "States and countries of %(records)s are lists in this org: a record with one that is "
            "not in the list is refused."
        )
        % {"records": records_word(name, described)},
        _(
            "State and Country/Territory Picklists, Configure: look whether the countries "
            "you sell to are active, with the names in common use. The test shows whether one is "
            "missing."
        ),
        Who.ADMINISTRATOR,
        setup.ADDRESS_PICKLISTS,
    )
