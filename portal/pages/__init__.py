"""The customer's pages. Views read, call one service, and answer; rules live below."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access import Reader


def page(
    request: HttpRequest,
    reader: Reader,
    template: str,
    nav: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the portal; `nav` is the place in the menu."""
    return render(request, template, {"nav": nav, "reader": reader, **context}, status=status)
