"""The event log: append-only, one chain of hashes per customer (product.md, rule 9)."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.customers import Customer


class EventQuerySet(models.QuerySet["Event"]):
    """Refuses bulk changes: an event is written once."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("Events are append-only.")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise TypeError("Events are append-only.")


class Event(models.Model):
    """Who did what, when and to exactly what. Holds identifiers and hashes, no personal data."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    action = models.CharField(max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    side = models.CharField(max_length=10)
    environment = models.CharField(max_length=20, blank=True)
    org_id = models.CharField(max_length=18, blank=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["customer", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "sequence"], name="event_sequence_once_a_customer"
            )
        ]
        indexes = [models.Index(fields=["customer", "-created_at"], name="event_newest_first")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; refuse every later change."""
        if self.pk is not None:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("Events are append-only.")
