"""Floor 4: the journey."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Steps, confirmations, waivers, pages, managers' admin, mail."""

    name = "portal"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        """Register the system checks of the settings, and the mails that follow from signals."""
        from portal import checks, standing_receivers  # noqa: F401 (they register on import)
        from portal.checking import receivers as checking  # noqa: F401 (connects on import)
        from portal.help.services import help_topics_ensure
        from portal.mail import receivers  # noqa: F401 (connects on import)
        from portal.mirror import receivers as mirror_receivers  # noqa: F401 (connects on import)
        from portal.signoff import receivers as signoff_receivers  # noqa: F401 (connects on import)

        post_migrate.connect(help_topics_ensure, sender=self)
