"""What is kept about mails and their readers, and for how long."""

from datetime import datetime

from django.db.models import Q

from portal.models import BrowserZone, MailChoice, OutgoingMail


def mails_purge(*, ended_before: datetime, dry_run: bool = False) -> int:
    """Delete mails that went out or were dropped before; how many.

    Choices and zones of people who may not sign in any more go with them.
    """
    over = OutgoingMail.objects.filter(
        Q(sent_at__lte=ended_before) | Q(dropped_at__lte=ended_before)
    )
    count = over.count()
    if not dry_run:
        over.delete()
        MailChoice.objects.filter(user__is_active=False).delete()
        BrowserZone.objects.filter(user__is_active=False).delete()
    return count
