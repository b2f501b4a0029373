"""Picking 5 to 10 job changes for a test: what each would exercise, and what is not covered yet."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person_of
from accounts.models import Customer, Environment
from integrations.selectors import connection_find
from jobchanges.coverage import KNOWN, coverage_of, labels
from jobchanges.models import JobChange, Kind
from jobchanges.models.runs import MAXIMUM, MINIMUM
from jobchanges.selectors import run_open
from jobchanges.selectors.candidates import tried_may_fill
from jobchanges.selectors.exercised import waiting_counts
from jobchanges.services import TestRunError, test_run_create, test_run_picks_change
from portal.managers import pick_drafts
from portal.managers.access import customer_here, desk_page, environment_here, run_here
from portal.managers.picking import TRAITS, Picks, Pool, rows_of

CANDIDATES_A_PAGE = 50
FILTERS = ("q", "kind", "trait")


@never_cache
@require_http_methods(["GET", "POST"])
def candidates_page(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """Put a new test together."""
    customer = customer_here(request, pk, "jobchanges.add_testrun")
    pool = Pool(customer, environment_here(environment))
    here = reverse("admin:accounts_customer_candidates", args=[pk, environment])
    return _answer(request, pool, here)


@never_cache
@require_http_methods(["GET", "POST"])
def picks_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a draft holds, or add to a test that was sent."""
    run = run_here(request, pk, "jobchanges.change_testrun")
    if not run.is_open:
        messages.error(request, _("This test has ended: its job changes stay as they are."))
        return HttpResponseRedirect(reverse("admin:jobchanges_testrun_change", args=[pk]))
    here = reverse("admin:jobchanges_testrun_picks", args=[pk])
    return _answer(request, Pool(run.customer, run.environment, run), here)


def _answer(request: HttpRequest, pool: Pool, here: str) -> HttpResponse:
    picks = Picks(request, pool)
    if request.method != "POST":
        return _show(request, pool, picks, here)
    picks.take(request.POST)
    go = request.POST.get("go", "")
    if go == "clear":
        picks.forget()
    elif go == "suggest":
        _suggest(request, pool, picks)
    elif pick_drafts.is_asked(request.POST):
        pick_drafts.act(request, pool, picks)
    elif go == "test":
        done = _put_together(request, pool, picks)
        if done is not None:
            return done
    return HttpResponseRedirect(_back(request.POST, here, go))


def _suggest(request: HttpRequest, pool: Pool, picks: Picks) -> None:
    """Pick what is missing for a set that tries most cases."""
    before = len([pk for pk in picks.ids if pk in pool.exercised])
    chosen = pool.suggested(picks.ids)
    picks.choose(chosen)
    more = len(chosen) - before
    if not more:
        messages.info(request, _("Nothing was added: no other job change would try a new case."))
        return
    words = ngettext(
        "%(count)d job change was picked. Below stands what the set tries and what it leaves out.",
        "%(count)d job changes were picked. Below stands what the set tries and what it leaves "
        "out.",
        more,
    )
    messages.success(request, words % {"count": more})


def _put_together(request: HttpRequest, pool: Pool, picks: Picks) -> HttpResponse | None:
    """Hand the picks to the service; what it will not do is said, and the picks stay."""
    found = {row.pk: row for row in JobChange.objects.filter(pk__in=picks.ids)}
    rows = [
        found[pk] for pk in picks.ids if pk in found and found[pk].customer_id == pool.customer.pk
    ]
    try:
        if pool.run is None:
            run = test_run_create(
                customer=pool.customer,
                environment=pool.environment,
                job_changes=rows,
                by=person_of(request),
            )
        else:
            run = test_run_picks_change(test_run=pool.run, job_changes=rows, by=person_of(request))
    except TestRunError as error:
        messages.error(request, str(error))
        return None
    picks.forget()
    messages.success(
        request,
        ngettext(
            "%(count)d job change is in the test. See what will be written, then send it.",
            "%(count)d job changes are in the test. See what will be written, then send it.",
            len(rows),
        )
        % {"count": len(rows)},
    )
    return HttpResponseRedirect(reverse("admin:jobchanges_testrun_change", args=[run.pk]))


def _back(posted: QueryDict, here: str, go: str) -> str:
    """The page again, with the filter that stands in the form."""
    query = QueryDict(mutable=True)
    for name in FILTERS:
        if posted.get(name):
            query[name] = str(posted[name])
    if go.startswith("page-") and go[5:].isdigit():
        query["page"] = go[5:]
    return f"{here}?{query.urlencode()}" if query else here


def _show(request: HttpRequest, pool: Pool, picks: Picks, here: str) -> HttpResponse:
    page = Paginator(pool.filtered(request.GET), CANDIDATES_A_PAGE).get_page(
        request.GET.get("page")
    )
    shown = rows_of(page, picks, pool)
    here_ids = {row.job_change.pk for row in shown}
    found = {row.pk: row for row in pool.everything.filter(pk__in=picks.ids)}
    picked = [found[pk] for pk in picks.ids if pk in found]
    elsewhere = rows_of((row for row in picked if row.pk not in here_ids), picks, pool)
    lines = coverage_of(
        [pool.exercised.get(row.pk, frozenset()) for row in picked],
        waiting_counts(pool.exercised, picks.ids),
    )
    told = [line for line in lines if line.key in KNOWN or line.count or line.waiting]
    production = pool.environment == Environment.PRODUCTION
    connection = connection_find(pool.customer, pool.environment)
    context: dict[str, Any] = {
        "title": _title(pool),
        "opts": Customer._meta,
        "customer": pool.customer,
        "environment": pool.environment,
        "environment_label": Environment(pool.environment).label,
        "run": pool.run,
        "open_run": run_open(pool.customer, pool.environment) if pool.run is None else None,
        "connection": connection if connection and connection.epoch else None,
        "here": here,
        "page": page,
        "rows": shown,
        "elsewhere": elsewhere,
        "picked": picked,
        "covered": [line for line in told if line.covered],
        "left_out": [line for line in told if line.left_out],
        "absent": [line for line in told if line.absent],
        "drafts": pick_drafts.drafts_of(pool, picks),
        "shown_ids": ",".join(str(pk) for pk in sorted(here_ids | {r.pk for r in picked})),
        "kinds": Kind.choices,
        "traits": [(trait.value, labels()[trait]) for trait in TRAITS],
        "asked": {name: request.GET.get(name, "") for name in FILTERS},
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "any_at_all": bool(page.paginator.count) or pool.everything.exists(),
        "production": production,
        "tried_may_fill": production and tried_may_fill(pool.customer),
        "minimum": MINIMUM,
        "maximum": MAXIMUM,
    }
    return desk_page(request, "admin/jobchanges/candidates.html", context)


def _title(pool: Pool) -> str:
    if pool.run is None:
        return _("Pick job changes for a test")
    return _("Change what test %(number)d holds") % {"number": pool.run.number}
