"""Sending the open points of an org to a colleague, who signs in by code and asks the org again."""

import smtplib

import structlog
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.limits import limited
from accounts.models import Membership, Role
from accounts.services import ColleagueError, colleague_ensure, event_record
from portal.access import Reader, reader_here
from portal.checking.selectors import ChecksView
from portal.mail.open_points import open_points_mail
from portal.pages import page
from portal.pages.check_list import SharedPoint, check_list, waived_steps
from portal.pages.checks import checks_seen, environment_of
from portal.steps import Facts

# A mail has no room to unfold anything: the whole list is made, and the mail cuts it.
ALL = 1000

logger = structlog.get_logger(__name__)


class ColleagueForm(forms.Form):
    """One named person of the company."""

    full_name = forms.CharField(
        label=gettext_lazy("Name of your colleague"),
        max_length=150,
        help_text=gettext_lazy("Usually the Salesforce administrator."),
        error_messages={"required": gettext_lazy("Say who gets the open points.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        max_length=254,
        error_messages={"required": gettext_lazy("Say where the mail goes.")},
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What may they do here?"),
        widget=forms.RadioSelect(attrs={"class": "boxed"}),
        initial=Role.REVIEWER.value,
        choices=[
            (
                Role.REVIEWER.value,
                gettext_lazy(
                    "Reviewer: reads everything, has the org checked again, reviews tests"
                ),
            ),
            (
                Role.ADMIN.value,
                gettext_lazy(
                    "Admin: also connects orgs, chooses settings, accepts warnings, signs"
                ),
            ),
        ],
        help_text=gettext_lazy("Somebody who has access already keeps the role they have."),
    )

    def __init__(self, *args: object, domains: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.use_required_attribute = False
        self.fields["full_name"].widget.attrs["autocomplete"] = "off"
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        if domains:
            self.fields["email"].help_text = _("An address on %(domains)s.") % {
                "domains": ", ".join(domains)
            }


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@limited("open_points_send")
def org_checks_send(request: HttpRequest, environment: str) -> HttpResponse:
    """Name a colleague: they get access if they have none, and a mail with what is open."""
    reader = reader_here(request, roles={Role.ADMIN})
    environment = environment_of(reader, environment)
    facts, view = checks_seen(reader, environment)
    points = open_points(facts, view)
    if view.epoch is None or not points:
        messages.info(request, _("Nothing is open here, so there is nothing to send."))
        return HttpResponseRedirect(reverse("org_checks", args=[environment]))
    form = ColleagueForm(request.POST or None, domains=reader.customer.email_domains)
    if request.method == "POST" and form.is_valid():
        try:
            sent = _send(reader, view, points, **form.cleaned_data)
        except ColleagueError as error:
            form.add_error("email", error.sentence)
        else:
            messages.add_message(request, *sent)
            return HttpResponseRedirect(reverse("org_checks", args=[environment]))
    context = {
        "form": form,
        "points": points,
        "asked_environment": environment,
        "environment": environment,
        "environment_label": view.epoch.name,
    }
    status = 422 if request.method == "POST" else 200
    return page(request, reader, "portal/checks/send.html", "setup", context, status=status)


def open_points(facts: Facts, view: ChecksView) -> list[SharedPoint]:
    """What is open in an org, the worst first; what several checks say, once."""
    return check_list(view, most=ALL, waived=waived_steps(facts, view)).points


def _send(
    reader: Reader,
    view: ChecksView,
    points: list[SharedPoint],
    *,
    full_name: str,
    email: str,
    role: str,
) -> tuple[int, str]:
    """Give access, mail the points, record that it was done; what to tell the person.

    A mail server that fails loses nothing but the mail, and the person is told so.
    """
    if email.strip().lower() == reader.person.email:
        raise ColleagueError(_("That is your own address. Name the colleague who mends it."))
    if view.epoch is None:
        raise ColleagueError(_("The org is not connected."))
    membership, made = colleague_ensure(
        customer=reader.customer, email=email, full_name=full_name, role=role, by=reader.person
    )
    person = membership.user
    mail = open_points_mail(
        customer=reader.customer,
        epoch=view.epoch,
        environment=view.environment,
        points=points,
        to=person,
        by=reader.person,
        is_new=made,
    )
    try:
        mail.send()
    except (smtplib.SMTPException, OSError):
        logger.exception("open_points.mail_failed", membership=membership.pk)
        return messages.ERROR, _(
            "%(name)s has access, but the mail could not be sent. Try again in a few minutes, or "
            "tell them to sign in with %(email)s."
        ) % {"name": person, "email": person.email}
    _record(reader, view, membership, points)
    return messages.SUCCESS, ngettext(
        "Sent to %(name)s, %(email)s: %(count)d point. They sign in by a code to that address.",
        "Sent to %(name)s, %(email)s: %(count)d points. They sign in by a code to that address.",
        len(points),
    ) % {"name": person, "email": person.email, "count": len(points)}


def _record(
    reader: Reader, view: ChecksView, membership: Membership, points: list[SharedPoint]
) -> None:
    """Who sent how much to whom: the log holds no address and no words of the org."""
    with transaction.atomic():
        event_record(
            customer=reader.customer,
            action="checks.mailed",
            by=reader.person,
            side="customer",
            environment=view.environment,
            org_id=view.epoch.org_id if view.epoch else "",
            data={"membership": membership.pk, "points": len(points)},
        )
