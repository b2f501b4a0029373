"""The pages of a sign-up that did not work: what happened, who fixes it, what to click.

`problem_page` shows one row of `integrations.oauth.problem_table`; `help_page` is for those who
did not come back from Salesforce; `my_domain_page` asks once more for the org's own address.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import person_of
from accounts.models import Environment
from integrations.access import attempt_newest_for
from integrations.models import ConnectAttempt, OrgKind
from integrations.oauth.hosts import login_url, own_login_host, shown_host
from integrations.oauth.my_domain import MyDomainRefused, my_domain_clean
from integrations.oauth.notes import note_for, org_address
from integrations.oauth.pasted import pasted_problem, pasted_shown
from integrations.oauth.problem_table import Problem
from integrations.oauth.problem_table.base import ADMIN
from integrations.oauth.problems import problems_likely
from integrations.salesforce.setup_links import setup_url
from integrations.selectors import connection_find

# What a form of ours names the way it starts again by.
STARTS = ("link", "attempt", "reconnect")


def problem_page(
    request: HttpRequest,
    problem: Problem,
    environment: str,
    attempt: ConnectAttempt | None = None,
) -> HttpResponse:
    """One problem; with a button that starts again if that helps."""
    if attempt is None and request.user.is_authenticated:
        attempt = attempt_newest_for(person_of(request), environment)
    address = _address(attempt)
    context = _starting_again(environment, attempt)
    context |= _explained(request, problem, attempt, address)
    return render(request, "integrations/problem.html", context, status=problem.status)


def help_page(
    request: HttpRequest, environment: str, attempt: ConnectAttempt | None
) -> HttpResponse:
    """Likely causes in the order to look; an address that was pasted (POST) names the one."""
    pasted = request.POST.get("address", "").strip()
    found = pasted_problem(pasted) if pasted else None
    address = _address(attempt) or _pasted_org(environment, pasted)
    context = _starting_again(environment, attempt) | {
        "causes": [_cause(problem, address) for problem in problems_likely()],
        "pasted": pasted_shown(pasted),
        "empty": request.method == "POST" and not pasted,
        "found": _explained(request, found, attempt, address) if found else None,
    }
    status = 422 if context["empty"] else 200
    return render(request, "integrations/help.html", context, status=status)


def my_domain_page(
    request: HttpRequest, environment: str, refused: MyDomainRefused
) -> HttpResponse:
    """The typed address leads nowhere: say why next to the field, and keep what was typed."""
    start = next((name for name in STARTS if request.POST.get(name)), "reconnect")
    context = {
        "environment": environment,
        "sandbox": environment == Environment.SANDBOX,
        "start": start,
        "value": request.POST.get(start, "1")[:200],
        "typed": request.POST.get("my_domain", "").strip()[:300],
        "error": refused.sentence,
        "hint": refused.hint,
        "login_host": shown_host(login_url(environment)),
    }
    return render(request, "integrations/my_domain.html", context, status=422)


def _starting_again(environment: str, attempt: ConnectAttempt | None) -> dict[str, Any]:
    """Which environment, and where "Start again" leads."""
    own = own_login_host(environment, attempt.login_host) if attempt else ""
    return {
        "environment": environment,
        "sandbox": environment == Environment.SANDBOX,
        "attempt": attempt,
        "own_host": own,
        "own_host_name": shown_host(own),
        "login_host": shown_host(login_url(environment)),
    }


def _explained(
    request: HttpRequest, problem: Problem, attempt: ConnectAttempt | None, address: str
) -> dict[str, Any]:
    """The problem with its place in the org's Setup and a note ready to be forwarded."""
    note = ""
    if attempt is not None:
        note = note_for(problem, attempt=attempt, by=person_of(request), address=address)
    return _cause(problem, address) | {
        "note": note,
        "for_admin": problem.who == ADMIN,
        "org_facts": _org_facts(attempt) if attempt is not None else [],
    }


def _address(attempt: ConnectAttempt | None) -> str:
    """The org's own address, as far as it is known."""
    if attempt is None:
        return ""
    return org_address(attempt, connection_find(attempt.customer, attempt.environment))


def _pasted_org(environment: str, pasted: str) -> str:
    """The org whose own error page was pasted: nobody else knows yet which one was meant."""
    if "/setup/" not in pasted.lower():
        return ""
    try:
        return my_domain_clean(environment, pasted)
    except MyDomainRefused:
        return ""


def _cause(problem: Problem, address: str) -> dict[str, Any]:
    path = problem.setup.path if problem.setup else ""
    return {"problem": problem, "setup": setup_url(address, path)}


def _org_facts(attempt: ConnectAttempt) -> list[tuple[str, ...]]:
    """Which org and user it was, where the sign-in came so far and was refused."""
    organization, identity = attempt.organization, attempt.identity
    if attempt.state != ConnectAttempt.State.REFUSED or not organization.get("id"):
        return []
    kind = organization.get("kind", "")
    return [
        (_("Org you signed in to"), organization.get("name", "")),
        (_("Kind"), str(OrgKind(kind).label) if kind in OrgKind.values else ""),
        (_("Org ID"), organization["id"], "mono"),
        (_("Address"), shown_host(identity.get("instance_url", "")), "break"),
        (_("Signed in as"), identity.get("username", ""), "break"),
    ]
