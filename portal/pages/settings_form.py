"""The form of where job changes go: choices come from the connected org."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import EnvironmentSettings, OutputSettings, OwnerRule, RecordMode
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.services.settings import Options, SettingsValues

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
}
OWNER_RULES = {
    OwnerRule.ACCOUNT_OWNER: gettext_lazy("Inactive account owner: the default owner."),
    OwnerRule.DEFAULT_OWNER: gettext_lazy("Your own rules may reassign it later."),
}
# A campaign and its status are chosen together: "701…|Sent". Names of statuses hold no bar.
BAR = "|"


class SettingsForm(forms.Form):
    """Fields carry the names of `SettingsValues`; `campaign` stands for its two."""

    record_mode = forms.ChoiceField(label=gettext_lazy("Which record does a job change become?"))
    contact_owner_rule = forms.ChoiceField(label=gettext_lazy("Who owns a created contact?"))
    default_owner_id = forms.ChoiceField(
        label=gettext_lazy("Default owner"),
        help_text=gettext_lazy("Owns created leads and accounts, and contacts without an owner."),
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

    def __init__(self, *args: Any, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self._boxed("record_mode", RecordMode.choices, RECORD_MODES)
        self._boxed("contact_owner_rule", OwnerRule.choices, OWNER_RULES)
        owners = [(owner.id, owner.name) for owner in options.owners]
        self._select("default_owner_id", [("", _("Choose a user")), *owners])
        self._select("campaign", [("", _("No campaign")), *_campaign_groups(options)])
        if options.lead_source_restricted:
            sources = [(source, source) for source in options.lead_sources]
            self.fields["lead_source"] = forms.ChoiceField(
                label=self.fields["lead_source"].label,
                help_text=_("This org accepts only values of its Lead Source picklist."),
            )
            self._select("lead_source", [("", _("Choose a lead source")), *sources])

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
        """What was chosen, for the service."""
        data = self.cleaned_data
        campaign, _bar, status = data["campaign"].partition(BAR)
        return SettingsValues(
            record_mode=data["record_mode"],
            lead_source=data["lead_source"],
            contact_owner_rule=data["contact_owner_rule"],
            default_owner_id=data["default_owner_id"],
            campaign_id=campaign,
            campaign_status=status,
            run_assignment_rules=data["run_assignment_rules"],
            save_past_alerts=data["save_past_alerts"],
        )

    def problems_add(self, problems: dict[str, str]) -> None:
        """Put the service's sentences next to the fields they are about."""
        for name, sentence in problems.items():
            field = "campaign" if name.startswith("campaign") else name
            self.add_error(field if field in self.fields else None, sentence)


def initial_of(
    output: OutputSettings | None,
    chosen: EnvironmentSettings | None,
    *,
    tested: EnvironmentSettings | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """What stands in the form before anybody types: the saved choices, else the defaults.

    Without choices of its own, production gets the owner and the campaign of the same name as in
    the tested sandbox, where the org offers exactly one.
    """
    output = output or OutputSettings()
    initial = {name: getattr(output, name) for name in SHARED_CHOICES}
    if chosen is not None:
        initial["default_owner_id"] = chosen.default_owner_id
        initial["campaign"] = _campaign_value(chosen.campaign_id, chosen.campaign_status)
    elif tested is not None and options is not None:
        initial["default_owner_id"] = _owner_alike(tested, options)
        initial["campaign"] = _campaign_alike(tested, options)
    return initial


def shared_changed(form: SettingsForm) -> bool:
    """Whether a choice that holds in both orgs is to change."""
    return bool(set(SHARED_CHOICES) & set(form.changed_data))


def _campaign_value(campaign: str, status: str) -> str:
    return f"{campaign}{BAR}{status}" if campaign else ""


def _owner_alike(tested: EnvironmentSettings, options: Options) -> str:
    """The one user with the name of the sandbox's default owner; "" for none or several."""
    alike = [
        owner.id
        for owner in options.owners
        if tested.default_owner_name and owner.person == tested.default_owner_name
    ]
    return alike[0] if len(alike) == 1 else ""


def _campaign_alike(tested: EnvironmentSettings, options: Options) -> str:
    """The one campaign with the name and the member status of the sandbox's; "" otherwise."""
    alike = [
        campaign
        for campaign in options.campaigns
        if tested.campaign_name and campaign.name == tested.campaign_name
    ]
    if len(alike) != 1 or tested.campaign_status not in (alike[0].statuses or ("",)):
        return ""
    return _campaign_value(alike[0].id, tested.campaign_status)


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
