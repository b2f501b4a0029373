"""Maya's browser at each stage of her second factor."""

import pytest
from django.urls import reverse

from tests.signing_in import authenticator_give, factor_type, password_type, totp_code


@pytest.fixture
def password_only(client, manager):
    """Maya's browser after the password, before any second factor."""
    password_type(client, manager)
    return client


@pytest.fixture
def secret(manager):
    """What Maya's app holds."""
    return authenticator_give(manager)


@pytest.fixture
def proven(client, manager, secret):
    """Maya's browser, signed in with both halves."""
    password_type(client, manager)
    factor_type(client, totp_code(secret))
    return client


@pytest.fixture
def with_codes(password_only, manager):
    """Maya's browser after she set her app up."""
    offered = password_only.get(reverse("mfa_activate_totp")).context["form"].secret
    password_only.post(reverse("mfa_activate_totp"), {"code": totp_code(offered)})
    return password_only
