"""The production test as it is offered to the customer: every write, and allowing it once.

The customer's page and the managers' desk show the same parts from here, so that both talk about
the same thing.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import code_page, code_proven_recently, fresh_code_required, person_of, role_at
from accounts.hashing import content_hash
from accounts.models import Environment, Event, Membership, Role
from jobchanges.access import test_run_for
from jobchanges.models import Allowance, TestRun, WriteRole
from jobchanges.selectors.allowances import (
    AllowanceStanding,
    allowance_content,
    allowance_standing,
    owners_of_run,
)
from jobchanges.selectors.deliveries import test_run_deliveries
from jobchanges.selectors.owners import OwnerLine
from jobchanges.selectors.rows import object_label
from jobchanges.selectors.types import DeliveryView
from jobchanges.services import TestRunError, test_run_allow, test_run_allowance_withdraw
from jobchanges.services.allowances import MOST_DAYS_AHEAD, allowance_meaning, moment_words
from portal.alerts import Firing, firing_of, notifications_words
from portal.pages.allow_words import replaced_lines
from portal.pages.check_note import CheckNote, check_note, is_opened
from portal.pages.go_live_forms import MOMENT, MomentInput

SIGNERS = (Role.ADMIN, Role.APPROVER)


class AllowForm(forms.Form):
    """From when on. `shown` is what the field said by itself: left alone, it means now."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("It may be sent from"),
        required=False,
        widget=MomentInput,
        error_messages={
            "invalid": gettext_lazy("Write a date and a time, like 2026-11-23 18:00."),
        },
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, seen: str = "") -> None:
        now = timezone.localtime().strftime(MOMENT)
        initial = {"starts_at": now, "shown": now, "seen": seen}
        super().__init__(data, initial=initial, auto_id="allow-%s")
        self.use_required_attribute = False
        self.fields["starts_at"].help_text = _(
            "As it stands: at once. In your time zone, %(zone)s; up to %(days)d days ahead."
        ) % {"zone": timezone.get_current_timezone_name(), "days": MOST_DAYS_AHEAD}

    def moment(self) -> datetime:
        """From when on it may be sent: now where the field was left alone or emptied."""
        chosen: datetime | None = self.cleaned_data["starts_at"]
        if chosen is None or self.cleaned_data["shown"] == self.data.get("starts_at"):
            return timezone.now()
        return chosen


@dataclass(frozen=True)
class OfferPage:
    """Everything that is shown of what is to be allowed."""

    run: TestRun
    standing: AllowanceStanding
    views: list[DeliveryView]
    owners: list[OwnerLine]
    side: str
    open_all: bool
    signers: list[Membership] = field(default_factory=list)
    may_allow: bool = False
    proven: bool = False
    prove_url: str = ""
    form: AllowForm | None = None
    # What the org's checks found; none without the org.
    checks: CheckNote | None = None
    # What of the org's own may alert people; none where it was not asked.
    firing: Firing | None = None

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many records of each kind, in words: what is created, then what is updated."""
        found = Counter(
            (tab.operation != "create", tab.label) for view in self.views for tab in view.planned
        )
        in_order = sorted(found.items(), key=lambda item: item[0][0])
        return [
            (_("%(what)s, updated") % {"what": label} if updated else label, count)
            for (updated, label), count in in_order
        ]

    @property
    def objects(self) -> str:
        """The kinds of records that are written, as a list in words."""
        names = {tab.object_name: None for view in self.views for tab in view.planned}
        return ", ".join(object_label(name) for name in names)

    @property
    def only_our_own(self) -> bool:
        """Whether nothing but the package's records is written: a flow of the org may do more."""
        return all(tab.role == WriteRole.PACKAGE for view in self.views for tab in view.planned)

    @property
    def notifications(self) -> str:
        """Whether UserGems itself tells anybody."""
        return notifications_words(self.run.customer)

    @property
    def replaced(self) -> list[str]:
        """What is overwritten on records that exist, as the customer chose, a line each.

        From the very plan that is allowed.
        """
        return replaced_lines(self.views)

    @property
    def meaning(self) -> str:
        """What allowing means."""
        return allowance_meaning(self.run)

    @property
    def confirm_text(self) -> str:
        """What is asked once more before it is allowed."""
        return _(
            "Exactly the records on this page may then be written to production org %(org)s. "
            "Whoever owns a new record, and your own automation, may react to them."
        ) % {"org": self.run.epoch.name}

    @property
    def take_back_title(self) -> str:
        """What is asked before an allowance is taken back."""
        return _("Take the allowance for %(org)s back?") % {"org": self.run.epoch.name}

    @property
    def short_hash(self) -> str:
        """The beginning of the hash of what was allowed."""
        return self.standing.allowance.content_hash[:12] if self.standing.allowance else ""

    @property
    def from_words(self) -> str:
        """From when on it is allowed."""
        return moment_words(self.standing.allowance.starts_at) if self.standing.allowance else ""


