"""Steps that a person confirms where the org is not asked yet. Never shown as checked."""

from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from portal.steps.base import Finding, Step, customers_turn, done
from portal.steps.facts import Facts
from portal.steps.words import confirmed


class ConfirmedStep(Step):
    """Done when an admin confirmed it for the org connected now."""

    confirmable = True

    def what(self) -> str:
        """The line under the title before it is confirmed."""
        raise LookupError(f"{type(self).__name__} does not say what it is about.")

    def locked_sentence(self, facts: Facts) -> str:
        """The same line before the step opens."""
        return self.what()

    def look(self, facts: Facts) -> Finding:
        """By the standing confirmation of the current org."""
        epoch = facts.epoch(self.environment)
        confirmation = facts.confirmation(self.key, self.environment)
        if confirmation is not None:
            return done(
                confirmed(confirmation.by, confirmation.at),
                confirmation=confirmation,
                epoch=epoch,
            )
        since = epoch.started_at if epoch else None
        return customers_turn(self.what(), since, epoch=epoch, setup_url=setup_url(epoch))


def setup_url(epoch: OrgEpoch | None) -> str:
    """The org's Setup home (Lightning), empty before there is an org."""
    return f"{epoch.instance_url}/lightning/setup/SetupOneHome/home" if epoch else ""


class PermissionsStep(ConfirmedStep):
    """`sandbox.permissions`, `production.permissions`."""

    name = "permissions"
    template = "portal/setup/steps/permissions.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Give the integration user its permissions")

    def what(self) -> str:
        """The line under the title."""
        return _("As administrator, in a permission set · permission list of 2025")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _("The integration user has the permissions of the list.")


class LayoutsStep(ConfirmedStep):
    """`sandbox.layouts`, `production.layouts`."""

    name = "layouts"
    template = "portal/setup/steps/layouts.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Show job changes on your pages")

    def what(self) -> str:
        """The line under the title."""
        return _("Component, fields and related lists on Lead, Contact and Account")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _(
            "The component, the fields and the related list stand on our Lead, Contact and "
            "Account pages, and the pages are activated."
        )
