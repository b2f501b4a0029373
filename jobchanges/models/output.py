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


class OwnerRule(models.TextChoices):
    """Who owns a created contact."""

    ACCOUNT_OWNER = "account_owner", _("The owner of the account")
    DEFAULT_OWNER = "default_owner", _("Always the default owner")


# The choices that hold in both orgs; those of one org are in `EnvironmentSettings`.
CHOICES_OF_RULES = ("run_assignment_rules", "save_past_alerts")
SHARED_CHOICES = ("record_mode", "lead_source", "contact_owner_rule", *CHOICES_OF_RULES)


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

        A choice of rules stands in it only where it was made: what was signed before it existed
        was sent as it is when nothing is chosen, and stays valid.
        """
        return {
            name: value
            for name in SHARED_CHOICES
            if (value := getattr(self, name)) or name not in CHOICES_OF_RULES
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
