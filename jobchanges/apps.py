"""Floor 3: what is sent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobchangesConfig(AppConfig):
    """Job changes, plans, deliveries, test runs, reviews."""

    name = "jobchanges"
    verbose_name = _("Job changes")
