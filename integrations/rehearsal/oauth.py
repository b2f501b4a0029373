"""The browser's part of sign-in: choose a user, allow or deny, go back with a code."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from integrations.rehearsal import admission
from integrations.rehearsal.admission import Refused
from integrations.rehearsal.clients import Client
from integrations.rehearsal.host import Host, host
from integrations.rehearsal.world import Org

blueprint = Blueprint("oauth", __name__)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")
SCOPE_TEXTS = {
    "api": "Manage user data via APIs",
    "refresh_token": "Perform requests at any time",
    "openid": "Access unique user identifiers",
    "id": "Access the identity URL service",
}


def _client(here: Host) -> Client:
    wanted = request.args.get("client_id", "")
    known = (
        client
        for client in here.world.settings.clients
        if client.client_id == wanted and client.environment == here.environment
    )
    found = next(known, None)
    if found is None:
        raise Refused("invalid_client_id", "client identifier invalid", False)
    if not found.allows(request.args.get("redirect_uri", "")):
        raise Refused("redirect_uri_mismatch", "redirect_uri must match configuration", False)
    return found


def _checked(client: Client) -> dict[str, str]:
    """The request's parameters, checked, with the scopes that count."""
    asked = {name: request.args[name] for name in request.args}
    if asked.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response type not supported")
    scopes = asked.get("scope", "").split() or list(client.scopes)
    if "offline_access" in scopes:
        scopes = ["refresh_token" if name == "offline_access" else name for name in scopes]
    if any(name not in client.scopes for name in scopes):
        raise Refused("invalid_scope", "the requested scope is not allowed")
    if not CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        raise Refused("invalid_request", "missing or invalid code challenge")
    # S256 is the only one there is: a request that names none (jsforce) means it.
    if asked.get("code_challenge_method", "S256") != "S256":
        raise Refused("invalid_request", "invalid code challenge method")
    if asked.get("immediate") == "true":
        raise Refused("immediate_unsuccessful", "user interaction is required")
    return {**asked, "scope": " ".join(dict.fromkeys(scopes))}


def _back(values: dict[str, str]) -> Response:
    """Redirect to the callback with the state it came with."""
    if "state" in request.args:
        values["state"] = request.args["state"]
    target = request.args["redirect_uri"]
    joiner = "&" if "?" in target else "?"
    return redirect(f"{target}{joiner}{urlencode(values)}")


@blueprint.route("/services/oauth2/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Login page, consent page, and the way back."""
    here = host()
    try:
        client = _client(here)
        asked = _checked(client)
        return _continue(here, client, asked)
    except Refused as refused:
        if refused.redirects:
            return _back({"error": refused.error, "error_description": refused.description})
        return make_response(
            render_template("oauth_error.html", error=refused.error, text=refused.description),
            400,
        )


def _cookie(here: Host) -> str:
    return f"rehearsal_browser_{here.port}"


def _signed_in(here: Host, asked: dict[str, str]) -> tuple[Org, dict[str, Any]] | None:
    """Who this browser is already signed in as, unless the request wants a new login."""
    if {"login", "select_account"} & set(asked.get("prompt", "").split()):
        return None
    row = here.world.signin.get("browser", request.cookies.get(_cookie(here), ""))
    found = here.user(row["user"]) if row else None
    return found if found and not admission.login_problem(here, *found) else None


def _continue(here: Host, client: Client, asked: dict[str, str]) -> Response:
    if request.method == "POST":
        chosen = here.anybody(request.form.get("user", ""))
        if chosen is None:
            return _login_page(here, asked, "Choose one of the users.")
        problem = admission.login_problem(here, *chosen)
        if problem:
            return _login_page(here, asked, problem)
        decision = request.form.get("decision")
        if decision == "deny":
            raise Refused("access_denied", "end-user denied authorization")
        if decision == "allow":
            org, user = chosen
            admission.check_app(org, user)
            code = current_app.extensions["signin"].issue_code(org, user["Id"], client, asked)
            return _back({"code": code})
        return _remember(here, chosen, _consent_page(client, asked, chosen))
    signed_in = _signed_in(here, asked)
    if signed_in:
        return _consent_page(client, asked, signed_in)
    return _login_page(here, asked)


def _remember(here: Host, chosen: tuple[Org, dict[str, Any]], response: Response) -> Response:
    key = secrets.token_urlsafe(24)
    value = {"user": f"{chosen[0].config.key}/{chosen[1]['Id']}"}
    with here.world.signin.transaction():
        here.world.signin.put("browser", key, value)
    response.set_cookie(_cookie(here), key, httponly=True, samesite="Lax")
    return response


@blueprint.app_errorhandler(admission.NoWayBack)
def no_way_back(error: admission.NoWayBack) -> Response:
    """Sign-in ends on the platform's own page."""
    return redirect(error.url)


@blueprint.get(admission.ERROR_PAGE)
def remote_access_error() -> str:
    """Where a sign-in ends that never reaches the callback."""
    known = {admission.EXTERNAL[0]: admission.EXTERNAL}
    error, text = known.get(request.args.get("error", ""), admission.GENERIC)
    return render_template("oauth_error.html", error=error, text=text)


def _login_page(here: Host, asked: dict[str, str], problem: str = "") -> Response:
    groups = []
    for org in here.orgs:
        first = {user.user_id for user in org.config.users}
        users = [
            (f"{org.config.key}/{user['Id']}", user)
            for user in org.space.rows("User")
            if user.get("IsActive") or user["Id"] in first
        ]
        known = [item for item in users if item[1]["Id"] in first]
        groups.append((org, known, [item for item in users if item not in known]))
    text = render_template(
        "login.html",
        groups=groups,
        hint=asked.get("login_hint", ""),
        problem=problem,
        environment=here.environment,
    )
    return make_response(text, 400 if problem else 200)


def _consent_page(
    client: Client, asked: dict[str, str], chosen: tuple[Org, dict[str, Any]]
) -> Response:
    org, user = chosen
    scopes = [(name, SCOPE_TEXTS.get(name, name)) for name in asked["scope"].split()]
    return make_response(
        render_template(
            "consent.html",
            app=client.name,
            org=org,
            user=user,
            value=f"{org.config.key}/{user['Id']}",
            scopes=scopes,
        )
    )
