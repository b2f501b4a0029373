"""The form of where job changes go: choices come from the connected org."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.salesforce.manifest import USERGEM_1, PackageManifest
from jobchanges.models import LeadOwnerRule, OwnerRule, RecordMode
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.services.settings import Options, SettingsValues
from jobchanges.settings_fields import account_lookups, user_lookups
from portal.field_types import field_words
from portal.pages.settings_initial import BAR
from portal.pages.settings_rows import (
    Section,
    people_add,
    people_chosen,
    rows_add,
    rows_chosen,
    rows_without_field,
    sections_of,
)

# What follows from a choice, in one line each (contact-tracking, 7.1).
RECORD_MODES = {
    RecordMode.CONTACT_IF_ACCOUNT: gettext_lazy(
        "Recommended to start with. No account at the new company: a lead, for your usual routing."
    ),
    RecordMode.ALWAYS_LEAD: gettext_lazy(
        "For routing tools, or teams that do not use contacts. Your own rules convert it."
    ),
    RecordMode.ALWAYS_CONTACT: gettext_lazy(
        "No lead process. Where no account is found, one is created with the default owner."
    ),
    RecordMode.FLOW_TEMPLATE: gettext_lazy(
        "UserGems writes its own record and no lead, contact, account or campaign member. A flow "
        "of yours makes them from it; set it up with your implementation manager."
    ),
}
OWNER_RULES = {
    OwnerRule.ACCOUNT_OWNER: gettext_lazy("Inactive account owner: the default owner."),
    OwnerRule.ACCOUNT_LOOKUP: gettext_lazy(
        "For example your SDR field. Empty or inactive there: the account’s owner."
    ),
    OwnerRule.ROUND_ROBIN: gettext_lazy(
        "Each new contact goes to one person of the list below, in turn. Inactive people are "
        "skipped."
    ),
    OwnerRule.DEFAULT_OWNER: gettext_lazy("Your own rules may reassign it later."),
}
LEAD_OWNER_RULES = {
    LeadOwnerRule.DEFAULT_OWNER: gettext_lazy("Your own rules may reassign it later."),
    LeadOwnerRule.ROUND_ROBIN: gettext_lazy(
        "Each new lead goes to one person of the list below, in turn. Inactive people are skipped."
    ),
}


class SettingsForm(forms.Form):
    """Fields carry the names of `SettingsValues`; `campaign` stands for its two."""

    record_mode = forms.ChoiceField(label=gettext_lazy("Which record does a job change become?"))
    contact_owner_rule = forms.ChoiceField(label=gettext_lazy("Who owns a created contact?"))
    contact_owner_field = forms.ChoiceField(
        label=gettext_lazy("Field of the account that names the owner"),
        help_text=gettext_lazy("Only for “Another user named on the account”."),
        error_messages={
            "required": gettext_lazy("Choose the field of the account that names the owner.")
        },
    )
    lead_owner_rule = forms.ChoiceField(label=gettext_lazy("Who owns a created lead?"))
    default_owner_id = forms.ChoiceField(
        label=gettext_lazy("Default owner"),
        help_text=gettext_lazy(
            "Owns created accounts, and leads and contacts that the rules above give to nobody."
        ),
        error_messages={"required": gettext_lazy("Choose the user who owns what has no owner.")},
    )
    lead_source = forms.CharField(
        label=gettext_lazy("Lead source"),
        max_length=40,
        help_text=gettext_lazy("Written on created leads and contacts, so that you can report it."),
    )
    campaign = forms.ChoiceField(
        label=gettext_lazy("Campaign and member status"),
        required=False,
        help_text=gettext_lazy("Everyone created or enriched is added to it."),
    )
    lead_account_field = forms.ChoiceField(
        label=gettext_lazy("Lookup on the lead that takes the account"),
        required=False,
        help_text=gettext_lazy(
            "Only with “Always a lead”: a field of yours on Lead, into which the account that was "
            "found at the new company is written."
        ),
    )
    update_past_record = forms.BooleanField(
        label=gettext_lazy("Mark the lead or contact at the past company as left"),
        required=False,
        help_text=gettext_lazy(
            "Ticked: “No Longer at Company” and UserGems’ other fields are filled there, and those "
            "that you choose below. Not ticked: nothing is written on that record."
        ),
    )
    run_assignment_rules = forms.BooleanField(
        label=gettext_lazy("Let our lead assignment rules choose the owner of new leads"),
        required=False,
        help_text=gettext_lazy(
            "Not ticked: the owner stays as chosen here, and no assignment rule runs. Ticked: your "
            "rules run, and may notify the owner they choose."
        ),
    )
    save_past_alerts = forms.BooleanField(
        label=gettext_lazy("Save records although a duplicate rule alerts"),
        required=False,
        help_text=gettext_lazy(
            "Not ticked: what one of your duplicate rules alerts about is refused and listed, and "
            "nothing is saved. A rule that blocks always stops it."
        ),
    )

    def __init__(
        self,
        *args: Any,
        options: Options,
        manifest: PackageManifest = USERGEM_1,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.options = options
        self.use_required_attribute = False
        self._boxed("record_mode", RecordMode.choices, RECORD_MODES)
        self._boxed("contact_owner_rule", OwnerRule.choices, OWNER_RULES)
        self._boxed("lead_owner_rule", LeadOwnerRule.choices, LEAD_OWNER_RULES)
        owners = [(owner.id, owner.name) for owner in options.owners]
        self._select("default_owner_id", [("", _("Choose a user")), *owners])
        self._select("campaign", [("", _("No campaign")), *_campaign_groups(options)])
        self._lookups(manifest)
        if options.lead_source_restricted:
            sources = [(source, source) for source in options.lead_sources]
            self.fields["lead_source"] = forms.ChoiceField(
                label=self.fields["lead_source"].label,
                help_text=_("This org accepts only values of its Lead Source picklist."),
            )
            self._select("lead_source", [("", _("Choose a lead source")), *sources])
        self._require()
        people_add(self, self.data if self.is_bound else None, owners)
        rows_add(self, self.data if self.is_bound else None, options, manifest)

    def _lookups(self, manifest: PackageManifest) -> None:
        """Fields of this org that name a person, or take an account."""
        people = [(one.name, field_words(one)) for one in user_lookups(self.options.fields)]
        nothing = _("Choose a field") if people else _("This org has no such field on Account")
        self._select("contact_owner_field", [("", nothing), *people])
        accounts = account_lookups(self.options.fields, manifest)
        fields = [(one.name, field_words(one)) for one in accounts]
        nothing = _("None") if fields else _("This org has no such field on Lead")
        self._select("lead_account_field", [("", nothing), *fields])

    def _require(self) -> None:
        """What one choice makes necessary, or not."""
        by_lookup = self["contact_owner_rule"].value() == OwnerRule.ACCOUNT_LOOKUP
        mode = self["record_mode"].value()
        contacts = mode not in (RecordMode.ALWAYS_LEAD, RecordMode.FLOW_TEMPLATE)
        self.fields["contact_owner_field"].required = by_lookup and contacts
        self.fields["default_owner_id"].required = mode != RecordMode.FLOW_TEMPLATE

    @property
    def people(self) -> list[forms.BoundField]:
        """The people in turn, a choice each."""
        return [self[name] for name in self.fields if name.startswith("turn_")]

    @property
    def not_alike(self) -> str:
        """Names of people who took turns in the tested sandbox and are not told apart here."""
        return ", ".join(self.initial.get("not_alike") or ())

    def sections(self) -> Iterator[Section]:
        """The fields filled besides, by kind of record."""
        return sections_of(self, self.options)

    def _boxed(self, name: str, choices: Iterable[tuple[Any, Any]], lines: Any) -> None:
        """One choice of a few, each with its consequence under it."""
        field = cast(forms.ChoiceField, self.fields[name])
        field.widget = forms.RadioSelect(attrs={"class": "boxed"})
        field.choices = [(value, _with_line(label, lines[value])) for value, label in choices]

    def _select(self, name: str, choices: Sequence[Any]) -> None:
        """One choice of many. What is chosen and no longer there stays visible."""
        field = cast(forms.ChoiceField, self.fields[name])
        chosen = str(self.initial.get(name) or "")
        if chosen and chosen not in _values(choices):
            choices = [*choices, (chosen, _("%(id)s, not in this org") % {"id": chosen})]
        field.choices = choices

    def values(self) -> SettingsValues:
        """What was chosen, for the service; empty where the form itself found something wrong."""
        return _values_of(self._chosen())

    def shown(self) -> SettingsValues:
        """What stands in the form now, right or wrong: typed, saved, or the defaults."""
        return _values_of({name: self[name].value() or "" for name in self.fields})

    def _chosen(self) -> dict[str, Any]:
        return dict.fromkeys(self.fields, "") | self.cleaned_data

    def clean(self) -> dict[str, Any]:
        """A row without a field says so, where something was typed into it."""
        for name in rows_without_field(self):
            self.add_error(f"{name}_field", _("Choose the field that is filled."))
        return self.cleaned_data

    def problems_add(self, problems: dict[str, str]) -> None:
        """Put the service's sentences next to the fields they are about."""
        data, wrong = self._chosen(), set(self.errors)
        people = [name for name, _user_id in people_chosen(data)] or ["turn_0"]
        rows = [f"{name}_field" for name, _row in rows_chosen(data)]
        for name, sentence in problems.items():
            kind, _dot, place = name.partition(".")
            field = "campaign" if kind.startswith("campaign") else kind
            if kind == "round_robin":
                field = people[int(place)]
            elif kind == "field_mapping":
                field = rows[int(place)]
            if field in wrong:
                continue
            self.add_error(field if field in self.fields else None, sentence)


