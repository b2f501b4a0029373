"""Tracking reports: which people to look for. Production only (rule 5)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from integrations.models.connections import OrgEpoch


class ReportListing(models.Model):
    """The reports that the integration user may open in a production org, as last asked."""

    epoch = models.OneToOneField(OrgEpoch, on_delete=models.CASCADE, related_name="report_listing")
    asked_at = models.DateTimeField(default=timezone.now)
    # Whoever asks the org holds the row until then.
    lease_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # `{"id", "name", "folder", "format", "last_run"}` each.
    reports = models.JSONField(default=list, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("list of reports")
        verbose_name_plural = _("lists of reports")

    def __str__(self) -> str:
        return f"{self.epoch}"


class TrackingReport(models.Model):
    """A report that the customer chose as a list of people. Its rows are never stored."""

    class State(models.TextChoices):
        ASKING = "asking", _("Being asked")
        READY = "ready", _("Readable")
        # A person maps columns, or gives access in Salesforce: `problems` says which.
        ATTENTION = "attention", _("Needs attention")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="tracking_reports"
    )
    epoch = models.ForeignKey(OrgEpoch, on_delete=models.CASCADE, related_name="tracking_reports")
    report_id = models.CharField(_("report ID"), max_length=18)
    name = models.CharField(_("report"), max_length=200)
    folder = models.CharField(_("folder"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKING)
    # `{"name", "label", "type"}` each, as the report describes itself.
    columns = models.JSONField(default=list, blank=True)
    # Our word (first_name, last_name, email, company) to the report's column.
    column_map = models.JSONField(default=dict, blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    # False: the report has more rows than Salesforce gives out (2,000).
    all_rows = models.BooleanField(null=True)
    problems = models.JSONField(default=list, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chosen_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("tracking report")
        verbose_name_plural = _("tracking reports")
        ordering = ["chosen_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["epoch", "report_id"],
                condition=Q(removed_at=None),
                name="tracking_report_once_an_org",
            )
        ]

    def __str__(self) -> str:
        return self.name
