"""Test job changes, as the customer's people and the managers review them."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of, role_at, side_of
from accounts.models import Role, User
from accounts.numbers import row_number
from jobchanges.access import delivery_for, test_run_for
from jobchanges.models import Delivery, Side, TestRun
from jobchanges.selectors.allowances import allowance_standing
from jobchanges.selectors.runs import runs_by_customer
from jobchanges.services import (
    TestRunError,
    comment_add,
    delivery_send_again,
    review_record,
    test_run_approve,
)
from jobchanges.services.approvals import questions_asked
from jobchanges.services.reading import records_read_again
from portal.access import reader_here
from portal.pages.allow import offer_show, run_allow, run_allowance_withdraw, shown_to_customer
from portal.pages.clean_up import clean_up_url, run_clean_up, run_clean_up_csv
from portal.pages.review import ReviewPage, Typed, next_open, review_page

ANSWERS = {"yes": True, "no": False, "unused": None}
QUESTIONS = ("seen_as_rep", "lead_converted")


@login_required
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """Every test run of the reader's customer that was sent or is offered, newest first."""
    reader = reader_here(request)
    runs = [
        run
        for run in runs_by_customer([reader.customer])[reader.customer.pk]
        if run.sent_at is not None or run.offered_at is not None
    ]
    return render(
        request,
        "portal/test_runs/list.html",
        {
            "nav": "test_runs",
            "runs": runs,
            "manager": reader.customer.implementation_manager,
        },
    )


@login_required
@never_cache
@require_GET
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One test run: progress while it is sent, then the review."""
    run = test_run_for(request.user, pk)
    user = person_of(request)
    if user.is_staff:
        return HttpResponseRedirect(page_url(run, user))
    if shown_to_customer(run):
        return offer_show(request, run)
    if run.sent_at is None:
        # What the manager is still putting together is not the customer's to see.
        raise Http404
    return _show(request, run)


@login_required
@require_POST
def delivery_review(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Say what one's side thinks of one job change."""
    run, user, side = _open(request, pk)
    delivery = delivery_for(request.user, delivery_pk)
    if delivery.test_run_id != run.pk:
        raise Http404
    typed = {name: request.POST.get(name, "") for name in ("verdict", "category", "comment")}
    try:
        review_record(delivery=delivery, side=side, by=user, **typed)
    except TestRunError as problem:
        return _refused(request, run, Typed(delivery_pk, error=str(problem), **typed))
    return _back(run, user, next_open(run, side, delivery_pk) or delivery_pk)


@login_required
@require_POST
def delivery_comment(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Add a word to the thread of one job change."""
    run, user, side = _open(request, pk)
    delivery = delivery_for(request.user, delivery_pk)
    # Of a run that was neither sent nor offered the customer knows nothing yet.
    unknown = side == Side.CUSTOMER and run.sent_at is None and not shown_to_customer(run)
    if delivery.test_run_id != run.pk or unknown:
        raise Http404
    try:
        comment_add(delivery=delivery, side=side, text=request.POST.get("text", ""), by=user)
    except TestRunError as problem:
        typed = Typed(
            delivery_pk,
            verdict="comment",
            comment=request.POST.get("text", ""),
            error=str(problem),
        )
        return _refused(request, run, typed)
    return _back(run, user, delivery_pk)


@login_required
@require_POST
def delivery_again(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Send one job change again after a correction: the manager's move."""
    run = test_run_for(request.user, pk, roles=["staff"])
    user = person_of(request)
    delivery = delivery_for(request.user, delivery_pk)
    if delivery.test_run_id != run.pk:
        raise Http404
    try:
        delivery_send_again(delivery=delivery, by=user)
    except TestRunError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request,
            _again_words(delivery) % {"person": delivery.job_change.person_name},
        )
    return _back(run, user, delivery_pk)


@login_required
@require_POST
def run_read_again(request: HttpRequest, pk: int, delivery_pk: int | None = None) -> HttpResponse:
    """Have the records of the run, or of one job change, read again in the background."""
    run, user, _side = _open(request, pk)
    delivery = None
    if delivery_pk is not None:
        delivery = delivery_for(request.user, delivery_pk)
    # Of a run that was not sent the customer knows nothing yet.
    if run.sent_at is None or (delivery is not None and delivery.test_run_id != run.pk):
        raise Http404
    try:
        records_read_again(test_run=run, delivery=delivery)
    except TestRunError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request, _("The org is asked in the background. What it holds now appears here.")
        )
    if delivery_pk is None:
        return HttpResponseRedirect(page_url(run, user))
    return _back(run, user, delivery_pk, tab=request.POST.get("tab", ""))


