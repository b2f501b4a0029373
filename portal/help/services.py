"""What staff write instead of a delivered help text."""

from typing import Any

from django.db import connections
from django.utils import timezone

from accounts.models import User
from portal.help.rendering import help_check
from portal.help.topics import topics
from portal.models import HelpText


def help_text_save(*, topic: str, body: str, by: User) -> HelpText:
    """Keep what staff wrote; every customer reads it from now on. Raises HelpTextError.

    The delivered text, unchanged, is not kept: so it goes on changing with the portal.
    """
    body = body.replace("\r\n", "\n").strip()
    help_check(body)
    if body == str(topics()[topic].body).strip():
        return help_text_restore(topic=topic, by=by)
    return _write(topic, body, by)


def help_text_restore(*, topic: str, by: User) -> HelpText:
    """Put the delivered text back."""
    return _write(topic, "", by)


def help_topics_ensure(*, using: str = "default", **_kwargs: Any) -> None:
    """A row for every topic, and none for what is no topic any more and was never written.

    Connected to post_migrate of this app. A half-way migration has no table for it yet, or no more.
    """
    if HelpText._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = HelpText.objects.using(using)
    known = set(rows.values_list("topic", flat=True))
    rows.bulk_create(
        [HelpText(topic=key) for key in topics() if key not in known], ignore_conflicts=True
    )
    rows.exclude(topic__in=topics()).filter(body="").delete()


def _write(topic: str, body: str, by: User) -> HelpText:
    row, _made = HelpText.objects.get_or_create(topic=topic)
    row.body, row.changed_by, row.changed_at = body, by, timezone.now()
    row.save(update_fields=["body", "changed_by", "changed_at"])
    return row
