"""Connections: established by a confirmed attempt, ended by a person."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.deadlocks import deadlock_retried
from accounts.models import User
from accounts.services import SignupLinkError, event_record, signup_link_spend
from integrations.models import CheckRun, ConnectAttempt, Connection, Health, OrgEpoch
from integrations.oauth import calls
from integrations.oauth.problems import PROBLEMS
from integrations.services.errors import ConnectError
from integrations.services.guard import attempt_seen, org_refusal
from integrations.services.locks import customer_lock
from integrations.signals import connection_established, epoch_ended

log = structlog.get_logger(__name__)


@deadlock_retried
def connection_establish(*, attempt: ConnectAttempt, by: User) -> Connection:
    """Make the confirmed org the customer's connection, in one transaction.

    1. The attempt is confirmed once; its sealed tokens move to the connection.
    2. Another org than before ends the epoch (signal) and starts or takes up another one.
    3. The sign-up link is spent, the event written, `connection_established` sent.
    4. After the commit: the org is asked about itself, and our earlier refresh token is revoked,
       since a user holds five per app and the sixth would end the oldest (platform reference, 1.5).

    Raises ConnectError, with nothing changed, when the attempt was answered already, the link
    ended, or the guard refuses the org by now. What can still fail afterwards: the revoking.
    """
    try:
        with transaction.atomic():
            connection = _establish(attempt=attempt, by=by)
    except IntegrityError as error:
        # Another customer confirmed the same org in the same moment (`org_connected_once`).
        raise ConnectError("org_taken", PROBLEMS["org_taken"].title) from error
    except SignupLinkError as error:
        raise ConnectError("link_over", error.sentence) from error
    attempt.refresh_from_db()
    return connection


def _establish(*, attempt: ConnectAttempt, by: User) -> Connection:
    now = timezone.now()
    customer = customer_lock(attempt.customer_id)
    attempt = ConnectAttempt.objects.select_related("link").get(pk=attempt.pk)
    moved = ConnectAttempt.objects.filter(
        pk=attempt.pk, state=ConnectAttempt.State.RETURNED
    ).update(state=ConnectAttempt.State.CONFIRMED, ended_at=now, sealed_token="")
    if not moved:
        raise ConnectError("attempt_over", PROBLEMS["attempt_over"].title)
    refusal = org_refusal(
        customer=customer, environment=attempt.environment, seen=attempt_seen(attempt)
    )
    if refusal:
        raise ConnectError(refusal, PROBLEMS[refusal].title)
    before = (
        Connection.objects.select_for_update()
        .filter(customer=customer, environment=attempt.environment)
        .first()
    )
    replaced = before.refresh_token if before else ""
    connection = before or Connection(customer=customer, environment=attempt.environment)
    if not attempt.sealed_token:
        # No key opens it (integrations.fields): the person signs up again.
        raise ConnectError("our_setup", PROBLEMS["our_setup"].title)
    token = json.loads(attempt.sealed_token)
    _write(
        connection,
        connected_by=by,
        connected_at=now,
        health=Health.CONNECTED,
        health_reason="",
        health_since=now,
        login_host=attempt.login_host,
        scopes=attempt.identity["scopes"][:300],
        access_token=token["access_token"],
        refresh_token=token["refresh_token"],
        token_generation=connection.token_generation + 1,
        token_refreshed_at=now,
        refresh_lease_until=None,
        idle_warned_at=None,
    )
    epoch, new_org = _epoch_take_up(connection, attempt, now=now)
    if attempt.link is not None:
        signup_link_spend(link=attempt.link, by=by)
    event_record(
        customer=customer,
        action="connection.established",
        by=by,
        side="customer",
        environment=attempt.environment,
        org_id=epoch.org_id,
        data={
            "connection": connection.pk,
            "epoch": epoch.number,
            "salesforce_user": epoch.user_id,
            "attempt": attempt.pk,
            "again": before is not None,
            "new_org": new_org,
            "administrator_kept": epoch.user_is_administrator,
        },
    )
    connection_established.send(sender=Connection, connection=connection)
    _org_ask(connection)
    transaction.on_commit(lambda: _after_commit(connection, replaced))
    return connection


def _write(row: Connection | OrgEpoch, **values: Any) -> None:
    """Insert the row, or save just these of its fields."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values) if row.pk else None)


