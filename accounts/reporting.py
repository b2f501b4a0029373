"""What Django's error reports leave out: tokens, secrets, codes, also with DEBUG on.

A report is read by people and kept in logs; a token in it would be a token in clear (rule 8).
"""

import re
from collections.abc import ItemsView, Mapping
from dataclasses import fields, is_dataclass
from types import FrameType
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_NAMES = re.compile(
    r"token|secret|passw|credential|authorization|cookie|assertion|signature|cipher|fernet"
    r"|api_?key|private_?key|session_?key|(^|_)(code|codes|key|keys|seed|otp)($|_)",
    re.IGNORECASE,
)
# Shorter values stand in too many harmless places.
_LONG_ENOUGH = 6


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
