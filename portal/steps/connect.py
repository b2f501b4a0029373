"""Sign up with Salesforce: a live connection that the person confirmed."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import SignupLink
from integrations.models import ConnectAttempt, Connection, Health, OrgEpoch
from integrations.oauth.problems import PROBLEMS
from portal.steps.base import (
    CUSTOMER,
    Finding,
    Step,
    StepStatus,
    attention,
    customers_turn,
    done,
    vendors_turn,
)
from portal.steps.facts import Facts
from portal.steps.words import day, manager_name, when

# A person who signs in and clicks Allow is back well before this.
BACK_WITHIN = timedelta(minutes=5)


class ConnectStep(Step):
    """`sandbox.connect`, `production.connect`."""

    name = "connect"
    template = "portal/setup/steps/connect.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        if self.is_sandbox:
            return _("Sign up with Salesforce")
        return _("Connect production")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return _("Signed in to Salesforce as the integration user")

    def manager_next(self, name: str) -> str:
        """What the manager does first."""
        if self.is_sandbox:
            return _("Next: %(name)s sends the sandbox sign-up link.") % {"name": name}
        return _("Next: %(name)s sends the production sign-up link.") % {"name": name}

    def look(self, facts: Facts) -> Finding:
        """By the connection's health; before there is one, by the sign-up link."""
        connection = facts.connection(self.environment)
        if connection is None or connection.epoch is None:
            return self._before(facts)
        epoch = connection.epoch
        since = connection.health_since
        if connection.health == Health.NEEDS_RECONNECTING:
            return attention(
                _("Needs reconnecting since %(when)s") % {"when": when(since)},
                since,
                connection=connection,
                epoch=epoch,
                reconnect=True,
            )
        if connection.health == Health.DISCONNECTED:
            return attention(
                _("Disconnected %(when)s") % {"when": when(since)},
                since,
                connection=connection,
                epoch=epoch,
                reconnect=True,
            )
        if epoch.app_installed is False:
            return Finding(
                StepStatus.ATTENTION,
                _("Connected, but the UserGems app is not installed in this org"),
                CUSTOMER,
                epoch.facts_at or connection.connected_at,
                passable=True,
                detail={"connection": connection, "epoch": epoch, "app_missing": True},
            )
        return done(
            _evidence(connection, epoch),
            connection=connection,
            epoch=epoch,
            facts=_org_facts(connection, epoch),
        )

    def _before(self, facts: Facts) -> Finding:
        """No org yet: an attempt under way, a link that waits, or a link to be sent."""
        name = manager_name(facts.customer)
        attempt = facts.attempt(self.environment)
        if attempt is not None and attempt.state == ConnectAttempt.State.RETURNED:
            return customers_turn(
                _("Salesforce answered: confirm the org and the user"),
                attempt.returned_at or attempt.started_at,
                attempt=attempt,
                confirm=True,
            )
        link = facts.link(self.environment)
        if link is None or link.state in {SignupLink.State.REVOKED, SignupLink.State.REPLACED}:
            return vendors_turn(
                _("%(name)s sends the sign-up link by e-mail") % {"name": name},
                facts.opened_at(self.environment),
            )
        if link.state in {SignupLink.State.EXPIRED, SignupLink.State.SPENT}:
            return vendors_turn(
                _("The sign-up link ended %(day)s. %(name)s sends a new one")
                % {"day": day(link.used_at or link.expires_at), "name": name},
                link.used_at or link.expires_at,
            )
        if attempt is not None and attempt_refused(attempt):
            return attention(
                _("The attempt of %(when)s was refused") % {"when": when(attempt.started_at)},
                attempt.ended_at or attempt.started_at,
                attempt=attempt,
                link=link,
                refused=refusal_words(attempt.error_code),
            )
        if attempt is not None and attempt_lost(attempt):
            return attention(
                _("The attempt of %(when)s did not come back from Salesforce")
                % {"when": when(attempt.started_at)},
                attempt.started_at,
                attempt=attempt,
                link=link,
                lost=True,
            )
        return customers_turn(
            _("The sign-up link for %(person)s waits, until %(day)s")
            % {"person": link.person_name, "day": day(link.expires_at)},
            link.mailed_at or link.created_at,
            link=link,
        )


def attempt_lost(attempt: ConnectAttempt) -> bool:
    """Whether the person left for Salesforce and nothing came back in time."""
    gone = attempt.state == ConnectAttempt.State.STARTED
    late = timezone.now() - attempt.started_at > BACK_WITHIN
    given_up = attempt.state == ConnectAttempt.State.ABANDONED
    # One that came back and was not confirmed in time says nothing about Salesforce.
    return (gone and late) or (given_up and attempt.error_code != "not_confirmed")


def attempt_refused(attempt: ConnectAttempt) -> bool:
    """Whether Salesforce, our guard or the person said no."""
    return attempt.state == ConnectAttempt.State.REFUSED


def refusal_words(code: str) -> str:
    """Why, in the words of the page that said so first."""
    problem = PROBLEMS.get(code)
    return str(problem.title) if problem else ""


def _evidence(connection: Connection, epoch: OrgEpoch) -> str:
    """Who connected as which Salesforce user, and when (identity-and-state: both are kept)."""
    return _("Connected by %(person)s as %(username)s, %(when)s") % {
        "person": connection.connected_by,
        "username": epoch.username,
        "when": when(connection.connected_at),
    }


def _org_facts(connection: Connection, epoch: OrgEpoch) -> list[tuple[str, str]]:
    """What was confirmed when connecting, for the opened step."""
    user = epoch.username
    if epoch.user_is_administrator:
        user = _("%(username)s, an administrator’s own user, kept knowingly") % {"username": user}
    return [
        (_("Org"), epoch.name),
        (_("Kind"), str(epoch.get_kind_display())),
        (_("Salesforce user"), user),
        (_("Connected by"), str(connection.connected_by)),
    ]
