"""What kinds, grades and sides are called on screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.checks.base import Who
from integrations.snapshots.difference import Grade

# By the names of the seed guide ("This change set or reconfiguration may include").
KIND_TITLES: Mapping[str, str | Promise] = {
    "custom_fields": _("Custom fields"),
    "page_layouts": _("Dynamic page layouts"),
    "lead_conversion": _("Lead conversion mapping"),
    "campaigns": _("Campaign IDs"),
    "related_lists": _("Related lists"),
    "user_permissions": _("User permissions"),
}

# Grade to its word and its tint (which gives it its shape).
GRADES: Mapping[str, tuple[str | Promise, str]] = {
    Grade.BLOCKS: (_("Blocks delivery"), "bad"),
    Grade.CHANGES: (_("Changes the result"), "warn"),
    Grade.COSMETIC: (_("Looks different"), ""),
    Grade.EXPECTED: (_("Expected"), "ok"),
}

FIXED_BY: Mapping[str, str | Promise] = {
    Who.ADMINISTRATOR: _("as administrator"),
    Who.INTEGRATION_USER: _("as the integration user"),
    Who.MANAGER: _("your implementation manager"),
    Who.NOBODY: "",
}
