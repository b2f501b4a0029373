"""Cleaning up a sandbox test from the desk: the customer's page, with the managers' frame."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person_of
from jobchanges.models import TestRun
from portal.managers.access import desk_page, run_here
from portal.pages.clean_up import clean_up_answer, clean_up_page, delete_list_answer

VIEW, CHANGE = "jobchanges.view_testrun", "jobchanges.change_testrun"


@never_cache
@require_http_methods(["GET", "POST"])
def clean_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The clean-up of one sandbox test."""
    run = run_here(request, pk, CHANGE if request.method == "POST" else VIEW)
    here = reverse("admin:jobchanges_testrun_clean_up", args=[pk])
    shown = clean_up_page(
        run,
        person_of(request),
        action=here,
        back=reverse("admin:jobchanges_testrun_change", args=[pk]),
        csv=reverse("admin:jobchanges_testrun_clean_up_csv", args=[pk]),
        only=request.GET.get("only", ""),
    )
    if request.method == "POST":
        return clean_up_answer(request, run, here)
    return desk_page(
        request,
        "admin/jobchanges/testrun/clean_up.html",
        {
            "title": _("Clean up test %(number)d of %(customer)s")
            % {"number": run.number, "customer": run.customer.name},
            "opts": TestRun._meta,
            "run": run,
            "shown": shown,
        },
    )


@never_cache
@require_GET
def clean_up_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of what is deleted by hand."""
    return delete_list_answer(run_here(request, pk, VIEW))
