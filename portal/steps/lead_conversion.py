"""Lead conversion mapping, where job changes become leads."""

from django.utils.translation import gettext as _

from jobchanges.settings_used import leads_made
from portal.steps.base import Finding, StepStatus
from portal.steps.checked import CheckedStep
from portal.steps.facts import Facts


class LeadConversionStep(CheckedStep):
    """`sandbox.lead_conversion`, `production.lead_conversion`."""

    name = "lead_conversion"
    waivable = True
    template = "portal/setup/steps/lead_conversion.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Map lead fields for conversion")

    def what(self) -> str:
        """The line under the title."""
        return _("Only if you convert leads")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _("Every UserGems lead field is mapped to its contact field.")

    def falls_away(self, facts: Facts) -> bool:
        """Whether the saved settings make no leads."""
        shared = facts.output
        return shared is not None and not leads_made(shared.record_mode)

    def look(self, facts: Facts) -> Finding:
        """Falls away while the saved settings make no leads; otherwise the org says."""
        finding = super().look(facts)
        if finding.finished:
            return finding
        if self.falls_away(facts):
            return Finding(
                StepStatus.WAIVED,
                _("Not needed: your settings make no leads"),
                detail={"not_needed": True},
            )
        return finding
