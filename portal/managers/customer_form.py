"""The customer's account as staff edit it."""

import re
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Path, Plan, User
from integrations.checks.permissions import permission_list_choices
from portal.services import path_fixed_reason

DOMAIN = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$")
LONGEST_SLUG = 80


class DomainsField(forms.CharField):
    """E-mail domains, one per line, kept as a list."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        """One per line."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Lower-case domains without "@", each once."""
        words = str(super().clean(value)).lower().replace(",", " ").split()
        domains = list(dict.fromkeys(word.lstrip("@") for word in words))
        for domain in domains:
            if not DOMAIN.match(domain):
                raise forms.ValidationError(
                    _("“%(domain)s” is not a domain, such as northwind.com."),
                    params={"domain": domain},
                )
        return domains

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the list differs, whatever the line ends."""
        before = list(initial or [])
        return str(data or "").lower().replace(",", " ").split() != before


class CustomerForm(forms.ModelForm[Customer]):
    """Plan and path obey the rule of the model; who may grant the exception is decided here."""

    # Set by the admin for each request.
    person: User

    email_domains = DomainsField(
        label=_("E-mail domains"),
        required=False,
        help_text=_(
            "One per line. A sign-up link may be forwarded to addresses on these domains only."
        ),
    )

    # The browser's own calendar: needs no script, and fits a phone.
    planned_go_live = forms.DateField(
        label=_("Planned go-live"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("As agreed with the customer. Past it and not live, it counts as overdue."),
    )

    permission_list = forms.ChoiceField(
        label=_("Permission list"),
        required=False,
        choices=permission_list_choices,
        help_text=_(
            "Which version of our list counts for the checks of the integration user. What job "
            "changes really write is checked in any case."
        ),
    )

    class Meta:
        model = Customer
        fields = (
            "name",
            "plan",
            "path",
            "path_reason",
            "implementation_manager",
            "email_domains",
            "planned_go_live",
            "permission_list",
        )

    def clean_permission_list(self) -> str:
        """The version that counts; a form without the field leaves it as it is."""
        return self.cleaned_data["permission_list"] or self.instance.permission_list

    def clean(self) -> dict[str, Any]:
        """The sandbox path comes with Enterprise; elsewhere a lead grants it and says why.

        The path can change until the first production write; what was done stays in the history.
        """
        data: dict[str, Any] = super().clean() or self.cleaned_data
        plan, chosen = data.get("plan"), data.get("path")
        if self.instance.pk and "path" in self.changed_data:
            fixed = path_fixed_reason(self.instance)
            if fixed:
                self.add_error("path", fixed)
                return data
        if chosen != Path.SANDBOX_FIRST or plan == Plan.ENTERPRISE or not plan:
            return data
        lead = self.person.has_perm("accounts.view_all_customers")
        reason = data.get("path_reason", "") if lead else self.instance.path_reason
        if not str(reason).strip():
            rule = next(
                rule
                for rule in Customer._meta.constraints
                if rule.name == "customer_sandbox_path_needs_enterprise_or_reason"
            )
            self.add_error("path_reason" if lead else "path", str(rule.violation_error_message))
        return data

    def save(self, commit: bool = True) -> Customer:
        """A new customer gets an address of its own from its name."""
        if not self.instance.slug:
            self.instance.slug = _slug_free(self.cleaned_data["name"])
        return super().save(commit=commit)


def _slug_free(name: str) -> str:
    """A slug that nobody has: `northwind-traders`, `northwind-traders-2`, …"""
    base = slugify(name)[: LONGEST_SLUG - 6] or "customer"
    taken = set(Customer.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
