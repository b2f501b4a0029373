"""An attempt to connect: from the button to the confirmed connection, or wherever it stopped."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Environment, SignupLink
from integrations.fields import EncryptedTextField


class ConnectAttempt(models.Model):
    """Some failures never come back from Salesforce, so leaving is a state of its own."""

    class State(models.TextChoices):
        """Where the attempt stands."""

        STARTED = "started", _("Sent to Salesforce")
        RETURNED = "returned", _("Back, waiting for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        ABANDONED = "abandoned", _("Given up")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="connect_attempts"
    )
    environment = models.CharField(max_length=20, choices=Environment.choices)
    link = models.ForeignKey(
        SignupLink, on_delete=models.SET_NULL, null=True, related_name="connect_attempts"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State.choices, default=State.STARTED)
    login_host = models.URLField(max_length=300)
    started_at = models.DateTimeField(default=timezone.now)
    returned_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    # Salesforce's own code for it, as it came: letters, digits, _ and - only.
    salesforce_code = models.CharField(max_length=60, blank=True, db_default="")
    # What came back, until the person confirms it: tokens sealed, the org's own words beside.
    sealed_token = EncryptedTextField(blank=True, editable=False)
    identity = models.JSONField(default=dict, blank=True)
    organization = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("connect attempt")
        verbose_name_plural = _("connect attempts")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_environment_display()} · {self.get_state_display()}"
