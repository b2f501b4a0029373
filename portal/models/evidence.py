"""Evidence packs: what was handed out as proof, and the files as long as they may be kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer


class EvidencePack(models.Model):
    """One evidence pack: asked for by whom, and the hashes of what was made.

    The row is the queue, and stays when its files go: a copy that somebody kept can be compared
    with it for ever. `head_sequence` and `head_hash` are the newest event that the pack holds.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="evidence_packs")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # "customer" or "vendor": for which side the person asked.
    side = models.CharField(max_length=10)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    # A worker is at it until then; one that died leaves it to the next.
    claimed_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    head_sequence = models.PositiveIntegerField(null=True, blank=True)
    head_hash = models.CharField(max_length=64, blank=True)
    json_sha256 = models.CharField(max_length=64, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    json_bytes = models.PositiveIntegerField(default=0)
    pdf_bytes = models.PositiveIntegerField(default=0)
    # Files go when something that they hold is no longer kept.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("evidence pack")
        verbose_name_plural = _("evidence packs")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(made_at=None, error=""),
                name="one_evidence_pack_being_made",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_being_made(self) -> bool:
        """Whether it is on its way."""
        return self.made_at is None and not self.error

    @property
    def is_kept(self) -> bool:
        """Whether its files can be had."""
        return self.made_at is not None and self.removed_at is None


class EvidenceFile(models.Model):
    """One file of a pack, compressed; apart, so that lists of packs stay light."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        JSON = "json", _("JSON")

    pack = models.ForeignKey(EvidencePack, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        constraints = [
            models.UniqueConstraint(fields=["pack", "kind"], name="evidence_file_once_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.pack} · {self.kind}"
