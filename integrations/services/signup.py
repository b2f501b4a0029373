"""The way back from Salesforce: who signed in, to which org, and whether it may be connected."""

from contextlib import closing
from typing import Any

import structlog

from integrations.models import ConnectAttempt
from integrations.oauth import calls
from integrations.oauth.adapter import SalesforceOAuth2Adapter, SignedIn, SignInRefused
from integrations.oauth.problems import PROBLEMS
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.families import Family
from integrations.salesforce.ids import id18
from integrations.services.attempts import connect_attempt_refuse, connect_attempt_return
from integrations.services.errors import ConnectError
from integrations.services.facts import package_ask, user_ask
from integrations.services.guard import org_kind, org_refusal
from integrations.services.orgs import org_open_before_confirmation

log = structlog.get_logger(__name__)


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
        _alert(attempt, refusal.code, refusal.detail)
        connect_attempt_refuse(attempt=attempt, code=refusal.code)
        calls.token_revoke_quietly(host=attempt.login_host, token=refusal.token)
        return refusal.code
    problem, organization = _org_ask(attempt, signed_in)
    if not problem:
        try:
            connect_attempt_return(
                attempt=attempt,
                token={
                    "access_token": signed_in.token.access_token,
                    "refresh_token": signed_in.token.refresh_token,
                },
                identity=organization.pop("identity"),
                organization=organization,
            )
        except ConnectError as error:
            problem = error.code
    if problem:
        _alert(attempt, problem, "")
        connect_attempt_refuse(attempt=attempt, code=problem, org_id=signed_in.token.org_id)
        calls.token_revoke_quietly(host=attempt.login_host, token=signed_in.token.refresh_token)
    return problem


def _org_ask(attempt: ConnectAttempt, signed_in: SignedIn) -> tuple[str, dict[str, Any]]:
    """A problem code, or "" and what the org says of itself."""
    try:
        with closing(
            org_open_before_confirmation(
                instance_url=signed_in.token.instance_url, access_token=signed_in.token.access_token
            )
        ) as org:
            row = org.organization()
            if id18(str(row["Id"])) != signed_in.token.org_id:
                return "unverified", {}
            kind = org_kind(row)
            refusal = org_refusal(
                customer=attempt.customer,
                environment=attempt.environment,
                kind=kind,
                org_id=signed_in.token.org_id,
                instance_url=signed_in.token.instance_url,
            )
            return refusal, {} if refusal else _describe(org, row, kind, signed_in)
    except SalesforceError as error:
        log.warning("org_unasked_after_signin", attempt=attempt.pk, reason=error.code)
        again = error.family == Family.TRY_AGAIN
        return ("unavailable" if again else "org_unreadable"), {}


def _describe(org: Org, row: dict[str, Any], kind: str, signed_in: SignedIn) -> dict[str, Any]:
    user = user_ask(org)
    package = package_ask(org, sees_everything=user.is_administrator is True)
    return {
        "id": signed_in.token.org_id,
        "name": str(row.get("Name") or ""),
        "kind": str(kind),
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


def _alert(attempt: ConnectAttempt, code: str, detail: str) -> None:
    """What is ours to fix goes to staff as an error; `detail` is an OAuth code or our own text."""
    write = log.error if PROBLEMS[code].ours else log.info
    write("connect_failed", attempt=attempt.pk, problem=code, detail=detail[:80])
