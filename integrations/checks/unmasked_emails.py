"""Unmasked e-mail addresses in a sandbox, beside what of its automation could write to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import RecordCount
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.firing import ALERT, flow_firing, trigger_firing
from integrations.checks.written import PEOPLE, Refusals, counted, key_of, listed, records_word
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class UnmaskedEmails(Check):
    """Whether automation of the sandbox could mail real people during the test."""

    name = "unmasked_emails"
    step = "test"
    needs = ("emails", "triggers", "flows")
    environments = ("sandbox",)
    signed = False
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Are the e-mail addresses of leads and contacts in this sandbox masked?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A sandbox copies the addresses of leads and contacts as they are; only users’ own get "
            "“.invalid”. Automation that sends e-mail here would reach real people."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Count addresses, and name what may mail."""
        refusals = Refusals()
        emails: Mapping[str, RecordCount] = refusals.answer(
            lambda: survey.emails, {}, _("e-mail addresses of leads and contacts")
        )
        counts = {name: emails[name] for name in PEOPLE if name in emails}
        items = refusals.items()
        if point := _point(counts):
            items.append(point)
        unmasked = sum(count.unmasked for count in counts.values())
        if unmasked:
            # What cannot be read about automation is said by the check of automation.
            items += _senders(survey)
        total = sum(count.total for count in counts.values())
        if unmasked:
            found = _("%(unmasked)s of %(total)s e-mail addresses are not masked.") % {
                "unmasked": counted(unmasked),
                "total": counted(total),
            }
        elif counts:
            found = (
                _("All %(total)s e-mail addresses are masked.") % {"total": counted(total)}
                if total
                else _("No lead or contact has an e-mail address.")
            )
        else:
            found = _("The e-mail addresses could not be counted.")
        return Finding.of(items, found=found, missing_right=refusals.missing_right)


def _point(counts: Mapping[str, RecordCount]) -> Item | None:
    """One point for leads and contacts: what helps, helps for both."""
    parts = [
        _("%(unmasked)s %(records)s")
        % {"unmasked": counted(count.unmasked), "records": records_word(name, {})}
        for name, count in counts.items()
        if count.unmasked
    ]
    if not parts:
        return None
    return Item(
        "emails",
        Outcome.WARNING,
        _(
            "Mail to the addresses of %(counts)s would reach them: those addresses do not end in "
            "“.invalid” or “@example.com”. Whether the sandbox sends e-mail cannot be read."
        )
        % {"counts": listed(parts)},
        _(
            "Setup, Deliverability: set Access Level to “System email only” or “No access” before "
            "the first test job changes. The addresses need not be changed then."
        ),
        Who.ADMINISTRATOR,
        setup.DELIVERABILITY,
    )


def _senders(survey: Survey) -> list[Item]:
    """Triggers and flows whose names say that they mail; one point for all of them."""
    refusals = Refusals()
    created = frozenset(PEOPLE)
    met = [
        *(trigger_firing(one, created) for one in refusals.rows(lambda: survey.triggers, "")),
        *(flow_firing(one, created) for one in refusals.rows(lambda: survey.flows, "")),
    ]
    names = sorted(
        {one.shown for one in met if one and one.object_name in PEOPLE and ALERT in one.signs}
    )
    if not names:
        return []
    return [
        Item(
            key_of("senders", names),
            Outcome.WARNING,
            _("Active in this sandbox and likely by name to write to people: %(names)s.")
            % {"names": listed(names)},
            _(
                "Flows, or Apex Triggers: deactivate it in the sandbox for the "
                "test, or keep e-mail off in Deliverability."
            ),
            Who.ADMINISTRATOR,
            setup.FLOWS,
        )
    ]
