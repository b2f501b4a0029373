"""Picks that a manager saved for later: a test that is not put together yet."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Environment


class PickDraft(models.Model):
    """A named set of picks for one of a customer's orgs, shared by the staff who manage it.

    `ids` are job changes by their primary keys, in the order they were picked. It takes none of
    them: another test may, and what cannot be picked any more falls out when the draft is opened.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="pick_drafts")
    environment = models.CharField(_("environment"), max_length=20, choices=Environment.choices)
    name = models.CharField(_("name"), max_length=80)
    ids = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("saved draft")
        verbose_name_plural = _("saved drafts")
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "customer", "environment", name="pick_draft_name_once_an_org"
            )
        ]

    def __str__(self) -> str:
        return self.name
