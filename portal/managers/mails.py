"""Mails on their way: what went out, what waits, and what a mail server did not take.

To look at only, and without the words: a mail is read by the person it was written to.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import customers_managed_by, person_of
from accounts.models import User
from portal.managers.base import CustomerFilter, LookOnlyAdmin, chip
from portal.models import OutgoingMail

# Nobody got these although they were meant to (portal/mail/sending_out.py).
_FAILED = {
    "refused": gettext_lazy("The mail server of the recipient refuses it. Check the address."),
    "given up": gettext_lazy("No mail server took it for five days."),
}
_UNSENT = Q(sent_at=None, dropped_at=None)
_STATES = {
    "waiting": Q(_UNSENT, problem=""),
    "retried": _UNSENT & ~Q(problem=""),
    "failed": Q(dropped_why__in=list(_FAILED)),
    "sent": Q(sent_at__isnull=False),
    "dropped": Q(dropped_at__isnull=False) & ~Q(dropped_why__in=list(_FAILED)),
}
_SHOWN = {
    "waiting": ("wait", gettext_lazy("Waiting")),
    "retried": ("warn", gettext_lazy("Tried again")),
    "failed": ("bad", gettext_lazy("Not delivered")),
    "sent": ("ok", gettext_lazy("Sent")),
    "dropped": ("", gettext_lazy("Not needed any more")),
}


class MailStateFilter(admin.SimpleListFilter):
    """By what became of a mail."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every state a mail can be in."""
        return [(key, str(word)) for key, (_kind, word) in _SHOWN.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutgoingMail]
    ) -> QuerySet[OutgoingMail]:
        """Only those in the chosen state."""
        wanted = _STATES.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(LookOnlyAdmin):
    """Whether somebody got a mail, and what is in the way."""

    list_display = ["recipient", "state_shown", "about", "kind", "created_at"]
    list_filter = [MailStateFilter, "kind", CustomerFilter]
    search_fields = ["user__email", "user__full_name", "customer__name"]
    list_select_related = ["user", "customer"]
    ordering = ["-created_at", "-pk"]
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = [
        "recipient",
        "about",
        "kind",
        "state_shown",
        "created_at",
        "due_at",
        "sent_at",
        "dropped_at",
        "tries",
        "why",
    ]
    readonly_fields = ["recipient", "about", "state_shown", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        """About the reader's customers; of mails about several, theirs and those customers'."""
        managed = customers_managed_by(request.user)
        people = User.objects.filter(
            Q(memberships__customer__in=managed) | Q(pk=person_of(request).pk)
        )
        return (
            OutgoingMail.objects.filter(
                Q(customer__in=managed) | Q(customer=None, user__in=people.values("pk"))
            )
            .select_related("user", "customer")
            .order_by(*self.ordering)
        )

    @admin.display(description=gettext_lazy("to"), ordering="user__email")
    def recipient(self, mail: OutgoingMail) -> str:
        """Who gets it, and at which address."""
        return f"{mail.user} ({mail.user.email})" if mail.user.full_name else mail.user.email

    @admin.display(description=gettext_lazy("customer"), ordering="customer__name")
    def about(self, mail: OutgoingMail) -> str:
        """Which customer it is about."""
        return str(mail.customer or _("Several"))

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, mail: OutgoingMail) -> SafeString:
        """What became of it, in a word."""
        return chip(*_SHOWN[_state(mail)])

    @admin.display(description=gettext_lazy("why"))
    def why(self, mail: OutgoingMail) -> str:
        """What is in the way, and what happens next."""
        state = _state(mail)
        if state == "failed":
            return str(_FAILED[mail.dropped_why])
        if state != "retried":
            return ""
        return _("The mail server did not take it yet. It is tried again by itself for five days.")


def _state(mail: OutgoingMail) -> str:
    """A key of `_STATES`."""
    if mail.sent_at is not None:
        return "sent"
    if mail.dropped_at is not None:
        return "failed" if mail.dropped_why in _FAILED else "dropped"
    return "retried" if mail.problem else "waiting"
