"""Make production like the tested sandbox: a worksheet first, then an admin vouches for it."""

from dataclasses import replace

from django.utils.translation import gettext as _

from portal.steps.base import Finding
from portal.steps.confirmed import ConfirmedStep
from portal.steps.facts import Facts


class MirrorStep(ConfirmedStep):
    """`production.mirror`, for customers who tried everything in a sandbox first.

    Open from the approved sandbox test on, because change boards need weeks; it can be confirmed
    once production is connected. The portal does not compare the orgs yet, and says so.
    """

    name = "mirror"
    waivable = True
    template = "portal/setup/steps/mirror.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Match production to the tested sandbox")

    def what(self) -> str:
        """The line under the title."""
        return _("Fields, layouts, lead conversion, campaigns, related lists, permissions")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _(
            "We went through the six parts of the worksheet: production matches the sandbox that "
            "was tested."
        )

    def look(self, facts: Facts) -> Finding:
        """Confirmed; else the worksheet, which is useful before there is an org to confirm."""
        finding = super().look(facts)
        if finding.finished or facts.epoch(self.environment) is not None:
            return finding
        return replace(
            finding,
            sentence=_("The worksheet is ready. You confirm it once production is connected"),
            since=facts.opened_at(self.environment),
        )
