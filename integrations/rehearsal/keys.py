"""The signing key of id tokens, kept with the sign-in state."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.rehearsal.store import Space

ID_TOKEN_SECONDS = 2 * 60
KEY_ID = "rehearsal-1"


class Keys:
    """Signs id tokens; made at the first one, and the same after a restart."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._loaded: dict[str, rsa.RSAPrivateKey] = {}

    def _private_key(self) -> rsa.RSAPrivateKey:
        with self.space.transaction():
            row = self.space.get("key", KEY_ID)
            if row is None:
                row = {"pem": _new_key()}
                self.space.put("key", KEY_ID, row)
        text = str(row["pem"])
        if text not in self._loaded:
            found = serialization.load_pem_private_key(text.encode(), None)
            if not isinstance(found, rsa.RSAPrivateKey):
                raise TypeError("the stored signing key is no RSA key")
            self._loaded = {text: found}
        return self._loaded[text]

    def id_token(self, issuer: str, client_id: str, identity: str, nonce: str) -> str:
        """A signed id token for the app."""
        issued = int(time.time())
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": identity,
            "aud": client_id,
            "iat": issued,
            "exp": issued + ID_TOKEN_SECONDS,
        }
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode(claims, self._private_key(), algorithm="RS256", headers={"kid": KEY_ID})

    def public(self) -> dict[str, Any]:
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
