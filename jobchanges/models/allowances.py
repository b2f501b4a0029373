"""The customer allows a production test: once, for exactly these plans (product.md, rule 1)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobchanges.models.runs import TestRun


class Allowance(models.Model):
    """Says who allowed which plans from when on. A changed plan needs another one.

    A delivery that it covers points to it and keeps the fingerprint that was allowed
    (`Delivery.allowance`, `Delivery.expected_plan_hash`).
    """

    test_run = models.ForeignKey(TestRun, on_delete=models.PROTECT, related_name="allowances")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(_("from"))
    # What was shown: org, plans by delivery key with their fingerprints, owners, counts.
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    meaning = models.TextField()
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["test_run", "content_hash"],
                condition=models.Q(withdrawn_at=None),
                name="allowed_once_the_same_plans",
            )
        ]

    def __str__(self) -> str:
        return f"{self.test_run}: {self.by}"
