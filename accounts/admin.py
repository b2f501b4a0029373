"""Operators' pages: staff accounts; and the event log, read only."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, cast

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.access import customers_managed_by, fresh_factor_required, person_of
from accounts.models import Environment, Event, User
from accounts.numbers import row_number
from accounts.services import SecondFactorError, second_factor_reset, sessions_end


class StaffCreationForm(BaseUserCreationForm):
    """Makes a member of staff. Customers' people come by a sign-up link only."""

    class Meta:
        model = User
        fields = ("email", "full_name")

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, commit: bool = True) -> User:
        """Save as staff."""
        self.instance.is_staff = True
        user: User = super().save(commit=commit)
        return user


class StaffChangeForm(UserChangeForm):
    """Changes a person's account."""

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_is_staff(self) -> bool:
        """Nobody is on both sides."""
        is_staff = bool(self.cleaned_data["is_staff"])
        membership = self.instance.memberships.filter(left_at=None).first()
        if is_staff and membership is not None:
            raise ValidationError(
                _("This person belongs to %(customer)s. Nobody stands on both sides.")
                % {"customer": membership.customer}
            )
        return is_staff


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Staff accounts and their groups, for operators (superusers) only."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    ordering = ["full_name", "email"]
    list_display = ["email", "full_name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "full_name"]
    readonly_fields = ["last_login", "date_joined"]
    # The two-box widget fails accessibility checks; there are two groups.
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "full_name", "time_zone", "password"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "password1", "password2"]})]

    def get_urls(self) -> list[URLPattern]:
        """And the lever for a lost device."""
        return [
            path(
                "<int:pk>/reset-second-factor/",
                self.admin_site.admin_view(fresh_factor_required(second_factor_reset_page)),
                name="accounts_user_reset_second_factor",
            ),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An account is opened after a fresh second factor: a session left open must not make
        another operator, or give somebody rights.
        """
        if not self._operator(request):
            raise PermissionDenied
        view = fresh_factor_required(super().changeform_view)
        return cast(HttpResponse, view(request, object_id, form_url, extra_context))

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """So is the page that sets another person's password."""
        if not self._operator(request):
            raise PermissionDenied
        view = fresh_factor_required(super().user_change_password)
        return cast(HttpResponse, view(request, id, form_url))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer the lever where there is something to reset; never for oneself."""
        has_factor = (
            row_number(object_id) not in {None, request.user.pk}
            and Authenticator.objects.filter(user_id=object_id).exists()
        )
        reset_url = (
            reverse("admin:accounts_user_reset_second_factor", args=[object_id])
            if has_factor
            else ""
        )
        context = {"reset_url": reset_url, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; who is switched off, or changes sides, is signed out everywhere."""
        super().save_model(request, obj, form, change)
        if change and {"is_active", "is_staff"} & set(form.changed_data):
            sessions_end(user=obj)

    def _operator(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Operators only."""
        return self._operator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Operators only."""
        return self._operator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators only."""
        return self._operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Operators only."""
        return self._operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what a person did stays theirs. Switch the account off instead."""
        return False


@require_POST
def second_factor_reset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Reset a colleague's second factor, and say what happened."""
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
    user = get_object_or_404(User, pk=pk)
    try:
        second_factor_reset(user=user, by=person_of(request))
    except SecondFactorError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(
            request,
            gettext(
                "The second factor of %(name)s is reset, and their sessions have ended. At the "
                "next sign-in they set up a new one."
            )
            % {"name": user},
        )
    return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[pk]))


def people_in_words(model_admin: Any, request: HttpRequest, fields: Sequence[Any]) -> list[Any]:
    """Fields of a read-only page for those who may not open people's accounts.

    Django links every person to their account, which only operators may open: others get the name.
    """
    if request.user.is_superuser:
        return list(fields)
    to_people = {
        field.name: field
        for field in model_admin.model._meta.fields
        if field.is_relation and field.related_model is User
    }
    return [_in_words(to_people[each]) if each in to_people else each for each in fields]


def _in_words(field: Any) -> Callable[[Any], str]:
    @admin.display(description=field.verbose_name)
    def name(row: Any) -> str:
        return str(getattr(row, field.name) or "–")

    return name


class CustomerFilter(admin.SimpleListFilter):
    """Offers only the customers that the reader manages."""

    title = _("customer")
    parameter_name = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The reader's customers."""
        return [(each.slug, each.name) for each in customers_managed_by(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Only the chosen customer's events."""
        return queryset.filter(customer__slug=self.value()) if self.value() else queryset


class OrgFilter(admin.SimpleListFilter):
    """By org; what is about neither has a word, too."""

    title = _("org")
    parameter_name = "environment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both orgs, and neither."""
        return [
            *((str(value), str(label)) for value, label in Environment.choices),
            ("none", gettext("Neither")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Only the events of the chosen org."""
        if self.value() is None:
            return queryset
        return queryset.filter(environment="" if self.value() == "none" else self.value())


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """What happened at the reader's customers. Nobody edits it."""

    list_display = ["created_at", "customer", "sequence", "action", "side", "actor", "environment"]
    list_filter = [CustomerFilter, "side", OrgFilter]
    search_fields = ["action", "org_id", "hash"]
    list_select_related = ["customer", "actor"]
    ordering = ["-created_at", "-sequence"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """The events of the reader's customers."""
        mine = customers_managed_by(request.user).values("pk")
        return super().get_queryset(request).filter(customer__in=mine)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Who acted is named; only operators have a page to go to."""
        return people_in_words(self, request, super().get_fields(request, obj))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> NoReturn:
        """Events of other people's customers do not exist for the reader."""
        raise Http404

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only services write events."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Events are append-only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Events are append-only."""
        return False
