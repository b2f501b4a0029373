"""Delivery = job change × org id; below it attempts and the ledger (identity-and-state)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Environment
from integrations.models import OrgEpoch
from jobchanges.models.allowances import Allowance
from jobchanges.models.batches import Batch
from jobchanges.models.jobchange import JobChange
from jobchanges.models.runs import TestRun


class WriteRole(models.TextChoices):
    """What a touched record is to its job change."""

    ACCOUNT = "account", _("New account")
    PERSON = "person", _("Person at the new company")
    PAST_PERSON = "past_person", _("Past record")
    CAMPAIGN_MEMBER = "campaign_member", _("Campaign member")
    PACKAGE = "package", _("UserGem")


class ChangedBy(models.TextChoices):
    """Whose user a record was last changed by, as far as it tells who is behind a change."""

    US = "us", _("The integration user")  # we, or automation that runs as it
    AUTOMATED = "automated", _("An automated process")
    PERSON = "person", _("Another user")


class Delivery(models.Model):
    """Says what is to be done, who claimed it and until when. The row is the queue."""

    class State(models.TextChoices):
        """Moves are listed in `jobchanges/delivery/states.py`."""

        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        DELIVERED = "delivered", _("Delivered")
        REFUSED = "refused", _("Salesforce refused it")
        HELD = "held", _("Held")
        UNKNOWN = "unknown", _("No answer yet")
        ORG_GONE = "org_gone", _("The org is gone")

    class Outcome(models.TextChoices):
        """What delivered meant."""

        CREATED = "created", _("Record created")
        ENRICHED = "enriched", _("Existing record enriched")
        PAST_ONLY = "past_only", _("Past record only")
        PACKAGE_ONLY = "package_only", _("UserGem record only")

    job_change = models.ForeignKey(JobChange, on_delete=models.PROTECT, related_name="deliveries")
    epoch = models.ForeignKey(OrgEpoch, on_delete=models.PROTECT, related_name="deliveries")
    org_id = models.CharField(max_length=18)
    environment = models.CharField(max_length=20, choices=Environment.choices)
    test_run = models.ForeignKey(
        TestRun, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    # A delivery keeps its test run when it joins a batch: the run is history, the batch sends.
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    # Of the batch's first part, which is sent alone and looked at before the rest.
    in_first_part = models.BooleanField(default=False, db_default=False)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.WAITING
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    held_reason = models.CharField(max_length=500, blank=True)
    # Which kind of reason: empty where nothing is wrong with us or the org (an overtaken one).
    held_code = models.CharField(max_length=40, blank=True, db_default="")
    # Released for sending: a drafted run's deliveries wait without being sent.
    released_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    # How often Salesforce asked to come back later since it was last released (backing off).
    releases = models.PositiveSmallIntegerField(default=0)
    waiting_reason = models.CharField(max_length=500, blank=True)
    # A delivered one of which something is off: its fields are to be patched by a new attempt.
    correction_asked_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=100, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    unknown_since = models.DateTimeField(null=True, blank=True)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    plan = models.JSONField(default=dict, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True)
    # For the preview: {"labels": {object: {field: label}}, "names": {id: name}}.
    display = models.JSONField(default=dict, blank=True)
    # Who allowed it in production, and the fingerprint of the allowed plan: sending holds what
    # would be written otherwise by then.
    allowance = models.ForeignKey(
        Allowance, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    expected_plan_hash = models.CharField(max_length=64, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["position", "id"]
        constraints = [
            # Rule 3: at most once per org.
            models.UniqueConstraint(
                fields=["job_change", "org_id"], name="delivery_once_a_job_change_and_org"
            )
        ]
        indexes = [
            models.Index(fields=["state", "claimed_until"], name="delivery_queue"),
            models.Index(fields=["batch", "state"], name="delivery_batch_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.job_change} → {self.org_id}"

    @property
    def delivery_key(self) -> str:
        """The unique external id in the org (write-protocol: the key)."""
        return f"{self.job_change.key}:{self.org_id}"


class Attempt(models.Model):
    """One try at a delivery: what was planned, what the org answered."""

    class Outcome(models.TextChoices):
        """How the try ended; empty while it runs."""

        DELIVERED = "delivered", _("Delivered")
        FOUND = "found", _("Found in the org: delivered before")
        REFUSED = "refused", _("Refused")
        HELD = "held", _("Held")
        RELEASED = "released", _("Not written, will be tried again")
        UNKNOWN = "unknown", _("No answer")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    worker = models.CharField(max_length=100, blank=True)
    plan = models.JSONField(default=dict)
    plan_hash = models.CharField(max_length=64, blank=True)
    # The labels and names as they were: same shape as `Delivery.display`.
    display = models.JSONField(default=dict, blank=True)
    is_correction = models.BooleanField(default=False)
    held_reason = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    errors = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["delivery", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="attempt_number_once_a_delivery"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery} #{self.number}"


class RecordWrite(models.Model):
    """The ledger: one touched record of one attempt, before and after."""

    class Operation(models.TextChoices):
        """What was done to the record."""

        CREATE = "create", _("Created")
        UPDATE = "update", _("Updated")

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="writes")
    sequence = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=20, choices=WriteRole.choices)
    object_name = models.CharField(max_length=80)
    record_id = models.CharField(max_length=18)
    operation = models.CharField(max_length=10, choices=Operation.choices)
    before = models.JSONField(default=dict, blank=True)
    sent = models.JSONField(default=dict)
    stored = models.JSONField(null=True, blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)
    settled = models.JSONField(null=True, blank=True)
    settle_due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Who changed the record last when it was read again, and when (the org's words).
    changed_by = models.CharField(max_length=200, blank=True)
    changed_by_kind = models.CharField(
        max_length=20, choices=ChangedBy.choices, blank=True, db_default=""
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    # Deleted in the org, or hidden from the connected user, when it was read again.
    gone = models.BooleanField(default=False)
    # Fields that were sent and that the connected user may not read: what they hold is not known.
    hidden = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    # Deleted, or put back as it was, by a clean-up of a sandbox test.
    removed_at = models.DateTimeField(null=True, blank=True)
    # Names behind ids in sent/stored/settled, as the org gave them: {id: name}.
    names = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("record write")
        verbose_name_plural = _("ledger")
        ordering = ["attempt", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "sequence"], name="record_write_once_an_attempt_and_place"
            )
        ]
        indexes = [
            models.Index(fields=["settled_at", "settle_due_at"], name="write_to_settle"),
            models.Index(fields=["record_id"], name="write_record"),
        ]

    def __str__(self) -> str:
        return f"{self.object_name} {self.record_id}"


class OrgLease(models.Model):
    """One writing group at a time per org (write-protocol, Groups), and how that org copes."""

    org_id = models.CharField(max_length=18, unique=True)
    holder = models.CharField(max_length=100, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    # How many graphs go into one call; adapts towards about ten seconds a call.
    group_size = models.PositiveSmallIntegerField(default=5)
    # The org asked for a rest, or could not be reached: nothing is asked before.
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    # Where in the org's Setup the reason is mended: a path of `setup_links`.
    pause_setup = models.CharField(max_length=200, blank=True, db_default="")
    failures = models.PositiveSmallIntegerField(default=0)
    # Seconds that one job change took in the newest call: how many are worth matching together.
    seconds_each = models.FloatField(null=True, blank=True)
    # Whether it rests because the calls of its day are used up ("day") or used up to what is left
    # to others ("reserve"), from when on they are probably free, and how many were used when it
    # was looked: [[moment, calls], …], newest last.
    pause_kind = models.CharField(max_length=10, blank=True, db_default="")
    calls_free_at = models.DateTimeField(null=True, blank=True)
    usage_seen = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    # What larger visits cost: calls, and job changes that got their answer for them.
    calls_seen = models.PositiveIntegerField(default=0, db_default=0)
    answers_seen = models.PositiveIntegerField(default=0, db_default=0)
    # Whether a call that writes several job changes is one call of the org's day; None: not seen.
    counts_once = models.BooleanField(null=True, blank=True)

    class Meta:
        verbose_name = _("org lease")
        verbose_name_plural = _("org leases")

    def __str__(self) -> str:
        return self.org_id
