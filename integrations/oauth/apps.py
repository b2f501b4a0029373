"""The provider's Django app; allauth finds `provider.py` in it."""

from django.apps import AppConfig


class SalesforceOAuthConfig(AppConfig):
    """Sign up with Salesforce, for sandbox and production."""

    name = "integrations.oauth"
    label = "salesforce_oauth"
