"""Cleaning up a sandbox test, as both sides see and do it (product.md, section 6).

The customer's page and the desk's show the same from here. What a person does is one POST with
`do`; the org is asked and written to by a worker, never by a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person_of, role_at
from accounts.models import Environment, Role, User
from jobchanges.access import test_run_for
from jobchanges.imports.export import csv_text
from jobchanges.models import CleanUp, Delivery, TestRun
from jobchanges.selectors.cleanups import (
    CleanUpView,
    clean_up_latest,
    clean_up_view,
    delete_list,
)
from jobchanges.services import (
    TestRunError,
    clean_up_again,
    clean_up_ask,
    clean_up_confirm,
    clean_up_withdraw,
)
from jobchanges.services.cleaning import clean_up_mark, clean_up_problem, may_clean_up


@dataclass(frozen=True)
class CleanUpPage:
    """Everything the page shows."""

    run: TestRun
    action: str  # where the forms go, and the page itself
    back: str  # the test
    csv: str
    view: CleanUpView | None
    may: bool
    # Why none can be begun now, as a sentence; "" when one can.
    problem: str
    # What is still in the sandbox and was delivered by this test.
    delivered: int
    only: Delivery | None = None

    @property
    def is_open(self) -> bool:
        """Whether one is under way."""
        return self.view is not None and self.view.clean_up.state in CleanUp.OPEN_STATES

    @property
    def mark(self) -> str:
        """What confirming names: exactly what the page shows."""
        return clean_up_mark(self.view.clean_up) if self.view else ""

    @property
    def confirm_title(self) -> str:
        """The question before anything is removed."""
        return _("Remove these records from %(org)s?") % {"org": self.run.epoch.name}

    @property
    def begin_words(self) -> str:
        """What beginning is about."""
        if self.only is not None:
            return _("Look at what %(person)s’s job change left in %(org)s") % {
                "person": self.only.job_change.person_name,
                "org": self.run.epoch.name,
            }
        return ngettext(
            "Look at what %(count)d job change left in %(org)s",
            "Look at what %(count)d job changes left in %(org)s",
            self.delivered,
        ) % {"count": self.delivered, "org": self.run.epoch.name}


def clean_up_page(
    run: TestRun, person: User, *, action: str, back: str, csv: str, only: str = ""
) -> CleanUpPage:
    """Put the page together. `only` is the key of one job change. Raises Http404 for production."""
    if run.environment != Environment.SANDBOX:
        raise Http404
    latest = clean_up_latest(run)
    delivered = Delivery.objects.filter(test_run=run, state=Delivery.State.DELIVERED, batch=None)
    return CleanUpPage(
        run=run,
        action=action,
        back=back,
        csv=csv,
        view=clean_up_view(latest) if latest else None,
        may=may_clean_up(run.customer, person),
        problem=clean_up_problem(run),
        delivered=delivered.count(),
        only=delivered.select_related("job_change").filter(job_change__key=only).first()
        if only
        else None,
    )


def clean_up_act(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    """Do what a form of the page asks; answers what to say. Raises TestRunError, Http404."""
    act = _ACTS.get(asked.get("do", ""))
    if act is None:
        raise Http404
    return act(run, by, asked)


def _begin(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    clean_up_ask(test_run=run, only_key=asked.get("only", ""), by=by)
    return _("Salesforce is being asked what became of the records. Nothing is removed yet.")


def _confirm(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    clean_up_confirm(
        clean_up=_current(run),
        seen=asked.get("seen", ""),
        edited_too=asked.get("edited_too") == "yes",
        by=by,
    )
    return _("The records are being removed. How far it is shows here.")


def _again(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    clean_up_again(clean_up=_current(run), by=by)
    return _("Salesforce is being asked again.")


def _leave(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    clean_up_again(clean_up=_current(run), leave_rest=True, by=by)
    return _("The rest stays. The clean-up is being finished.")


def _withdraw(run: TestRun, by: User, asked: Mapping[str, str]) -> str:
    clean_up_withdraw(clean_up=_current(run), by=by)
    return _("The clean-up is ended. What was not removed stays.")


_ACTS: Mapping[str, Callable[[TestRun, User, Mapping[str, str]], str]] = {
    "look": _begin,
    "remove": _confirm,
    "again": _again,
    "leave": _leave,
    "end": _withdraw,
}


def _current(run: TestRun) -> CleanUp:
    found = clean_up_latest(run)
    if found is None:
        raise TestRunError(_("There is no clean-up of this test yet."))
    return found


def clean_up_answer(request: HttpRequest, run: TestRun, here: str) -> HttpResponse:
    """Act on a POST, then show the page again, with what there is to say."""
    try:
        words = clean_up_act(run, person_of(request), request.POST.dict())
    except TestRunError as problem:
        messages.error(request, str(problem))
        if request.POST.get("do") == "look" and request.POST.get("only"):
            here = f"{here}?{urlencode({'only': request.POST['only']})}"
    else:
        messages.success(request, words)
    return HttpResponseRedirect(here)


def delete_list_answer(run: TestRun) -> HttpResponse:
    """What somebody deletes by hand, as a CSV file. Raises Http404 when there is none."""
    found = clean_up_latest(run)
    if found is None or run.environment != Environment.SANDBOX:
        raise Http404
    header = [
        *(_("Order"), _("Job change"), _("Person"), _("What to do"), _("Record"), _("Object")),
        *(_("Record ID"), _("Link"), _("Why")),
    ]
    rows = [
        [
            *(line.order, line.key, line.person, line.chip.word, line.label, line.object_name),
            *(line.record_id, line.url, " ".join(error.sentence for error in line.errors)),
        ]
        for line in delete_list(found)
    ]
    answer = HttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    name = f"{run.customer.slug}-test-{run.number}-delete.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def clean_up_url(run: TestRun, person: User) -> str:
    """Where this person cleans up what the run left in the sandbox; "" where they cannot."""
    if run.environment != Environment.SANDBOX or run.sent_at is None:
        return ""
    if run.state == TestRun.State.VOID:
        return ""
    if person.is_staff:
        return reverse("admin:jobchanges_testrun_clean_up", args=[run.pk])
    if role_at(person, run.customer) != Role.ADMIN:
        return ""
    return reverse("test_run_clean_up", args=[run.pk])


# --- the customer's page --------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def run_clean_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The clean-up of one sandbox test; colleagues read it, an admin of the customer acts."""
    run = test_run_for(request.user, pk)
    person = person_of(request)
    if person.is_staff:
        url = reverse("admin:jobchanges_testrun_clean_up", args=[pk])
        return HttpResponseRedirect(url)
    if run.sent_at is None or run.environment != Environment.SANDBOX:
        raise Http404
    here = reverse("test_run_clean_up", args=[pk])
    if request.method == "POST":
        test_run_for(request.user, pk, roles=[Role.ADMIN])
        return clean_up_answer(request, run, here)
    shown = clean_up_page(
        run,
        person,
        action=here,
        back=reverse("test_run", args=[pk]),
        csv=reverse("test_run_clean_up_csv", args=[pk]),
        only=request.GET.get("only", ""),
    )
    return render(
        request,
        "portal/test_runs/clean_up/page.html",
        {
            "nav": "test_runs",
            "run": run,
            "environment": run.environment,
            "environment_label": run.epoch.name,
            "shown": shown,
            "manager": run.customer.implementation_manager,
        },
    )


@login_required
@never_cache
@require_GET
def run_clean_up_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of what is deleted by hand."""
    run = test_run_for(request.user, pk)
    if run.sent_at is None:
        raise Http404
    return delete_list_answer(run)
