"""The only way to fetch this floor's objects for a person: strangers 404, without the role 403."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import role_check
from accounts.models import Role, User
from integrations.models import ConnectAttempt, Connection
from integrations.selectors import attempt_newest


def connection_for(user: User, pk: int, *, roles: Collection[str] | None = None) -> Connection:
    """The connection, for a member of its customer or staff who manage it.

    `roles` as in `accounts.access.customer_for`. Raises Http404 for strangers, PermissionDenied
    for those who may see it but not do this.
    """
    connection = (
        Connection.objects.select_related("customer", "epoch", "connected_by").filter(pk=pk).first()
    )
    if connection is None:
        raise Http404
    role_check(user, connection.customer, roles=roles)
    return connection


def attempt_for(user: User, pk: int) -> ConnectAttempt:
    """An attempt of this very person, who is still an admin of the customer.

    Nobody else gets it, colleagues included: it may hold a sign-in that only they can judge.
    """
    attempt = (
        ConnectAttempt.objects.select_related("customer__implementation_manager", "link", "user")
        .filter(pk=pk, user=user)
        .first()
    )
    if attempt is None:
        raise Http404
    role_check(user, attempt.customer, roles={Role.ADMIN})
    return attempt


def attempt_newest_for(user: User, environment: str) -> ConnectAttempt | None:
    """The person's newest attempt for an environment; None also for who is no admin any more."""
    newest = attempt_newest(user_id=user.pk, environment=environment)
    if newest is None:
        return None
    try:
        return attempt_for(user, newest.pk)
    except (Http404, PermissionDenied):
        return None
