"""Job changes as they were imported: to find and to read, never to edit."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.coverage import facts_of
from jobchanges.models import JobChange
from portal.managers.base import CustomerFilter, LookOnlyAdmin


@admin.register(JobChange)
class JobChangeAdmin(LookOnlyAdmin):
    """Every row with what it would exercise in a test."""

    list_display = [
        "person_name",
        "move",
        "kind",
        "exercises",
        "customer",
        "key",
        "detected_at",
    ]
    list_filter = ["kind", CustomerFilter]
    search_fields = [
        "first_name",
        "last_name",
        "past_company_name",
        "new_company_name",
        "key",
    ]
    list_select_related = ["customer"]
    ordering = ["-detected_at", "key"]
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fieldsets = [
        (
            gettext_lazy("Person"),
            {
                "fields": [
                    "customer",
                    "key",
                    "kind",
                    "first_name",
                    "last_name",
                    "linkedin_url",
                    "person_country",
                    "person_state",
                    "phone",
                    "relationship_type",
                    "exercises",
                ]
            },
        ),
        (
            gettext_lazy("Before"),
            {
                "fields": [
                    "past_company_name",
                    "past_title",
                    "past_email",
                    "past_contact_id",
                    "past_lead_id",
                    "past_account_id",
                ]
            },
        ),
        (
            gettext_lazy("Now"),
            {
                "fields": [
                    "new_company_name",
                    "new_title",
                    "new_email",
                    "new_company_domain",
                    "new_company_website",
                    "new_company_employees",
                    "new_company_country",
                    "new_company_city",
                    "is_target_company",
                    "job_started_date",
                    "role_started_date",
                ]
            },
        ),
        (gettext_lazy("Record"), {"fields": ["detected_at", "imported_at", "content_hash"]}),
    ]
    readonly_fields = ["exercises"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobChange]:
        """The manager's customers' job changes."""
        return super().get_queryset(request).select_related("customer")

    @admin.display(description=gettext_lazy("person"), ordering="last_name")
    def person_name(self, job_change: JobChange) -> str:
        """First and last name."""
        return job_change.person_name

    @admin.display(description=gettext_lazy("from → to"))
    def move(self, job_change: JobChange) -> str:
        """The two companies."""
        return f"{job_change.past_company_name} → {job_change.new_company_name or _('unknown')}"

    @admin.display(description=gettext_lazy("exercises"))
    def exercises(self, job_change: JobChange) -> str:
        """What a test would try with it, as far as is known without asking the org."""
        return ", ".join(fact.label for fact in facts_of(job_change)) or _("The usual case")
