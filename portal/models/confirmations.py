"""Steps a person vouches for where the org is not asked, and steps that were waived."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from integrations.models import OrgEpoch


class StepWord(models.Model):
    """What a person said about a step of one epoch; one word of a kind stands at a time.

    It expires with the epoch it was given for. `epoch` is empty for what is said before connecting.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="%(class)ss")
    step = models.CharField(max_length=60)
    epoch = models.ForeignKey(
        OrgEpoch, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "step", "epoch"],
                condition=Q(withdrawn_at=None),
                name="one_standing_%(class)s_a_step",
            ),
            # An empty epoch equals no other one in SQL, so it needs a promise of its own.
            models.UniqueConstraint(
                fields=["customer", "step"],
                condition=Q(withdrawn_at=None, epoch=None),
                name="one_standing_%(class)s_a_step_before_connecting",
            ),
        ]


class Confirmation(StepWord):
    """A person says a step is done; shown as "confirmed by …, not checked", never as checked."""

    statement = models.TextField()

    class Meta(StepWord.Meta):
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")

    def __str__(self) -> str:
        return f"{self.step}: {self.by}"


class Waiver(StepWord):
    """A step, a point of a check, or a difference between two orgs set aside with a reason.

    `subject` is empty for a whole step; else `check:NAME:KEY` or `difference:KIND:KEY`, and
    `subject_hash` is what exactly was set aside: a point that is another one since is open again.
    A warning may be accepted by the customer's admin; everything else is the manager's.
    """

    reason = models.CharField(max_length=300)
    subject = models.CharField(max_length=300, blank=True, db_default="")
    subject_hash = models.CharField(max_length=64, blank=True, db_default="")
    # "customer" or "vendor": for which side the person spoke.
    side = models.CharField(max_length=10, default="vendor", db_default="vendor")

    class Meta(StepWord.Meta):
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "step", "subject", "epoch"],
                condition=Q(withdrawn_at=None),
                name="one_standing_waiver_a_subject",
            ),
            models.UniqueConstraint(
                fields=["customer", "step", "subject"],
                condition=Q(withdrawn_at=None, epoch=None),
                name="one_standing_waiver_a_subject_before_connecting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject or self.step}: {self.reason}"
