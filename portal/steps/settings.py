"""Choose where job changes go: saved, and found valid in the org connected now."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.settings_used import takes_turns
from portal import settings_words as words
from portal.steps.base import Finding, attention, checking, done, vendors_turn
from portal.steps.checked import CheckedStep, asked_words, checked
from portal.steps.facts import Facts
from portal.steps.words import when


class SettingsStep(CheckedStep):
    """`sandbox.settings`, `production.settings`: valid when saved, and right by the checks.

    A person says nothing about it before the org was asked: what is chosen was looked up there.

    `tested`: production after a sandbox. What holds in both orgs was tried there; only what
    belongs to one org is chosen.
    """

    name = "settings"
    template = "portal/setup/steps/settings.html"

    def __init__(
        self, environment: str, requires: Sequence[str] = (), *, tested: bool = False
    ) -> None:
        super().__init__(environment, requires)
        self.tested = tested

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        if self.tested:
            return _("Choose the owner and the campaign of production")
        return _("Choose where job changes go")

    def locked_sentence(self, facts: Facts) -> str:
        """What is chosen so far, or what there is to choose."""
        if self.tested:
            return _("Everything else comes from the tested sandbox")
        if facts.output is not None:
            return str(facts.output.get_record_mode_display())
        return _("Record, owner, lead source and campaign")

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        if not self.is_sandbox:
            return _(
                "Next: %(name)s chooses owners and the campaign with you, then shows you 5 to 10 "
                "job changes to allow."
            ) % {"name": name}
        return _(
            "Next: %(name)s chooses owners and the campaign with you, then sends 5 to 10 test "
            "job changes."
        ) % {"name": name}

    def statement(self) -> str:
        """What the admin vouches for where the org cannot be asked."""
        return _("We looked ourselves: what is chosen exists in our org and may be used.")

    def look(self, facts: Facts) -> Finding:
        """Saved for this org and valid in it; choices of another org do not count."""
        epoch = facts.epoch(self.environment)
        chosen = facts.environment_settings.get(self.environment)
        since = epoch.started_at if epoch else None
        if epoch is None or chosen is None or facts.output is None:
            return vendors_turn(
                self.locked_sentence(facts),
                since,
                epoch=epoch,
                tested=self._tested_facts(facts),
            )
        detail: dict[str, Any] = {"epoch": epoch, "facts": _chosen_facts(facts.output, chosen)}
        if chosen.problems:
            return attention(
                _("Something chosen does not exist in %(org)s") % {"org": epoch.name},
                chosen.updated_at,
                problems=chosen.problems,
                **detail,
            )
        if chosen.validated_org_id != epoch.org_id:
            if chosen.validated_org_id:
                line = _("Chosen for another org: choose again for %(org)s")
            else:
                line = _("Saved, not yet compared with %(org)s: save again")
            return attention(
                line % {"org": epoch.name}, max(chosen.updated_at, epoch.started_at), **detail
            )
        line = str(facts.output.get_record_mode_display())
        if self.tested:
            own = ", ".join(filter(None, (chosen.default_owner_name, chosen.campaign_name)))
            line = own or line
        return self._checked(facts, chosen, line, detail)

    def _checked(
        self, facts: Facts, chosen: EnvironmentSettings, line: str, detail: dict[str, Any]
    ) -> Finding:
        """What the checks say of the choices; they are valid by themselves until then."""
        found = checked(facts, self)
        if not found.answered:
            if found.asking:
                return checking(_("Your org is being asked about what is chosen"), **detail)
            if chosen.validated_at:
                valid = _("valid in your org, asked %(when)s")
                line += " · " + valid % {"when": when(chosen.validated_at)}
            return done(line, **detail)
        detail["confirmation"] = found.confirmation
        wrong = self.wrong(facts, found, detail)
        before = any(
            one.result.checked_at < chosen.updated_at for one in found.answered if one.result
        )
        if found.asking and (wrong or before):
            return checking(_("Your org is being asked about what is chosen"), **detail)
        return wrong or done(f"{line} · {asked_words(found)}", **detail)

    def _tested_facts(self, facts: Facts) -> list[tuple[str, str]]:
        """What holds in both orgs and was tried in the sandbox, for the opened step."""
        if not self.tested or facts.output is None:
            return []
        return _shared_facts(facts.output)


def _shared_facts(output: OutputSettings) -> list[tuple[str, str]]:
    """The choices that hold in both orgs."""
    settings = output.as_signed()
    found = [(_("Record"), words.record_mode_words(settings))]
    if not words.is_flow(settings):
        found += [
            (_("Owner of a contact"), words.contact_owner_words(settings)),
            (_("Owner of a lead"), words.lead_owner_words(settings)),
            (_("Lead source"), output.lead_source),
            (_("Account on the lead, in"), output.lead_account_field),
            (
                _("Lead assignment rules"),
                _("run on new leads") if output.run_assignment_rules else _("do not run"),
            ),
            (
                _("Duplicate rules that alert"),
                _("saved all the same") if output.save_past_alerts else _("refused"),
            ),
            (_("Record at the past company"), words.past_words(settings)),
        ]
        found += [
            (words.row_title(row, {}), words.row_words(row)) for row in words.rows_of(settings)
        ]
    return found


def _chosen_facts(output: OutputSettings, chosen: EnvironmentSettings) -> list[tuple[str, str]]:
    """What is chosen, for the opened step."""
    shared = _shared_facts(output)
    if words.is_flow(output.as_signed()):
        return shared
    campaign = chosen.campaign_name
    if campaign and chosen.campaign_status:
        campaign = f"{campaign}, {chosen.campaign_status}"
    people = ""
    if takes_turns(output):
        people = ", ".join(one["name"] or one["id"] for one in chosen.round_robin) or _("nobody")
    return [
        *shared[:3],
        (_("People in turn"), people),
        (_("Default owner"), chosen.default_owner_name),
        shared[3],
        (_("Campaign"), campaign or _("none")),
        *shared[4:],
    ]
