"""What is kept about mails and their readers, and for how long."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from portal.mail.ladder import OLDEST
from portal.models import BrowserZone, MailChoice, OutgoingMail


def mails_purge(*, ended_before: datetime, dry_run: bool = False) -> int:
    """Delete mails that went out or were dropped before; how many.

    Choices and zones of people who may not sign in any more go with them.
    """
    over = OutgoingMail.objects.filter(
        Q(sent_at__lte=ended_before) | Q(dropped_at__lte=ended_before)
    ).exclude(
        # Their keys keep a reminder from coming twice; their words are gone already.
        writer="ladder",
        created_at__gt=timezone.now() - OLDEST,
    )
    count = over.count()
    if not dry_run:
        over.delete()
        MailChoice.objects.filter(user__is_active=False).delete()
        BrowserZone.objects.filter(user__is_active=False).delete()
    return count
