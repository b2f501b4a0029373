"""Records that staff read and nobody edits: deliveries, batches, signatures, what was said."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import Allowance, Attempt, Batch, Delivery
from jobchanges.selectors.chips import delivery_chip
from portal.managers.base import CustomerFilter, LookOnlyAdmin, chip
from portal.models import Confirmation, Signature, Summary, Waiver


class DeliveryCustomerFilter(CustomerFilter):
    """Deliveries have their customer through the job change."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Only the chosen customer's deliveries."""
        value = self.value()
        return queryset.filter(job_change__customer__slug=value) if value else queryset


@admin.register(Delivery)
class DeliveryAdmin(LookOnlyAdmin):
    """One job change in one org: its state, its test, and the records it touched."""

    customer_path = "job_change__customer"
    list_display = [
        "person",
        "customer",
        "environment",
        "state_shown",
        "outcome",
        "run",
        "epoch",
        "delivered_at",
    ]
    list_filter = ["state", "outcome", "environment", DeliveryCustomerFilter]
    search_fields = [
        "job_change__first_name",
        "job_change__last_name",
        "job_change__key",
        "org_id",
    ]
    list_select_related = ["job_change__customer", "test_run", "epoch"]
    ordering = ["-created_at", "-pk"]
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = [
        "person",
        "customer",
        "run",
        "environment",
        "epoch",
        "org_id",
        "state_shown",
        "outcome",
        "held_reason",
        "waiting_reason",
        "attempts_made",
        "delivered_at",
        "records",
        "plan_hash",
    ]
    readonly_fields = ["person", "customer", "run", "state_shown", "records"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """With what a page shows of each; the plans stay where they are."""
        return (
            super()
            .get_queryset(request)
            .select_related("job_change__customer", "test_run__customer", "epoch")
            .defer("plan", "display")
        )

    @admin.display(description=gettext_lazy("person"), ordering="job_change__last_name")
    def person(self, delivery: Delivery) -> str:
        """Whose job change it is."""
        return delivery.job_change.person_name

    @admin.display(description=gettext_lazy("customer"), ordering="job_change__customer__name")
    def customer(self, delivery: Delivery) -> str:
        """Whose it is."""
        return str(delivery.job_change.customer)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, delivery: Delivery) -> SafeString:
        """The state in a word."""
        found = delivery_chip(delivery)
        return chip(found.tint, found.word)

    @admin.display(description=gettext_lazy("test"), ordering="test_run__number")
    def run(self, delivery: Delivery) -> SafeString | str:
        """The test it belongs to, opened at this job change."""
        if delivery.test_run is None:
            return "—"
        address = reverse("admin:jobchanges_testrun_change", args=[delivery.test_run_id])
        return format_html(
            '<a href="{}?open={}#delivery-{}">{}</a>',
            address,
            delivery.pk,
            delivery.pk,
            _("Test %(number)d") % {"number": delivery.test_run.number},
        )

    @admin.display(description=gettext_lazy("records in Salesforce"))
    def records(self, delivery: Delivery) -> SafeString | str:
        """Every touched record, with its address in the org."""
        attempts = Attempt.objects.filter(delivery=delivery).prefetch_related(Prefetch("writes"))
        touched = {
            (write.object_name, write.record_id): write
            for attempt in attempts
            for write in attempt.writes.all()
            if write.record_id
        }
        return (
            format_html_join(
                SafeString("<br>"),
                '<a href="{}" target="_blank" rel="noopener noreferrer">{} {}</a> ({})',
                (
                    (
                        delivery.epoch.record_url(write.record_id),
                        write.object_name,
                        write.record_id,
                        write.get_operation_display(),
                    )
                    for write in touched.values()
                ),
            )
            or "—"
        )


