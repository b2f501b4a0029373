"""Ending a person's sessions."""

import structlog
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User

log = structlog.get_logger(__name__)


def sessions_end(*, user: User, keep: str | None = None) -> int:
    """Sign a person out everywhere; `keep` is the key of the session that stays.

    For a person who leaves, is switched off, or whose second factor was taken away. Every stored
    session is looked at, so that none is forgotten, whichever way it began. Returns how many ended.
    """
    mine = [
        stored.session_key
        for stored in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if stored.session_key != keep and stored.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(session_key__in=mine).delete()
    UserSession.objects.filter(user=user).exclude(session_key=keep or "").delete()
    log.info("sessions_ended", user=user.pk, ended=len(mine))
    return len(mine)


def session_end(*, user: User, pk: int) -> bool:
    """Sign a person out of one browser. False when it is not theirs or has ended already."""
    tracked = UserSession.objects.filter(user=user, pk=pk).first()
    if tracked is None:
        return False
    tracked.end()
    log.info("session_ended", user=user.pk)
    return True
