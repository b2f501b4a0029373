"""Sign-up links: the list with their states, send again, revoke. Never edited by hand."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import person_of
from accounts.models import SignupLink, User
from accounts.services import SignupLinkError, signup_link_revoke
from portal.invitations import signup_link_resend
from portal.managers.access import link_here
from portal.managers.base import CustomerFilter, LookOnlyAdmin, chip

State = SignupLink.State
_TINTS = {State.ACTIVE: "wait", State.SPENT: "ok", State.EXPIRED: "warn"}
SEND = "accounts.add_signuplink"


def link_chip(link: SignupLink) -> tuple[str, str]:
    """Tint and word of a link's state; a mail that did not go out is said."""
    state = link.state
    if state == State.ACTIVE and link.mailed_at is None:
        return "warn", _("Not mailed")
    return _TINTS.get(state, ""), str(state.label)


def resend(link: SignupLink, by: User) -> tuple[int, str]:
    """Send a link again; returns the message's level and its sentence."""
    try:
        new, _token = signup_link_resend(link=link, by=by)
    except SignupLinkError as error:
        return messages.ERROR, _("%(person)s: %(why)s") % {
            "person": link.person_name,
            "why": error.sentence,
        }
    return sent_words(new)


def revoke(link: SignupLink, by: User) -> tuple[int, str]:
    """Revoke a link; returns the message's level and its sentence."""
    try:
        signup_link_revoke(link=link, by=by)
    except SignupLinkError as error:
        return messages.ERROR, _("%(person)s: %(why)s") % {
            "person": link.person_name,
            "why": error.sentence,
        }
    return messages.SUCCESS, _("The sign-up link of %(person)s no longer opens anything.") % {
        "person": link.person_name
    }


def sent_words(link: SignupLink) -> tuple[int, str]:
    """What became of the mail."""
    words = {"person": link.person_name, "email": link.email}
    if link.mailed_at is None:
        return messages.WARNING, _(
            "The sign-up link for %(person)s is made, but the mail to %(email)s did not go out. "
            "Check the address and send it again."
        ) % words
    return messages.SUCCESS, _("The sign-up link was mailed to %(person)s, %(email)s.") % words


class StateFilter(admin.SimpleListFilter):
    """By the derived state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every state a link can be in."""
        return [(value, str(label)) for value, label in State.choices]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SignupLink]
    ) -> QuerySet[SignupLink]:
        """As `SignupLink.state` derives it, first match first."""
        live = Q(used_at=None, replaced_by=None, revoked_at=None)
        now = timezone.now()
        wanted: dict[str, Q] = {
            State.SPENT: ~Q(used_at=None),
            State.REPLACED: Q(used_at=None) & ~Q(replaced_by=None),
            State.REVOKED: Q(used_at=None, replaced_by=None) & ~Q(revoked_at=None),
            State.EXPIRED: live & Q(expires_at__lte=now),
            State.ACTIVE: live & Q(expires_at__gt=now),
        }
        value = self.value() or ""
        return queryset.filter(wanted[value]) if value in wanted else queryset


@admin.register(SignupLink)
class SignupLinkAdmin(LookOnlyAdmin):
    """Links are made on a customer's page; here they are found, sent again and revoked."""

    list_display = [
        "person_name",
        "email",
        "customer",
        "environment",
        "state_shown",
        "created_at",
        "expires_at",
    ]
    list_filter = [StateFilter, "environment", CustomerFilter]
    search_fields = ["person_name", "email", "customer__name"]
    list_select_related = ["customer"]
    show_facets = admin.ShowFacets.NEVER
    actions = ["send_again", "revoke_links"]
    fields = [
        "customer",
        "environment",
        "person_name",
        "email",
        "state_shown",
        "created_by",
        "created_at",
        "mailed_at",
        "expires_at",
        "proven_by",
        "proven_at",
        "used_at",
        "revoked_by",
        "revoked_at",
        "replaced_by",
    ]
    change_form_template = "admin/accounts/signuplink/change_form.html"

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, link: SignupLink) -> SafeString:
        """The state in a word."""
        return chip(*link_chip(link))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignupLink]:
        """With everybody who is named on a link's page."""
        return (
            super()
            .get_queryset(request)
            .select_related("customer", "created_by", "proven_by", "revoked_by", "replaced_by")
        )

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Who makes links also sends them again and revokes them."""
        return person_of(request).has_perm(SEND)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[SignupLink]) -> None:
        """Each chosen person gets a new link; what happened is said row by row."""
        self._each(request, queryset, resend)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["send"])
    def revoke_links(self, request: HttpRequest, queryset: QuerySet[SignupLink]) -> None:
        """Each chosen link ends; what happened is said row by row."""
        self._each(request, queryset, revoke)

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[SignupLink],
        act: Callable[[SignupLink, User], tuple[int, str]],
    ) -> None:
        for link in queryset.select_related("customer__implementation_manager"):
            level, sentence = act(link, person_of(request))
            self.message_user(request, sentence, level)

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and one address per lever."""
        page = self.admin_site.admin_view
        return [
            path("<int:pk>/send-again/", page(link_resend), name="accounts_signuplink_resend"),
            path("<int:pk>/revoke/", page(link_revoke), name="accounts_signuplink_revoke"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: SignupLink | None = None,
    ) -> HttpResponse:
        """The levers that make sense for the link's state stand above it."""
        if obj is not None:
            may = self.has_send_permission(request)
            context["may_resend"] = may and obj.state not in {State.SPENT, State.REPLACED}
            context["may_revoke"] = may and obj.state == State.ACTIVE
        return super().render_change_form(request, context, add, change, form_url, obj)


@require_POST
def link_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new link to the same person; the old one ends."""
    link = link_here(request, pk, SEND)
    messages.add_message(request, *resend(link, person_of(request)))
    return _to_customer(link)


@require_POST
def link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link that nobody shall use."""
    link = link_here(request, pk, SEND)
    messages.add_message(request, *revoke(link, person_of(request)))
    return _to_customer(link)


def _to_customer(link: SignupLink) -> HttpResponse:
    address = reverse("admin:accounts_customer_change", args=[link.customer_id])
    return HttpResponseRedirect(f"{address}#links")
