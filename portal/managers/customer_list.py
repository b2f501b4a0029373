"""The list of customers in the admin: filters, search, order, and giving several to a manager."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, User
from portal.managers import portfolio as asking
from portal.managers.assigning import ASSIGN, assign_page
from portal.managers.base import chip
from portal.managers.home import Line
from portal.managers.list_csv import CsvList
from portal.steps import journeys_for
from portal.steps.words import day

NOBODY = "—"


class CustomerList(ChangeList):
    """Knows the journeys of the customers on its page, loaded in one go."""

    def get_results(self, request: HttpRequest) -> None:
        """Give each customer of the page its line of the portfolio."""
        super().get_results(request)
        self.person = person_of(request)
        self.result_list = self.rows_prepare(list(self.result_list))

    def rows_prepare(self, customers: list[Any]) -> list[Any]:
        """These customers with their lines; the file of the list asks part by part."""
        journeys = journeys_for(customers, person=self.person)
        for customer in customers:
            customer.line = Line(customer, journeys[customer.pk])
        return customers


class ChoiceFilter(admin.SimpleListFilter):
    """A filter of the home, beside the list. Subclasses say what there is and what it means."""

    choices_shown: Sequence[tuple[str, str | Promise]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return list(self.choices_shown)


class StageFilter(ChoiceFilter):
    """By stage."""

    title = _("stage")
    parameter_name = "stage"
    choices_shown = asking.STAGES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Only those in the stage."""
        stage = self.value()
        return queryset.filter(asking.stage_q(stage)) if stage else queryset


class TurnFilter(ChoiceFilter):
    """By whose turn it is."""

    title = _("whose turn")
    parameter_name = "turn"
    choices_shown = asking.TURNS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Only those where it is that side's turn."""
        known = self.value() in dict(asking.TURNS)
        return queryset.filter(asking.turn_q(str(self.value()))) if known else queryset


class DelayFilter(ChoiceFilter):
    """What is stuck, and what is late."""

    title = _("delay")
    parameter_name = "still"
    choices_shown = (("stuck", _("Stuck")), ("overdue", _("Overdue")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Only those."""
        if self.value() == "stuck":
            return queryset.filter(asking.stuck_q(timezone.now()))
        if self.value() == "overdue":
            return queryset.filter(asking.overdue_q(timezone.localdate()))
        return queryset


class ManagerFilter(admin.SimpleListFilter):
    """By implementation manager, for those who see everybody's customers."""

    title = _("implementation manager")
    parameter_name = "manager"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The managers who have customers, and nobody."""
        if not person_of(request).has_perm("accounts.view_all_customers"):
            return []
        managers = User.objects.filter(managed_customers__isnull=False).distinct()
        nobody = (asking.NO_MANAGER, str(_("Nobody yet")))
        return [nobody, *((str(each.pk), str(each)) for each in managers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Only the chosen manager's customers."""
        manager = self.value()
        return queryset.filter(asking.manager_q(manager)) if manager else queryset


class CustomerListAdmin(CsvList):
    """What the list shows follows from facts, and sorts by where each customer stood last."""

    list_display = ["name", "next_step", "turn", "since", "planned", "manager"]
    list_filter = [StageFilter, TurnFilter, DelayFilter, "plan", "path", ManagerFilter]
    search_fields = ["name", "slug", "memberships__user__email", "signup_links__email"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    actions = ("give_to_manager",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """The customers that the reader manages."""
        return customers_managed_by(request.user).select_related("implementation_manager")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that knows the journeys."""
        return CustomerList

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """Leads give customers to managers."""
        return person_of(request).has_perms(ASSIGN)

    @admin.action(description=_("Give to a manager"), permissions=["assign"])
    def give_to_manager(
        self, request: HttpRequest, queryset: QuerySet[Customer]
    ) -> HttpResponse | None:
        """The page that names what will happen, and asks to whom."""
        return assign_page(request, queryset)

    @admin.display(description=_("next step"))
    def next_step(self, customer: Any) -> SafeString:
        """Stage and the one next thing."""
        line = customer.line
        stage = line.journey.stage.name
        return format_html('<b>{}</b><br><span class="muted">{}</span>', line.todo, stage)

    @admin.display(description=_("whose turn"), ordering="standing__vendor_step")
    def turn(self, customer: Any) -> SafeString:
        """Whose turn it is, and whether it is stuck."""
        line = customer.line
        turn = line.journey.whose_turn
        shown = chip(line.turn_tint, turn) if turn else NOBODY
        if not line.journey.stuck:
            return format_html("{}", shown)
        return format_html(
            '{} {}<br><span class="muted">{}</span>',
            shown,
            chip("bad", _("Stuck")),
            line.journey.stuck_reason,
        )

    @admin.display(description=_("since"), ordering="standing__vendor_since")
    def since(self, customer: Any) -> str:
        """Since when it is that side's turn."""
        since = customer.line.journey.since
        return day(since) if since else NOBODY

    @admin.display(description=_("manager"), ordering="implementation_manager", empty_value=NOBODY)
    def manager(self, customer: Any) -> User | None:
        """Who looks after it."""
        manager: User | None = customer.implementation_manager
        return manager

    @admin.display(description=_("planned go-live"), ordering="planned_go_live")
    def planned(self, customer: Any) -> SafeString | str:
        """The day that was agreed, and whether it has passed."""
        if customer.planned_go_live is None:
            return NOBODY
        planned = date_format(customer.planned_go_live, "j M Y")
        if not customer.line.overdue:
            return planned
        return format_html("{} {}", planned, chip("warn", _("Overdue")))
