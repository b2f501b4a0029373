"""Cleaning up a sandbox test: what was created is deleted, what was changed is put back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobchanges.models.deliveries import RecordWrite
from jobchanges.models.runs import TestRun


class CleanUp(models.Model):
    """One clean-up of a test run, or of one of its job changes. The row is the queue.

    Two steps, each done by a worker: look (has somebody edited the records since?), and, once a
    person has read what was found, remove. Never for production.
    """

    class State(models.TextChoices):
        """Where it stands; `jobchanges/services/cleaning.py` lists the moves."""

        LOOKING = "looking", _("Being looked at")
        FOUND = "found", _("To be confirmed")
        REMOVING = "removing", _("Being removed")
        DONE = "done", _("Cleaned up")
        LISTED = "listed", _("To be deleted by hand")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        FAILED = "failed", _("Could not be done")

    OPEN_STATES = (State.LOOKING, State.FOUND, State.REMOVING, State.LISTED)

    test_run = models.ForeignKey(TestRun, on_delete=models.CASCADE, related_name="clean_ups")
    # The key of the one job change that is cleaned up; "" for the whole run.
    only_key = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.LOOKING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True, blank=True)
    # Who read what was found and let it be removed, also what somebody had edited since.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("clean-up")
        verbose_name_plural = _("clean-ups")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["test_run"],
                condition=Q(state__in=["looking", "found", "removing", "listed"]),
                name="one_open_clean_up_a_run",
            )
        ]

    def __str__(self) -> str:
        return f"{self.test_run}: {self.get_state_display()}"


class CleanUpItem(models.Model):
    """One record of the ledger and what becomes of it."""

    class Action(models.TextChoices):
        """What the clean-up does with the record."""

        DELETE = "delete", _("Delete")
        PUT_BACK = "put_back", _("Put back as it was")
        LEAVE = "leave", _("Leave as it is")

    class Outcome(models.TextChoices):
        """What became of it; empty while nothing was tried."""

        DONE = "done", _("Done")
        GONE = "gone", _("Was not there any more")
        REFUSED = "refused", _("Refused by Salesforce")
        LEFT = "left", _("Left as it is")

    clean_up = models.ForeignKey(CleanUp, on_delete=models.CASCADE, related_name="items")
    write = models.ForeignKey(RecordWrite, on_delete=models.CASCADE, related_name="clean_up_items")
    action = models.CharField(max_length=10, choices=Action.choices)
    # Why it is left, or what somebody edited since, in words.
    reason = models.CharField(max_length=500, blank=True)
    edited = models.BooleanField(default=False)
    edited_by = models.CharField(max_length=200, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    # Of a record that is put back: its fields. What they get stands in the ledger.
    fields = models.JSONField(default=list, blank=True)
    # The record's LastModifiedDate when it was looked at, in the org's words.
    modified = models.CharField(max_length=40, blank=True)
    # A call for it was about to be made: what is gone or put back afterwards was our doing.
    tried_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("cleaned-up record")
        verbose_name_plural = _("cleaned-up records")
        ordering = ["clean_up", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["clean_up", "write"], name="clean_up_item_once_a_record"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.write}"
