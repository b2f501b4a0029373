"""Where each customer stood when the facts were last looked at: to sort, filter and count by."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer


class Standing(models.Model):
    """A copy of what follows from facts, so that ten thousand customers can be sorted in SQL.

    Never a source: what a page shows of a customer is derived again when it is shown
    (`portal/standing.py`). `stale` since something happened; the sweep looks again.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="standing"
    )
    # `sandbox`, `production` or `go_live`; and whether nothing is left but regular batches.
    stage = models.CharField(max_length=20, blank=True, default="")
    live = models.BooleanField(default=False)
    live_since = models.DateTimeField(null=True, blank=True)
    # The first open step of each side, "" where it has none, and since when it is its turn.
    vendor_step = models.CharField(max_length=60, blank=True, default="")
    vendor_since = models.DateTimeField(null=True, blank=True)
    customer_step = models.CharField(max_length=60, blank=True, default="")
    customer_since = models.DateTimeField(null=True, blank=True)
    # Something is wrong whatever the time: a step needs attention, or the customer is on hold.
    attention = models.BooleanField(default=False)
    # From when on it counts as stuck, if nothing happens.
    stuck_from = models.DateTimeField(null=True, blank=True)
    stale = models.BooleanField(default=True)
    looked_at = models.DateTimeField(default=timezone.now)
    # Who looks now: an answer is kept only from whoever began last (`standings_refresh`).
    look = models.CharField(max_length=32, blank=True, default="", db_index=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(fields=["stale", "looked_at"], name="standing_to_look_at"),
            models.Index(fields=["live", "vendor_since"], name="standing_on_us"),
            models.Index(fields=["live", "customer_since"], name="standing_on_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.vendor_step or self.customer_step or self.stage}"
