"""Mails on their way out, and who wants which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer


class MailKind(models.TextChoices):
    """What a mail is about. All but `ALWAYS` can be switched off, each by each person."""

    TURN = "turn", _("When it is your turn")
    COMMENTS = "comments", _("Comments")
    DIGEST = "digest", _("What is open, in one mail")
    PROGRESS = "progress", _("How it goes on")
    ATTENTION = "attention", _("When something stands still")
    # Codes, invitations, security notices: without them nobody gets in, or learns of a stranger.
    ALWAYS = "always", _("Always sent")


class MailChoice(models.Model):
    """A person wants a kind of mail, or does not. Without a row they get it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choices"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=MailKind.choices)
    is_on = models.BooleanField(_("wanted"), default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_once_a_kind"),
            models.CheckConstraint(
                condition=~Q(kind=MailKind.ALWAYS), name="mail_choice_not_of_what_is_always_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.is_on}"


class BrowserZone(models.Model):
    """The time zone that a person's browser named when they last signed in.

    Mails are made while no browser is there: a morning's mail must know when the morning is.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="browser_zone",
    )
    name = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("time zone of a browser")
        verbose_name_plural = _("time zones of browsers")

    def __str__(self) -> str:
        return self.name


class OutgoingMail(models.Model):
    """One mail to one person, from the change it tells of until it is out.

    Written in the transaction of the change; then claimed, sent, recorded
    (`portal/mail/sending_out.py`).
    `key` says why it exists: a second mail with the same key is never made.
    """

    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Empty for the digest, which is about several.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=MailKind.choices)
    # The step whose turn the mail tells of, so that nobody reads it twice.
    step = models.CharField(max_length=60, blank=True, default="")
    # Who puts the words together when it goes out: a name in `portal.mail.writers.WRITERS`.
    writer = models.CharField(max_length=20)
    # What the writer needs. News are emptied once they are out.
    content = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    # A worker is at it until then; one that died leaves it to the next.
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # The last thing the mail server said, by its kind.
    problem = models.CharField(max_length=100, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_why = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(dropped_at=None), name="mail_sent_or_dropped"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, dropped_at=None),
                name="mail_to_send",
            ),
            models.Index(fields=["customer", "user", "step"], name="mail_told_already"),
            models.Index(fields=["writer", "created_at"], name="mail_of_a_writer"),
        ]

    def __str__(self) -> str:
        return self.key
