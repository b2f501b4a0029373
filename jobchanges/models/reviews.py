"""What each side says of a delivered job change, and of the run as a whole."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobchanges.models.deliveries import Attempt, Delivery
from jobchanges.models.runs import TestRun


class Side(models.TextChoices):
    """Who speaks: the customer's people or ours."""

    CUSTOMER = "customer", _("Customer")
    VENDOR = "vendor", _("UserGems")


class Verdict(models.TextChoices):
    """What a side says of one job change."""

    RIGHT = "right", _("Looks right")
    OFF = "off", _("Something is off")
    SET_ASIDE = "set_aside", _("Set aside")


class Review(models.Model):
    """One side's verdict on one attempt. A new attempt starts without verdicts."""

    class Category(models.TextChoices):
        """Where the fault seems to lie."""

        WRONG_RECORD = "wrong_record", _("Wrong kind of record")
        WRONG_MATCH = "wrong_match", _("Wrong account or person")
        OWNER = "owner", _("Owner")
        FIELD = "field", _("A field's value")
        CAMPAIGN = "campaign", _("Campaign")
        DUPLICATE = "duplicate", _("Duplicate")
        OTHER = "other", _("Something else")

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="reviews")
    side = models.CharField(max_length=10, choices=Side.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    comment = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["attempt", "side"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "side"], name="review_once_a_side")
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.get_verdict_display()}"


class Comment(models.Model):
    """A word on one delivery, from either side."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="comments")
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["delivery", "at"]

    def __str__(self) -> str:
        return self.text[:60]


class RunApproval(models.Model):
    """One side's approval of a run, over the hash of exactly what was approved (rule 9)."""

    test_run = models.ForeignKey(TestRun, on_delete=models.CASCADE, related_name="approvals")
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    # The run-level questions (product.md, sandbox.test).
    seen_as_rep = models.BooleanField(_("seen as a sales rep"), null=True, blank=True)
    lead_converted = models.BooleanField(_("one lead converted"), null=True, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["test_run", "at"]
        constraints = [
            models.UniqueConstraint(fields=["test_run", "side"], name="approval_once_a_side")
        ]

    def __str__(self) -> str:
        return f"{self.test_run}: {self.get_side_display()}"