def _epoch_take_up(
    connection: Connection, attempt: ConnectAttempt, *, now: Any
) -> tuple[OrgEpoch, bool]:
    """The epoch of the confirmed org, and whether it is another one than before."""
    org_id = attempt.organization["id"]
    before = connection.epoch
    changed = before is not None and before.org_id != org_id
    if before is not None and changed:
        _write(before, ended_at=now)
        epoch_ended.send(sender=OrgEpoch, epoch=before)
    known = connection.epochs.filter(org_id=org_id).first()
    epoch = known or OrgEpoch(
        connection=connection,
        org_id=org_id,
        number=connection.epochs.count() + 1,
        started_at=now,
    )
    _write(epoch, **_epoch_values(attempt.identity, attempt.organization), ended_at=None)
    if connection.epoch_id != epoch.pk:
        _write(connection, epoch=epoch)
    return epoch, changed


def _epoch_values(identity: Mapping[str, Any], organization: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": organization["name"][:200],
        "kind": organization["kind"],
        "organization_type": organization["edition"][:80],
        "instance_name": organization["instance_name"][:40],
        "instance_url": identity["instance_url"],
        "identity_url": identity["identity_url"],
        "user_id": identity["user_id"],
        "username": identity["username"][:200],
        "user_name": identity["user_name"][:200],
        "user_is_administrator": bool(identity["is_administrator"]),
        "app_installed": identity["app_installed"],
    }


def _org_ask(connection: Connection) -> None:
    """Have the org asked everything, after the commit; a listener may have begun it already."""
    from integrations.checks.services import check_run_start  # the checks look at services

    check_run_start(connection=connection, reason=CheckRun.Reason.CONNECTED)


def _after_commit(connection: Connection, replaced: str) -> None:
    if replaced and replaced != connection.refresh_token:
        calls.token_revoke_quietly(host=connection.token_host, token=replaced)


def connection_disconnect(*, connection: Connection, by: User) -> bool:
    """End a connection: our tokens go first, then Salesforce is asked to revoke them.

    Returns whether Salesforce confirmed it; if not, the person can do it in the org's Setup. Both
    are events. Raises ConnectError when there is nothing to disconnect.
    """
    with transaction.atomic():
        customer_lock(connection.customer_id)
        current = Connection.objects.select_for_update().get(pk=connection.pk)
        token = current.refresh_token
        moved = (
            Connection.objects.filter(pk=connection.pk)
            .exclude(health=Health.DISCONNECTED)
            .update(
                health=Health.DISCONNECTED,
                health_reason=_("Disconnected by %(person)s.") % {"person": by},
                health_since=timezone.now(),
                access_token="",
                refresh_token="",
                token_generation=F("token_generation") + 1,
                refresh_lease_until=None,
            )
        )
        if not moved:
            raise ConnectError("not_connected", _("This org is disconnected already."))
        _event(current, "connection.disconnected", by, {"connection": current.pk})
    revoked = bool(token) and calls.token_revoke_quietly(host=current.token_host, token=token)
    with transaction.atomic():
        _event(
            current,
            "connection.access_returned",
            by,
            {"connection": current.pk, "revoked": revoked},
        )
    connection.refresh_from_db()
    log.info("connection_disconnected", connection=connection.pk, revoked=revoked)
    return revoked


def _event(connection: Connection, action: str, by: User, data: Mapping[str, Any]) -> None:
    event_record(
        customer=connection.customer,
        action=action,
        by=by,
        side="vendor" if by.is_staff else "customer",
        environment=connection.environment,
        org_id=connection.epoch.org_id if connection.epoch else "",
        data=data,
    )
