"""Choices of where job changes go that managers start a customer's settings from."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SettingsTemplate(models.Model):
    """The choices that hold in both orgs, under a name; nothing of any org or person.

    A customer's settings are started from it and then live by themselves: changing a template
    changes no customer.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    note = models.CharField(
        _("when to use it"),
        max_length=300,
        blank=True,
        help_text=_("For example: routing tool in place, no contacts used."),
    )
    # By the names of `models.output.SHARED_CHOICES`; what is missing is as nobody chose it.
    values = models.JSONField(_("choices"), default=dict, blank=True)
    is_offered = models.BooleanField(
        _("offered to managers"),
        default=True,
        db_default=True,
        help_text=_("Not ticked: it is kept, and nobody starts from it any more."),
    )
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("settings template")
        verbose_name_plural = _("settings templates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
