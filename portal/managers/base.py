"""What the lists of the managers' desk share."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.admin import CustomerFilter
from integrations import admin as integrations_admin
from portal.managers.list_csv import CsvList

__all__ = ["CustomerFilter", "LookOnlyAdmin", "chip"]


class LookOnlyAdmin(CsvList, integrations_admin.LookOnlyAdmin):
    """Rows of the manager's own customers, read-only, and to be taken along as CSV."""


def chip(kind: str, word: Any) -> SafeString:
    """A state in a word, as everywhere in the portal."""
    return mark_safe(  # noqa: S308 (the partial escapes what it is given)
        render_to_string("components/chip.html", {"kind": kind, "word": word}).strip()
    )
