"""Settings templates: leads keep them, managers start a customer's settings from one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import customers_managed_by, person_of
from accounts.numbers import row_number
from jobchanges.models import (
    LeadOwnerRule,
    OutputSettings,
    OwnerRule,
    RecordMode,
    SettingsTemplate,
)
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.settings_templates import template_values
from portal.settings_words import record_mode_words, row_key, row_title, row_words

_PLAIN = tuple(name for name in SHARED_CHOICES if name != "field_mapping")


class SettingsTemplateForm(forms.ModelForm[SettingsTemplate]):
    """The choices that hold in both orgs. Mapped fields come from a customer, and can be removed:
    which fields there are, only an org knows."""

    record_mode = forms.ChoiceField(
        label=gettext_lazy("Which record does a job change become?"),
        choices=RecordMode.choices,
    )
    contact_owner_rule = forms.ChoiceField(
        label=gettext_lazy("Who owns a created contact?"),
        choices=OwnerRule.choices,
    )
    contact_owner_field = forms.CharField(
        label=gettext_lazy("Field of the account that names the owner"),
        required=False,
        max_length=80,
        help_text=gettext_lazy(
            "Its API name, for example SDR_Owner__c. Left out in an org that has no such field."
        ),
    )
    lead_owner_rule = forms.ChoiceField(
        label=gettext_lazy("Who owns a created lead?"),
        choices=LeadOwnerRule.choices,
    )
    lead_source = forms.CharField(label=gettext_lazy("Lead source"), max_length=40)
    lead_account_field = forms.CharField(
        label=gettext_lazy("Lookup on the lead that takes the account"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Its API name. Left out in an org that has no such field."),
    )
    update_past_record = forms.BooleanField(
        label=gettext_lazy("Mark the lead or contact at the past company as left"), required=False
    )
    run_assignment_rules = forms.BooleanField(
        label=gettext_lazy("Let lead assignment rules choose the owner of new leads"),
        required=False,
    )
    save_past_alerts = forms.BooleanField(
        label=gettext_lazy("Save records although a duplicate rule alerts"), required=False
    )
    rows = forms.MultipleChoiceField(
        label=gettext_lazy("Fields filled besides"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Those ticked are kept. Others are added by keeping a customer’s settings as a "
            "template; in an org without such a field they are left out."
        ),
    )

    class Meta:
        model = SettingsTemplate
        fields = ("name", "note", "is_offered")

    # Set by the admin for a template that is kept from a customer's settings.
    kept: Mapping[str, Any] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" not in self.fields:  # those who may only read it
            return
        started = self.kept if self.kept is not None else self.instance.values
        values = template_values(started)
        self.mapped = {row_key(row): row for row in values["field_mapping"]}
        for name in _PLAIN:
            self.initial.setdefault(name, values[name])
        self.initial.setdefault("rows", list(self.mapped))
        rows = self.fields["rows"]
        if isinstance(rows, forms.MultipleChoiceField):
            rows.choices = [
                (key, f"{row_title(row, {})}: {row_words(row)}") for key, row in self.mapped.items()
            ]
        if not self.mapped:
            del self.fields["rows"]

    def save(self, commit: bool = True) -> SettingsTemplate:
        """With the choices as they are kept."""
        kept = set(self.cleaned_data.get("rows", ()))
        self.instance.values = {name: self.cleaned_data[name] for name in _PLAIN} | {
            "field_mapping": [row for key, row in self.mapped.items() if key in kept]
        }
        return super().save(commit=commit)


@admin.register(SettingsTemplate)
class SettingsTemplateAdmin(admin.ModelAdmin):
    """The list that leads keep. Changing one changes no customer's settings."""

    form = SettingsTemplateForm
    list_display = ["name", "note", "record", "is_offered", "updated_by", "updated_at"]
    search_fields = ["name", "note"]
    list_select_related = ["updated_by"]
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fieldsets = [
        (None, {"fields": ["name", "note", "is_offered"]}),
        (gettext_lazy("Record"), {"fields": ["record_mode"]}),
        (
            gettext_lazy("Owners"),
            {
                "fields": [
                    *("contact_owner_rule", "contact_owner_field"),
                    *("lead_owner_rule", "run_assignment_rules"),
                ]
            },
        ),
        (gettext_lazy("Lead source"), {"fields": ["lead_source", "lead_account_field"]}),
        (
            gettext_lazy("Records that exist"),
            {"fields": ["update_past_record", "save_past_alerts"]},
        ),
    ]

    class Media:
        css = {"all": ["css/admin_desk.css"]}

    @admin.display(description=gettext_lazy("record"))
    def record(self, template: SettingsTemplate) -> str:
        """Which record a job change becomes."""
        return record_mode_words(template_values(template.values))

    def get_fieldsets(self, request: HttpRequest, obj: SettingsTemplate | None = None) -> Any:
        """The mapped fields only where there are some."""
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ["name", "note", "record"]})]
        kept = _kept(request) if obj is None else obj.values
        if not template_values(kept or {})["field_mapping"]:
            return self.fieldsets
        return [*self.fieldsets, (_("Fields filled besides"), {"fields": ["rows"]})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: SettingsTemplate | None = None
    ) -> tuple[str, ...]:
        """Those who may not change one read it."""
        return () if self.has_change_permission(request, obj) else ("name", "note", "record")

    def get_form(
        self,
        request: HttpRequest,
        obj: SettingsTemplate | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The form knows the customer whose settings are kept."""
        # Its fields are the form's own: admin would look for those of the model.
        kwargs["fields"] = ["name", "note", "is_offered"]
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            form.kept = _kept(request)
        return form

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: SettingsTemplate | None = None,
    ) -> HttpResponse:
        """As every form of the desk: 422 where something is wrong."""
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if context.get("errors"):
            response.status_code = 422
        return response

    def save_model(
        self, request: HttpRequest, obj: SettingsTemplate, form: Any, change: bool
    ) -> None:
        """Who changed it, and when."""
        obj.updated_by, obj.updated_at = person_of(request), timezone.now()
        super().save_model(request, obj, form, change)


def _kept(request: HttpRequest) -> Mapping[str, Any] | None:
    """The choices of the customer named in the address, if the reader manages it."""
    pk = row_number(request.GET.get("customer", ""))
    if pk is None:
        return None
    customers = customers_managed_by(request.user)
    output = OutputSettings.objects.filter(Q(customer=pk), customer__in=customers).first()
    if output is None:
        return None
    return {name: getattr(output, name) for name in SHARED_CHOICES}
