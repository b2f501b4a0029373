"""Sign-up links: made, sent again, revoked, proven, spent (identity-and-state).

A token is 32 random bytes; only its sha256 is stored, so a copy of the database opens nothing.
Every move is a conditional update: of two clicks one wins, the other gets a sentence.
"""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, Membership, Path, Role, SignupLink, User
from accounts.services.events import SideName, event_record

# As wide as the columns: PostgreSQL refuses more, SQLite does not.
LONGEST_EMAIL = 254
LONGEST_NAME = 150


class SignupLinkError(Exception):
    """Why a sign-up link cannot be made or used; `sentence` is for the reader."""

    def __init__(self, sentence: str | Promise) -> None:
        self.sentence = str(sentence)
        super().__init__(self.sentence)


def token_hash(token: str) -> str:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _side(by: User | None) -> SideName:
    if by is None:
        return "system"
    return "vendor" if by.is_staff else "customer"


def _still_active() -> QuerySet[SignupLink]:
    return SignupLink.objects.filter(
        used_at=None, revoked_at=None, replaced_by=None, expires_at__gt=timezone.now()
    )


def address_may_use(*, link: SignupLink, email: str) -> bool:
    """Whether a work e-mail may prove this link.

    That is the invited address, or another one on the customer's own e-mail domains, so that
    the link may be forwarded to the right administrator.
    """
    email = email.strip().lower()
    if email == link.email.lower():
        return True
    domain = email.rpartition("@")[2]
    domains = {str(each).strip().lower().lstrip("@") for each in link.customer.email_domains}
    return bool(domain) and domain in domains


def signup_link_create(
    *, customer: Customer, environment: str, person_name: str, email: str, by: User | None
) -> tuple[SignupLink, str]:
    """Make a link for one customer, one environment and one named person.

    Returns the link and its token, which is known only now. `by` is empty for the command line.
    Raises SignupLinkError for a sandbox link outside the sandbox path, or a broken address.
    """
    email = email.strip().lower()
    if environment not in Environment.values:
        raise SignupLinkError(_("A sign-up link is for the sandbox or for production."))
    if environment == Environment.SANDBOX and customer.path != Path.SANDBOX_FIRST:
        raise SignupLinkError(
            _(
                "%(customer)s goes to production without a sandbox, so there is no sandbox to "
                "sign up. Change the customer’s path first, or send a production link."
            )
            % {"customer": customer.name}
        )
    try:
        validate_email(email)
    except ValidationError as error:
        raise SignupLinkError(
            _("“%(email)s” is not an e-mail address.") % {"email": email}
        ) from error
    if len(email) > LONGEST_EMAIL:
        raise SignupLinkError(
            _("The e-mail address is longer than %(longest)d characters.")
            % {"longest": LONGEST_EMAIL}
        )
    person_name = (" ".join(person_name.split()) or email)[:LONGEST_NAME]
    with transaction.atomic():
        return _link_make(
            customer=customer,
            environment=environment,
            person_name=person_name,
            email=email,
            by=by,
            action="signup_link.created",
        )


def _link_make(
    *,
    customer: Customer,
    environment: str,
    person_name: str,
    email: str,
    by: User | None,
    action: str,
    replaces: SignupLink | None = None,
) -> tuple[SignupLink, str]:
    token = secrets.token_urlsafe(32)
    link = SignupLink.objects.create(
        customer=customer,
        environment=environment,
        person_name=person_name,
        email=email,
        token_hash=token_hash(token),
        created_by=by,
        expires_at=timezone.now() + datetime.timedelta(days=settings.SIGNUP_LINK_DAYS),
    )
    event_record(
        customer=customer,
        action=action,
        by=by,
        side=_side(by),
        environment=environment,
        data={"link": link.pk} | ({"replaces": replaces.pk} if replaces else {}),
    )
    return link, token


