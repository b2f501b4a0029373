"""A file that was read, and what became of every row of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from jobchanges.models.jobchange import JobChange


class ImportRun(models.Model):
    """One reading of one file; the row-by-row report hangs below it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="import_runs")
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20, blank=True)
    # What was found about the file as a whole, in words: columns left out.
    notes = models.JSONField(_("remarks"), default=list, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Whose key sent it by HTTP (`INTAKE_API_KEYS`); "" for a file.
    client = models.CharField(_("sent by"), max_length=60, blank=True, db_default="")
    created_at = models.DateTimeField(_("read"), default=timezone.now)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_added = models.PositiveIntegerField(_("added"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("known already"), default=0)
    rows_conflicting = models.PositiveIntegerField(_("known with other contents"), default=0)
    rows_rejected = models.PositiveIntegerField(_("rejected"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.created_at:%Y-%m-%d %H:%M})"


class ImportRow(models.Model):
    """What became of one row, with the reasons in words."""

    class Outcome(models.TextChoices):
        """Every row ends in exactly one of these."""

        ADDED = "added", _("Added")
        UNCHANGED = "unchanged", _("Known already")
        CONFLICT = "conflict", _("Known with other contents, not changed")
        REJECTED = "rejected", _("Rejected")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(_("line"))
    key = models.CharField(_("ID"), max_length=100, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    reasons = models.JSONField(_("reasons"), default=list)
    job_change = models.ForeignKey(
        JobChange, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["run", "line"]
        constraints = [
            models.UniqueConstraint(fields=["run", "line"], name="import_line_once_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_outcome_display()}"
