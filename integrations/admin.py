"""Connections in the managers' admin: to look at, never to edit; tokens are not shown at all."""

from typing import Any, NoReturn

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from accounts.access import customers_managed_by
from accounts.admin import people_in_words
from integrations.models import ConnectAttempt, Connection, OrgEpoch


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

    list_display = ("customer", "environment", "health", "health_since", "epoch", "connected_by")
    list_filter = ("environment", "health")
    search_fields = ("customer__name", "epoch__name", "epoch__org_id", "epoch__username")
    list_select_related = ("customer", "epoch", "connected_by")
    exclude = ("access_token", "refresh_token", "token_generation", "refresh_lease_until")


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
