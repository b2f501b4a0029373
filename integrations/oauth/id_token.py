"""Verifies the id token: that the answer is Salesforce's, for us, now, and to this request."""

import hmac
import json
from collections.abc import Collection, Mapping
from typing import Any

import jwt

# Clocks differ; Salesforce's tokens live for minutes.
LEEWAY_SECONDS = 60


class IdTokenInvalid(Exception):
    """The id token proves nothing. The text is for staff."""


def id_token_verify(
    id_token: str,
    *,
    keys: Mapping[str, Any],
    client_id: str,
    issuers: Collection[str],
    nonce: str,
) -> dict[str, Any]:
    """The claims of an id token, when everything about it is right.

    `keys`: the JSON web key set of the login host (`/id/keys`). `issuers`: who may have issued
    it, the login host or the org's own My Domain (which of them is not documented for every
    case, and a sign-in at My Domain may be answered by either: libraries.md, section 2). RS256
    only. Raises IdTokenInvalid otherwise.
    """
    try:
        header = jwt.get_unverified_header(id_token)
        if header.get("alg") != "RS256":
            raise IdTokenInvalid("The id token is not signed with RS256.")
        key = _key_find(keys, header.get("kid"))
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=key,
            algorithms=["RS256"],
            audience=client_id,
            issuer=list(issuers),
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "exp", "iat", "sub", "nonce"]},
        )
    except (
        jwt.PyJWTError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise IdTokenInvalid(f"The id token was refused: {type(error).__name__}.") from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise IdTokenInvalid("The id token answers another request.")
    return claims


def _key_find(keys: Mapping[str, Any], kid: str | None) -> Any:
    for each in keys.get("keys", []):
        if not isinstance(each, dict):
            continue
        if each.get("kid") == kid and each.get("kty") == "RSA":
            return jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(each))
    raise IdTokenInvalid("The id token names a key that the login host does not have.")
