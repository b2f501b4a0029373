"""Floor 3: what is sent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobchangesConfig(AppConfig):
    """Job changes, plans, deliveries, test runs, reviews."""

    name = "jobchanges"
    verbose_name = _("Job changes")

    def ready(self) -> None:
        """Listen to the floor below."""
        from integrations.signals import connection_established, epoch_ended
        from jobchanges.delivery.leases import connection_back
        from jobchanges.delivery.runs import epoch_end
        from jobchanges.services.offers import connection_offers
        from jobchanges.services.test_runs import runs_replan
        from jobchanges.signals import settings_saved

        connection_established.connect(connection_back, dispatch_uid="jobchanges.connection_back")
        connection_established.connect(connection_offers, dispatch_uid="jobchanges.offers")
        epoch_ended.connect(epoch_end, dispatch_uid="jobchanges.epoch_end")
        settings_saved.connect(runs_replan, dispatch_uid="jobchanges.runs_replan")
