"""Kind of org: still the one that was connected, and what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import OrganizationFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.models import OrgKind
from integrations.salesforce import setup_links as setup
from integrations.services.guard import org_kind

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class OrgKindCheck(Check):
    """Whether the org is what it was connected as."""

    name = "org_kind"
    step = "connect"
    needs = ("organization",)
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is this the right kind of org, and still the one that was connected?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "A test belongs in a sandbox and the first batch in production. The org itself says "
            "which it is; the address proves nothing."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the row of Organization."""
        organization = survey.organization
        kind = org_kind(
            {
                "IsSandbox": organization.is_sandbox,
                "OrganizationType": organization.edition,
                "TrialExpirationDate": organization.trial_ends or None,
            }
        )
        items = []
        if context.connected_org_id and organization.org_id[:15] != context.connected_org_id[:15]:
            items.append(_other_org(organization))
        wanted = OrgKind.SANDBOX if context.is_sandbox else OrgKind.PRODUCTION
        if kind != wanted:
            items.append(_wrong_kind(kind, wanted))
        elif not context.is_sandbox and context.tested_org_id:
            items.append(_parent(organization, context))
        found = _("%(org)s: %(kind)s, %(edition)s.") % {
            "org": organization.name or organization.org_id,
            "kind": kind.label,
            "edition": organization.edition or _("edition not told"),
        }
        return Finding.of(items, found=found)


def _other_org(organization: OrganizationFacts) -> Item:
    return Item(
        f"other_org.{organization.org_id[:15]}",
        Outcome.FAIL,
        _("Another org answers than the one that was connected: %(org)s (%(id)s).")
        % {"org": organization.name, "id": organization.org_id},
        _(
            "Connect the org again on the connect step, signed in as the integration user. The "
            "org’s ID stands in Setup under Company Information."
        ),
        Who.INTEGRATION_USER,
        setup.COMPANY,
    )


def _wrong_kind(kind: OrgKind, wanted: OrgKind) -> Item:
    fixes = {
        OrgKind.TRIAL: _(
            "Connect the company’s own org. If the trial was bought, Company Information in "
            "Setup shows no trial end any more: check again then."
        ),
    }
    return Item(
        f"kind.{kind.value}",
        Outcome.FAIL,
        _("The org calls itself “%(kind)s”; here it has to be “%(wanted)s”.")
        % {"kind": kind.label, "wanted": wanted.label},
        fixes.get(
            kind,
            _(
                "Sign in to the right org as the integration user, and connect it on the connect "
                "step. Company Information in Setup shows name and edition of each."
            ),
        ),
        Who.INTEGRATION_USER,
        setup.COMPANY,
    )


def _parent(organization: OrganizationFacts, context: CheckContext) -> Item:
    """A sandbox does not name its production (platform reference, 4.2); production may name it."""
    names = {"sandbox": context.tested_org_name, "production": organization.name}
    if context.tested_parent == "proven":
        return Item(
            "parent.proven",
            Outcome.PASS,
            _("This production’s own list of sandboxes names the one that was tested."),
        )
    there, here = (name.strip().casefold() for name in names.values())
    if there and here and there != here:
        return Item(
            f"parent.name.{here}"[:120],
            Outcome.WARNING,
            _(
                "The tested sandbox calls itself “%(sandbox)s”, this production “%(production)s”. "
                "It cannot be proven that the one was copied from the other."
            )
            % names,
            _(
                "Sandboxes: look whether the tested sandbox is in the list. If it is not, "
                "connect the production it was copied from."
            ),
            Who.ADMINISTRATOR,
            setup.SANDBOXES,
        )
    return Item(
        "parent.unproven",
        Outcome.PASS,
        _(
            "Nothing suggests that the tested sandbox belongs to another production. It is not "
            "provable: the list of this one’s sandboxes could not be read or does not name it."
        ),
    )
