"""Production against the tested sandbox: what differs, what to do, and what may stay."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from portal.access import Reader, reader_here
from portal.mirror.asking import MirrorError, mirror_ask
from portal.mirror.selectors import mirror_view, unfolded
from portal.mirror.standing import STEP
from portal.mirror.views import anchor_of
from portal.mirror.waiving import difference_accept, difference_withdraw
from portal.pages import page
from portal.steps import StepStatus, journey_for


@require_GET
@login_required
@never_cache
def mirror(request: HttpRequest) -> HttpResponse:
    """The page. Raises Http404 for a customer without a sandbox stage."""
    reader = reader_here(request)
    return page(request, reader, "portal/mirror/page.html", "setup", _context(request, reader))


@require_GET
@login_required
@never_cache
def mirror_list(request: HttpRequest) -> HttpResponse:
    """The moving part: asked for again while an org is being asked."""
    reader = reader_here(request)
    context = {"reader": reader, **_context(request, reader)}
    return render(request, "portal/mirror/_body.html", context)


@require_POST
@login_required
def mirror_compare(request: HttpRequest) -> HttpResponse:
    """Have both orgs asked in the background, by anybody of the customer."""
    reader = reader_here(request)
    _step_check(reader)
    try:
        mirror_ask(customer=reader.customer, by=reader.person)
    except MirrorError as error:
        messages.warning(request, str(error))
    return redirect("mirror")


@require_POST
@login_required
def mirror_accept(request: HttpRequest) -> HttpResponse:
    """An admin lets a difference that changes the result be, and says why."""
    reader = reader_here(request, roles={Role.ADMIN})
    _step_check(reader)
    subject = request.POST.get("point", "")
    try:
        waiver = difference_accept(
            customer=reader.customer,
            subject=subject,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            by=reader.person,
        )
    except MirrorError as error:
        context = _context(request, reader, wanted=subject, error=str(error))
        return page(request, reader, "portal/mirror/page.html", "setup", context, status=422)
    messages.success(request, _("Accepted. Both sides read why."))
    return redirect(f"{reverse('mirror')}#{anchor_of(waiver.subject_hash)}")


@require_POST
@login_required
def mirror_withdraw(request: HttpRequest) -> HttpResponse:
    """An admin opens a difference again that their side had accepted."""
    reader = reader_here(request, roles={Role.ADMIN})
    _step_check(reader)
    try:
        if difference_withdraw(
            customer=reader.customer, subject=request.POST.get("point", ""), by=reader.person
        ):
            messages.info(request, _("Taken back. The difference is open again."))
    except MirrorError as error:
        messages.warning(request, str(error))
    return redirect("mirror")


def _context(
    request: HttpRequest, reader: Reader, *, wanted: str = "", error: str = ""
) -> dict[str, Any]:
    """What `portal/mirror/_body.html` takes. `wanted`: the difference whose form is open."""
    journey = journey_for(reader.customer, person=reader.person)
    step = journey.step(STEP)
    if step is None:
        raise Http404
    opened = step.status != StepStatus.LOCKED
    wanted = wanted or request.GET.get("point", "")
    view = mirror_view(
        journey.facts,
        person=reader.person,
        unfolded=unfolded(wanted, request.GET.get("show", "")),
        wanted=wanted,
    )
    # A form that somebody types into is not replaced under their hands.
    poll = reverse("mirror_list") if view.asking and not wanted else ""
    return {
        "step": step,
        "opened": opened,
        "mirror": view,
        "wanted": wanted,
        "error": error,
        "typed": request.POST.get("reason", ""),
        "urls": {
            "accept": reverse("mirror_accept"),
            "withdraw": reverse("mirror_withdraw"),
            "compare": reverse("mirror_compare"),
        },
        "poll": poll,
    }


def _step_check(reader: Reader) -> None:
    """Raises Http404 for a customer without a sandbox stage."""
    if journey_for(reader.customer, person=reader.person).step(STEP) is None:
        raise Http404
