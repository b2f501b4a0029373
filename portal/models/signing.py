"""The go-live summary, frozen once, and the two signatures over it (identity-and-state)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from jobchanges.models import Batch, Side


class Summary(models.Model):
    """What both sides read and sign. One stands per customer; a change of it voids it.

    `content` is compared with the facts again and again; `shown` and `forecast` are signed as shown
    and never computed again. `signed_hash` covers all three and the cut-off.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="summaries")
    # The moment of freezing is the intake cut-off.
    frozen_at = models.DateTimeField(_("frozen"), default=timezone.now)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    # Names and reasons as they were when it was frozen. A renamed campaign voids nothing.
    shown = models.JSONField(default=dict, blank=True)
    # Made in the background from the org; empty until it is there.
    forecast = models.JSONField(default=dict, blank=True)
    forecast_requested_at = models.DateTimeField(null=True, blank=True)
    # Somebody is at it until then; a worker that died leaves it to the next one.
    forecast_claimed_until = models.DateTimeField(null=True, blank=True)
    forecast_at = models.DateTimeField(null=True, blank=True)
    forecast_error = models.CharField(max_length=500, blank=True)
    signed_hash = models.CharField(max_length=64, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What changed, in words: [{"what": …, "before": …, "after": …}].
    differences = models.JSONField(default=list, blank=True)
    # Released under it. A batch that a void halted goes on under another summary.
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="summaries"
    )
    # The halted batch that goes on under this one, with the members it has.
    continues = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("go-live summary")
        verbose_name_plural = _("go-live summaries")
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(voided_at=None), name="one_standing_summary"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.frozen_at:%Y-%m-%d %H:%M}"

    @property
    def cut_off(self) -> datetime:
        """What was imported later goes into the next batch."""
        return self.continues.cut_off if self.continues else self.frozen_at

    @property
    def ready(self) -> bool:
        """Whether it is complete, so that it can be signed."""
        return bool(self.signed_hash)


class Signature(models.Model):
    """One side's signature: who, in which role, when, from where, and what it means (rule 9)."""

    summary = models.ForeignKey(Summary, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # As they were when signing: names and roles change.
    name = models.CharField(max_length=200)
    email = models.EmailField()
    role = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    meaning = models.TextField()
    signed_hash = models.CharField(max_length=64)
    # The start window belongs to the customer's signature.
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["summary", "side"], name="signed_once_a_side"),
            models.UniqueConstraint(fields=["summary", "by"], name="two_sides_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.name}"
