"""The way back from Salesforce: who signed in, to which org, and whether it may be connected."""

from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.conf import settings

from accounts.models import Environment
from integrations.models import ConnectAttempt
from integrations.oauth import calls
from integrations.oauth.adapter import SalesforceOAuth2Adapter, SignedIn, SignInRefused
from integrations.oauth.problems import problem_of, salesforce_code
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.families import Family
from integrations.salesforce.ids import id18, is_id
from integrations.services.attempts import connect_attempt_refuse, connect_attempt_return
from integrations.services.errors import ConnectError
from integrations.services.facts import package_ask, user_ask
from integrations.services.guard import SeenOrg, org_kind, org_refusal, parent_verdict
from integrations.services.orgs import org_open_before_confirmation

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Asked:
    """What the org said: a problem code or what to keep; who it is, as far as we got."""

    problem: str = ""
    detail: str = ""
    seen: SeenOrg | None = None
    said: dict[str, Any] | None = None


def connect_attempt_complete(
    *,
    attempt: ConnectAttempt,
    adapter: SalesforceOAuth2Adapter,
    code: str,
    verifier: str,
    nonce: str,
) -> str:
    """Trade the code, ask the org who it is, and keep it for the person to confirm.

    Returns "" or the problem code with which the attempt was refused; access that was given is
    then handed back. What can still fail: handing it back (then it shows in the org's Setup).
    """
    try:
        signed_in = adapter.exchange(code=code, verifier=verifier, nonce=nonce)
    except SignInRefused as refusal:
        _refuse(attempt, _Asked(refusal.code, refusal.detail), refusal.token)
        return refusal.code
    asked = _org_ask(attempt, signed_in)
    if asked.said is not None:
        try:
            connect_attempt_return(
                attempt=attempt,
                token={
                    "access_token": signed_in.token.access_token,
                    "refresh_token": signed_in.token.refresh_token,
                },
                identity=asked.said.pop("identity"),
                organization=asked.said,
            )
        except ConnectError as error:
            asked = replace(asked, problem=error.code)
    if asked.problem:
        _refuse(attempt, asked, signed_in.token.refresh_token)
    return asked.problem


def _refuse(attempt: ConnectAttempt, asked: _Asked, token: str) -> None:
    log.info("connect_failed", attempt=attempt.pk, problem=asked.problem, detail=asked.detail[:80])
    connect_attempt_refuse(
        attempt=attempt,
        code=asked.problem,
        salesforce_code=salesforce_code(asked.detail),
        seen=asked.seen,
    )
    calls.token_revoke_quietly(host=attempt.login_host, token=token)


def _org_ask(attempt: ConnectAttempt, signed_in: SignedIn) -> _Asked:
    """Ask the org; each question that fails is a problem of its own."""
    seen = SeenOrg(
        org_id=signed_in.token.org_id,
        kind="",
        instance_url=signed_in.token.instance_url,
        user_id=signed_in.token.user_id,
        username=signed_in.person.username,
    )
    try:
        with closing(
            org_open_before_confirmation(
                instance_url=signed_in.token.instance_url,
                access_token=signed_in.token.access_token,
                org_id=signed_in.token.org_id,
            )
        ) as org:
            if settings.SALESFORCE_API_VERSION not in org.versions():
                return _Asked("version_not_offered", "API_VERSION_NOT_OFFERED", seen)
            return _org_judge(org, attempt, signed_in, seen)
    except SalesforceError as error:
        log.warning("org_unasked_after_signin", attempt=attempt.pk, reason=error.code)
        return _Asked(_unasked(error), error.code, seen)


def _unasked(error: SalesforceError) -> str:
    """The problem code for an org that let somebody in and then answered no question."""
    if isinstance(error, ConnectionLost):
        return "session_refused"
    known = problem_of(error.code).code
    if known in {"api_disabled", "api_limit", "version_not_offered", "session_refused"}:
        return known
    return "unavailable" if error.family == Family.TRY_AGAIN else "org_unreadable"


def _org_judge(org: Org, attempt: ConnectAttempt, signed_in: SignedIn, seen: SeenOrg) -> _Asked:
    row = org.organization()
    if not is_id(row.get("Id"), "00D") or id18(row["Id"]) != seen.org_id:
        return _Asked("unverified")
    seen = replace(seen, kind=str(org_kind(row)), name=str(row.get("Name") or ""))
    refusal = org_refusal(customer=attempt.customer, environment=attempt.environment, seen=seen)
    if not refusal and not signed_in.person.active:
        refusal = "user_inactive"
    parent = ""
    if not refusal and attempt.environment == Environment.PRODUCTION:
        parent = _parent_ask(org, attempt, seen)
        refusal = "not_the_parent" if parent == "other" else ""
    if refusal:
        return _Asked(refusal, seen=seen)
    said = _describe(org, row, signed_in) | {"kind": seen.kind, "parent": parent}
    return _Asked(seen=seen, said=said)


def _parent_ask(org: Org, attempt: ConnectAttempt, seen: SeenOrg) -> str:
    """What production's own list of sandboxes says of the tested one; see `parent_verdict`."""
    try:
        rows = org.sandboxes()
    except SalesforceError as error:
        # Nothing to be proven by it; who it is was answered before.
        log.info("sandboxes_unreadable", attempt=attempt.pk, reason=error.code)
        rows = None
    return parent_verdict(
        customer=attempt.customer,
        sandbox_org_ids=None if rows is None else [row.org_id15 for row in rows],
        instance_url=seen.instance_url,
    )


def _describe(org: Org, row: dict[str, Any], signed_in: SignedIn) -> dict[str, Any]:
    user = user_ask(org)
    package = package_ask(org, sees_everything=user.is_administrator is True)
    return {
        "id": signed_in.token.org_id,
        "name": str(row.get("Name") or ""),
        "edition": str(row.get("OrganizationType") or ""),
        "instance_name": str(row.get("InstanceName") or ""),
        "package_installed": package.installed,
        "package_version": package.version,
        "identity": {
            "user_id": signed_in.token.user_id,
            "username": signed_in.person.username,
            "user_name": signed_in.person.name,
            "profile": user.profile,
            "is_administrator": user.is_administrator is True,
            "identity_url": signed_in.token.identity_url,
            "instance_url": signed_in.token.instance_url,
            "scopes": signed_in.token.scope,
            "app_installed": signed_in.person.app_installed,
        },
    }
