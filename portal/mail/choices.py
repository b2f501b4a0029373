"""Which mails a person wants; and switching one kind off by one click, from any mail program.

The addresses of unsubscribing are signed, not stored: they name a person and a kind, do nothing
else, and need no sign-in (RFC 8058). They hold as long as the site's key does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from portal.models import MailChoice, MailKind

SALT = "portal.mail.unsubscribe"

# In the order of the settings page.
CHOOSABLE = (
    MailKind.TURN,
    MailKind.ATTENTION,
    MailKind.COMMENTS,
    MailKind.PROGRESS,
    MailKind.DIGEST,
)

# What each brings, for the customer's people and for staff.
ABOUT: Mapping[str, tuple[str | Promise, str | Promise]] = {
    MailKind.TURN: (
        _(
            "UserGems has done its part and you can go on: settings, a test to review, something "
            "to allow or to sign. A reminder follows after 3, 7 and 14 working days."
        ),
        _(
            "A customer has done its part and you can go on. A reminder follows after 3, 7 and "
            "14 working days, also for what has waited long on the customer."
        ),
    ),
    MailKind.ATTENTION: (
        _("A connection is lost, sending is paused or stopped, or a signed summary is void."),
        _("A connection is lost, sending is paused or stopped, or a signed summary is void."),
    ),
    MailKind.COMMENTS: (
        _("UserGems wrote about a job change in a test. At most one mail in 30 minutes a test."),
        _("A customer wrote about a job change in a test. At most one mail in 30 minutes a test."),
    ),
    MailKind.PROGRESS: (
        _("An org is connected, a test is approved, go-live is signed, your company is live."),
        _("An org is connected, a test is approved, go-live is signed, a customer is live."),
    ),
    MailKind.DIGEST: (
        _("At 8:00 on working days, when something new is open; the same list once a week."),
        _("At 8:00 on working days: everything that waits on you, and what is overdue."),
    ),
}

# Why a person got this mail, at its end.
REASONS: Mapping[str, str | Promise] = {
    MailKind.TURN: _("You get this because it is your side’s turn, or has waited for long."),
    MailKind.ATTENTION: _("You get this because something stands still."),
    MailKind.COMMENTS: _("You get this because somebody wrote to your side."),
    MailKind.PROGRESS: _("You get this so that you know how it goes on."),
    MailKind.DIGEST: _("You get this on working days on which something is open."),
}


@dataclass(frozen=True)
class Unsubscribing:
    """What an address of unsubscribing names."""

    user: User
    kind: MailKind


def wants(person: User, kind: str) -> bool:
    """Whether the person gets mails of this kind. What cannot be switched off they always get."""
    if kind == MailKind.ALWAYS:
        return True
    row = MailChoice.objects.filter(user=person, kind=kind).first()
    return row is None or row.is_on


def choices_of(person: User) -> dict[str, bool]:
    """Every kind that can be chosen, and whether the person wants it."""
    rows = dict(MailChoice.objects.filter(user=person).values_list("kind", "is_on"))
    return {kind.value: rows.get(kind.value, True) for kind in CHOOSABLE}


def choice_set(*, person: User, kind: str, is_on: bool) -> bool:
    """Switch a kind on or off; whether that changed anything. ValueError for any other kind."""
    if kind not in CHOOSABLE:
        raise ValueError(f"{kind} is not chosen.")
    if wants(person, kind) == is_on:
        return False
    MailChoice.objects.update_or_create(
        user=person, kind=kind, defaults={"is_on": is_on, "changed_at": timezone.now()}
    )
    return True


def unsubscribe_url(person: User, kind: str) -> str:
    """The whole address that switches this kind off for this person, by POST."""
    token = signing.dumps({"user": person.pk, "kind": str(kind)}, salt=SALT)
    return f"{settings.SITE_URL}{reverse('mail_unsubscribe', args=[token])}"


def unsubscribing_find(token: str) -> Unsubscribing | None:
    """Whom and what the address names; None for a broken one and for a person who is gone."""
    try:
        named = signing.loads(token, salt=SALT)
        kind = MailKind(named["kind"])
        user = User.objects.filter(pk=named["user"], is_active=True).first()
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    if user is None or kind not in CHOOSABLE:
        return None
    return Unsubscribing(user, kind)


def unsubscribe_headers(person: User, kind: str) -> dict[str, str]:
    """What a mail program needs for its own button (RFC 2369, RFC 8058); none for the others."""
    if kind not in CHOOSABLE:
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(person, kind)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
