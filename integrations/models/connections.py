"""A connection is customer × environment; an epoch is one org id it has had."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Environment
from integrations.fields import EncryptedTextField
from integrations.oauth.hosts import token_host


class Health(models.TextChoices):
    """What the connection is good for (product.md, section 4)."""

    CONNECTED = "connected", _("Connected")
    NEEDS_RECONNECTING = "needs_reconnecting", _("Needs reconnecting")
    DISCONNECTED = "disconnected", _("Disconnected")


class OrgKind(models.TextChoices):
    """What Organization says the org is (platform reference, 4.2)."""

    SANDBOX = "sandbox", _("Sandbox")
    PRODUCTION = "production", _("Production")
    DEVELOPER = "developer", _("Developer Edition")
    TRIAL = "trial", _("Trial org")
    SCRATCH = "scratch", _("Scratch org")


class Connection(models.Model):
    """One customer's way into one of its two orgs. Tokens are encrypted at rest (rule 8)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="connections")
    environment = models.CharField(_("environment"), max_length=20, choices=Environment.choices)
    health = models.CharField(
        _("health"), max_length=20, choices=Health.choices, default=Health.CONNECTED
    )
    health_reason = models.CharField(_("reason"), max_length=300, blank=True)
    health_since = models.DateTimeField(_("since"), default=timezone.now)
    epoch = models.ForeignKey(
        "integrations.OrgEpoch",
        verbose_name=_("current org"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    connected_at = models.DateTimeField(_("connected"), default=timezone.now)
    login_host = models.URLField(max_length=300)
    scopes = models.CharField(max_length=300, blank=True)
    access_token = EncryptedTextField(blank=True, editable=False)
    refresh_token = EncryptedTextField(blank=True, editable=False)
    token_generation = models.PositiveIntegerField(default=0, editable=False)
    refresh_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    token_refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    api_calls_used = models.PositiveIntegerField(_("API calls, last 24 h"), null=True, blank=True)
    api_calls_limit = models.PositiveIntegerField(_("API calls allowed"), null=True, blank=True)
    api_calls_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(_("last answer"), null=True, blank=True)
    # When the warning was sent that the refresh token will end from lack of use.
    idle_warned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["customer", "environment"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "environment"], name="connection_once_an_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_environment_display()}"

    @property
    def is_live(self) -> bool:
        """Whether the org can be asked right now, as far as is known."""
        return self.health == Health.CONNECTED

    @property
    def token_host(self) -> str:
        """Where our tokens are refreshed and revoked (`integrations.oauth.hosts`)."""
        instance_url = self.epoch.instance_url if self.epoch else ""
        return token_host(login_host=self.login_host, instance_url=instance_url)


class OrgEpoch(models.Model):
    """One org id that a connection has had; a refreshed sandbox starts a new one."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="epochs")
    org_id = models.CharField(_("org ID"), max_length=18)
    number = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("org"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=OrgKind.choices)
    organization_type = models.CharField(_("edition"), max_length=80, blank=True)
    instance_name = models.CharField(max_length=40, blank=True)
    instance_url = models.URLField(max_length=300)
    identity_url = models.URLField(max_length=300)
    user_id = models.CharField(max_length=18)
    username = models.CharField(_("Salesforce user"), max_length=200)
    user_name = models.CharField(max_length=200, blank=True)
    user_is_administrator = models.BooleanField(default=False)
    app_installed = models.BooleanField(_("connected app installed"), null=True)
    # Approve Uninstalled Connected Apps, or Use Any API Client; None: the org does not say.
    has_temporary_permission = models.BooleanField(_("temporary permission"), null=True)
    newest_api_version = models.CharField(
        _("newest API version"), max_length=10, blank=True, db_default=""
    )
    package_installed = models.BooleanField(_("package installed"), null=True)
    package_version = models.CharField(_("package"), max_length=40, blank=True)
    package_manifest = models.CharField(max_length=40, blank=True)
    facts_at = models.DateTimeField(_("asked"), null=True, blank=True)
    facts_error = models.CharField(max_length=500, blank=True)
    # When the sweep had it asked last, whether it answered or not.
    facts_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("org")
        verbose_name_plural = _("orgs")
        ordering = ["connection", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "org_id"], name="epoch_once_an_org_and_connection"
            ),
            models.UniqueConstraint(
                fields=["org_id"], condition=Q(ended_at=None), name="org_connected_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def record_url(self, record_id: str) -> str:
        """The address at which a person opens a record of this org."""
        return f"{self.instance_url}/{record_id}"


class OrgCallSlot(models.Model):
    """One of the calls that an org may get from us at the same time, over all workers.

    Held by one client until `until`, then anybody's: a worker that died gives it back by itself.
    """

    org_id = models.CharField(max_length=18)
    number = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("call slot")
        verbose_name_plural = _("call slots")
        constraints = [
            models.UniqueConstraint(fields=["org_id", "number"], name="call_slot_once_an_org")
        ]

    def __str__(self) -> str:
        return f"{self.org_id} · {self.number}"
