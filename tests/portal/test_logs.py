"""Logs carry no secrets (product.md, rule 8)."""

from portal.settings.logs import secrets_drop


def test_a_signup_token_in_an_address_is_removed():
    event = secrets_drop(None, "", {"request": "GET /signup/abc-DEF_123/?x=1"})
    assert event["request"] == "GET /signup/[removed]/"


def test_the_code_that_salesforce_sends_back_is_removed():
    event = secrets_drop(
        None, "", {"request": "GET /connect/callback/sandbox/?code=aPrx%3D&state=s"}
    )
    assert event["request"] == "GET /connect/callback/sandbox/"


def test_values_named_as_secrets_are_removed():
    event = secrets_drop(None, "", {"access_token": "00D!AQ", "org_id": "00D"})
    assert event == {"access_token": "[removed]", "org_id": "00D"}
