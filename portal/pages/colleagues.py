"""Colleagues: who of the company has access; an admin invites, gives roles and ends access."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import code_proven_recently, fresh_code_required, memberships_of
from accounts.limits import limited
from accounts.models import Membership, Role
from accounts.services import (
    ColleagueError,
    colleague_end,
    colleague_invite,
    colleague_invited_again,
    colleague_role_change,
    is_last_admin,
)
from portal.access import Reader, reader_here
from portal.colleagues import ROLE_WORDS, anchor_of, colleagues_of
from portal.mail.colleagues import (
    colleague_invited_mail,
    colleague_role_mail,
    mail_went_out,
)
from portal.pages import page
from portal.pages.colleague import ColleagueForm
from portal.wording import ROLES

# What was typed while the code ran out.
TYPED_KEY, TYPED = "colleague_typed", ("full_name", "email", "role")


def role_choices(*roles: Role) -> list[tuple[str, str]]:
    """Boxes that say what a role may do; all three without any named."""
    return [
        (role.value, f"{role.label}: {ROLE_WORDS[role.value]}")
        for role in roles or (Role.REVIEWER, Role.APPROVER, Role.ADMIN)
    ]


class InviteForm(ColleagueForm):
    """One named person of the company, with any of the three roles."""

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["full_name"].help_text = ""
        self.fields["full_name"].error_messages["required"] = _("Say who is invited.")
        self.fields["email"].error_messages["required"] = _("Say where the invitation goes.")
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 (for the type checker)
        role.choices = role_choices()
        role.help_text = ""


class RoleForm(forms.Form):
    """What somebody may do from now on."""

    role = forms.ChoiceField(
        label=gettext_lazy("What may they do here?"),
        widget=forms.RadioSelect(attrs={"class": "boxed"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 (for the type checker)
        role.choices = role_choices()


@never_cache
@login_required
@require_GET
def colleagues(request: HttpRequest) -> HttpResponse:
    """Everybody with access, for everybody of the company."""
    reader = reader_here(request)
    found = colleagues_of(reader.customer, reader=reader.person)
    context = {
        "found": found,
        "may_change": reader.is_admin and not reader.viewing,
        "admins": ", ".join(str(line.person) for line in found.admins),
    }
    return page(request, reader, "portal/colleagues/list.html", "colleagues", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@limited("colleague_invite")
def invite(request: HttpRequest) -> HttpResponseBase:
    """Name a colleague, who gets a mail and signs in by a code.

    What was typed outlives a code that ran out meanwhile.
    """
    reader_here(request, roles={Role.ADMIN})
    if request.method == "POST" and not code_proven_recently(request):
        request.session[TYPED_KEY] = {name: request.POST.get(name, "")[:254] for name in TYPED}
    return _invite(request)


@fresh_code_required
def _invite(request: HttpRequest) -> HttpResponse:
    reader = reader_here(request, roles={Role.ADMIN})
    form = InviteForm(
        _sent(request),
        domains=reader.customer.email_domains,
        initial=request.session.pop(TYPED_KEY, None),
    )
    if request.method == "POST" and form.is_valid():
        try:
            membership = colleague_invite(
                customer=reader.customer, by=reader.person, **form.cleaned_data
            )
        except ColleagueError as error:
            form.add_error("email", error.sentence)
        else:
            messages.add_message(request, *invited_words(reader, membership))
            return _to_list(membership)
    status = 422 if request.method == "POST" else 200
    template = "portal/colleagues/invite.html"
    return page(request, reader, template, "colleagues", {"form": form}, status=status)


def invited_words(reader: Reader, membership: Membership) -> tuple[int, str]:
    """Mail the invitation; what became of it, in a sentence."""
    words = {"name": membership.user, "email": membership.user.email}
    mail = colleague_invited_mail(membership=membership, by=reader.person)
    if not mail_went_out(mail, membership=membership):
        return messages.ERROR, _(
            "%(name)s has access, but the mail could not be sent. Send the invitation again in a "
            "few minutes, or tell them to sign in with %(email)s."
        ) % words
    return messages.SUCCESS, _(
        "%(name)s is invited. The mail went to %(email)s; they sign in by a code to that address."
    ) % words


@login_required
@require_POST
@limited("colleague_invite")
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the invitation again to somebody who has not signed in yet."""
    reader = reader_here(request, roles={Role.ADMIN})
    membership = _membership(reader, pk)
    try:
        colleague_invited_again(membership=membership, by=reader.person)
    except ColleagueError as error:
        messages.error(request, error.sentence)
    else:
        messages.add_message(request, *invited_words(reader, membership))
    return _to_list(membership)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@fresh_code_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: another role, or the end of their access."""
    reader = reader_here(request, roles={Role.ADMIN})
    membership = _membership(reader, pk)
    form = RoleForm(_sent(request), initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        try:
            changed = colleague_role_change(
                membership=membership, by=reader.person, role=form.cleaned_data["role"]
            )
        except ColleagueError as error:
            form.add_error("role", error.sentence)
        else:
            if changed:
                messages.add_message(request, *_changed_words(reader, membership))
            return _to_list(membership)
    context = {
        "form": form,
        "membership": membership,
        "is_reader": membership.user_id == reader.person.pk,
        "is_last_admin": is_last_admin(membership),
    }
    status = 422 if request.method == "POST" else 200
    template = "portal/colleagues/change.html"
    return page(request, reader, template, "colleagues", context, status=status)


def _changed_words(reader: Reader, membership: Membership) -> tuple[int, str]:
    words = {"name": membership.user, "role": ROLES[membership.role]}
    if membership.user_id == reader.person.pk:
        return messages.SUCCESS, _("You are %(role)s now.") % words
    mail = colleague_role_mail(membership=membership, by=reader.person)
    if not mail_went_out(mail, membership=membership):
        return messages.WARNING, _(
            "%(name)s is %(role)s now, but the mail that tells them could not be sent."
        ) % words
    return messages.SUCCESS, _("%(name)s is %(role)s now. A mail tells them.") % words


@login_required
@require_POST
@fresh_code_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a colleague's access; oneself leaves by a page of its own."""
    reader = reader_here(request, roles={Role.ADMIN})
    membership = _membership(reader, pk)
    if membership.user_id == reader.person.pk:
        return HttpResponseRedirect(reverse("colleague_leave"))
    try:
        colleague_end(membership=membership, by=reader.person)
    except ColleagueError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(
            request,
            _("%(name)s has no access any more and is signed out everywhere.")
            % {"name": membership.user},
        )
    return HttpResponseRedirect(reverse("colleagues"))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponseBase:
    """Give one's own access back, after a page that says what happens."""
    reader = reader_here(request)
    membership = reader.membership
    if membership is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            colleague_end(membership=membership, by=reader.person)
        except ColleagueError as error:
            problem = error.sentence
        else:
            logout(request)
            return render(request, "portal/colleagues/left.html", {"company": reader.customer.name})
    here = colleagues_of(reader.customer, reader=reader.person).admins
    context = {
        "problem": problem,
        "is_last_admin": is_last_admin(membership),
        "admins": ", ".join(str(line.person) for line in here if not line.is_reader),
        "elsewhere": memberships_of(reader.person).count() > 1,
    }
    template = "portal/colleagues/leave.html"
    status = 422 if problem else 200
    return page(request, reader, template, "colleagues", context, status=status)


def _membership(reader: Reader, pk: int) -> Membership:
    """A standing membership of the reader's customer. Raises Http404."""
    found = (
        Membership.objects.select_related("user", "customer__implementation_manager")
        .filter(pk=pk, customer=reader.customer, left_at=None, user__is_active=True)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; nothing while it is only shown."""
    return request.POST if request.method == "POST" else None


def _to_list(membership: Membership) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('colleagues')}#{anchor_of(membership.pk)}")


urlpatterns = [
    path("", colleagues, name="colleagues"),
    path("invite/", invite, name="colleague_invite"),
    path("leave/", leave, name="colleague_leave"),
    path("<int:pk>/", change, name="colleague_change"),
    path("<int:pk>/end/", end, name="colleague_end"),
    path("<int:pk>/invite-again/", invite_again, name="colleague_invite_again"),
]
