"""Floor 1: who."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, customers, memberships, sign-up links, the event log."""

    name = "accounts"
    verbose_name = _("Customers and people")
