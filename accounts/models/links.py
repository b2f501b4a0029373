"""Sign-up links: one customer, one environment, one named person (identity-and-state)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.customers import Customer, Environment


class SignupLink(models.Model):
    """Opens the sign-up page. Only a hash of its token is stored."""

    class State(models.TextChoices):
        """Derived, never stored: see `state`."""

        ACTIVE = "active", _("Waiting to be used")
        SPENT = "spent", _("Used")
        REVOKED = "revoked", _("Revoked")
        REPLACED = "replaced", _("Replaced by a newer link")
        EXPIRED = "expired", _("Expired")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="signup_links")
    environment = models.CharField(_("environment"), max_length=20, choices=Environment.choices)
    person_name = models.CharField(_("person's name"), max_length=150)
    email = models.EmailField(_("person's work e-mail"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True, editable=False)
    proven_at = models.DateTimeField(null=True, blank=True, editable=False)
    proven_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="proven_links",
        help_text=_("Who opened it and proved a work e-mail by code."),
    )
    used_at = models.DateTimeField(_("used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    replaced_by = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="replaces",
    )

    class Meta:
        verbose_name = _("sign-up link")
        verbose_name_plural = _("sign-up links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_environment_display()} · {self.person_name} <{self.email}>"

    @property
    def state(self) -> "SignupLink.State":
        """What the link is good for at this moment."""
        if self.used_at:
            return self.State.SPENT
        if self.replaced_by_id:
            return self.State.REPLACED
        if self.revoked_at:
            return self.State.REVOKED
        if self.expires_at <= timezone.now():
            return self.State.EXPIRED
        return self.State.ACTIVE