def _values_of(data: dict[str, Any]) -> SettingsValues:
    """What the fields of the form say together."""
    campaign, _bar, status = data["campaign"].partition(BAR)
    return SettingsValues(
        record_mode=data["record_mode"],
        lead_source=data["lead_source"],
        contact_owner_rule=data["contact_owner_rule"],
        contact_owner_field=data["contact_owner_field"],
        lead_owner_rule=data["lead_owner_rule"],
        default_owner_id=data["default_owner_id"],
        round_robin=tuple(user_id for _name, user_id in people_chosen(data)),
        campaign_id=campaign,
        campaign_status=status,
        lead_account_field=data["lead_account_field"],
        run_assignment_rules=bool(data["run_assignment_rules"]),
        save_past_alerts=bool(data["save_past_alerts"]),
        update_past_record=bool(data["update_past_record"]),
        field_mapping=tuple(row for _name, row in rows_chosen(data)),
    )


def shared_changed(form: SettingsForm) -> bool:
    """Whether a choice that holds in both orgs is to change."""
    rows = any(name.startswith("map_") for name in form.changed_data)
    return rows or bool(set(SHARED_CHOICES) & set(form.changed_data))


def _with_line(label: Any, line: Any) -> SafeString:
    """A choice and, under it, what follows from it."""
    return format_html('<span>{}<br><span class="small quiet-text">{}</span></span>', label, line)


def _campaign_groups(options: Options) -> list[tuple[str, list[tuple[str, str]]]]:
    """Campaigns with their statuses; the first status is the campaign's own default."""
    return [
        (
            campaign.name,
            [
                (f"{campaign.id}{BAR}{status}", f"{campaign.name}: {status}")
                for status in campaign.statuses or ("",)
            ],
        )
        for campaign in options.campaigns
    ]


def _values(choices: Iterable[Any]) -> set[str]:
    """All values of choices, groups included."""
    found: set[str] = set()
    for value, label in choices:
        if isinstance(label, list):
            found |= {inner for inner, _label in label}
        else:
            found.add(value)
    return found
