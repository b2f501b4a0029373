"""Floor 1: who."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, customers, memberships, sign-up links, the event log."""

    name = "accounts"
    verbose_name = _("Customers and people")

    def ready(self) -> None:
        """Keep the staff groups as their table says; listen to allauth."""
        import accounts.receivers  # noqa: F401 (connects on import)
        from accounts.groups import groups_update

        post_migrate.connect(groups_update, sender=apps.get_app_config("auth"))
