"""Saying where the list of people comes from: the form stands in its step."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Role
from portal.access import reader_here, step_for
from portal.models import PeopleSource
from portal.pages.home import home_page
from portal.services import PEOPLE, StepError, people_source_choose


@require_POST
@login_required
def people_source(request: HttpRequest) -> HttpResponse:
    """An admin chooses; without a choice the step says so next to the boxes."""
    reader = reader_here(request, roles={Role.ADMIN})
    step_for(reader, PEOPLE)
    kind = request.POST.get("kind", "")
    if kind not in PeopleSource.Kind.values:
        return home_page(request, reader, unticked=PEOPLE, status=422)
    try:
        people_source_choose(customer=reader.customer, kind=kind, by=reader.person)
    except StepError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved. You can change it at any time."))
    return redirect("setup")
