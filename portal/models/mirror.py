"""Production against the tested sandbox, as last compared."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from integrations.models import Snapshot


class Comparison(models.Model):
    """What differs between the snapshots of a customer's two orgs; replaced by the next one."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="comparison")
    # The sandbox as it was approved, production now, and the sandbox now (None: not asked since).
    baseline = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="+")
    production = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="+")
    sandbox = models.ForeignKey(
        Snapshot, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # `integrations.snapshots.comparison.Difference.as_json()`, and drift of the sandbox likewise,
    # each with `since`: when it was first found to be so.
    differences = models.JSONField(default=list)
    drift = models.JSONField(default=list, blank=True)
    # Kinds that could not be compared: kind to a sentence with the missing right.
    unknown = models.JSONField(default=dict, blank=True)
    compared_at = models.DateTimeField(default=timezone.now)
    # When last nothing was left open: what differs since then is new.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")

    def __str__(self) -> str:
        return f"{self.customer}"
