"""A batch: everything that waits for production, released once both sides have signed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from integrations.models import OrgEpoch

FIRST_PART = 20
FAILURE_LIMIT = 20


class Batch(models.Model):
    """Released, a first 20, then the rest. Its deliveries are the queue."""

    class State(models.TextChoices):
        """Moves are listed in `jobchanges/services/batches.py`."""

        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")
        ENDED = "ended", _("Sent")
        VOID = "void", _("Void: production was replaced")

    class Kind(models.TextChoices):
        """Whether people released it at go-live, or the schedule did afterwards."""

        FIRST = "first", _("First batch")
        REGULAR = "regular", _("Regular batch")

    OPEN_STATES = (State.SENDING, State.PAUSED, State.STOPPED)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="batches")
    epoch = models.ForeignKey(
        OrgEpoch, verbose_name=_("org"), on_delete=models.PROTECT, related_name="batches"
    )
    number = models.PositiveIntegerField(default=1)
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind.choices, default=Kind.FIRST, db_default="first"
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.SENDING
    )
    # What was imported later goes into the next batch (identity-and-state, Sign-off).
    cut_off = models.DateTimeField(_("intake cut-off"))
    # Rule 1: the hash that both sides signed, and who they are. Held by constraints below.
    signed_hash = models.CharField(max_length=64)
    customer_signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    vendor_signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), default=timezone.now)
    # The rest is sent after the first part was answered and looked at; empty until then.
    first_done_at = models.DateTimeField(null=True, blank=True)
    wait_after_first = models.BooleanField(default=False)
    # Per cent of the answered since `counted_from` that may be refused before it pauses itself; in
    # a large batch the later ones count more (`delivery/batches.py`).
    failure_limit = models.PositiveSmallIntegerField(
        default=FAILURE_LIMIT, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    # Counted with each answer, so that the limit costs the same however large the batch is; going
    # on after a halt starts anew.
    counted_from = models.DateTimeField(default=timezone.now)
    counted_answers = models.PositiveIntegerField(default=0)
    counted_failures = models.PositiveIntegerField(default=0)
    # Why it is paused or stopped: by which side ("system": by itself), by whom, since when.
    halted_side = models.CharField(max_length=10, blank=True)
    halted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    halted_at = models.DateTimeField(null=True, blank=True)
    halt_reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-released_at"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "number"], name="batch_number_once"),
            models.UniqueConstraint(
                fields=["epoch"],
                condition=Q(state__in=["sending", "paused", "stopped"]),
                name="one_open_batch_an_org",
            ),
            models.CheckConstraint(
                condition=~Q(signed_hash="") & ~Q(customer_signer=F("vendor_signer")),
                name="batch_signed_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(failure_limit__gte=1, failure_limit__lte=100),
                name="batch_failure_limit_is_per_cent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether something of it may still be sent without a person asking for it."""
        return self.state in self.OPEN_STATES
