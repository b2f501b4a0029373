"""Access tokens of a connection: refreshed by one process at a time (identity-and-state).

1. Take the lease on the current generation: one conditional UPDATE, committed.
2. Call Salesforce. No transaction is open; the lease outlasts the call's total time-out, so that
   a slow refresh is never repeated beside itself (a reused refresh token counts as theft).
3. Store what came by compare-and-set on the generation, before anybody uses it.

Whoever does not get the lease waits and reads again, for a bounded time. What can still go wrong:
a worker that dies between 2 and 3, an answer that got lost, or a database that does not take it
loses a rotated refresh token. The lease then stays behind; a next refresh that finds the connection
dead says plainly why (`INTERRUPTED`). Tested answer by answer against platform reference, 1.5.
"""

import datetime
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.fields import UnreadableText
from integrations.models import Connection, Health
from integrations.oauth import calls
from integrations.oauth.problems import LOST_REASONS, problem_of
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.families import Family
from integrations.salesforce.oauth import OAuthError, Token
from integrations.services.losing import connection_lose, connection_refused_note

log = structlog.get_logger(__name__)

WAIT_STEP_SECONDS = 0.25
# Tries to store what came, and the wait between them: a rotated token is not given up lightly.
STORE_TRIES = 3
TOO_MANY_LOGINS = {"rate_limit_exceeded", "REQUEST_LIMIT_EXCEEDED"}
INTERRUPTED = _(
    "A renewal of our access did not come to its end, and Salesforce ended the access since then."
)

Clock = Callable[[], datetime.datetime]
Sleep = Callable[[float], None]


class ConnectionTokens:
    """The client's token source for one connection; remembers the token it was given last."""

    def __init__(
        self, connection: Connection, *, clock: Clock = timezone.now, sleep: Sleep = time.sleep
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.sleep = sleep
        self._token = connection.access_token

    def access_token(self) -> str:
        """The newest token known. Raises ConnectionLost when the connection is not live."""
        if not self._token:
            self._token = self.renew("")
        return self._token

    def renew(self, rejected: str) -> str:
        """A token other than the rejected one; see `connection_token_renew`."""
        self._token = connection_token_renew(
            connection=self.connection, rejected=rejected, clock=self.clock, sleep=self.sleep
        )
        return self._token


def connection_token_renew(
    *,
    connection: Connection,
    rejected: str,
    clock: Clock = timezone.now,
    sleep: Sleep = time.sleep,
) -> str:
    """An access token other than `rejected`, refreshed at Salesforce unless somebody else did.

    Raises ConnectionLost when the connection is or becomes dead, SalesforceError of the family
    *try again* when Salesforce does not answer or another refresh does not end in time, and of
    *we must act* when our own app is refused. A stored token that no key opens is *try again*
    too: it works as soon as the key is back.
    """
    give_up_at = clock() + _longest_wait()
    while True:
        current = Connection.objects.get(pk=connection.pk)
        if current.health != Health.CONNECTED:
            raise connection_lost_error(current)
        if current.access_token and current.access_token != rejected:
            return current.access_token
        if isinstance(current.refresh_token, UnreadableText):
            # Ours to mend (the key): the connection is not lost, nothing is thrown away or
            # refused meanwhile, and the log says so at every try (integrations.fields).
            raise SalesforceError("TOKEN_UNREADABLE", family=Family.TRY_AGAIN)
        lease = _lease_take(current, clock())
        if lease is not None:
            return _refresh(current, lease, clock=clock, sleep=sleep)
        if clock() >= give_up_at:
            raise _try_again(_("Another refresh of this connection did not end in time."))
        sleep(WAIT_STEP_SECONDS)


def _longest_wait() -> datetime.timedelta:
    """So long another refresh may take; the lease is longer, for answers that got lost."""
    longest_call = settings.SALESFORCE_CONNECT_TIMEOUT + settings.SALESFORCE_READ_TIMEOUT
    return datetime.timedelta(seconds=min(settings.REFRESH_LEASE_SECONDS, longest_call + 1))


def _lease_take(current: Connection, now: datetime.datetime) -> datetime.datetime | None:
    """Claim the refresh of this generation; None when somebody else has it."""
    until = now + datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS)
    # durable: inside somebody's open transaction the claim would be invisible to the others.
    with transaction.atomic(durable=True):
        taken = (
            Connection.objects.filter(
                pk=current.pk,
                token_generation=current.token_generation,
                health=Health.CONNECTED,
            )
            .filter(Q(refresh_lease_until=None) | Q(refresh_lease_until__lte=now))
            .update(refresh_lease_until=until)
        )
    return until if taken else None


def _lease_drop(current: Connection, lease: datetime.datetime) -> None:
    """Let the next one refresh at once. What an interrupted refresh before left behind stays."""
    Connection.objects.filter(
        pk=current.pk, token_generation=current.token_generation, refresh_lease_until=lease
    ).update(refresh_lease_until=current.refresh_lease_until)


