"""What Django's error reports leave out: tokens, secrets, codes, also with DEBUG on.

A report is read by people and kept in logs; a token in it would be a token in clear (rule 8).
"""

import re
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import FrameType
from typing import Any
from urllib.parse import unquote_plus

from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

_NAMES = re.compile(
    r"token|secret|passw|credential|authorization|cookie|assertion|signature|cipher|fernet"
    r"|api_?key|private_?key|session_?key|(^|_)(code|codes|key|keys|seed|otp)($|_)",
    re.IGNORECASE,
)
# Shorter values stand in too many harmless places.
_LONG_ENOUGH = 6


class SecretsReporter(ExceptionReporter):
    """Hides what is secret in the request's address wherever the report repeats it.

    The callback's address holds the code of a sign-in; it stands in the report as the address, as
    its parameters, and in the text of every frame's `request`.
    """

    def get_traceback_html(self) -> SafeString:
        """The technical page without the address's secrets."""
        return self._without_secrets(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        """The report as text without the address's secrets."""
        return self._without_secrets(super().get_traceback_text())

    def _without_secrets(self, report: SafeString) -> SafeString:
        # The longest first: what is written plainly may stand inside what is written in full.
        text = str(report)
        for secret in sorted(set(_secrets_of_address(self.request)), key=len, reverse=True):
            text = text.replace(secret, SafeExceptionReporterFilter.cleansed_substitute)
        # As safe as before: stars only were put in.
        return SafeString(text)


class SecretsReporterFilter(SafeExceptionReporterFilter):
    """Hides by name, and whatever holds a secret of the same frame under another name."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|{_NAMES.pattern}", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always: a developer's copy may be connected to a real org."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """What was typed into fields named like secrets stays out."""
        sent = super().get_post_parameters(request)
        return {
            name: self.cleansed_substitute if _NAMES.search(name) else value
            for name, value in sent.items()
        }

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """The frame's variables without secrets."""
        shown = super().get_traceback_frame_variables(request, tb_frame)
        secrets = _secrets_in(tb_frame.f_locals)
        return {name: self._safe(name, value, secrets) for name, value in shown}.items()

    def _safe(self, name: str, value: Any, secrets: set[str]) -> Any:
        if _NAMES.search(name):
            return self.cleansed_substitute
        cleansed = self.cleanse_setting(name, value)
        if not secrets:
            return cleansed
        try:
            text = repr(cleansed)
        except Exception:  # noqa: BLE001 (a report must come out, whatever a repr does)
            return self.cleansed_substitute
        return self.cleansed_substitute if any(each in text for each in secrets) else cleansed


def _secrets_of_address(request: HttpRequest | None) -> Iterator[str]:
    """Values in the query and in the path that are named like secrets, as they may be written."""
    if request is None:
        return
    pairs = [pair.partition("=") for pair in request.META.get("QUERY_STRING", "").split("&")]
    found = [(name, value) for name, _equals, value in pairs]
    match = getattr(request, "resolver_match", None)
    # A sign-up link's. A step's key, for one, is no secret.
    found += [("token", str((match.kwargs if match else {}).get("token", "")))]
    for name, value in found:
        if name == "state" or _NAMES.search(name):
            forms = {value, unquote_plus(value), escape(value), escape(unquote_plus(value))}
            yield from (form for form in forms if len(form) >= _LONG_ENOUGH)


def _secrets_in(variables: Mapping[str, Any]) -> set[str]:
    """What is named like a secret here, in a dataclass too, and the values of encrypted fields."""
    found: set[str] = set()
    for name, value in variables.items():
        if isinstance(value, str) and _NAMES.search(name):
            found.add(str(value))
        elif isinstance(value, Model):
            found |= {
                str(value.__dict__.get(field.attname) or "")
                for field in value._meta.concrete_fields
                if getattr(field, "hidden_in_reports", False)
            }
        elif is_dataclass(value) and not isinstance(value, type):
            found |= {
                text
                for field in fields(value)
                if _NAMES.search(field.name)
                and isinstance(text := getattr(value, field.name, None), str)
            }
    return {each for each in found if len(each) >= _LONG_ENOUGH}
