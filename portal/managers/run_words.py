"""What the levers of a test say they will do."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import TestRun


def offer_text(run: TestRun) -> str:
    """What offering a production test shows the customer."""
    return _(
        "%(customer)s sees every record and field that would be written to %(org)s (%(id)s) and "
        "may allow exactly that, from a time they choose."
    ) % {"customer": run.customer.name, "org": run.epoch.name, "id": run.epoch.org_id}


def send_title(run: TestRun, count: int) -> str:
    """The question before sending; `count`: how many are written."""
    return ngettext(
        "Send %(count)d job change to %(org)s?",
        "Send %(count)d job changes to %(org)s?",
        count,
    ) % {"count": count, "org": run.epoch.name}


def send_words(run: TestRun, count: int, *, held: int) -> str:
    """What the button does, for those whom no script asks first."""
    words = ngettext(
        "Writes %(count)d job change to %(org)s at once.",
        "Writes %(count)d job changes to %(org)s at once.",
        count,
    ) % {"count": count, "org": run.epoch.name}
    if not held:
        return words
    return "{} {}".format(
        words,
        ngettext(
            "%(count)d is held: nothing is written for it.",
            "%(count)d are held: nothing is written for them.",
            held,
        )
        % {"count": held},
    )


def send_text(run: TestRun) -> str:
    """What happens when the question is answered with yes."""
    return _(
        "The records of the preview are written to %(environment)s org %(org)s (%(id)s) at once. "
        "%(customer)s gets an e-mail when they are ready to review."
    ) % {
        "environment": run.get_environment_display().lower(),
        "org": run.epoch.name,
        "id": run.epoch.org_id,
        "customer": run.customer.name,
    }
