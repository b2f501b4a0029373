"""What this floor lets go of when its time is over (identity-and-state, Retention)."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Customer, CustomerNote, Membership, SignupLink, User
from accounts.services.sessions import sessions_end

ERASED_NAME = "Erased"
# No mail can ever go there (RFC 2606).
ERASED_EMAIL = "erased-{pk}@erased.invalid"


def signup_links_purge(*, ended_before: datetime, dry_run: bool = False) -> int:
    """Delete links that ended before: used, revoked, replaced or run out; how many.

    A link that replaced another one ends after it, so both go together and none comes back to
    life.
    """
    over = SignupLink.objects.filter(
        Q(expires_at__lte=ended_before)
        | Q(used_at__lte=ended_before)
        | Q(revoked_at__lte=ended_before)
        | Q(replaced_by__created_at__lte=ended_before)
    )
    return _deleted(over, dry_run)


def sessions_purge(*, dry_run: bool = False) -> int:
    """Delete sessions that have run out, with their addresses and browsers; how many."""
    over = Session.objects.filter(expire_date__lte=timezone.now())
    count = over.count()
    if not dry_run:
        SessionStore.clear_expired()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return count


def customer_people_forget(*, customer: Customer) -> int:
    """End the customer's memberships, delete its links and the notes about it, forget its people.

    Who belongs to another customer, too, stays.

    A person stays as a row without name and address, because events point to it. How many people
    were forgotten. Part of the caller's transaction; the event is the caller's.
    """
    SignupLink.objects.filter(customer=customer).delete()
    CustomerNote.objects.filter(customer=customer).delete()
    now = timezone.now()
    people = User.objects.filter(memberships__customer=customer, is_staff=False)
    forgotten = 0
    for person in people.exclude(email__endswith="@erased.invalid").distinct():
        elsewhere = Membership.objects.filter(user=person, left_at=None).exclude(customer=customer)
        if elsewhere.exists():
            continue
        sessions_end(user=person)
        User.objects.filter(pk=person.pk).update(
            email=ERASED_EMAIL.format(pk=person.pk),
            full_name=ERASED_NAME,
            time_zone="",
            is_active=False,
        )
        forgotten += 1
    Membership.objects.filter(customer=customer, left_at=None).update(left_at=now)
    return forgotten


def _deleted(rows: QuerySet[SignupLink], dry_run: bool) -> int:
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count
