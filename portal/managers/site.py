"""The managers' admin site: its home is the portfolio, its door the staff's sign-in page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.limits import limited
from portal.managers.home import portfolio


class ManagersAdminSite(admin.AdminSite):
    """Django's own admin; its home shows the managers' customers."""

    site_title = _("UserGems onboarding")
    site_header = _("UserGems onboarding")
    index_title = _("Customers")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one way in for staff: their own sign-in page. Others never get in."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return super().login(request, extra_context)
        next_url = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        query = urlencode({REDIRECT_FIELD_NAME: next_url})
        return HttpResponseRedirect(f"{reverse('account_login')}?{query}")

    @method_decorator(limited("change_password"))
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """No oftener than on the portal's own page, so that no old password is guessed here."""
        return super().password_change(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The reader's customers, what is stuck first; below it the lists of the admin."""
        return super().index(request, {"portfolio": portfolio(request), **(extra_context or {})})