def offer_page(
    request: HttpRequest, run: TestRun, *, side: str, form: AllowForm | None = None
) -> OfferPage:
    """What of a production run is to be allowed, for one side."""
    standing = allowance_standing(run)
    unsent = {item.pk for item in standing.unsent}
    role = role_at(person_of(request), run.customer)
    may_allow = side == "customer" and role in SIGNERS
    if form is None and standing.state == "offered" and may_allow:
        form = AllowForm(seen=content_hash(allowance_content(run)))
    return OfferPage(
        run=run,
        standing=standing,
        views=_shown(run, unsent),
        owners=owners_of_run(standing.unsent),
        side=side,
        open_all=request.GET.get("all") == "1",
        signers=[] if may_allow else _signers(run),
        may_allow=may_allow,
        proven=code_proven_recently(request),
        prove_url=code_page(request.get_full_path()),
        form=form,
        checks=check_note(
            run.customer,
            run.environment,
            desk=side == "vendor",
            freshen=is_opened(request),
        ),
        firing=firing_of(run.epoch),
    )


def _signers(run: TestRun) -> list[Membership]:
    """Who of the customer's people may allow it."""
    return list(
        Membership.objects.select_related("user")
        .filter(customer=run.customer_id, left_at=None, role__in=SIGNERS)
        .order_by("created_at")
    )


def _shown(run: TestRun, unsent: set[int]) -> list[DeliveryView]:
    return [view for view in test_run_deliveries(run) if view.pk in unsent]


def shown_to_customer(run: TestRun) -> bool:
    """Whether the customer's people see a run that was not sent yet: it was offered to them."""
    if run.environment != Environment.PRODUCTION or run.state != TestRun.State.DRAFT:
        return False
    return (
        run.offered_at is not None
        or Event.objects.filter(
            customer=run.customer_id, action="test_run.offered", data__test_run=run.pk
        ).exists()
    )


def run_address(run: TestRun) -> str:
    """The run's page in the portal."""
    return reverse("test_run", args=[run.pk])


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def run_allow(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is offered of a run; and allowing exactly that, from the chosen time on."""
    if request.method == "POST":
        return _allow(request, pk)
    run = test_run_for(request.user, pk)
    if person_of(request).is_staff:
        return HttpResponseRedirect(reverse("admin:jobchanges_testrun_change", args=[pk]))
    if run.sent_at is None and not shown_to_customer(run):
        raise Http404
    if run.sent_at is not None and not allowance_standing(run).state:
        return HttpResponseRedirect(run_address(run))
    return offer_show(request, run)


@fresh_code_required
def _allow(request: HttpRequest, pk: int) -> HttpResponse:
    run = test_run_for(request.user, pk, roles=SIGNERS)
    form = AllowForm(request.POST)
    sentence = ""
    if form.is_valid():
        adapter = get_adapter(request)
        try:
            allowance = test_run_allow(
                test_run=run,
                starts_at=form.moment(),
                by=person_of(request),
                address=adapter.get_client_ip(request),
                browser=adapter.get_http_user_agent(request),
                seen_hash=form.cleaned_data["seen"],
            )
        except TestRunError as problem:
            sentence = problem.sentence
        else:
            messages.success(request, _allowed_words(run, allowance))
            return HttpResponseRedirect(run_address(run))
    run.refresh_from_db()
    # The page shows what would be allowed now, so its form allows that.
    data = request.POST.copy()
    data["seen"] = content_hash(allowance_content(run))
    form = AllowForm(data)
    if form.is_valid() and sentence:
        form.add_error(None, sentence)
    return offer_show(request, run, form=form, status=422)


@login_required
@require_POST
def run_allowance_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was allowed and not sent yet. Less is written by it, so no code is asked."""
    run = test_run_for(request.user, pk, roles=SIGNERS)
    reason = request.POST.get("reason", "")
    try:
        test_run_allowance_withdraw(test_run=run, by=person_of(request), reason=reason)
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("Taken back. Nothing is sent by it."))
    return HttpResponseRedirect(run_address(run))


def offer_show(
    request: HttpRequest, run: TestRun, *, form: AllowForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of what is to be allowed, for the customer's people."""
    return render(
        request,
        "portal/test_runs/allow.html",
        {
            "nav": "test_runs",
            "run": run,
            "offer": offer_page(request, run, side="customer", form=form),
            "form": form,
            "environment": run.environment,
            "environment_label": run.epoch.name,
            "manager": run.customer.implementation_manager,
        },
        status=status,
    )


def _allowed_words(run: TestRun, allowance: Allowance) -> str:
    manager = run.customer.implementation_manager
    return _("Allowed from %(time)s on. %(name)s gets an e-mail and sends the test.") % {
        "time": moment_words(allowance.starts_at),
        "name": manager.first_name if manager else _("Your implementation manager"),
    }
