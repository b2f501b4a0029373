"""A note about a failed sign-up, ready to be forwarded to the org's Salesforce administrator.

Plain text; names the org as far as it is known, and never holds a token, a code or a state.
"""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Environment, User
from integrations.models import ConnectAttempt, Connection
from integrations.oauth.hosts import own_login_host, shown_host
from integrations.oauth.problem_table import Problem
from integrations.oauth.problem_table.base import ADMIN, MANAGER, YOU
from integrations.salesforce.setup_links import setup_url


def org_address(attempt: ConnectAttempt, connection: Connection | None) -> str:
    """The org's own address; "" as long as nobody knows which org was meant.

    From what came back, else the address that was signed in at, else the org that is connected
    and to be reconnected.
    """
    seen = str(attempt.identity.get("instance_url", ""))
    if seen:
        return seen
    if own := own_login_host(attempt.environment, attempt.login_host):
        return own
    if connection is not None and connection.epoch is not None:
        return connection.epoch.instance_url
    return ""


def note_for(problem: Problem, *, attempt: ConnectAttempt, by: User, address: str) -> str:
    """The note: what was tried, what happened, who fixes it, the steps, whom to answer."""
    lines = [
        _what_was_tried(attempt, by, address),
        "",
        f"{problem.title}.",
        str(problem.what),
        "",
        _who(problem, by),
        *[f"{number}. {step}" for number, step in enumerate(problem.steps, start=1)],
    ]
    if problem.setup and (link := setup_url(address, problem.setup.path)):
        lines += ["", _("%(place)s in Setup:") % {"place": problem.setup.name}, link]
    lines += ["", _said(problem, attempt), _asked_by(attempt, by)]
    return "\n".join(line.strip() for line in lines)


def _what_was_tried(attempt: ConnectAttempt, by: User, address: str) -> str:
    sandbox = attempt.environment == Environment.SANDBOX
    words = {
        "person": by,
        "kind": _("the Salesforce sandbox") if sandbox else _("the Salesforce production org"),
        "company": attempt.customer.name,
        "host": shown_host(address or attempt.login_host),
        "when": _when(attempt),
    }
    if address:
        return (
            _(
                "%(person)s wanted to connect %(kind)s of %(company)s (%(host)s) to UserGems, "
                "%(when)s."
            )
            % words
        )
    return (
        _(
            "%(person)s wanted to connect %(kind)s of %(company)s to UserGems, by signing in at "
            "%(host)s, %(when)s."
        )
        % words
    )


def _who(problem: Problem, by: User) -> str:
    """Who fixes it, for a reader who is the administrator and not the one who signed in."""
    if problem.who == ADMIN:
        return _("An administrator of the org can fix this:")
    if problem.who == YOU:
        return _("%(person)s can fix this:") % {"person": by}
    if problem.who == MANAGER:
        return _("UserGems has to look at this:")
    return str(problem.who)


def _when(attempt: ConnectAttempt) -> str:
    moment = timezone.localtime(attempt.started_at)
    return f"{date_format(moment, 'j M Y, H:i')} {moment:%Z}"


def _said(problem: Problem, attempt: ConnectAttempt) -> str:
    if attempt.salesforce_code:
        return _("Salesforce’s code: %(code)s. Sign-up %(number)s.") % {
            "code": attempt.salesforce_code,
            "number": attempt.pk,
        }
    return _("Code: %(code)s. Sign-up %(number)s.") % {
        "code": problem.code,
        "number": attempt.pk,
    }


def _asked_by(attempt: ConnectAttempt, by: User) -> str:
    manager = attempt.customer.implementation_manager
    asks = _("Asked by %(person)s, %(email)s.") % {"person": by, "email": by.email}
    if manager is None:
        return asks
    helps = _("%(person)s at UserGems helps: %(email)s.") % {
        "person": manager,
        "email": manager.email,
    }
    return f"{asks} {helps}"
