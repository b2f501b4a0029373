"""Install the package. Before connecting the admin says so; afterwards the org does."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.manifest import version_needed
from portal.steps.base import Finding, Step, attention, checking, customers_turn, done
from portal.steps.facts import Facts
from portal.steps.words import clock, confirmed, when

# How long the org may take to answer before the page stops calling it "checking".
ANSWER_EXPECTED_WITHIN = timedelta(minutes=2)


class PackageStep(Step):
    """`sandbox.package`, `production.package`."""

    name = "package"
    confirmable = True
    needs_org = False
    template = "portal/setup/steps/package.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        if self.is_sandbox:
            return _("Install the sandbox package")
        return _("Install the production package")

    def statement(self) -> str:
        """What the admin vouches for before the org can be asked."""
        if self.is_sandbox:
            return _("The UserGems sandbox package is installed in our sandbox, for all users.")
        return _("The UserGems package is installed in our production org, for all users.")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return _("As Salesforce administrator, for all users")

    def look(self, facts: Facts) -> Finding:
        """Found in the org; else what a person said; else what to do."""
        connection = facts.connection(self.environment)
        epoch = facts.epoch(self.environment)
        confirmation = facts.confirmation(self.key, self.environment)
        link = self._install_link()
        if epoch is None or connection is None:
            if confirmation is not None:
                return done(
                    confirmed(confirmation.by, confirmation.at),
                    confirmation=confirmation,
                    install_link=link,
                )
            return customers_turn(
                _("As Salesforce administrator, for all users"),
                facts.opened_at(self.environment),
                install_link=link,
            )
        since = epoch.facts_at or epoch.started_at
        if being_asked(facts, epoch) and connection.is_live:
            return checking(_("Your org is being asked which package it has"), install_link=link)
        if epoch.package_installed and not epoch.package_manifest:
            return attention(
                _("Found in your org, but the integration user sees none of its objects"),
                since,
                install_link=link,
                epoch=epoch,
                hidden=True,
            )
        needed = version_needed(epoch.package_manifest, epoch.package_version)
        if epoch.package_installed and needed:
            return attention(
                _("Version %(found)s found in your org; %(needed)s or newer is needed")
                % {"found": epoch.package_version, "needed": needed},
                since,
                install_link=link,
                epoch=epoch,
                too_old=True,
            )
        if epoch.package_installed:
            return done(_found(epoch), install_link=link, epoch=epoch)
        if epoch.package_installed is False:
            words = _("Not found in %(org)s, asked %(when)s")
            # Not installed yet is a step to take; something is wrong only where it was said to be.
            said = attention if confirmation is not None else customers_turn
            return said(
                words % {"org": epoch.name, "when": clock(since)},
                since,
                install_link=link,
                epoch=epoch,
                missing=confirmation is not None,
                not_yet=confirmation is None,
            )
        if confirmation is not None:
            return done(
                confirmed(confirmation.by, confirmation.at),
                confirmation=confirmation,
                install_link=link,
            )
        return customers_turn(
            _("Your org could not be asked, so its package is not known"),
            since,
            install_link=link,
            epoch=epoch,
            unknown=True,
        )

    def _install_link(self) -> str:
        """Where the package is installed from."""
        if self.is_sandbox:
            return str(settings.PACKAGE_LINK_SANDBOX)
        return str(settings.PACKAGE_LINK_PRODUCTION)


def being_asked(facts: Facts, epoch: OrgEpoch) -> bool:
    """Whether the org's answer is still expected: after connecting, or after "Check again"."""
    asked_at = facts.asked_at
    if epoch.facts_at is None and not epoch.facts_error:
        asked_at = max(filter(None, (asked_at, epoch.started_at)))
    if asked_at is None or (epoch.facts_at is not None and epoch.facts_at >= asked_at):
        return False
    return timezone.now() - asked_at < ANSWER_EXPECTED_WITHIN


def _found(epoch: OrgEpoch) -> str:
    """The evidence: version, and when the org was asked."""
    if epoch.package_version:
        words = _("Version %(version)s found in your org") % {"version": epoch.package_version}
    else:
        words = _("Found in your org")
    if epoch.facts_at:
        words += " · " + _("asked %(when)s") % {"when": when(epoch.facts_at)}
    return words
