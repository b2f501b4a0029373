"""What an allowance covers, in words."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from jobchanges.selectors.types import DeliveryView


def replaced_lines(views: Iterable[DeliveryView]) -> list[str]:
    """What is overwritten on records that exist: whose, which field, from what to what.

    From the very plans that are allowed (product.md, rule 6).
    """
    return [
        _("%(person)s, %(field)s: “%(before)s” becomes “%(after)s”")
        % {
            "person": view.delivery.job_change,
            "field": row.label,
            "before": row.before,
            "after": row.sent,
        }
        for view in views
        for write in view.delivery.plan.get("writes", ())
        for tab in view.planned
        for row in tab.rows
        if tab.role == write["role"] and row.name in write.get("replaces", ())
    ]