class SaidAdmin(LookOnlyAdmin):
    """What a person said of a step, for the org that was connected."""

    list_filter = [CustomerFilter]
    list_select_related = ["customer", "by", "epoch"]
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the people and the org."""
        return (
            super().get_queryset(request).select_related("customer", "by", "epoch", "withdrawn_by")
        )


@admin.register(Confirmation)
class ConfirmationAdmin(SaidAdmin):
    """Steps that a customer's person vouched for."""

    list_display = ["customer", "step", "by", "at", "epoch", "withdrawn_at"]
    search_fields = ["customer__name", "step", "by__email"]


@admin.register(Waiver)
class WaiverAdmin(SaidAdmin):
    """Steps, points of checks and differences that were set aside, and why."""

    list_display = ["customer", "step", "subject", "reason", "by", "at", "epoch", "withdrawn_at"]
    search_fields = ["customer__name", "step", "subject", "reason", "by__email"]


class KeptAdmin(LookOnlyAdmin):
    """What people allowed and signed, and what was released under it."""

    list_filter = [CustomerFilter]
    show_facets = admin.ShowFacets.NEVER
    actions = None

    @admin.display(description=gettext_lazy("go-live page"))
    def page(self, kept: Any) -> SafeString:
        """Where it is worked with."""
        address = reverse("admin:accounts_customer_go_live", args=[self.customer_pk(kept)])
        return format_html('<a href="{}">{}</a>', address, _("Open go-live"))

    def customer_pk(self, kept: Any) -> int:
        """Whose it is."""
        return int(kept.customer_id)


@admin.register(Batch)
class BatchAdmin(KeptAdmin):
    """Batches, and how each stands."""

    list_display = [
        *("customer", "number", "kind", "state", "epoch"),
        *("released_by", "released_at", "page"),
    ]
    list_filter = ["state", "kind", CustomerFilter]
    list_select_related = ["customer", "epoch", "released_by"]
    search_fields = ["customer__name", "epoch__org_id", "signed_hash"]
    readonly_fields = ["page"]


@admin.register(Summary)
class SummaryAdmin(KeptAdmin):
    """What both sides read, frozen once."""

    list_display = ["customer", "frozen_at", "frozen_by", "signed_hash", "voided_at", "page"]
    list_select_related = ["customer", "frozen_by"]
    search_fields = ["customer__name", "content_hash", "signed_hash"]
    readonly_fields = ["page"]


class SummaryCustomerFilter(CustomerFilter):
    """Signatures have their customer through the summary."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Only the chosen customer's signatures."""
        value = self.value()
        return queryset.filter(summary__customer__slug=value) if value else queryset


@admin.register(Signature)
class SignatureAdmin(KeptAdmin):
    """Who signed for which side, when, and what it meant."""

    customer_path = "summary__customer"
    list_display = ["customer", "side", "name", "role", "at", "signed_hash", "page"]
    list_filter = ["side", SummaryCustomerFilter]
    list_select_related = ["summary__customer"]
    search_fields = ["summary__customer__name", "name", "email", "signed_hash"]
    readonly_fields = ["page"]

    @admin.display(description=gettext_lazy("customer"), ordering="summary__customer__name")
    def customer(self, signature: Signature) -> str:
        """Whose summary it is under."""
        return str(signature.summary.customer)

    def customer_pk(self, kept: Any) -> int:
        """Whose it is."""
        return int(kept.summary.customer_id)


class AllowanceCustomerFilter(CustomerFilter):
    """Allowances have their customer through the test run."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Only the chosen customer's allowances."""
        value = self.value()
        return queryset.filter(test_run__customer__slug=value) if value else queryset


@admin.register(Allowance)
class AllowanceAdmin(LookOnlyAdmin):
    """What a customer allowed for a production test."""

    customer_path = "test_run__customer"
    list_display = ["test_run", "by", "role", "at", "starts_at", "withdrawn_at"]
    list_filter = [AllowanceCustomerFilter]
    list_select_related = ["test_run__customer", "by"]
    search_fields = ["test_run__customer__name", "by__email", "content_hash"]
    show_facets = admin.ShowFacets.NEVER
    actions = None
