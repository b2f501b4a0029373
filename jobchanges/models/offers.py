"""What an org offers to choose from for the settings, as last asked in the background."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import OrgEpoch


class OrgOffer(models.Model):
    """Users, campaigns and lead sources of one org; whoever asks it holds the row meanwhile."""

    epoch = models.OneToOneField(OrgEpoch, on_delete=models.CASCADE, related_name="offer")
    asked_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # `jobchanges.settings_options.Options.as_json()`; kept when the org did not answer again.
    options = models.JSONField(default=dict, blank=True)
    # `jobchanges.settings_known.Known.as_json()`: what the org holds of a few waiting job changes.
    known = models.JSONField(
        default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    error = models.CharField(max_length=500, blank=True)
    setup_path = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("what an org offers")
        verbose_name_plural = _("what orgs offer")

    def __str__(self) -> str:
        return f"{self.epoch}"

    @property
    def asking(self) -> bool:
        """Whether an answer is on its way."""
        if self.error:
            return False
        return self.answered_at is None or self.answered_at < self.asked_at
