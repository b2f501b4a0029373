"""Pressing "Check again": what the person is told, on the customer's pages and on the desk."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import person_of
from portal.checking.selectors import ChecksView
from portal.checking.starting import org_check_start
from portal.steps import Facts

ASKED_A_MOMENT_AGO = gettext_lazy(
    "The org was asked a moment ago, and what it said is shown here. If you have changed something "
    "since, ask again in a few seconds."
)


def org_ask(
    request: HttpRequest, facts: Facts, view: ChecksView, *, names: Sequence[str] = ()
) -> None:
    """Have the org asked in the background, all checks or the named ones.

    While it is being asked the page shows that by itself; only what the page cannot show is said.
    """
    run = org_check_start(facts.customer, view.environment, names=names, by=person_of(request))
    if run is None:
        messages.warning(request, _("The org is not connected, so it cannot be asked."))
    elif run.ended_at is not None:
        messages.info(request, ASKED_A_MOMENT_AGO)
