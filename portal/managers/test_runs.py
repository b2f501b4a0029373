"""Test runs on the desk: the preview, sending, and the review with the portal's own parts."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import person_of
from accounts.models import Environment, User
from jobchanges.coverage import coverage_of_run
from jobchanges.models import Delivery, TestRun
from jobchanges.models.runs import MAXIMUM
from jobchanges.selectors import test_run_deliveries
from jobchanges.selectors.allowances import unsent_of
from jobchanges.selectors.candidates import candidates as candidates_of
from jobchanges.selectors.candidates import org_id_of
from jobchanges.selectors.chips import run_chip
from jobchanges.selectors.exercised import branches_waiting, waiting_counts
from jobchanges.selectors.types import Chip, CoverageLine
from jobchanges.services import (
    TestRunError,
    test_run_close,
    test_run_offer,
    test_run_offer_withdraw,
    test_run_plan_request,
    test_run_send,
)
from portal.managers import candidates, clean_up
from portal.managers.access import desk_page, run_here
from portal.managers.base import CustomerFilter, LookOnlyAdmin, chip
from portal.managers.run_words import offer_text, send_text, send_title, send_words
from portal.pages.allow import OfferPage, offer_page
from portal.pages.check_note import CheckNote, check_note, is_opened
from portal.pages.test_runs import review_for

CHANGE = "jobchanges.change_testrun"


@admin.register(TestRun)
class TestRunAdmin(LookOnlyAdmin):
    """A manager's test runs. A run's page is where it is previewed, sent and reviewed."""

    list_display = [
        "name",
        "customer",
        "environment",
        "state_shown",
        "job_changes",
        "epoch",
        "created_at",
        "sent_at",
    ]
    list_filter = ["state", "environment", CustomerFilter]
    search_fields = ["customer__name", "epoch__name", "epoch__org_id"]
    list_select_related = ["customer", "epoch"]
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[TestRun]:
        """With how many job changes each holds."""
        return super().get_queryset(request).annotate(total=Count("deliveries"))

    @admin.display(description=gettext_lazy("test"), ordering="number")
    def name(self, run: TestRun) -> str:
        """Its number at the customer."""
        return _("Test %(number)d") % {"number": run.number}

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, run: TestRun) -> SafeString:
        """Where it stands, in a word."""
        found = run_chip(run)
        return chip(found.tint, found.word)

    @admin.display(description=gettext_lazy("job changes"), ordering="total")
    def job_changes(self, run: Any) -> int:
        """How many it holds."""
        return int(run.total)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Draft: the preview. Sent: the review, as the customer sees it, from our side."""
        run = run_here(request, object_id, "jobchanges.view_testrun")
        return run_page(request, run)

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and one address per lever."""
        page = self.admin_site.admin_view
        return [
            path("<int:pk>/picks/", page(candidates.picks_page), name="jobchanges_testrun_picks"),
            path("<int:pk>/plan/", page(run_plan), name="jobchanges_testrun_plan"),
            path("<int:pk>/send/", page(run_send), name="jobchanges_testrun_send"),
            path("<int:pk>/offer/", page(run_offer), name="jobchanges_testrun_offer"),
            path(
                "<int:pk>/offer/withdraw/",
                page(run_offer_withdraw),
                name="jobchanges_testrun_offer_withdraw",
            ),
            path("<int:pk>/close/", page(run_close), name="jobchanges_testrun_close"),
            path("<int:pk>/clean-up/", page(clean_up.clean_up), name="jobchanges_testrun_clean_up"),
            path(
                "<int:pk>/clean-up/list.csv",
                page(clean_up.clean_up_csv),
                name="jobchanges_testrun_clean_up_csv",
            ),
            *super().get_urls(),
        ]


def run_page(
    request: HttpRequest, run: TestRun, *, close_error: str = "", withdraw_error: str = ""
) -> HttpResponse:
    """The run as it stands, with what can be done about it."""
    may_change = person_of(request).has_perm(CHANGE)
    deliveries = unsent_of(run)
    draft = run.state == TestRun.State.DRAFT
    # What was added to a run that was sent is previewed beside its review.
    previews = run.is_open and bool(deliveries)
    planning = bool(run.is_open and run.plan_requested_at is not None and not run.plan_error)
    unsent = {delivery.pk for delivery in deliveries}
    shown = [view for view in test_run_deliveries(run) if view.pk in unsent] if previews else []
    ready = run.planned_at is not None and all(item.plan_hash for item in deliveries)
    offer = None
    may_send = may_change and previews and ready and not planning and not run.plan_error
    if previews and run.environment == Environment.PRODUCTION:
        offer = offer_page(request, run, side="vendor")
        # Rule 1: production waits for the customer's allowance, and for its time.
        may_send = may_send and offer.standing.state == "allowed" and offer.standing.begun
    coverage = _coverage(run, deliveries, asks=not planning) if previews else []
    written = [item for item in deliveries if not item.plan.get("held_reason")]
    context: dict[str, Any] = {
        "title": _("Test %(number)d for %(customer)s")
        % {"number": run.number, "customer": run.customer.name},
        "opts": TestRun._meta,
        "run": run,
        "run_chip": _chip_of(run, offer),
        "draft": draft,
        "previews": previews,
        "planning": planning,
        "deliveries": shown,
        "coverage": coverage,
        "left_out": [line for line in coverage if line.left_out],
        "planned": ready,
        "may_change": may_change,
        "may_send": may_send,
        "offer": offer,
        "may_offer": may_change and offer is not None and offer.standing.state == "ready",
        "may_withdraw": may_change and offer is not None and run.offered_at is not None,
        "offer_text": offer_text(run),
        "withdraw_error": withdraw_error,
        "checks": offer.checks if offer else _check_note(request, run) if previews else None,
        "may_add": run.is_open and not draft and run.deliveries.count() < MAXIMUM,
        "send_title": send_title(run, len(written)),
        "send_text": send_text(run),
        "send_words": send_words(run, len(written), held=len(deliveries) - len(written)),
        "close_error": close_error,
        "review": None if draft or run.sent_at is None else review_for(request, run),
    }
    return desk_page(
        request,
        "admin/jobchanges/testrun/page.html",
        context,
        status=422 if close_error or withdraw_error else 200,
    )


@require_POST
def run_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Work the preview out again, for example after the settings changed."""
    return _act(
        request,
        pk,
        lambda run, by: test_run_plan_request(test_run=run, by=by),
        _("A new preview was asked for."),
    )


