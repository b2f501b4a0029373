"""Signing in and out: allauth's views with our forms, and the page that asks for a new code."""

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person_of
from accounts.codes import CodeError, code_send
from accounts.forms import CodeRequestForm, PasswordAgainForm, StaffLoginForm
from accounts.limits import limited
from accounts.second_factor_views import staff_only


class CodeRequestView(allauth_views.RequestLoginCodeView):
    """A customer's person asks for a code."""

    form_class = CodeRequestForm

    def form_valid(self, form: CodeRequestForm) -> HttpResponse:
        """Mail the code; a mail that cannot be sent is said beside the form."""
        try:
            return super().form_valid(form)
        except CodeError as error:
            form.add_error(None, error.sentence)
            return self.form_invalid(form)


@method_decorator(limited("confirm_login_code"), name="dispatch")
class CodeConfirmView(allauth_views.ConfirmLoginCodeView):
    """A customer's person types the code, or asks for a new one."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Check or send again; a mail that cannot be sent is said on the same page."""
        try:
            return super().post(request, *args, **kwargs)
        except CodeError as error:
            messages.error(request, error.sentence)
            return HttpResponseRedirect(request.get_full_path())


class StaffLoginView(allauth_views.LoginView):
    """Staff sign in with a password."""

    form_class = StaffLoginForm


class StaffPasswordChangeView(allauth_views.PasswordChangeView):
    """Staff change their password. Nobody else has one."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Staff only."""
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class PasswordAgainView(allauth_views.ReauthenticateView):
    """Staff without a second factor type their password again before they set one up."""

    def get_form_class(self) -> type[PasswordAgainForm]:
        """With our words."""
        return PasswordAgainForm


password_again = staff_only(PasswordAgainView.as_view())


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Prove the work e-mail again, before connecting or signing (identity-and-state)."""
    person = person_of(request)
    if person.is_staff:
        raise PermissionDenied
    next_url = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(next_url, {request.get_host()}, request.is_secure()):
        next_url = "/"
    if request.method == "POST":
        try:
            return code_send(request, email=person.email, next_url=next_url)
        except CodeError as error:
            messages.error(request, error.sentence)
    return render(request, "account/prove.html", {"next": next_url})
