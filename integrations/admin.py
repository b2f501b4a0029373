"""Connections in the managers' admin: to look at, never to edit; tokens are not shown at all."""

from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_managed_by
from accounts.admin import people_in_words
from integrations.models import ConnectAttempt, Connection, OrgEpoch
from integrations.services.health import connection_health


def _moment(value: datetime | None) -> str:
    """A moment as the desk writes it; "" for none."""
    return date_format(timezone.localtime(value), "j M Y, H:i") if value else ""


class LookOnlyAdmin(admin.ModelAdmin):
    """Rows of the manager's own customers, read-only. States follow from facts, not from forms."""

    customer_path = "customer"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only what belongs to customers this person manages."""
        rows = super().get_queryset(request)
        return rows.filter(**{f"{self.customer_path}__in": customers_managed_by(request.user)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """People are named; only operators have a page of theirs to go to."""
        return people_in_words(self, request, super().get_fields(request, obj))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> NoReturn:
        """Other people's customers do not exist for the reader: 404, no way back with a hint."""
        raise Http404

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Connections are made by customers."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody edits a state by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """History stays."""
        return False


@admin.register(Connection)
class ConnectionAdmin(LookOnlyAdmin):
    """A customer's way into an org."""

    list_display = (
        "customer",
        "environment",
        "health",
        "health_since",
        "api_use",
        "answered_at",
        "next_keep_alive",
        "package",
        "epoch",
        "connected_by",
    )
    list_filter = ("environment", "health")
    search_fields = ("customer__name", "epoch__name", "epoch__org_id", "epoch__username")
    list_select_related = ("customer", "epoch", "connected_by")
    readonly_fields = (
        "kind",
        "salesforce_user",
        "package",
        "api_use",
        "token_age",
        "next_keep_alive",
        "access_ends",
        "permission_can_go",
        "versions",
        "asked",
    )
    exclude = (
        "access_token",
        "refresh_token",
        "token_generation",
        "refresh_lease_until",
        "api_calls_used",
        "api_calls_limit",
        "api_calls_at",
    )

    @admin.display(description=_("kind"))
    def kind(self, row: Connection) -> str:
        """What Organization says the org is."""
        return str(row.epoch.get_kind_display()) if row.epoch else ""

    @admin.display(description=_("Salesforce user"))
    def salesforce_user(self, row: Connection) -> str:
        """Whom the tokens belong to; an administrator's own user is said."""
        if row.epoch is None:
            return ""
        if row.epoch.user_is_administrator:
            return gettext("%(user)s, an administrator") % {"user": row.epoch.username}
        return row.epoch.username

    @admin.display(description=_("package"), ordering="epoch__package_version")
    def package(self, row: Connection) -> str:
        """The installed version, or what is known instead."""
        if row.epoch is None or row.epoch.package_installed is None:
            return gettext("not known")
        if not row.epoch.package_installed:
            return gettext("not found")
        return row.epoch.package_version or gettext("found")

    @admin.display(description=_("API calls, last 24 h"))
    def api_use(self, row: Connection) -> str:
        """Used and allowed, with the share."""
        health = connection_health(row, timezone.now())
        if health.usage is None:
            return ""
        return f"{health.usage.used:,} / {health.usage.limit:,} ({health.usage_share:.0%})"

    @admin.display(description=_("access renewed"))
    def token_age(self, row: Connection) -> str:
        """When the refresh token was used last, and how long ago that is."""
        used_at = connection_health(row, timezone.now()).token_used_at
        return f"{_moment(used_at)} ({timesince(used_at)})" if used_at else ""

    @admin.display(description=_("renewed by itself on"), ordering="token_refreshed_at")
    def next_keep_alive(self, row: Connection) -> str:
        """When the portal uses the refresh token, if nothing else does before."""
        return _moment(connection_health(row, timezone.now()).next_keep_alive)

    @admin.display(description=_("ends without use on"))
    def access_ends(self, row: Connection) -> str:
        """When Salesforce ends a refresh token that rests."""
        return _moment(connection_health(row, timezone.now()).idle_end)

    @admin.display(description=_("temporary permission can be taken away"), boolean=True)
    def permission_can_go(self, row: Connection) -> bool:
        """The app is installed, and the user still has what was needed to sign in without it."""
        return connection_health(row, timezone.now()).permission_can_go

    @admin.display(description=_("API version"))
    def versions(self, row: Connection) -> str:
        """Ours, and the newest that the org offers."""
        newest = row.epoch.newest_api_version if row.epoch else ""
        return gettext("we use %(ours)s; the org’s newest is %(newest)s") % {
            "ours": settings.SALESFORCE_API_VERSION,
            "newest": newest or gettext("not known"),
        }

    @admin.display(description=_("org asked"))
    def asked(self, row: Connection) -> str:
        """When the org was asked about itself, and what could not be found out."""
        if row.epoch is None:
            return ""
        shown = _moment(row.epoch.facts_at) or gettext("not yet")
        return f"{shown}. {row.epoch.facts_error}" if row.epoch.facts_error else shown


@admin.register(OrgEpoch)
class OrgEpochAdmin(LookOnlyAdmin):
    """An org that a connection has, or had."""

    customer_path = "connection__customer"
    list_display = (
        "name",
        "connection",
        "kind",
        "org_id",
        "username",
        "package_version",
        "started_at",
        "ended_at",
    )
    list_filter = ("kind",)
    search_fields = ("name", "org_id", "username", "connection__customer__name")
    list_select_related = ("connection__customer",)


@admin.register(ConnectAttempt)
class ConnectAttemptAdmin(LookOnlyAdmin):
    """How signing up went, and where it stopped."""

    list_display = ("customer", "environment", "user", "state", "error_code", "started_at")
    list_filter = ("state", "environment")
    search_fields = ("customer__name", "user__email", "error_code")
    list_select_related = ("customer", "user")
    date_hierarchy = "started_at"
    exclude = ("sealed_token",)