@require_POST
def run_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what is not sent yet."""
    return _act(
        request,
        pk,
        lambda run, by: test_run_send(test_run=run, by=by),
        _("The test is being sent. Its progress shows here."),
    )


@require_POST
def run_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a production test to the customer, who is asked to allow it."""
    return _act(
        request,
        pk,
        lambda run, by: test_run_offer(test_run=run, by=by),
        _("Offered. The customer’s admins and approvers are asked to allow it."),
    )


@require_POST
def run_offer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the offer back, with a reason that the customer reads."""
    run = run_here(request, pk, CHANGE)
    reason = request.POST.get("reason", "")
    try:
        test_run_offer_withdraw(test_run=run, by=person_of(request), reason=reason)
    except TestRunError as error:
        if run.offered_at is not None and not reason.strip():
            return run_page(request, run, withdraw_error=str(error))
        messages.error(request, str(error))
    else:
        messages.success(request, _("The offer is taken back. Nothing is sent by it."))
    return _to_run(pk)


@require_POST
def run_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the run without approval, with a reason that both sides read."""
    run = run_here(request, pk, CHANGE)
    try:
        test_run_close(test_run=run, reason=request.POST.get("reason", ""), by=person_of(request))
    except TestRunError as error:
        if run.is_open:
            return run_page(request, run, close_error=str(error))
        messages.error(request, str(error))
    else:
        messages.success(request, _("The test is closed. Its job changes are free again."))
    return _to_run(pk)


def _act(
    request: HttpRequest, pk: int, act: Callable[[TestRun, User], object], done: str
) -> HttpResponse:
    """Call the service and say what happened, on the run's page."""
    run = run_here(request, pk, CHANGE)
    try:
        act(run, person_of(request))
    except TestRunError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _to_run(pk)


def _to_run(pk: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:jobchanges_testrun_change", args=[pk]))


def _check_note(request: HttpRequest, run: TestRun) -> CheckNote | None:
    """What the sandbox's checks found; of production the offer has it."""
    return check_note(run.customer, run.environment, desk=True, freshen=is_opened(request))


def _chip_of(run: TestRun, offer: OfferPage | None) -> Chip:
    """Where the run stands; of a draft for production, how far its allowance is."""
    if run.state == TestRun.State.DRAFT and offer is not None:
        if offer.standing.state == "offered":
            return Chip(_("To be allowed"), "wait")
        if offer.standing.state == "allowed":
            return Chip(_("Allowed"), "ok")
    return run_chip(run)


def _coverage(run: TestRun, deliveries: list[Delivery], *, asks: bool) -> list[CoverageLine]:
    """What the unsent ones try, beside how many others wait for each case: all of these are
    looked at, so not (`asks`) by a page that asks again every two seconds."""
    if not asks:
        return coverage_of_run(deliveries)
    others = branches_waiting(
        candidates_of(run.customer, run.environment), org_id_of(run.customer, run.environment)
    )
    return coverage_of_run(deliveries, waiting_counts(others, ()))
