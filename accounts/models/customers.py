"""The customer company and who of its people may do what."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Environment(models.TextChoices):
    """Which of a customer's two orgs."""

    SANDBOX = "sandbox", _("Sandbox")
    PRODUCTION = "production", _("Production")


class Plan(models.TextChoices):
    """What the customer bought; the sandbox path comes with Enterprise (seed guide)."""

    GROWTH = "growth", _("Growth")
    ENTERPRISE = "enterprise", _("Enterprise")


class Path(models.TextChoices):
    """The journey a customer takes (product.md, section 2)."""

    SANDBOX_FIRST = "sandbox_first", _("Sandbox first")
    PRODUCTION_ONLY = "production_only", _("Production only")


class Role(models.TextChoices):
    """What a person may do for their customer (product.md, section 1)."""

    ADMIN = "admin", _("Admin")
    REVIEWER = "reviewer", _("Reviewer")
    APPROVER = "approver", _("Approver")


class Customer(models.Model):
    """One company with one account; both of its orgs connect to it."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    plan = models.CharField(_("plan"), max_length=20, choices=Plan.choices, default=Plan.GROWTH)
    path = models.CharField(
        _("path"), max_length=20, choices=Path.choices, default=Path.PRODUCTION_ONLY
    )
    path_reason = models.CharField(
        _("why sandbox first outside the Enterprise plan"), max_length=300, blank=True
    )
    implementation_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("implementation manager"),
        on_delete=models.PROTECT,
        related_name="managed_customers",
        limit_choices_to={"is_staff": True},
        null=True,
        blank=True,
    )
    email_domains = models.JSONField(
        _("e-mail domains"),
        default=list,
        blank=True,
        help_text=_("A sign-up link may be forwarded to addresses on these domains only."),
    )
    hold_reason = models.CharField(_("on hold because"), max_length=300, blank=True)
    # Agreed with the customer; past it and not live is overdue.
    planned_go_live = models.DateField(_("planned go-live"), null=True, blank=True)
    # UserGems' own notifications about job changes stay off until somebody switches them on.
    notifications_on_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Which version of the vendor's list counts (`integrations/checks/permission_list.toml`).
    permission_list = models.CharField(
        _("permission list"), max_length=10, default="V4", db_default="V4"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(path="production_only") | Q(plan="enterprise") | ~Q(path_reason=""),
                name="customer_sandbox_path_needs_enterprise_or_reason",
                violation_error_message=_(
                    "The sandbox path comes with the Enterprise plan. A lead may grant it on "
                    "another plan: write the reason."
                ),
            )
        ]
        permissions = [("view_all_customers", _("Sees all customers, not only their own"))]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role at one customer. Leaving ends it; history stays."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["customer", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="membership_once_a_customer")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def may_sign(self) -> bool:
        """Admins and approvers approve and sign for the customer (identity-and-state)."""
        return self.left_at is None and self.role in {Role.ADMIN, Role.APPROVER}
