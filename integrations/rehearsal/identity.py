"""The machine's part of sign-in: tokens, who am I, keys, discovery."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

from flask import Blueprint, current_app, jsonify, make_response, request
from werkzeug.wrappers import Response

from integrations.rehearsal import admission
from integrations.rehearsal.clients import Client
from integrations.rehearsal.host import Host, host
from integrations.rehearsal.signin import OAuthError, SignIn
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

blueprint = Blueprint("identity", __name__)
NEW_YORK_OFFSET = -18_000_000


def _signin() -> SignIn:
    found: SignIn = current_app.extensions["signin"]
    return found


def _credentials() -> tuple[str, str]:
    """Client id and secret, from the form or a Basic header."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("basic "):
        try:
            text = base64.b64decode(header[6:], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        name, _, secret = text.partition(":")
        return name, secret
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _client(here: Host) -> Client:
    name, secret = _credentials()
    for client in here.world.settings.clients:
        if client.client_id == name and client.environment == here.environment:
            if client.client_secret != secret:
                raise OAuthError("invalid_client", "invalid client credentials")
            return client
    raise OAuthError("invalid_client_id", "client identifier invalid")


@blueprint.post("/services/oauth2/token")
def token() -> Response:
    """Code or refresh token to access token."""
    here = host()
    form = {name: request.form[name] for name in request.form}
    grant = form.get("grant_type", "")
    if grant not in ("authorization_code", "refresh_token"):
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    client = _client(here)
    if grant == "authorization_code":
        body = _signin().exchange(client, here.port, form)
    else:
        given = form.get("refresh_token", "")
        body = _signin().refresh(client, here.port, given, request.path)
    return _no_store(jsonify(body))


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache, no-store"
    return response


@blueprint.app_errorhandler(OAuthError)
def refused(error: OAuthError) -> Response:
    """An OAuth refusal as JSON."""
    return _no_store(make_response(jsonify(error.body), 400))


@blueprint.route("/services/oauth2/revoke", methods=["GET", "POST"])
def revoke() -> Response:
    """End a token."""
    if not _signin().revoke(request.values.get("token", "")):
        raise OAuthError("invalid_token", "token is invalid or has expired")
    return make_response("", 200)


@blueprint.post("/services/oauth2/introspect")
def introspect() -> Response:
    """Whether a token lives, for the app it was issued to."""
    here = host()
    client = _client(here)
    signin, value = _signin(), request.form.get("token", "")
    row = signin.space.get("access", value)
    until = row["until"] if row else 0
    kind = "access_token"
    if row is None:
        row, kind = signin.space.get("refresh", value), "refresh_token"
        until = time.time() + 30 * 86_400 if row and not row["spent"] else 0
    approval = signin.space.get("approval", row["approval"]) if row else None
    if approval is None or until < time.time() or approval["client"] != client.client_id:
        return jsonify({"active": False})
    org = here.world.org_by_id(approval["org"])
    user = org.space.get("User", approval["user"]) if org else None
    made = int(approval["made"])
    return jsonify(
        {
            "active": True,
            "scope": approval["scope"],
            "client_id": client.client_id,
            "username": user["Username"] if user else "",
            "sub": f"{org.login_url if org else ''}/id/{approval['org']}/{approval['user']}",
            "token_type": kind,
            "exp": int(until),
            "iat": made,
            "nbf": made,
        }
    )


def _who(user_id: str | None = None, org_id: str | None = None) -> tuple[Org, Row, Row] | Response:
    """The signed-in user of the bearer token, or the platform's plain refusal."""
    header = request.headers.get("Authorization", "")
    name, _, value = header.partition(" ")
    if name.lower() not in ("bearer", "oauth") or not value:
        return _plain("Missing_OAuth_Token", 403)
    found = _signin().session(value.strip())
    org = host().world.org_by_id(found[1]["org"]) if found else None
    user = org.space.get("User", found[1]["user"]) if found and org else None
    known = user and user.get("IsActive")
    if not found or not org or not user or not known or org not in host().orgs:
        return _plain("Bad_OAuth_Token", 403)
    if user_id is not None and (user_id[:15] != user["Id"][:15] or not org_id):
        return _plain("Bad_Id", 404)
    if org_id is not None and org_id[:15] != org.config.org_id[:15]:
        return _plain("Wrong_Org", 403)
    return org, user, found[1]


def _plain(text: str, status: int) -> Response:
    response = make_response(text, status)
    response.content_type = "text/plain;charset=UTF-8"
    return response


def _urls(org: Org, user: Row) -> dict[str, str]:
    base, org_id = org.url, org.config.org_id
    data = base + "/services/data/v{version}/"
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{org_id}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{org_id}",
        "partner": f"{base}/services/Soap/u/{{version}}/{org_id}",
        "rest": data,
        "sobjects": f"{data}sobjects/",
        "search": f"{data}search/",
        "query": f"{data}query/",
        "recent": f"{data}recent/",
        "tooling_soap": f"{base}/services/Soap/T/{{version}}/{org_id}",
        "tooling_rest": f"{data}tooling/",
        "profile": f"{base}/{user['Id']}",
        "feeds": f"{data}chatter/feeds",
        "groups": f"{data}chatter/groups",
        "users": f"{data}chatter/users",
        "feed_items": f"{data}chatter/feed-items",
        "feed_elements": f"{data}chatter/feed-elements",
        "custom_domain": base,
    }