@login_required
@require_POST
def run_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the run for one's side."""
    run, user, side = _open(request, pk)
    if side == Side.CUSTOMER:
        test_run_for(request.user, pk, roles=[Role.ADMIN, Role.APPROVER])
    if questions_asked(run) and not _answered(request):
        messages.error(request, _("Answer both questions, then approve. Nothing was saved."))
        return HttpResponseRedirect(page_url(run, user))
    try:
        test_run_approve(
            test_run=run,
            side=side,
            by=user,
            seen_as_rep=ANSWERS.get(request.POST.get("seen_as_rep", "")),
            lead_converted=ANSWERS.get(request.POST.get("lead_converted", "")),
        )
    except TestRunError as problem:
        messages.error(request, str(problem))
    else:
        run.refresh_from_db()
        if run.state == TestRun.State.APPROVED:
            messages.success(request, _("Both sides approved this test."))
        else:
            messages.success(request, _("Your approval is recorded. The other side is next."))
    return HttpResponseRedirect(page_url(run, user))


def _answered(request: HttpRequest) -> bool:
    """Whether both questions have an answer; only leads may be of no use to a customer."""
    said = [request.POST.get(question) for question in QUESTIONS]
    return all(answer in ANSWERS for answer in said) and said[0] != "unused"


def _again_words(delivery: Delivery) -> str:
    if delivery.released_at is None:
        return _("%(person)s is being planned again. Offer it to the customer when it is ready.")
    return _("%(person)s is being sent again.")


def page_url(run: TestRun, user: User) -> str:
    """Where this person reviews the run: managers in admin, the customer's people here."""
    if user.is_staff:
        return reverse("admin:jobchanges_testrun_change", args=[run.pk])
    return reverse("test_run", args=[run.pk])


def review_for(request: HttpRequest, run: TestRun, typed: Typed | None = None) -> ReviewPage:
    """The review as the signed-in person sees it, with what the address says is open."""
    user = person_of(request)
    side = side_of(user, run.customer)
    role = role_at(user, run.customer)
    chosen = request.GET.get("open", "")
    return review_page(
        run=run,
        side=side,
        person=user,
        page_url=page_url(run, user),
        open_pk=typed.delivery if typed else row_number(chosen),
        tab_key=request.GET.get("tab", ""),
        typed=typed,
        may_approve=user.is_staff or role in {Role.ADMIN, Role.APPROVER},
        clean_up_url=clean_up_url(run, user),
    )


def _open(request: HttpRequest, pk: int) -> tuple[TestRun, User, str]:
    run = test_run_for(request.user, pk)
    user = person_of(request)
    return run, user, side_of(user, run.customer)


def _show(
    request: HttpRequest, run: TestRun, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    review = review_for(request, run, typed)
    return render(
        request,
        "portal/test_runs/detail.html",
        {
            "nav": "test_runs",
            "review": review,
            "run": run,
            "environment": run.environment,
            "environment_label": run.epoch.name,
            "manager": run.customer.implementation_manager,
            "allowing": allowance_standing(run) if run.offered_at else None,
        },
        status=status,
    )


def _refused(request: HttpRequest, run: TestRun, typed: Typed) -> HttpResponse:
    user = person_of(request)
    # While it is sent the list asks again every two seconds and would take the words away.
    if user.is_staff or run.sent_at is None or run.state != TestRun.State.REVIEW:
        messages.error(request, typed.error)
        return _back(run, user, typed.delivery)
    return _show(request, run, typed, status=422)


def _back(run: TestRun, user: User, delivery_pk: int, *, tab: str = "") -> HttpResponse:
    asked = urlencode({"open": delivery_pk} | ({"tab": tab} if tab else {}))
    place = "delivery" if run.sent_at is not None else "planned"
    return HttpResponseRedirect(f"{page_url(run, user)}?{asked}#{place}-{delivery_pk}")


urlpatterns = [
    path("", run_list, name="test_run_list"),
    path("<int:pk>/", run_detail, name="test_run"),
    path("<int:pk>/allow/", run_allow, name="test_run_allow"),
    path(
        "<int:pk>/allow/take-back/",
        run_allowance_withdraw,
        name="test_run_allowance_withdraw",
    ),
    path("<int:pk>/approve/", run_approve, name="test_run_approve"),
    path("<int:pk>/clean-up/", run_clean_up, name="test_run_clean_up"),
    path("<int:pk>/clean-up/list.csv", run_clean_up_csv, name="test_run_clean_up_csv"),
    path("<int:pk>/read-again/", run_read_again, name="test_run_read_again"),
    path(
        "<int:pk>/job-changes/<int:delivery_pk>/read-again/",
        run_read_again,
        name="delivery_read_again",
    ),
    path(
        "<int:pk>/job-changes/<int:delivery_pk>/review/",
        delivery_review,
        name="delivery_review",
    ),
    path(
        "<int:pk>/job-changes/<int:delivery_pk>/comment/",
        delivery_comment,
        name="delivery_comment",
    ),
    path(
        "<int:pk>/job-changes/<int:delivery_pk>/send-again/",
        delivery_again,
        name="delivery_send_again",
    ),
]
