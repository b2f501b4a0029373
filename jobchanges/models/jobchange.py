"""A job change: one tracked person left one company and, mostly, joined another."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer


class Kind(models.TextChoices):
    """What happened (contact-tracking reference, section 9)."""

    JOINED = "joined", _("Left and joined")
    LEFT = "left", _("Left, new job unknown")
    PROMOTION = "promotion", _("Promotion")


class JobChange(models.Model):
    """As imported; never edited afterwards. Columns follow contact-tracking, section 9."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="job_changes")
    key = models.CharField(_("ID"), max_length=60)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100)
    linkedin_url = models.CharField(max_length=300, blank=True)
    person_country = models.CharField(max_length=100, blank=True)
    person_state = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    past_email = models.CharField(max_length=254, blank=True)
    past_company_name = models.CharField(_("past company"), max_length=255)
    past_title = models.CharField(max_length=255, blank=True)
    past_contact_id = models.CharField(max_length=18, blank=True)
    past_lead_id = models.CharField(max_length=18, blank=True)
    past_account_id = models.CharField(max_length=18, blank=True)
    relationship_type = models.CharField(max_length=100)
    new_email = models.CharField(max_length=254, blank=True)
    new_company_name = models.CharField(_("new company"), max_length=255, blank=True)
    new_company_domain = models.CharField(max_length=255, blank=True)
    new_company_website = models.CharField(max_length=300, blank=True)
    new_company_employees = models.PositiveIntegerField(null=True, blank=True)
    new_company_country = models.CharField(max_length=100, blank=True)
    new_company_city = models.CharField(max_length=100, blank=True)
    new_title = models.CharField(max_length=255, blank=True)
    job_started_date = models.DateField(null=True, blank=True)
    role_started_date = models.DateField(null=True, blank=True)
    is_target_company = models.BooleanField(default=False)
    detected_at = models.DateTimeField(_("detected"))
    content_hash = models.CharField(max_length=64)
    imported_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("job change")
        verbose_name_plural = _("job changes")
        ordering = ["customer", "detected_at", "key"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "key"], name="job_change_once_a_customer")
        ]

    def __str__(self) -> str:
        return self.person_name

    @property
    def person_name(self) -> str:
        """First and last name, as shown everywhere."""
        if self.is_erased:
            return gettext("Erased person")
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_erased(self) -> bool:
        """Whether the person was erased: no import leaves the last name empty."""
        return not self.last_name
