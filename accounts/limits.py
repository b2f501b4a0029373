"""Limits on how often an address may ask, beside those that allauth sets on its own pages.

The numbers stand in `ACCOUNT_RATE_LIMITS` (portal/settings/base.py). They count by the reader's
network address, in the cache.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(action: str, *, reading: bool = False) -> Callable[[View[P]], View[P]]:
    """Answer 429 once this address asked too often; `reading`: opening the page counts too."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not ratelimit.consume(
                request, app="allauth.account", action=action, limit_get=reading
            ):
                refused: HttpResponseBase = ratelimit.respond_429(request)
                return refused
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
