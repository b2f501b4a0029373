"""Sandbox and production side by side: what both share, what each org has of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Environment, Path
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.settings_used import takes_turns
from portal import settings_words as words
from portal.steps import Facts
from portal.steps.words import when


@dataclass(frozen=True)
class SideRow:
    """One choice of each org; `note` says how the two differ, where that matters."""

    label: str
    sandbox: str
    production: str
    note: str = ""


@dataclass(frozen=True)
class SideBySide:
    """Both orgs by name, what holds in both, and what each has of its own."""

    sandbox: str
    production: str
    shared: Sequence[tuple[str, str]]
    own: Sequence[SideRow]


def side_by_side(facts: Facts) -> SideBySide | None:
    """The comparison; None for a customer with one org, or before anything was chosen."""
    output = facts.output
    chosen = facts.environment_settings
    if facts.customer.path == Path.PRODUCTION_ONLY or output is None or not chosen:
        return None
    sandbox, production = (chosen.get(one) for one in Environment)
    return SideBySide(
        sandbox=_org(facts, Environment.SANDBOX),
        production=_org(facts, Environment.PRODUCTION),
        shared=[one for one in shared_words(output.as_signed()) if one[1]],
        own=list(_own(output, sandbox, production)),
    )


def _org(facts: Facts, environment: Environment) -> str:
    epoch = facts.epoch(environment)
    return epoch.name if epoch else _("not connected yet")


def shared_words(chosen: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The choices that hold in both orgs, each with its words; what is empty says nothing."""
    yield _("Record"), words.record_mode_words(chosen)
    if words.is_flow(chosen):
        return
    yield _("Owner of a contact"), words.contact_owner_words(chosen)
    yield _("Owner of a lead"), words.lead_owner_words(chosen)
    yield _("Lead source"), str(chosen["lead_source"])
    yield _("Account on the lead, in"), str(words.chosen(chosen, "lead_account_field"))
    yield _("Lead assignment rules"), words.assignment_words(chosen)
    yield _("Records that look like duplicates"), words.alerts_words(chosen)
    yield _("Record at the past company"), words.past_words(chosen)
    for row in words.rows_of(chosen):
        yield words.row_title(row, {}), words.row_words(row)


def _own(
    output: OutputSettings,
    sandbox: EnvironmentSettings | None,
    production: EnvironmentSettings | None,
) -> Iterator[SideRow]:
    both = (sandbox, production)
    yield _row(_("Default owner"), *(_owner(one) for one in both))
    if takes_turns(output):
        yield _row(_("People in turn"), *(_turns(one) for one in both))
    yield _row(_("Campaign and member status"), *(_campaign(one) for one in both))
    yield SideRow(_("Looked up in that org"), *(_looked_up(one) for one in both))


def _row(label: str, sandbox: str, production: str) -> SideRow:
    nothing = _not_chosen()
    note = ""
    if nothing not in (sandbox, production):
        note = _("The same name in both orgs, each with its own ID.")
        if sandbox != production:
            note = _("They differ.")
    return SideRow(label, sandbox, production, note)


def _not_chosen() -> str:
    return _("not chosen yet")


def _owner(chosen: EnvironmentSettings | None) -> str:
    return (chosen and (chosen.default_owner_name or chosen.default_owner_id)) or _not_chosen()


def _turns(chosen: EnvironmentSettings | None) -> str:
    people = chosen.round_robin if chosen else []
    return ", ".join(one["name"] or one["id"] for one in people) or _not_chosen()


def _campaign(chosen: EnvironmentSettings | None) -> str:
    if chosen is None:
        return _not_chosen()
    if not chosen.campaign_id:
        return _("no campaign")
    return ", ".join(filter(None, (chosen.campaign_name, chosen.campaign_status)))


def _looked_up(chosen: EnvironmentSettings | None) -> str:
    """Whether that org was found to have what is chosen, and when."""
    if chosen is None:
        return _not_chosen()
    if chosen.problems:
        return " ".join(str(one) for one in chosen.problems)
    if chosen.validated_at is None:
        return _("to be saved again there")
    return _("valid, asked %(when)s") % {"when": when(chosen.validated_at)}
