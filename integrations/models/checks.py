"""What an org was asked about itself, and what it answered, check by check."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import OrgEpoch


class Outcome(models.TextChoices):
    """How a check ends (product.md, section 5)."""

    PASS = "pass", _("Right")
    WARNING = "warning", _("Look at this")
    FAIL = "fail", _("To fix")
    CANNOT = "cannot", _("Cannot be checked")
    ERROR = "error", _("Could not be asked")


class CheckRun(models.Model):
    """One round of questions to one org: all checks, or some. One at a time per org.

    The row is the queue: a task is only a wake-up call. Whoever works on it holds it until
    `lease_until`; a run whose worker died is ended by the sweep, with a sentence.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")
        # The org did not answer at all, or the worker died: `error` says which.
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        CONNECTED = "connected", _("after connecting")
        ASKED = "asked", _("on demand")
        BEFORE = "before", _("before sending, allowing or signing")
        APPROVED = "approved", _("when the sandbox test was approved")
        AGED = "aged", _("because the answers had aged")
        SETTINGS = "settings", _("after the settings were saved")

    class Snapshot(models.TextChoices):
        NONE = "", _("none")
        CURRENT = "current", _("as the org is now")
        BASELINE = "baseline", _("as it was approved")

    epoch = models.ForeignKey(OrgEpoch, on_delete=models.CASCADE, related_name="check_runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    # Names of the checks asked for; empty for all of them.
    names = models.JSONField(default=list, blank=True)
    snapshot = models.CharField(
        max_length=10, choices=Snapshot.choices, default=Snapshot.NONE, blank=True
    )
    # What a baseline belongs to, such as "test-run-12".
    reference = models.CharField(max_length=60, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    api_calls = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("check run")
        verbose_name_plural = _("check runs")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["epoch"], condition=Q(ended_at=None), name="one_open_check_run_an_org"
            )
        ]

    def __str__(self) -> str:
        return f"{self.epoch} · {self.get_reason_display()}"

    @property
    def is_outdated(self) -> bool:
        """Whether settings were saved after it had begun: it asked by those of before."""
        began = self.started_at
        return bool(
            self.reason == self.Reason.SETTINGS and began is not None and self.asked_at > began
        )


class CheckResult(models.Model):
    """The newest answer to one check in one org, kept until a newer one comes.

    An org that could not be asked leaves the last answer standing, with `error` beside it;
    `outcome` is `error` only where there never was one.
    """

    epoch = models.ForeignKey(OrgEpoch, on_delete=models.CASCADE, related_name="check_results")
    name = models.CharField(max_length=40)
    run = models.ForeignKey(
        CheckRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="results"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # Since when the outcome is this one, and when it was last found.
    since = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)
    # One line: what was found.
    found = models.CharField(max_length=500)
    # `integrations.checks.base.Item.as_json()`, those to act on first.
    items = models.JSONField(default=list, blank=True)
    # For "cannot": the right that is missing, in words.
    missing_right = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("check result")
        verbose_name_plural = _("check results")
        ordering = ["epoch", "name"]
        constraints = [
            models.UniqueConstraint(fields=["epoch", "name"], name="one_result_a_check_and_org")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class Snapshot(models.Model):
    """What an org is configured like, reduced to what delivery depends on.

    The current one of an org is replaced by the next; a baseline stays as it was approved.
    """

    epoch = models.ForeignKey(OrgEpoch, on_delete=models.CASCADE, related_name="snapshots")
    purpose = models.CharField(max_length=10, choices=CheckRun.Snapshot.choices)
    reference = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(default=timezone.now)
    # `integrations.snapshots.content.Content.as_json()`.
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["epoch", "purpose", "reference"], name="snapshot_once_a_purpose_and_org"
            )
        ]

    def __str__(self) -> str:
        return f"{self.epoch} · {self.purpose}"
