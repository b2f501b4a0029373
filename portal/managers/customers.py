"""A customer on the desk: its page with its levers. The list: `customer_list.py`."""

from typing import Any, NoReturn

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import person_of
from accounts.models import Customer, User
from accounts.services import customer_save
from portal.managers import (
    activity,
    assigning,
    candidates,
    checks,
    evidence,
    go_live,
    levers,
    looking,
    mirror,
    overwrites,
    people,
    sending,
    settings,
    worksheet,
)
from portal.managers.customer_form import CustomerForm
from portal.managers.customer_list import NOBODY, CustomerListAdmin
from portal.managers.customer_page import customer_page, step_context

LIST_FIELDS: Any = (_("Salesforce"), {"fields": ["permission_list"]})


@admin.register(Customer)
class CustomerAdmin(CustomerListAdmin):
    """A manager's customers; everything that follows from facts is shown and never edited."""

    form = CustomerForm
    change_form_template = "admin/accounts/customer/change_form.html"
    fieldsets = [
        (_("Account"), {"fields": ["name", "implementation_manager", "email_domains"]}),
        (_("Path"), {"fields": ["plan", "path", "path_reason", "planned_go_live"]}),
        LIST_FIELDS,
    ]

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> NoReturn:
        """Other people's customers do not exist for the reader."""
        raise Http404

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False

    # The form -------------------------------------------------------------------------------

    def get_readonly_fields(
        self, request: HttpRequest, obj: Customer | None = None
    ) -> tuple[str, ...]:
        """A lead gives customers to managers and grants the exception; managers read it."""
        if person_of(request).has_perm("accounts.view_all_customers"):
            return ()
        return ("manager_name", "path_reason")

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        """A manager who adds a customer becomes its manager and grants no exception."""
        lead = person_of(request).has_perm("accounts.view_all_customers")
        if lead:
            return super().get_fieldsets(request, obj)
        if obj is not None:
            return [
                (_("Account"), {"fields": ["name", "manager_name", "email_domains"]}),
                (_("Path"), {"fields": ["plan", "path", "path_reason", "planned_go_live"]}),
                LIST_FIELDS,
            ]
        return [
            (_("Account"), {"fields": ["name", "email_domains"]}),
            (_("Path"), {"fields": ["plan", "path", "planned_go_live"]}),
            LIST_FIELDS,
        ]

    @admin.display(description=_("implementation manager"))
    def manager_name(self, customer: Customer) -> str:
        """Whose customer it is, for those who do not decide it."""
        return str(customer.implementation_manager or NOBODY)

    def get_form(
        self, request: HttpRequest, obj: Customer | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form knows who fills it in."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.person = person_of(request)
        return form

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Only staff who still work here can be given customers."""
        if db_field.name == "implementation_manager":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """Save through the service; whoever adds a customer manages it unless a lead says who."""
        person = person_of(request)
        if not change and obj.implementation_manager is None:
            obj.implementation_manager = person
        customer_save(customer=obj, changed=form.changed_data, by=person)
        if change and "permission_list" in form.changed_data:
            checks.permission_list_changed(obj)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Customer | None = None,
    ) -> HttpResponse:
        """The customer's page above the form; what is wrong with the form comes first."""
        if obj is not None and not context.get("errors"):
            desk = customer_page(request, obj)
            context |= {"desk": desk, **step_context(desk, person_of(request))}
        # Saving leads to the customer's page, which is this one: one button is enough.
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if context.get("errors"):
            response.status_code = 422
        return response

    def response_change(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        """Stay on the customer's page: it shows what the change did."""
        response = super().response_change(request, obj)
        response["Location"] = reverse("admin:accounts_customer_change", args=[obj.pk])
        return response

    def response_add(
        self, request: HttpRequest, obj: Customer, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go to the new customer's page: the sign-up link is the next thing."""
        response = super().response_add(request, obj, post_url_continue)
        response["Location"] = reverse("admin:accounts_customer_change", args=[obj.pk])
        return response

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and the levers of the customer's page."""
        page = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/sign-up-link/",
                page(levers.link_send),
                name="accounts_customer_link_send",
            ),
            path(
                "<int:pk>/steps/<str:key>/waive/",
                page(levers.step_waive_page),
                name="accounts_customer_waive",
            ),
            path(
                "<int:pk>/steps/<str:key>/reopen/",
                page(levers.step_reopen_page),
                name="accounts_customer_reopen",
            ),
            path(
                "<int:pk>/candidates/<str:environment>/",
                page(candidates.candidates_page),
                name="accounts_customer_candidates",
            ),
            path(
                "<int:pk>/settings/<str:environment>/",
                page(settings.settings_page),
                name="accounts_customer_settings",
            ),
            *assigning.url_patterns(page),
            *checks.url_patterns(page),
            *go_live.url_patterns(page),
            *sending.url_patterns(page),
            *mirror.url_patterns(page),
            *overwrites.url_patterns(page),
            *evidence.url_patterns(page),
            *people.url_patterns(page),
            *activity.url_patterns(page),
            *looking.url_patterns(page),
            *worksheet.url_patterns(page),
            *super().get_urls(),
        ]
