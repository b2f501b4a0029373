"""Approvals, tokens and codes: what sign-in leaves behind, with the platform's rules of life."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from typing import Any

from integrations.rehearsal import admission
from integrations.rehearsal.clients import Client
from integrations.rehearsal.keys import Keys
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, World

CODE_SECONDS = 15 * 60
MOST_APPROVALS = 5


class OAuthError(Exception):
    """An OAuth refusal: `error` and `error_description`, HTTP 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}


EXPIRED = ("invalid_grant", "expired access/refresh token")


class SignIn:
    """Issues and checks tokens; every change is one transaction of the sign-in space."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.space = world.signin
        self._refreshing: set[str] = set()
        self.keys = Keys(self.space)
        self._lock = threading.Lock()

    # Codes

    def issue_code(self, org: Org, user_id: str, client: Client, request: dict[str, str]) -> str:
        """A code for one exchange within 15 minutes."""
        code = "aPrx" + secrets.token_urlsafe(36) + "=="
        row: Row = {
            "org": org.config.org_id,
            "user": user_id,
            "client": client.client_id,
            "redirect_uri": request["redirect_uri"],
            "scope": request["scope"],
            "challenge": request.get("code_challenge", ""),
            "nonce": request.get("nonce", ""),
            "until": time.time() + CODE_SECONDS,
        }
        with self.space.transaction():
            self.space.put("code", code, row)
        return code

    def exchange(self, client: Client, port: int, form: dict[str, str]) -> dict[str, Any]:
        """Tokens for a code. Raises OAuthError as the platform words it."""
        with self.space.transaction():
            code = self.space.get("code", form.get("code", ""))
            org = self._org(port, code)
            if code is None or org is None or code["until"] < time.time():
                raise OAuthError("invalid_grant", "expired authorization code")
            if code["client"] != client.client_id:
                raise OAuthError("invalid_grant", "authentication failure")
            if code["redirect_uri"] != form.get("redirect_uri"):
                raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
            verifier = form.get("code_verifier", "")
            if code["challenge"] and challenge_of(verifier) != code["challenge"]:
                raise OAuthError("invalid_grant", "invalid code verifier")
            self._check_user(org, code["user"], "authentication failure", "authentication failure")
            self.space.drop("code", form["code"])
            approval = self._approve(code)
            return self._answer(org, client, approval, code["nonce"], self.world.issuer(port))

    def _check_user(self, org: Org, user_id: str, inactive: str, restricted: str) -> Row:
        """The user, if a server of ours may have tokens for them. Raises OAuthError."""
        user, configured = org.space.get("User", user_id), org.user_config(user_id)
        if user is None or not user.get("IsActive"):
            raise OAuthError("invalid_grant", inactive)
        if configured and configured.frozen:
            raise OAuthError("invalid_grant", "authentication failure")
        if org.config.ip_restricted:
            raise OAuthError("invalid_grant", restricted)
        return user

    def _org(self, port: int, row: Row | None) -> Org | None:
        known = self.world.orgs_behind(port)
        return next((org for org in known if row and org.config.org_id == row["org"]), None)

    def _approve(self, code: Row) -> str:
        """A new approval; the sixth of one user and app ends the oldest."""
        key = secrets.token_hex(12)
        own = [
            old
            for old, row in self.space.items("approval")
            if all(row[name] == code[name] for name in ("org", "user", "client"))
        ]
        for old in own[: max(0, len(own) - MOST_APPROVALS + 1)]:
            self.end_approval(old)
        row = {name: code[name] for name in ("org", "user", "client", "scope")}
        # The counter keeps approvals in order of age over a restart.
        number = self.space.count_up("approval", 1)
        self.space.put("approval", f"{number:08d}-{key}", {**row, "made": time.time()})
        return f"{number:08d}-{key}"

    def end_approval(self, key: str) -> None:
        """Revoke a refresh token, its successors and all access tokens from it."""
        with self.space.transaction():
            self.space.drop("approval", key)
            for kind in ("refresh", "access"):
                for token, row in self.space.items(kind):
                    if row["approval"] == key:
                        self.space.drop(kind, token)

    # Tokens

    def refresh(self, client: Client, port: int, token: str, path: str) -> dict[str, Any]:
        """New access and refresh tokens; the old refresh token is spent from now on.

        Without rotation the old one stays good and no new one comes.
        """
        with self._lock:
            if token in self._refreshing:
                raise OAuthError("invalid_grant", "token request is already being processed")
            self._refreshing.add(token)
        try:
            self.world.faults.wait(path=f"refresh:{path}")
            return self._refresh(client, port, token)
        finally:
            with self._lock:
                self._refreshing.discard(token)

    def _refresh(self, client: Client, port: int, token: str) -> dict[str, Any]:
        row = self.space.get("refresh", token)
        if row is None:
            raise OAuthError(*EXPIRED)
        if row["spent"]:
            # A refresh token used twice is taken for theft: everything from it ends.
            self.end_approval(row["approval"])
            raise OAuthError(*EXPIRED)
        with self.space.transaction():
            approval = self.space.get("approval", row["approval"])
            org = self._org(port, approval)
            if approval is None or org is None or approval["client"] != client.client_id:
                raise OAuthError(*EXPIRED)
            user = self._check_user(
                org, approval["user"], "inactive user", "ip restricted or invalid login hours"
            )
            if org.config.connected_app == admission.BLOCKED:
                raise OAuthError(*EXPIRED)
            if not admission.approved(org, user):
                raise OAuthError("invalid_grant", "user hasn't approved this consumer")
            issuer = self.world.issuer(port)
            if org.config.token_rotation:
                self.space.put("refresh", token, {**row, "spent": True})
                return self._answer(org, client, row["approval"], "", issuer)
            body = self._answer(org, client, row["approval"], "", issuer)
            self.space.drop("refresh", body.pop("refresh_token", ""))
            return body

    def _answer(
        self, org: Org, client: Client, approval: str, nonce: str, issuer: str
    ) -> dict[str, Any]:
        row = self.space.get("approval", approval)
        if row is None:
            raise OAuthError(*EXPIRED)
        issued = str(int(time.time() * 1000))
        identity = f"{org.login_url}/id/{row['org']}/{row['user']}"
        access = f"{row['org'][:15]}!AQ8AQ" + secrets.token_urlsafe(66)
        scopes = row["scope"].split()
        until = time.time() + org.config.session_seconds
        self.space.put("access", access, {"approval": approval, "until": until})
        mac = hmac.new(client.client_secret.encode(), (identity + issued).encode(), hashlib.sha256)
        body = {"access_token": access}
        if "refresh_token" in scopes or "offline_access" in scopes:
            refresh = "5Aep861" + secrets.token_urlsafe(60)
            self.space.put("refresh", refresh, {"approval": approval, "spent": False})
            body["refresh_token"] = refresh
        body["signature"] = base64.b64encode(mac.digest()).decode()
        body["scope"] = row["scope"]
        if "openid" in scopes:
            body["id_token"] = self.keys.id_token(issuer, client.client_id, identity, nonce)
        return {
            **body,
            "instance_url": org.url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued,
        }

    def session(self, token: str) -> tuple[Row, Row] | None:
        """The access token's row and its approval, if both live; use lengthens its life."""
        row = self.space.get("access", token)
        approval = self.space.get("approval", row["approval"]) if row else None
        if row is None or approval is None or row["until"] < time.time():
            return None
        org = self.world.org_by_id(approval["org"])
        user = org.user_config(approval["user"]) if org else None
        if org is None or org.config.connected_app == admission.BLOCKED or (user and user.frozen):
            return None
        until = time.time() + org.config.session_seconds
        if until - row["until"] > 60:
            with self.space.transaction():
                if self.space.get("access", token):
                    self.space.put("access", token, {**row, "until": until})
        return row, approval

    def revoke(self, token: str) -> bool:
        """End a refresh token with all from it, or one access token; False if unknown."""
        with self.space.transaction():
            refresh = self.space.get("refresh", token)
            if refresh:
                self.end_approval(refresh["approval"])
                return True
            if self.space.get("access", token):
                self.space.drop("access", token)
                return True
        return False

    # What happens to an org's approvals without us

    def approvals(self, org: Org) -> list[str]:
        """The keys of the org's approvals, the oldest first."""
        found = self.space.items("approval")
        return [key for key, row in found if row["org"] == org.config.org_id]

    def revoke_approvals(self, org: Org) -> None:
        """An administrator revokes the app's access for everybody."""
        with self.space.transaction():
            for key in self.approvals(org):
                self.end_approval(key)

    def steal_refresh_tokens(self, org: Org) -> None:
        """Somebody else spends the refresh tokens in use; who has them finds out on the next use.

        The thief's new tokens work until then.
        """
        clients = {client.client_id: client for client in self.world.settings.clients}
        with self.space.transaction():
            ours = set(self.approvals(org))
            for token, row in self.space.items("refresh"):
                approval = self.space.get("approval", row["approval"])
                if row["spent"] or approval is None or row["approval"] not in ours:
                    continue
                self.space.put("refresh", token, {**row, "spent": True})
                client = clients[approval["client"]]
                self._answer(org, client, row["approval"], "", org.login_url)

    def forget(self, org: Org) -> None:
        """Nobody is signed in to the org any more: no approval, token, code or browser."""
        self.revoke_approvals(org)
        with self.space.transaction():
            for key, row in self.space.items("code"):
                if row["org"] == org.config.org_id:
                    self.space.drop("code", key)
            for key, row in self.space.items("browser"):
                if row["user"].partition("/")[0] == org.config.key:
                    self.space.drop("browser", key)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier: SHA-256, base64url, no padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
