"""The security page as a PDF to hand over."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Customer
from portal.evidence.blocks import chapter, facts
from portal.evidence.document import typeset
from portal.security.facts import security_sections
from portal.signoff.pdf import moment, printed


def security_pdf(customer: Customer | None) -> bytes:
    """As it stands now, for a customer or for anybody."""
    now = timezone.now()
    return typeset(_document(customer, now), now)


def _document(customer: Customer | None, now: datetime) -> dict[str, Any]:
    title = _("Security of UserGems onboarding")
    return printed(
        {
            "title": title,
            "brand": _("UserGems onboarding"),
            "heading": _("Security"),
            "customer": customer.name if customer else _("For everybody who asks beforehand"),
            "lang": (get_language() or "en").split("-")[0],
            "lede": _(
                "What is asked for, read, written and kept, who can see it, and how it is taken "
                "back."
            ),
            "glance": facts((_("As it was"), moment(now)))["rows"],
            "contents": "",
            "chapters": [
                chapter(one.title, one.intro, one.blocks, breaks=False)
                for one in security_sections(customer)
            ],
            "footer": title,
            "page": _("Page {page} of {pages}"),
        },
        _("Characters that could not be shown here are written by their Unicode numbers."),
    )
