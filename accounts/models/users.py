"""A person: a work e-mail that a code has proven. A Salesforce user is never a person."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes people; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Without a password they sign in by e-mailed code only."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Create an operator, who may do everything in admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A customer's person (signs in by code) or a member of staff (password)."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    # Empty: as the browser says (accounts/middleware.py).
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    # An implementation manager's calendar, shown where a call helps.
    booking_url = models.CharField(
        _("booking link"),
        blank=True,
        default="",
        db_default="",
        max_length=300,
        validators=[URLValidator(schemes=["https"])],
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    # Only on the stand-in that staff read a customer's pages with: whose (portal/see_as.py).
    sees_customer: int | None = None

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["full_name", "email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a person; a stand-in is nobody and is never kept."""
        if self.sees_customer is not None:
            raise TypeError("A stand-in is not a person.")
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """The name, or the e-mail while there is none (Django's own name for it)."""
        return self.full_name or self.email

    def get_short_name(self) -> str:
        """What colleagues call them (Django's own name for it)."""
        return self.first_name

    @property
    def first_name(self) -> str:
        """What colleagues call them: the first word of the name, or the e-mail's local part."""
        return (self.full_name or self.email.split("@")[0]).split(" ")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = (self.full_name or self.email).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
