"""Install the package. Before connecting the admin says so; afterwards the org does."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.manifest import version_needed
from portal.checking.points import judged_of
from portal.steps.base import Finding, Step, attention, checking, customers_turn, done
from portal.steps.checked import fails_words, package_fails
from portal.steps.facts import Facts
from portal.steps.words import clock, confirmed, manager_name, when

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
        """Found in the org; else what a person said. What its check finds wrong outweighs both."""
        finding = self._found(facts)
        epoch = facts.epoch(self.environment)
        fails = package_fails(facts, self.environment)
        if epoch is None or not fails or not finding.finished:
            return finding
        link = self._install_link()
        if any(one.asking for one in judged_of(facts, self.environment.value, step=self.name)):
            return checking(_("Your org is being asked which package it has"), install_link=link)
        words = fails_words(fails, manager_name(facts.customer))
        return attention(words, epoch.facts_at, install_link=link, epoch=epoch)

    def _found(self, facts: Facts) -> Finding:
        """By what is known of the org, or by what a person said before it could be asked."""
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
        if connection.is_live and self._being_asked(facts, epoch):
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

    def _being_asked(self, facts: Facts, epoch: OrgEpoch) -> bool:
        """Whether the org's answer is on its way, while it is not known to be right."""
        old = version_needed(epoch.package_manifest, epoch.package_version)
        if epoch.package_installed and epoch.package_manifest and not old:
            return False
        if any(one.asking for one in judged_of(facts, self.environment.value, step=self.name)):
            return True
        never = epoch.facts_at is None and not epoch.facts_error
        return never and timezone.now() - epoch.started_at < ANSWER_EXPECTED_WITHIN

    def _install_link(self) -> str:
        """Where the package is installed from."""
        if self.is_sandbox:
            return str(settings.PACKAGE_LINK_SANDBOX)
        return str(settings.PACKAGE_LINK_PRODUCTION)


def _found(epoch: OrgEpoch) -> str:
    """The evidence: version, and when the org was asked."""
    if epoch.package_version:
        words = _("Version %(version)s found in your org") % {"version": epoch.package_version}
    else:
        words = _("Found in your org")
    if epoch.facts_at:
        words += " · " + _("asked %(when)s") % {"when": when(epoch.facts_at)}
    return words
