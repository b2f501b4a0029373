"""Mails go out: claim, send, record.

A mail is claimed by one worker, put together from the rows as they are then, handed to the mail
server with no transaction open, and recorded. What the server does not take now is tried again,
later and later, for five days; what it refuses for good is dropped, and both are logged.

What no program can promise over SMTP: a worker that dies between the server's yes and our record
has not recorded it. The mail then goes once more, with the same Message-ID, by which mail servers
and programs know a copy. Losing it silently would be worse.
"""

import hashlib
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q
from django.utils import timezone

from portal.mail.choices import wants
from portal.mail.readers import may_read
from portal.mail.writers import WRITERS, Drop, Later
from portal.models import OutgoingMail

log = structlog.get_logger(__name__)

A_ROUND = 200
ROUND_SECONDS = 60
# Longer than a mail server may take (EMAIL_TIMEOUT a step), so that nobody sends beside a claimer.
CLAIM = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
# SMTP: 5xx is for good, 4xx for now (RFC 5321, 4.2.1).
FOR_GOOD = 500


def mails_send(pks: Sequence[int] = ()) -> int:
    """Send these, or one round of all that are due; how many went out.

    Without a mail server nothing is claimed and nothing counts as a try: the next sweep does it.
    """
    due = _due(pks)
    if not due:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        log.error("mail.no_server", waiting=len(due), problem=type(error).__name__)
        return 0
    sent = 0
    try:
        begun = monotonic()
        for pk in due:
            if monotonic() - begun > ROUND_SECONDS:
                # A slow mail server holds one worker, not all: the next sweep goes on.
                break
            mail = _claimed(pk)
            if mail is None:
                continue
            went, goes_on = _send(mail, connection)
            sent += went
            if not goes_on:
                break
    finally:
        _closed(connection)
    return sent


def _due(pks: Iterable[int]) -> list[int]:
    now = timezone.now()
    rows = OutgoingMail.objects.filter(_free(now), due_at__lte=now)
    wanted = list(pks)
    if wanted:
        rows = rows.filter(pk__in=wanted)
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:A_ROUND])


def _free(now: datetime) -> Q:
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return unclaimed & Q(sent_at=None, dropped_at=None)


def _claimed(pk: int) -> OutgoingMail | None:
    """The mail, if nobody else has it; what is read afterwards is as it is now."""
    now = timezone.now()
    got = OutgoingMail.objects.filter(_free(now), pk=pk, due_at__lte=now).update(
        claimed_until=now + CLAIM, tries=F("tries") + 1
    )
    if not got:
        return None
    rows = OutgoingMail.objects.select_related("user", "customer__implementation_manager")
    return rows.get(pk=pk)


def _send(mail: OutgoingMail, connection: Any) -> tuple[int, bool]:
    """Whether it went out, and whether the server is good for the next one."""
    try:
        message = _written(mail)
    except Exception:
        # One mail that cannot be put together never stops the others.
        log.exception("mail.not_written", mail=mail.pk, writer=mail.writer)
        _postpone(mail, "not written")
        return 0, True
    if isinstance(message, Later):
        _end(mail, due_at=message.until, tries=mail.tries - 1)
        return 0, True
    if isinstance(message, Drop):
        _end(mail, dropped_at=timezone.now(), dropped_why=message.why, content={})
        return 0, True
    message.extra_headers["Message-ID"] = message_id(mail.key)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        if codes and min(codes) >= FOR_GOOD:
            log.error("mail.refused", mail=mail.pk, code=codes[0])
            _end(mail, dropped_at=timezone.now(), dropped_why="refused", content={})
        else:
            _postpone(mail, type(error).__name__)
        return 0, True
    except (smtplib.SMTPException, OSError) as error:
        log.exception("mail.failed", mail=mail.pk, tries=mail.tries)
        _postpone(mail, type(error).__name__)
        # One that it did not like says nothing of the others; a server that is gone does.
        return 0, isinstance(error, smtplib.SMTPResponseException)
    # These look at what the one before told, by keys; nothing is kept of the words of a mail.
    kept = mail.content if mail.writer in {"digest", "comments"} else {}
    _end(mail, sent_at=timezone.now(), content=kept, problem="")
    return 1, True


def _written(mail: OutgoingMail) -> EmailMultiAlternatives | Drop | Later:
    """The message, or why there is none."""
    if not may_read(mail.user, mail.customer):
        return Drop("not a reader any more")
    if not wants(mail.user, mail.kind):
        return Drop("switched off")
    return WRITERS[mail.writer](mail)


def _postpone(mail: OutgoingMail, problem: str) -> None:
    """Try again later, and later each time; after five days it is said that it was given up."""
    now = timezone.now()
    if now - mail.created_at > GIVE_UP_AFTER:
        log.error("mail.given_up", mail=mail.pk, tries=mail.tries, problem=problem)
        _end(mail, dropped_at=now, dropped_why="given up", problem=problem, content={})
        return
    pause = min(timedelta(minutes=2 ** min(mail.tries, 10)), LONGEST_PAUSE)
    _end(mail, due_at=now + pause, problem=problem)


def _end(mail: OutgoingMail, **changes: Any) -> None:
    """Record, unless the claim ended meanwhile and somebody else has it."""
    done = OutgoingMail.objects.filter(
        pk=mail.pk, claimed_until=mail.claimed_until, sent_at=None, dropped_at=None
    ).update(claimed_until=None, **changes)
    if not done:
        log.warning("mail.claim_lost", mail=mail.pk)


def message_id(key: str) -> str:
    """The same for each copy of one mail, and nothing can be read from it."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{hashlib.sha256(f'{settings.SECRET_KEY}{key}'.encode()).hexdigest()[:40]}@{host}>"


def _closed(connection: Any) -> None:
    """A server that is gone cannot be told goodbye."""
    try:
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        log.info("mail.not_closed", problem=type(error).__name__)