def _refresh(current: Connection, lease: datetime.datetime, *, clock: Clock, sleep: Sleep) -> str:
    try:
        answer = calls.token_refresh(
            environment=current.environment,
            host=current.token_host,
            refresh_token=current.refresh_token,
        )
    except OAuthError as error:
        return _refresh_failed(current, lease, error, clock=clock, sleep=sleep)
    if _store(current, answer, clock=clock, sleep=sleep):
        return answer.access_token
    # Reconnected or disconnected meanwhile: what we hold belongs to nobody any more.
    calls.token_revoke_quietly(
        host=current.token_host, token=answer.refresh_token or current.refresh_token
    )
    return _other_token(current)


def _store(current: Connection, answer: Token, *, clock: Clock, sleep: Sleep) -> bool:
    """Store what came, before anybody uses it; False when another generation is there by now.

    A database that does not take it after some tries: nobody gets the token (try again). Under
    rotation the refresh token stored before is spent then, and the lease stays as the sign of it.
    """
    tries = 0
    while True:
        tries += 1
        try:
            with transaction.atomic(durable=True):
                return _store_once(current, answer, clock())
        except DatabaseError as error:
            log.error(
                "token_not_stored",
                connection=current.pk,
                tries=tries,
                rotated=bool(answer.refresh_token),
                reason=type(error).__name__,
            )
            if tries == STORE_TRIES:
                raise _try_again("The renewed access could not be stored.") from error
            sleep(WAIT_STEP_SECONDS)


def _store_once(current: Connection, answer: Token, now: datetime.datetime) -> bool:
    stored = Connection.objects.filter(
        pk=current.pk, token_generation=current.token_generation, health=Health.CONNECTED
    ).update(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token or current.refresh_token,
        token_generation=F("token_generation") + 1,
        token_refreshed_at=now,
        refresh_lease_until=None,
        health_reason="",
        idle_warned_at=None,
    )
    return bool(stored)


def _other_token(before: Connection) -> str:
    """The token that somebody else stored since `before` was read."""
    current = Connection.objects.get(pk=before.pk)
    if current.health != Health.CONNECTED or not current.access_token:
        raise connection_lost_error(current)
    return current.access_token


def _refresh_failed(
    current: Connection,
    lease: datetime.datetime,
    error: OAuthError,
    *,
    clock: Clock,
    sleep: Sleep,
) -> str:
    log.warning("token_refresh_failed", connection=current.pk, reason=error.code)
    if error.code == "no_answer":
        # Salesforce may still be at it: the lease runs out by itself.
        raise _try_again(_("Salesforce did not answer in time.")) from error
    if error.busy:
        return _wait_for_other(current, lease, clock=clock, sleep=sleep)
    if error.code in TOO_MANY_LOGINS:
        # The lease stays as the wait: nobody signs in again before it is over.
        raise _try_again(_("Salesforce asks us to wait with signing in.")) from error
    reason = _lost_reason(error)
    if not reason:
        _lease_drop(current, lease)
        if error.family == Family.TRY_AGAIN:
            raise _try_again(_("Salesforce does not answer right now.")) from error
        log.error("token_refresh_refused", connection=current.pk, reason=error.code)
        connection_refused_note(connection=current, code=error.code)
        raise SalesforceError(error.code, family=Family.WE_MUST_ACT) from error
    if reason == str(LOST_REASONS["access_ended"]) and current.refresh_lease_until is not None:
        reason = str(INTERRUPTED)
    if not connection_lose(connection=current, reason=reason):
        return _other_token(current)
    raise connection_lost_error(current) from error


def _lost_reason(error: OAuthError) -> str:
    """Why the connection is dead, or "" when the answer does not say that it is."""
    if error.family != Family.CUSTOMER_MUST_ACT:
        return ""
    known = str(LOST_REASONS.get(problem_of(error.code, error.description).code, ""))
    return known or (str(LOST_REASONS["access_ended"]) if error.code == "invalid_grant" else "")


def _somebody_stored(before: Connection) -> bool:
    return (
        Connection.objects.filter(pk=before.pk)
        .exclude(token_generation=before.token_generation)
        .exists()
    )


def _wait_for_other(
    current: Connection, lease: datetime.datetime, *, clock: Clock, sleep: Sleep
) -> str:
    """Wait for the refresh that Salesforce says is under way, and use what it stores."""
    give_up_at = min(lease, clock() + _longest_wait())
    while clock() < give_up_at:
        if _somebody_stored(current):
            return _other_token(current)
        sleep(WAIT_STEP_SECONDS)
    _lease_drop(current, lease)
    raise _try_again(_("Another refresh of this connection did not end in time."))


def connection_lost_error(connection: Connection) -> ConnectionLost:
    """The error for a connection that cannot be used, with its own reason."""
    return ConnectionLost(detail=connection.health_reason or connection.health)


def _try_again(detail: str | Promise) -> SalesforceError:
    return SalesforceError("SERVER_UNAVAILABLE", detail=str(detail), family=Family.TRY_AGAIN)
