"""Approvals, tokens and codes: what sign-in leaves behind, with the platform's rules of life."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.rehearsal.config import Client
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, World

CODE_SECONDS = 15 * 60
ID_TOKEN_SECONDS = 2 * 60
MOST_APPROVALS = 5
KEY_ID = "rehearsal-1"


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
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
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
            self.space.drop("code", form["code"])
            approval = self._approve(code)
            return self._answer(org, client, approval, code["nonce"])

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
        """New access and refresh tokens; the old refresh token is spent from now on."""
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
            user = org.space.get("User", approval["user"])
            if user is None or not user.get("IsActive"):
                raise OAuthError("invalid_grant", "inactive user")
            self.space.put("refresh", token, {**row, "spent": True})
            return self._answer(org, client, row["approval"], "")

    def _answer(self, org: Org, client: Client, approval: str, nonce: str) -> dict[str, Any]:
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
            body["id_token"] = self._id_token(org, client, identity, nonce)
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
        until = time.time() + (org.config.session_seconds if org else 0)
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

    # Keys

    def _private_key(self) -> rsa.RSAPrivateKey:
        with self.space.transaction():
            row = self.space.get("key", KEY_ID)
            if row is None:
                row = {"pem": _new_key()}
                self.space.put("key", KEY_ID, row)
        text = str(row["pem"])
        if text not in self._keys:
            found = serialization.load_pem_private_key(text.encode(), None)
            if not isinstance(found, rsa.RSAPrivateKey):
                raise TypeError("the stored signing key is no RSA key")
            self._keys = {text: found}
        return self._keys[text]

    def _id_token(self, org: Org, client: Client, identity: str, nonce: str) -> str:
        issued = int(time.time())
        claims: dict[str, Any] = {
            "iss": org.login_url,
            "sub": identity,
            "aud": client.client_id,
            "iat": issued,
            "exp": issued + ID_TOKEN_SECONDS,
        }
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode(claims, self._private_key(), algorithm="RS256", headers={"kid": KEY_ID})

    def public_keys(self) -> dict[str, Any]:
        """The key set that verifies id tokens."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._private_key().public_key(), as_dict=True)
        public = {name: key[name] for name in ("kty", "n", "e")}
        return {"keys": [{**public, "alg": "RS256", "use": "sig", "kid": KEY_ID}]}


@cache
def _new_key() -> str:
    """A fresh signing key; worlds of one process share it, since making one is slow."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier: SHA-256, base64url, no padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
