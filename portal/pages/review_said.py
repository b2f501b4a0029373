"""What the sides said in a review: where a reason leads to, and the answers about the whole run."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import RunApproval, Side, TestRun
from jobchanges.selectors.types import Standing, VerdictView
from portal.settings_anchors import CAMPAIGN, EXISTING, FIELDS, OWNERS, RECORD, settings_anchor

# What stands at each place of the settings page.
_SETTINGS = {
    RECORD: gettext_lazy("Which record a job change becomes"),
    OWNERS: gettext_lazy("Who owns the records"),
    CAMPAIGN: gettext_lazy("Campaign and lead source"),
    EXISTING: gettext_lazy("Existing records and duplicates"),
    FIELDS: gettext_lazy("Fields that are filled besides"),
}


@dataclass(frozen=True)
class Fault:
    """The setting that a reason points to, where this side chooses it."""

    label: str
    url: str


@dataclass(frozen=True)
class Answer:
    """What one side answered to a question about the run as a whole."""

    side: str
    by: str
    words: str
    is_yes: bool


def fault_of(run: TestRun, side: str, verdict: VerdictView | None) -> Fault | None:
    """Where the settings say what the reason is about; None where no setting does."""
    anchor = settings_anchor(verdict.category) if verdict else ""
    if not anchor:
        return None
    if side == Side.CUSTOMER:
        page = f"{reverse('settings')}?{urlencode({'environment': run.environment})}"
    else:
        page = reverse("admin:accounts_customer_settings", args=[run.customer_id, run.environment])
    return Fault(str(_SETTINGS[anchor]), f"{page}#{anchor}")


def answers(
    standing: Standing, answer: Callable[[RunApproval], bool | None], no_words: str
) -> list[Answer]:
    """Of the sides that were asked; no answer to one of the two means that there are no leads."""
    return [
        Answer(
            side=str(item.get_side_display()),
            by=str(item.by),
            words=_words(answer(item), no_words),
            is_yes=answer(item) is not False,
        )
        for item in standing.approvals.values()
        if item.seen_as_rep is not None
    ]


def _words(said: bool | None, no_words: str) -> str:
    if said is None:
        return _("No leads are used")
    return _("Yes") if said else no_words
