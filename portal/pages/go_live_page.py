"""What the go-live page shows, for whichever side reads it (ui.md, mockup `go-live`).

The customer's page and the managers' page in admin show the same parts from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from integrations.models import OrgEpoch
from jobchanges.models import Batch, Side
from jobchanges.selectors.batches import batch_exceptions, delivery_exception_rows
from portal.pages.check_note import CheckNote, check_note
from portal.pages.go_live_forms import MOMENT, ReleaseForm, SignForm, StopForm
from portal.pages.go_live_panel import Panel, panel_for
from portal.signoff.selectors import sign_off_view
from portal.signoff.types import OK, Party, Section, SignOffState, SignOffView

EXCEPTIONS_A_PAGE = 25
# What is decided comes first, what identifies it last; the record keeps its own order.
MARKED = ("alike", "fields")
READ_FIRST = (
    *("alerts", "alike", "forecast", "fields", "tests"),
    *("answers", "settings", "people", "orgs"),
)


@dataclass(frozen=True)
class ShownSection:
    """A part of the summary: a list with marks, or terms and values."""

    section: Section
    marked: bool


@dataclass(frozen=True)
class GoLivePage:
    """Everything the page shows."""

    customer: Customer
    side: str
    view: SignOffView
    panel: Panel | None
    epoch: OrgEpoch | None
    urls: Mapping[str, str]
    # Proven by a code (staff: a second factor) just now, or where that is done.
    proven: bool
    prove_url: str
    sign: SignForm | None = None
    stop: StopForm | None = None
    release: ReleaseForm | None = None
    # What production's checks found; none once the batch is on its way.
    checks: CheckNote | None = None

    @property
    def manager(self) -> User | None:
        """Whom to ask."""
        return self.customer.implementation_manager

    @property
    def sections(self) -> Sequence[ShownSection]:
        """The parts of the summary, as they are laid out."""
        preparing = self.view.state == SignOffState.PREPARING
        return [
            ShownSection(section, any(row.kind == OK for row in section.rows) or key in MARKED)
            for key in READ_FIRST
            for section in self.view.sections
            if section.key == key and not (preparing and key == "forecast")
        ]

    @property
    def meaning(self) -> str:
        """What the reader's signature would mean."""
        party = self.view.parties.get(self.side)
        return party.meaning if party else ""

    @property
    def why_not_sign(self) -> str:
        """Why the reader cannot sign, where their side's signature is what is missing."""
        signable = self.view.state in {SignOffState.READY, SignOffState.SIGNED_BY_ONE}
        party = self.view.parties.get(self.side)
        return self.view.why_not_sign if signable and party and not party.signed else ""

    @property
    def parties(self) -> Sequence[Party]:
        """Both sides, the customer's first."""
        return [
            self.view.parties[side] for side in ("customer", "vendor") if side in self.view.parties
        ]

    @property
    def released(self) -> bool:
        """Whether a batch was let go under what is shown."""
        return self.view.state == SignOffState.RELEASED

    @property
    def batch_name(self) -> str:
        """What is signed for, in a sentence."""
        return _("the first batch") if self.view.is_first else _("the next batch")

    @property
    def release_button(self) -> str:
        """The button, and the heading above it."""
        return _("Release %(batch)s") % {"batch": self.batch_name}

    @property
    def release_title(self) -> str:
        """The question before the batch is let go."""
        return _("Release %(batch)s to %(org)s?") % {
            "batch": self.batch_name,
            "org": self.epoch.name if self.epoch else self.customer.name,
        }

    @property
    def release_text(self) -> str:
        """What letting it go does."""
        return _(
            "What the summary describes is written to production org %(org)s (%(id)s): the first "
            "20 alone, then the rest. %(company)s gets an e-mail, and either side can stop sending "
            "at any time."
        ) % {
            "org": self.epoch.name if self.epoch else "",
            "id": self.epoch.org_id if self.epoch else "",
            "company": self.customer.name,
        }

    @property
    def record_ready(self) -> bool:
        """Whether there is something to download."""
        return self.view.summary is not None and self.view.summary.ready


def go_live_page(
    *,
    customer: Customer,
    person: User,
    side: str,
    may_act: bool,
    proven: bool,
    prove_url: str,
    urls: Mapping[str, str],
    sign: SignForm | None = None,
    stop: StopForm | None = None,
    release: ReleaseForm | None = None,
    typed: Mapping[str, str] | None = None,
    freshen: bool = False,
) -> GoLivePage:
    """Put the page together. `typed`: what the form held before the person proved their e-mail.

    `freshen`: old answers of production's checks are renewed in the background.
    """
    view = sign_off_view(customer, person=person)
    batch = view.batch or view.halted_batch or view.last_batch
    panel = None
    if batch is not None:
        signed = view.batch is not None or batch.state == Batch.State.ENDED
        panel = panel_for(batch, side=side, may_act=may_act, urls=urls, signed=signed)
    if sign is None and view.may_sign:
        sign = sign_form(view, typed=typed)
    if stop is None and panel is not None and panel.may_stop:
        stop = StopForm()
    if release is None and view.release.may:
        release = ReleaseForm()
    return GoLivePage(
        customer=customer,
        side=side,
        view=view,
        panel=panel,
        epoch=batch.epoch if batch else production_org(customer),
        urls=urls,
        proven=proven,
        prove_url=prove_url,
        sign=sign,
        stop=stop,
        release=release,
        checks=None
        if batch
        else check_note(
            customer, Environment.PRODUCTION.value, desk=side == Side.VENDOR, freshen=freshen
        ),
    )


def production_org(customer: Customer) -> OrgEpoch | None:
    """The production org as it is connected; None before that."""
    return OrgEpoch.objects.filter(
        connection__customer=customer,
        connection__environment=Environment.PRODUCTION,
        ended_at=None,
    ).first()


def sign_form(
    view: SignOffView,
    data: QueryDict | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    asks_window: bool = True,
) -> SignForm:
    """The form of the reader's side, filled in with the times that suit most."""
    initial: dict[str, Any] = {}
    if view.default_ends_at is not None:
        initial["ends_at"] = timezone.localtime(view.default_ends_at).strftime(MOMENT)
    return SignForm(
        data,
        initial=initial | dict(typed or {}),
        asks_window=asks_window and view.side == Side.CUSTOMER,
        auto_id="sign-%s",
    )


class Origin(NamedTuple):
    """From where and with what a signature is given."""

    address: str
    browser: str


def origin_of(request: HttpRequest) -> Origin:
    """The reader's address, as the site counts proxies, and what their browser calls itself."""
    adapter = get_adapter(request)
    return Origin(adapter.get_client_ip(request), adapter.get_http_user_agent(request))


def progress_answer(request: HttpRequest, panel: Panel) -> HttpResponse:
    """The panel alone. Once the state is another, the page with its levers is to be read anew."""
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(panel.urls["page"])
    seen = request.GET.get("state", "")
    if seen != panel.state:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "portal/go_live/_progress.html", {"panel": panel})


def exceptions_shown(batch: Batch, number: str | None) -> dict[str, Any]:
    """A page of what did not get there, with what the list says of each."""
    found = Paginator(batch_exceptions(batch), EXCEPTIONS_A_PAGE).get_page(number)
    return {
        "batch": batch,
        "page": found,
        "rows": delivery_exception_rows(found.object_list),
    }
