"""What the views of the desk's go-live page share: the page, its addresses, its batch."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import factor_proven_recently, person_of
from accounts.models import Customer
from jobchanges.models import Batch, Side
from portal.managers.access import desk_page
from portal.pages.check_note import is_opened
from portal.pages.go_live_forms import ReleaseForm, SignForm, StopForm
from portal.pages.go_live_here import batch_asked
from portal.pages.go_live_page import GoLivePage, go_live_page

LOOK = ("portal.view_summary", "jobchanges.view_batch")
SEND = "jobchanges.change_batch"


def show(
    request: HttpRequest,
    customer: Customer,
    *,
    sign: SignForm | None = None,
    stop: StopForm | None = None,
    release: ReleaseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page; the forms come with what was typed."""
    live = page_for(request, customer, sign=sign, stop=stop, release=release)
    context: dict[str, Any] = {
        "title": _("Go live: %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "live": live,
        "form": sign or stop or release,
    }
    return desk_page(request, "admin/accounts/customer/go_live/page.html", context, status=status)


def page_for(
    request: HttpRequest,
    customer: Customer,
    *,
    sign: SignForm | None = None,
    stop: StopForm | None = None,
    release: ReleaseForm | None = None,
) -> GoLivePage:
    """The page as the manager finds it."""
    urls = urls_of(customer)
    return go_live_page(
        customer=customer,
        person=person_of(request),
        side=Side.VENDOR,
        may_act=person_of(request).has_perm(SEND),
        proven=factor_proven_recently(request),
        prove_url=f"{reverse('mfa_reauthenticate')}?{urlencode({'next': urls['page']})}",
        urls=urls,
        sign=sign,
        stop=stop,
        release=release,
        freshen=is_opened(request),
    )


def batch_of(customer: Customer) -> Batch:
    """The latest batch. Raises Http404 before there is one."""
    return batch_asked(customer, "")


def urls_of(customer: Customer) -> dict[str, str]:
    """The addresses of the page's parts, by the names that its templates use."""

    def at(name: str, *more: str) -> str:
        return reverse(f"admin:accounts_customer_go_live{name}", args=[customer.pk, *more])

    return {
        "page": at(""),
        "setup": reverse("admin:accounts_customer_change", args=[customer.pk]),
        **{
            name: at(f"_{name}")
            for name in (
                "freeze",
                "forecast",
                "withdraw",
                "sign",
                "release",
                "progress",
                "pause",
                "stop",
                "go_on",
                "send_again",
                "exceptions",
            )
        },
        "pdf": at("_record", "pdf"),
        "json": at("_record", "json"),
        "csv": at("_records_csv"),
        "proof": reverse("admin:accounts_customer_overwrites_csv", args=[customer.pk]),
        "evidence": reverse("admin:accounts_customer_evidence", args=[customer.pk]),
        "sending": reverse("admin:accounts_customer_sending", args=[customer.pk]),
    }


def back(customer: Customer) -> HttpResponseRedirect:
    """To the page, where the outcome shows."""
    return HttpResponseRedirect(reverse("admin:accounts_customer_go_live", args=[customer.pk]))