def signup_link_replace(*, link: SignupLink, by: User | None) -> tuple[SignupLink, str]:
    """Send again: a new token for the same person and environment; the old one ends.

    An expired or revoked link may be sent again, a used or already replaced one may not:
    SignupLinkError says so.
    """
    with transaction.atomic():
        new, token = _link_make(
            customer=link.customer,
            environment=link.environment,
            person_name=link.person_name,
            email=link.email,
            by=by,
            action="signup_link.replaced",
            replaces=link,
        )
        moved = SignupLink.objects.filter(pk=link.pk, used_at=None, replaced_by=None).update(
            replaced_by=new
        )
        if not moved:
            raise SignupLinkError(
                _(
                    "This link was used or sent again already. Make a new one if somebody has "
                    "to connect."
                )
            )
    link.refresh_from_db()
    return new, token


def signup_link_revoke(*, link: SignupLink, by: User) -> None:
    """End a link that nobody shall use. Raises SignupLinkError when it has ended already."""
    with transaction.atomic():
        moved = _still_active().filter(pk=link.pk).update(revoked_at=timezone.now(), revoked_by=by)
        if not moved:
            raise SignupLinkError(_("This link has ended already: there is nothing to revoke."))
        event_record(
            customer=link.customer,
            action="signup_link.revoked",
            by=by,
            side=_side(by),
            environment=link.environment,
            data={"link": link.pk},
        )
    link.refresh_from_db()


def signup_link_mark_mailed(*, link: SignupLink) -> None:
    """Remember that the mail went out."""
    link.mailed_at = timezone.now()
    link.save(update_fields=["mailed_at"])


def signup_link_prove(*, link: SignupLink, user: User) -> Membership:
    """Take the person who proved their work e-mail by code in as an admin of the customer.

    Whoever calls this has checked that the code is recent. Proving again changes nothing. A
    membership that ended comes back only by a link made out to that person; another role becomes
    admin, since the link is for the person who connects. Raises SignupLinkError when the link has
    ended, for staff, and for an address that is neither the invited one nor on the customer's
    e-mail domains.
    """
    if user.is_staff:
        raise SignupLinkError(
            _("This link is for the customer’s people. You are signed in as staff of UserGems.")
        )
    if not address_may_use(link=link, email=user.email):
        raise SignupLinkError(
            _("This link is for %(customer)s. %(email)s is not one of its addresses.")
            % {"customer": link.customer.name, "email": user.email}
        )
    with transaction.atomic():
        moved = _still_active().filter(pk=link.pk).update(proven_at=timezone.now(), proven_by=user)
        if not moved:
            raise SignupLinkError(_("This link has ended. Ask for a new one."))
        membership, made = Membership.objects.get_or_create(
            customer=link.customer, user=user, defaults={"role": Role.ADMIN}
        )
        if membership.left_at is not None and user.email != link.email.lower():
            # Who left does not come back by a link that a colleague forwarded.
            raise SignupLinkError(
                _("You left %(customer)s. Ask for a link that is made out to you.")
                % {"customer": link.customer.name}
            )
        changed = not made and (membership.role != Role.ADMIN or membership.left_at is not None)
        if changed:
            membership.role = Role.ADMIN
            membership.left_at = None
            membership.save(update_fields=["role", "left_at"])
        if made or changed or link.proven_by_id != user.pk:
            event_record(
                customer=link.customer,
                action="signup_link.proven",
                by=user,
                side="customer",
                environment=link.environment,
                data={"link": link.pk, "membership": membership.pk, "role": Role.ADMIN.value},
            )
    link.refresh_from_db()
    return membership


def signup_link_spend(*, link: SignupLink, by: User) -> None:
    """End a link because the connection it was made for is confirmed.

    Part of the caller's transaction, when there is one. Raises SignupLinkError when it has ended.
    """
    with transaction.atomic():
        if not _still_active().filter(pk=link.pk).update(used_at=timezone.now()):
            raise SignupLinkError(_("This link has ended. Ask for a new one."))
        event_record(
            customer=link.customer,
            action="signup_link.spent",
            by=by,
            side=_side(by),
            environment=link.environment,
            data={"link": link.pk},
        )
    link.refresh_from_db()
