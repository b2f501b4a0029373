"""The demo's mailbox in the browser. Part of the demo only: 404 anywhere else.

It works without signing in, because the codes to sign in with are read here; no page outside
the demo shows a mail.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Callable
from html import unescape
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.mail.mailbox import Mail, mail_find, mails_list

P = ParamSpec("P")


def demo_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """404 unless this is the demo."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def _mail_or_404(name: str) -> Mail:
    mail = mail_find(name)
    if mail is None:
        raise Http404
    return mail


@never_cache
@require_safe
@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mails, newest first."""
    return render(request, "mail/mailbox/list.html", {"mails": mails_list()})


@never_cache
@require_safe
@demo_only
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One mail, as text with its links."""
    return render(request, "mail/mailbox/message.html", {"mail": _mail_or_404(name)})


@never_cache
@require_safe
@demo_only
def message_html(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as a mail program shows it, locked into a sandbox of its own.

    Mail programs need style attributes, and a style element for the dark, which the site's policy
    forbids. This response allows exactly the ones in this mail, by their hashes, and neither
    scripts nor forms nor pictures.
    """
    mail = _mail_or_404(name)
    if not mail.html:
        raise Http404
    response = HttpResponse(mail.html)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-hashes' {_style_hashes(mail.html)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    return response


def _style_hashes(html: str) -> str:
    styles = {unescape(style) for style in re.findall(r'\sstyle="([^"]*)"', html)}
    styles |= set(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    hashes = sorted(
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles
    )
    return " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
