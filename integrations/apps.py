"""Floor 2: Salesforce."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Connections, sign-in providers, the Salesforce client, facts about orgs."""

    name = "integrations"
    verbose_name = _("Salesforce orgs")
