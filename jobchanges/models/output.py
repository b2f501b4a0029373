"""Where job changes go: one set of choices per customer, ids per environment."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Environment


class RecordMode(models.TextChoices):
    """Which record a job change becomes (contact-tracking, 7.1)."""

    CONTACT_IF_ACCOUNT = (
        "contact_if_account",
        _("Contact if the account exists, otherwise a lead"),
    )
    ALWAYS_LEAD = "always_lead", _("Always a lead")
    ALWAYS_CONTACT = "always_contact", _("Always a contact and account")
    # The package's record only; the customer's own flow makes the rest of it.
    FLOW_TEMPLATE = "flow_template", _("The UserGem record only: our own flow does the rest")


class OwnerRule(models.TextChoices):
    """Who owns a created contact."""

    ACCOUNT_OWNER = "account_owner", _("The owner of the account")
    ACCOUNT_LOOKUP = "account_lookup", _("Another user named on the account")
    ROUND_ROBIN = "round_robin", _("A list of people in turn")
    DEFAULT_OWNER = "default_owner", _("Always the default owner")


class LeadOwnerRule(models.TextChoices):
    """Who owns a created lead, where no assignment rule of the org chooses."""

    DEFAULT_OWNER = "default_owner", _("Always the default owner")
    ROUND_ROBIN = "round_robin", _("A list of people in turn")


# The choices that hold in both orgs; those of one org are in `EnvironmentSettings`.
CHOICES_ALWAYS_SIGNED = ("record_mode", "lead_source", "contact_owner_rule")
# What each of these is where nobody chose it: what was signed before it existed was sent so.
CHOICES_SINCE: dict[str, Any] = {
    "run_assignment_rules": False,
    "save_past_alerts": False,
    "lead_owner_rule": "default_owner",
    "contact_owner_field": "",
    "lead_account_field": "",
    "update_past_record": True,
    "field_mapping": [],
}
SHARED_CHOICES = (*CHOICES_ALWAYS_SIGNED, *CHOICES_SINCE)


class OutputSettings(models.Model):
    """The customer's choices that hold in both orgs."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="output_settings"
    )
    record_mode = models.CharField(
        _("which record a job change becomes"),
        max_length=30,
        choices=RecordMode.choices,
        default=RecordMode.CONTACT_IF_ACCOUNT,
    )
    lead_source = models.CharField(_("lead source"), max_length=40, default="UserGems")
    contact_owner_rule = models.CharField(
        _("owner of a created contact"),
        max_length=20,
        choices=OwnerRule.choices,
        default=OwnerRule.ACCOUNT_OWNER,
    )
    # Both are said to Salesforce on every write (platform reference, 2.9), never left to it.
    run_assignment_rules = models.BooleanField(
        _("let the org’s assignment rules choose the owner of new leads"),
        default=False,
        db_default=False,
    )
    save_past_alerts = models.BooleanField(
        _("save records although a duplicate rule alerts"), default=False, db_default=False
    )
    lead_owner_rule = models.CharField(
        _("owner of a created lead"),
        max_length=20,
        choices=LeadOwnerRule.choices,
        default=LeadOwnerRule.DEFAULT_OWNER,
        db_default="default_owner",
    )
    # API names are the same in both orgs. The user lookup on Account for `account_lookup`.
    contact_owner_field = models.CharField(
        _("user named on the account"), max_length=80, blank=True, default="", db_default=""
    )
    # The customer's own lookup on Lead that takes the matched account (contact-tracking, 7).
    lead_account_field = models.CharField(
        _("lookup on the lead that takes the account"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
    )
    update_past_record = models.BooleanField(
        _("mark the past record as left"), default=True, db_default=True
    )
    # A list of `planning.types.FieldMap` as JSON, in the order in which people gave them.
    field_mapping = models.JSONField(
        _("fields filled besides"),
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
    )
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("settings for job changes")
        verbose_name_plural = _("settings for job changes")

    def __str__(self) -> str:
        return str(self.get_record_mode_display())

    def as_signed(self) -> dict[str, Any]:
        """The choices as an approval and the go-live summary hash them.

        A choice that came later stands in it only where it was made: what was signed before it
        existed was sent as it is when nothing is chosen, and stays valid.
        """
        signed = {name: getattr(self, name) for name in CHOICES_ALWAYS_SIGNED}
        return signed | {
            name: value
            for name, unchosen in CHOICES_SINCE.items()
            if (value := getattr(self, name)) != unchosen
        }


class EnvironmentSettings(models.Model):
    """Ids that belong to one org: owners and campaign. Validated against that org."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="environment_settings"
    )
    environment = models.CharField(max_length=20, choices=Environment.choices)
    default_owner_id = models.CharField(_("default owner"), max_length=18, blank=True)
    default_owner_name = models.CharField(max_length=200, blank=True)
    campaign_id = models.CharField(_("campaign"), max_length=18, blank=True)
    campaign_name = models.CharField(max_length=200, blank=True)
    campaign_status = models.CharField(_("member status"), max_length=80, blank=True)
    # Who takes turns where a rule says so: [{"id": user id, "name": …}], in their order.
    round_robin = models.JSONField(
        _("people in turn"),
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
    )
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The org in which these choices were found valid, and when; another org makes them stale.
    validated_org_id = models.CharField(max_length=18, blank=True)
    validated_at = models.DateTimeField(null=True, blank=True)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("settings for one org")
        verbose_name_plural = _("settings for one org")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "environment"], name="settings_once_an_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_environment_display()}"
