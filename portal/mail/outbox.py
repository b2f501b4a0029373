"""Putting a mail on its way: a row in the transaction of the change, so that none is ever lost.

The rows are the queue. A worker is woken after the commit; without one the sweep sends them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Customer, User
from accounts.waking import task_wake
from portal.models import MailKind, OutgoingMail


@dataclass(frozen=True)
class Mail:
    """One mail to put on its way. The same `key` twice is one mail."""

    key: str
    user: User
    customer: Customer | None
    kind: MailKind
    writer: str
    step: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


def mails_put(mails: Iterable[Mail]) -> int:
    """Put these on their way; how many are new. What is due now goes out after the commit.

    Whoever may not or does not want to read it gets nothing: that is looked at when it goes out.
    """
    now = timezone.now()
    # In one order everywhere, so that two that put the same ones never wait for each other.
    rows = [
        OutgoingMail(
            key=mail.key,
            user=mail.user,
            customer=mail.customer,
            kind=mail.kind,
            step=mail.step,
            writer=mail.writer,
            content=dict(mail.content),
            created_at=now,
            due_at=mail.due_at or now,
        )
        for mail in sorted(mails, key=lambda mail: mail.key)
    ]
    keys = [row.key for row in rows]
    with transaction.atomic():
        there = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
        new = [row for row in rows if row.key not in there]
        OutgoingMail.objects.bulk_create(new, ignore_conflicts=True)
        due = [row.key for row in new if row.due_at <= now]
        if due:
            # Not a partial: Django names the function when it reports that it failed.
            transaction.on_commit(lambda: _wake(due), robust=True)
    return len(new)


def _wake(keys: list[str]) -> None:
    from portal import tasks

    found = OutgoingMail.objects.filter(key__in=keys, sent_at=None, dropped_at=None)
    task_wake(tasks.mails_send, *found.order_by("pk").values_list("pk", flat=True))
