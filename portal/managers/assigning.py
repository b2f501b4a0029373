"""Giving several customers to a manager: a page that names what will happen, then the change."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, User
from accounts.numbers import row_number
from accounts.services.assigning import customers_assign
from portal.managers.access import desk_page, right_check

ASSIGN = ("accounts.view_all_customers", "accounts.change_customer")
# More at once is a mistake, or a job for a few rounds.
MOST = 500


class ManagerChoice(forms.ModelChoiceField):
    """A person who is given customers: name, address, and how many they have."""

    def label_from_instance(self, obj: User) -> str:
        """As it stands in the list."""
        count = getattr(obj, "customers", 0)
        has = ngettext("%(count)s customer", "%(count)s customers", count) % {"count": count}
        return f"{obj} ({obj.email}), {has}"


class AssignForm(forms.Form):
    """To whom."""

    manager = ManagerChoice(
        label=gettext_lazy("Who takes them?"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose a manager"),
        error_messages={"required": gettext_lazy("Choose who takes them.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        field = self.fields["manager"]
        assert isinstance(field, ManagerChoice)  # noqa: S101 (for the type checker)
        field.queryset = managers()


def managers() -> QuerySet[User]:
    """Staff who still work here, with how many customers each has."""
    staff = User.objects.filter(is_staff=True, is_active=True)
    return staff.annotate(customers=Count("managed_customers")).order_by("full_name", "email")


def assign_page(
    request: HttpRequest,
    customers: QuerySet[Customer],
    form: AssignForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Which customers, whose they are now, and who could take them."""
    picked = list(customers.select_related("implementation_manager").order_by("name")[: MOST + 1])
    if len(picked) > MOST:
        words = _("Give at most %(most)s customers to a manager at once.") % {"most": MOST}
        messages.error(request, words)
        return HttpResponseRedirect(reverse("admin:accounts_customer_changelist"))
    return desk_page(
        request,
        "admin/accounts/customer/assign.html",
        {
            "title": _("Give to a manager"),
            "opts": Customer._meta,
            "form": form or AssignForm(),
            "customers": picked,
            "action": reverse("admin:accounts_customer_assign"),
        },
        status=status,
    )


@require_http_methods(["GET", "POST"])
def customers_assign_page(request: HttpRequest) -> HttpResponse:
    """GET asks to whom; POST gives them. Customers that the reader does not manage are left out."""
    right_check(request, *ASSIGN)
    sent = request.POST if request.method == "POST" else request.GET
    customers = _picked(request, sent.getlist("pick"))
    home = HttpResponseRedirect(reverse("admin:index"))
    if not customers.exists():
        messages.warning(request, _("Pick customers first; nothing was changed."))
        return home
    if request.method == "GET":
        return assign_page(request, customers)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return assign_page(request, customers, form, status=422)
    manager: User = form.cleaned_data["manager"]
    moved = customers_assign(customers=customers, manager=manager, by=person_of(request))
    messages.success(request, _given(moved, manager))
    return home


def _picked(request: HttpRequest, keys: Iterable[str]) -> QuerySet[Customer]:
    """The reader's customers among these."""
    numbers = [number for key in keys if (number := row_number(key)) is not None]
    return customers_managed_by(request.user).filter(pk__in=numbers[: MOST + 1])


def _given(moved: int, manager: User) -> str:
    """What happened."""
    if not moved:
        return _("%(manager)s had them already; nothing was changed.") % {"manager": manager}
    return ngettext(
        "%(count)s customer is %(manager)s’s now.",
        "%(count)s customers are %(manager)s’s now.",
        moved,
    ) % {"count": moved, "manager": manager}


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """The address, inside the customer's admin."""
    return [path("assign/", page(customers_assign_page), name="accounts_customer_assign")]
