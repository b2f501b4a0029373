"""Where the customer's list of people comes from (product.md, `production.people`)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer


class PeopleSource(models.Model):
    """One choice per customer. Reports are read from production only (rule 5)."""

    class Kind(models.TextChoices):
        """How the list reaches us."""

        REPORTS = "reports", _("Tracking reports in our production Salesforce")
        FILE = "file", _("A file that we send to UserGems")
        ENGINE = "engine", _("UserGems tracks our people already; nothing to send")

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="people_source"
    )
    kind = models.CharField(_("source"), max_length=20, choices=Kind.choices)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("source of people")
        verbose_name_plural = _("sources of people")

    def __str__(self) -> str:
        return str(self.get_kind_display())