def _installed(org: Org) -> bool:
    return org.config.connected_app in (admission.OPEN, admission.ADMIN_APPROVED)


@blueprint.get("/services/oauth2/userinfo")
def userinfo() -> Response:
    """OpenID Connect's view of the user."""
    found = _who()
    if isinstance(found, Response):
        return found
    org, user, approval = found
    identity = f"{org.login_url}/id/{approval['org']}/{user['Id']}"
    picture = f"{org.url}/profilephoto/005/F"
    body: dict[str, Any] = {
        "sub": identity,
        "user_id": user["Id"],
        "organization_id": org.config.org_id,
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "photos": {"picture": picture, "thumbnail": f"{org.url}/profilephoto/005/T"},
        "profile": f"{org.url}/{user['Id']}",
        "picture": picture,
        "address": {"country": org.config.country},
        "urls": _urls(org, user),
        "active": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": NEW_YORK_OFFSET,
        "updated_at": user["LastModifiedDate"],
        "is_app_installed": _installed(org),
    }
    return jsonify(body)


@blueprint.get("/id/<org_id>/<user_id>")
def identity(org_id: str, user_id: str) -> Response:
    """Salesforce's own identity service."""
    found = _who(user_id, org_id)
    if isinstance(found, Response):
        return found
    org, user, _ = found
    body: dict[str, Any] = {
        "id": f"{org.login_url}/id/{org.config.org_id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": org.config.org_id,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "first_name": user.get("FirstName"),
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "photos": {
            "picture": f"{org.url}/profilephoto/005/F",
            "thumbnail": f"{org.url}/profilephoto/005/T",
        },
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": org.config.country,
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(org, user),
        "active": bool(user.get("IsActive")),
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": NEW_YORK_OFFSET,
        "last_modified_date": user["LastModifiedDate"].replace(".000+0000", "Z"),
        "is_app_installed": _installed(org),
    }
    return jsonify(body)


@blueprint.get("/id/keys")
def keys() -> Response:
    """The public keys of id tokens."""
    return jsonify(_signin().keys.public())


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """OpenID Connect discovery of this host."""
    base = host().url
    return jsonify(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/services/oauth2/authorize",
            "token_endpoint": f"{base}/services/oauth2/token",
            "revocation_endpoint": f"{base}/services/oauth2/revoke",
            "userinfo_endpoint": f"{base}/services/oauth2/userinfo",
            "introspection_endpoint": f"{base}/services/oauth2/introspect",
            "jwks_uri": f"{base}/id/keys",
            "scopes_supported": ["api", "id", "openid", "refresh_token"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
    )
