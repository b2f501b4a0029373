"""A test run: 5 to 10 job changes in one org, one open run per org (product.md, rule 2)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Environment
from integrations.models import OrgEpoch

MINIMUM = 5
MAXIMUM = 10


class TestRun(models.Model):
    """Picked, previewed, sent, reviewed, approved by both sides."""

    __test__ = False  # not a test, whatever test runners make of its name

    class State(models.TextChoices):
        """Where the run stands."""

        DRAFT = "draft", _("Being put together")
        SENDING = "sending", _("Being sent")
        REVIEW = "review", _("In review")
        APPROVED = "approved", _("Approved")
        CLOSED = "closed", _("Closed")
        VOID = "void", _("Void: the sandbox was refreshed")

    OPEN_STATES = (State.DRAFT, State.SENDING, State.REVIEW)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="test_runs")
    environment = models.CharField(_("environment"), max_length=20, choices=Environment.choices)
    epoch = models.ForeignKey(
        OrgEpoch, verbose_name=_("org"), on_delete=models.PROTECT, related_name="test_runs"
    )
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    planned_at = models.DateTimeField(null=True, blank=True)
    plan_error = models.CharField(max_length=500, blank=True)
    plan_requested_at = models.DateTimeField(null=True, blank=True)
    # Production: shown to the customer, who is asked to allow it.
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    close_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("test run")
        verbose_name_plural = _("test runs")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["epoch"],
                condition=Q(state__in=["draft", "sending", "review"]),
                name="one_open_test_run_an_org",
                violation_error_message=_("This org already has an open test run."),
            ),
            models.UniqueConstraint(
                fields=["customer", "environment", "number"], name="test_run_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_environment_display()} test {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.state in self.OPEN_STATES
