"""What a manager does on a customer's page: each lever calls one service and says what happened."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import person_of
from accounts.models import Customer, Environment
from accounts.services import SignupLinkError
from portal.invitations import signup_link_send
from portal.managers.access import customer_here, desk_page
from portal.managers.customer_page import environments_of
from portal.managers.links import SEND, sent_words
from portal.services import StepError, step_waive, step_waiver_withdraw
from portal.steps import journey_for, step_find

WAIVE = "portal.add_waiver"


class LinkForm(forms.Form):
    """For one named person and one environment."""

    environment = forms.ChoiceField(
        label=gettext_lazy("Which org is to be connected?"),
        widget=forms.RadioSelect(attrs={"class": "boxed"}),
    )
    person_name = forms.CharField(
        label=gettext_lazy("Name of the person"),
        max_length=150,
        help_text=gettext_lazy("Usually the Salesforce administrator."),
    )
    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        max_length=254,
        help_text=gettext_lazy(
            "The link is mailed here. It may be forwarded to an address on the customer’s domains."
        ),
    )

    def __init__(self, *args: object, customer: Customer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.use_required_attribute = False
        field = self.fields["environment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = environments_of(journey_for(customer))
        field.initial = field.choices[0][0]


def _link_initial(request: HttpRequest, customer: Customer) -> dict[str, str]:
    """The environment that led here, and the person who got the last link."""
    initial = {}
    asked = request.GET.get("environment", "")
    if asked in Environment.values:
        initial["environment"] = asked
    last = customer.signup_links.order_by("-created_at", "-pk").first()
    if last is not None:
        initial |= {"person_name": last.person_name, "email": last.email}
    return initial


@require_http_methods(["GET", "POST"])
def link_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a sign-up link and mail it."""
    customer = customer_here(request, pk, SEND)
    form = LinkForm(
        request.POST or None, initial=_link_initial(request, customer), customer=customer
    )
    if request.method == "POST" and form.is_valid():
        try:
            link, _token = signup_link_send(
                customer=customer, by=person_of(request), **form.cleaned_data
            )
        except SignupLinkError as error:
            form.add_error(None, error.sentence)
        else:
            messages.add_message(request, *sent_words(link))
            return to_customer(customer, "links")
    context = {
        "title": _("Send a sign-up link"),
        "customer": customer,
        "form": form,
        "opts": Customer._meta,
    }
    return desk_page(
        request,
        "admin/accounts/customer/link.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def step_waive_page(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Set a step aside, with the reason that both sides read."""
    customer = customer_here(request, pk, WAIVE)
    try:
        step_waive(
            customer=customer,
            step=key,
            reason=request.POST.get("reason", ""),
            by=person_of(request),
        )
    except StepError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(step)s” is waived.") % {"step": _title(customer, key)})
    return to_customer(customer, "steps")


@require_POST
def step_reopen_page(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take a waiver back."""
    customer = customer_here(request, pk, WAIVE)
    try:
        step_waiver_withdraw(customer=customer, step=key, by=person_of(request))
    except StepError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(step)s” is open again.") % {"step": _title(customer, key)})
    return to_customer(customer, "steps")


def to_customer(customer: Customer, anchor: str = "") -> HttpResponseRedirect:
    """Back to the customer's page, where the outcome shows."""
    address = reverse("admin:accounts_customer_change", args=[customer.pk])
    return HttpResponseRedirect(f"{address}#{anchor}" if anchor else address)


def _title(customer: Customer, key: str) -> str:
    step = step_find(customer.path, key)
    return step.title if step else key
