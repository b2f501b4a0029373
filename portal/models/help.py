"""Help in place: what staff wrote instead of the text that is delivered with the portal."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.help.topics import topics


class HelpText(models.Model):
    """The help of one topic (`portal/help/topics.py`). An empty body: the delivered text counts.

    Rows are made after every migrate (`portal.help.services.help_topics_ensure`), so that staff
    find every topic in their list; nobody adds or deletes one.
    """

    topic = models.CharField(_("topic"), max_length=60, unique=True, editable=False)
    body = models.TextField(_("text"), max_length=8000, blank=True, default="")
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("changed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("help text")
        verbose_name_plural = _("help texts")
        ordering = ["pk"]

    def __str__(self) -> str:
        topic = topics().get(self.topic)
        return str(topic.title) if topic else self.topic
