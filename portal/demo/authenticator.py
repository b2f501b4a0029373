"""The phones of the demo's staff, as a page. Part of the demo only: 404 anywhere else."""

import time

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.mail.pages import demo_only


@never_cache
@require_safe
@demo_only
def authenticator(request: HttpRequest) -> HttpResponse:
    """The code of this moment for everybody who has an authenticator app."""
    step, passed = divmod(int(time.time()), app_settings.TOTP_PERIOD)
    apps = Authenticator.objects.filter(type=Authenticator.Type.TOTP).select_related("user")
    codes = [
        {
            "name": each.user.get_full_name(),
            "email": each.user.email,
            "code": format_hotp_value(hotp_value(get_adapter().decrypt(each.data["secret"]), step)),
        }
        for each in apps.order_by("user__full_name")
    ]
    context = {"codes": codes, "seconds": app_settings.TOTP_PERIOD - passed}
    return render(request, "portal/demo/authenticator.html", context)
