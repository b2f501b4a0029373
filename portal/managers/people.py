"""A customer's people, for the desk: who has access; naming somebody where nobody may sign."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import fresh_factor_required, person_of
from accounts.models import Customer, Membership, Role, User
from accounts.services import ColleagueError, signer_name
from portal.colleagues import anchor_of, colleagues_of
from portal.mail.colleagues import (
    colleague_invited_mail,
    colleague_role_mail,
    mail_went_out,
)
from portal.managers.access import customer_here, desk_page
from portal.pages.colleague import ColleagueForm
from portal.pages.colleagues import role_choices
from portal.wording import ROLES

LOOK = "accounts.view_membership"
NAME = "accounts.add_membership"
PAGE = "admin:accounts_customer_people"


class SignerForm(ColleagueForm):
    """Somebody of the company who may sign from now on."""

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, role = self.fields["full_name"], self.fields["role"]
        name.label, name.help_text = _("Name of the person"), ""
        name.error_messages["required"] = _("Say who is named.")
        role.help_text = _("Both allow the production test and sign go-live.")
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 (for the type checker)
        role.choices = role_choices(Role.APPROVER, Role.ADMIN)
        role.initial = Role.APPROVER.value


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who has access; where nobody may sign any more, the manager names somebody."""
    if request.method == "POST":
        customer_here(request, pk, NAME)
        return _name(request, pk=pk)
    return _show(request, customer_here(request, pk, LOOK))


@fresh_factor_required
def _name(request: HttpRequest, pk: int) -> HttpResponse:
    customer = customer_here(request, pk, NAME)
    form = SignerForm(request.POST, domains=customer.email_domains)
    if form.is_valid():
        person = person_of(request)
        try:
            membership, made = signer_name(customer=customer, by=person, **form.cleaned_data)
        except ColleagueError as error:
            form.add_error("email", error.sentence)
        else:
            messages.add_message(request, *_named_words(membership, made, by=person))
            address = reverse(PAGE, args=[customer.pk])
            return HttpResponseRedirect(f"{address}#{anchor_of(membership.pk)}")
    return _show(request, customer, form)


def _named_words(membership: Membership, made: bool, *, by: User) -> tuple[int, str]:
    """Mail the person; what became of it, in a sentence."""
    words = {"name": membership.user, "role": ROLES[membership.role]}
    build = colleague_invited_mail if made else colleague_role_mail
    if not mail_went_out(build(membership=membership, by=by), membership=membership):
        return messages.WARNING, _(
            "%(name)s is %(role)s now, but the mail that tells them could not be sent."
        ) % words
    return messages.SUCCESS, _("%(name)s is %(role)s now. A mail tells them.") % words


def _show(request: HttpRequest, customer: Customer, form: SignerForm | None = None) -> HttpResponse:
    found = colleagues_of(customer)
    may_name = person_of(request).has_perm(NAME) and not found.signers
    context = {
        "title": _("People of %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "found": found,
        "form": form or (SignerForm(domains=customer.email_domains) if may_name else None),
        "signers": ", ".join(str(line.person) for line in found.signers),
    }
    template = "admin/accounts/customer/people.html"
    return desk_page(request, template, context, status=422 if form else 200)


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    return [path("<int:pk>/people/", page(people), name=PAGE.removeprefix("admin:"))]
