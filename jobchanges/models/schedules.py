"""After launch: how often new job changes go to production by themselves."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from jobchanges.models.batches import Batch


class SendingSchedule(models.Model):
    """One per customer, from its launch on. Each due time releases a regular batch."""

    class Cadence(models.TextChoices):
        """How often (contact-tracking, 7: delivery cadence)."""

        OFF = "off", _("Not by itself")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="sending_schedule"
    )
    cadence = models.CharField(max_length=10, choices=Cadence.choices, default=Cadence.OFF)
    # Monday is 0.
    weekday = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(6)])
    hour = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(23)])
    time_zone = models.CharField(max_length=63, default="UTC")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_batch = models.ForeignKey(
        Batch, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    last_released_at = models.DateTimeField(null=True, blank=True)
    # The last due time at which nothing waited.
    last_empty_at = models.DateTimeField(null=True, blank=True)
    # Why nothing is released though it is due, as a sentence, and since when. `held_turn`: who acts
    # ("customer", "vendor", "both"; "" where it passes by itself).
    held_reason = models.CharField(max_length=500, blank=True)
    held_turn = models.CharField(max_length=10, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    # Stopped by a person of either side, with the reason that the other one reads.
    stopped_side = models.CharField(max_length=10, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("sending schedule")
        verbose_name_plural = _("sending schedules")

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_cadence_display()}"

    @property
    def is_on(self) -> bool:
        """Whether something goes by itself, unless it is stopped or held."""
        return self.cadence != self.Cadence.OFF

    @property
    def is_stopped(self) -> bool:
        """Whether a person stopped it."""
        return bool(self.stopped_side)
