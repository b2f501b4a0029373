"""The id token proves that the answer is Salesforce's, for us, now, and to this request."""

import datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.oauth.id_token import IdTokenInvalid, id_token_verify

HOST = "https://test.salesforce.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set(*keys):
    public = [jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) for key in keys]
    return {"keys": [{**each, "kid": f"k{index}"} for index, each in enumerate(public)]}


def make(key=KEY, algorithm="RS256", kid="k0", **changes):
    now = datetime.datetime.now(datetime.UTC)
    claims = {
        "iss": HOST,
        "aud": "our-client",
        "sub": f"{HOST}/id/00D000000000001AAA/005000000000001AAA",
        "iat": now,
        "exp": now + datetime.timedelta(minutes=2),
        "nonce": "the-nonce",
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def verify(token, nonce="the-nonce", issuers=(HOST,)):
    return id_token_verify(
        token, keys=key_set(KEY), client_id="our-client", issuers=issuers, nonce=nonce
    )


def test_a_right_token_gives_its_claims():
    assert verify(make())["sub"].endswith("005000000000001AAA")


def test_the_orgs_my_domain_may_be_the_issuer():
    domain = "https://acme--uat.sandbox.my.salesforce.com"
    assert verify(make(iss=domain), issuers=(HOST, domain))


EARLIER = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "token",
    [
        lambda: make(iss="https://evil.example"),
        lambda: make(aud="another-client"),
        lambda: make(exp=EARLIER),
        lambda: make(exp=datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=2)),
        lambda: make(nonce="another"),
        lambda: make(nonce=None),
        lambda: make(sub=None),
        lambda: make(exp=None),
        lambda: make(OTHER_KEY),
        lambda: make(kid="unknown"),
        lambda: make("a secret that is shared with everybody", "HS256"),
        lambda: jwt.encode({"iss": HOST}, None, algorithm="none", headers={"kid": "k0"}),
        lambda: "not a token",
        lambda: "",
    ],
    ids=[
        "issuer",
        "audience",
        "expired",
        "expired by more than clocks differ",
        "nonce",
        "no nonce",
        "no subject",
        "no expiry",
        "signature",
        "key",
        "hmac",
        "none",
        "garbage",
        "empty",
    ],
)
def test_anything_wrong_about_it_refuses_it(token):
    # Made now: a token made while tests are collected may have run out before its test.
    with pytest.raises(IdTokenInvalid):
        verify(token())
