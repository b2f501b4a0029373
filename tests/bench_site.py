"""The site with an empty view beside it, served by gunicorn for the bench."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

application = get_wsgi_application()

from portal.urls import urlpatterns as site  # noqa: E402 (needs the apps loaded)


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware."""
    return HttpResponse("")


urlpatterns = [*site, path("bench/empty/", empty)]
