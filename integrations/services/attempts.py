"""Attempts to connect, from the button to the answer. Every move is a conditional update.

started → returned → confirmed | refused; started and returned → abandoned when nobody comes back.
A person may come back after the help page marked the attempt as abandoned: then it goes on.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.deadlocks import deadlock_retried
from accounts.models import Customer, SignupLink, User
from accounts.services import event_record
from integrations.models import ConnectAttempt
from integrations.oauth import calls
from integrations.oauth.hosts import login_url
from integrations.oauth.problems import PROBLEMS
from integrations.services.errors import ConnectError
from integrations.services.guard import SeenOrg, org_holder
from integrations.signals import attempt_failed_on_us, org_contested

log = structlog.get_logger(__name__)

State = ConnectAttempt.State
AWAY = (State.STARTED, State.ABANDONED)
# Refusals by the guard and by the person: evidence, so the customer's log keeps them.
RECORDED = {
    "production_in_sandbox",
    "sandbox_in_production",
    "developer_org",
    "trial_org",
    "scratch_org",
    "org_taken",
    "other_org",
    "not_the_parent",
    "declined",
}


def connect_attempt_start(
    *,
    customer: Customer,
    environment: str,
    link: SignupLink | None,
    user: User,
    login_host: str = "",
) -> ConnectAttempt:
    """Remember that a person leaves for Salesforce. Without a link they reconnect.

    `login_host`: the customer's own My Domain, already validated (`my_domain_clean`).
    """
    return ConnectAttempt.objects.create(
        customer=customer,
        environment=environment,
        link=link,
        user=user,
        login_host=login_host or login_url(environment),
    )


def connect_attempt_return(
    *,
    attempt: ConnectAttempt,
    token: Mapping[str, str],
    identity: Mapping[str, Any],
    organization: Mapping[str, Any],
) -> ConnectAttempt:
    """Keep what came back until the person confirms it; the tokens sealed.

    Raises ConnectError when the attempt is not waiting for an answer any more.
    """
    moved = ConnectAttempt.objects.filter(pk=attempt.pk, state__in=AWAY).update(
        state=State.RETURNED,
        returned_at=timezone.now(),
        ended_at=None,
        error_code="",
        salesforce_code="",
        sealed_token=json.dumps(dict(token)),
        identity=_storable(identity),
        organization=_storable(organization),
    )
    if not moved:
        raise ConnectError("attempt_over", _("This sign-up has ended."))
    attempt.refresh_from_db()
    return attempt


def _storable(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the org says, without null characters: PostgreSQL takes none, not even inside JSON."""
    return {
        name: value.replace("\0", "") if isinstance(value, str) else value
        for name, value in said.items()
    }


@deadlock_retried
def connect_attempt_refuse(
    *,
    attempt: ConnectAttempt,
    code: str,
    salesforce_code: str = "",
    seen: SeenOrg | None = None,
) -> bool:
    """End an attempt with a problem code; tokens it held are thrown away.

    `salesforce_code`: Salesforce's own (`problems.salesforce_code`). `seen`: the org, where the
    sign-in came so far; the page says which one it was. Returns whether it was still open. What
    the guard or the person refused is an event; staff hear of what is theirs to mend.
    """
    values: dict[str, Any] = {"error_code": code, "salesforce_code": salesforce_code[:60]}
    if seen is not None:
        values["organization"] = {"id": seen.org_id, "kind": seen.kind, "name": seen.name}
        values["identity"] = _storable(
            {"instance_url": seen.instance_url, "username": seen.username}
        )
    with transaction.atomic():
        moved = ConnectAttempt.objects.filter(
            pk=attempt.pk, state__in=[*AWAY, State.RETURNED]
        ).update(state=State.REFUSED, ended_at=timezone.now(), sealed_token="", **values)
        if moved:
            attempt.refresh_from_db()
            _refusal_record(attempt)
    if moved:
        write = log.error if PROBLEMS[code].ours else log.info
        write(
            "connect_attempt_refused",
            attempt=attempt.pk,
            problem=code,
            salesforce_code=attempt.salesforce_code,
        )
    return bool(moved)


def _refusal_record(attempt: ConnectAttempt) -> None:
    """The customer's log, and whom of staff it concerns."""
    code, org_id = attempt.error_code, attempt.organization.get("id", "")
    if code in RECORDED:
        event_record(
            customer=attempt.customer,
            action="connection.refused",
            by=attempt.user,
            side="customer",
            environment=attempt.environment,
            org_id=org_id,
            data={"attempt": attempt.pk, "code": code},
        )
    if code == "org_taken":
        _contest(attempt, org_id)
    elif PROBLEMS[code].ours:
        attempt_failed_on_us.send(sender=ConnectAttempt, attempt=attempt)


def _contest(attempt: ConnectAttempt, org_id: str) -> None:
    """Another customer has this org: their log says that somebody came, by ids only."""
    holder = org_holder(customer=attempt.customer, org_id=org_id)
    if holder is None:
        return
    event_record(
        customer=holder.customer,
        action="connection.contested",
        by=None,
        side="system",
        environment=holder.environment,
        org_id=org_id,
        data={"connection": holder.pk, "attempt": attempt.pk},
    )
    org_contested.send(sender=ConnectAttempt, attempt=attempt, holder=holder)


def connect_attempt_reject(*, attempt: ConnectAttempt, code: str) -> bool:
    """Refuse what came back, and hand the access to Salesforce back."""
    token = sealed_refresh_token(attempt)
    if not connect_attempt_refuse(attempt=attempt, code=code):
        return False
    calls.token_revoke_quietly(host=attempt.login_host, token=token)
    return True


def connect_attempt_decline(*, attempt: ConnectAttempt) -> bool:
    """The person says that it is the wrong org or user."""
    return connect_attempt_reject(attempt=attempt, code="declined")


def connect_attempt_abandon(*, attempt: ConnectAttempt) -> bool:
    """Nobody came back or nobody confirmed; access that was given is handed back."""
    token = sealed_refresh_token(attempt)
    moved = ConnectAttempt.objects.filter(pk=attempt.pk, state=attempt.state).update(
        state=State.ABANDONED,
        ended_at=timezone.now(),
        error_code="did_not_return" if attempt.state == State.STARTED else "not_confirmed",
        sealed_token="",
    )
    if moved:
        calls.token_revoke_quietly(host=attempt.login_host, token=token)
    return bool(moved)


def sealed_refresh_token(attempt: ConnectAttempt) -> str:
    """The refresh token waiting in an attempt, or ""."""
    if not attempt.sealed_token:
        return ""
    return str(json.loads(attempt.sealed_token).get("refresh_token", ""))
