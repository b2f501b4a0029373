"""Where a batch stands, in words and numbers, for whichever side reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from jobchanges.models import Batch, Side
from jobchanges.selectors.types import BatchProgress, Chip

SYSTEM = "system"
HOUR = 60
_HALTED = {Batch.State.PAUSED, Batch.State.STOPPED, Batch.State.VOID}


@dataclass(frozen=True)
class BatchWords:
    """One batch as one side reads it: state, counts that add up, time left."""

    batch: Batch
    progress: BatchProgress
    side: str
    # How many job changes that were tried in the sandbox belong here, and how many are here.
    tried: tuple[int, int] | None = None
    # What was signed for it still stands; otherwise it waits for new signatures.
    signed: bool = True

    @property
    def customer(self) -> Customer:
        """Whose it is."""
        return self.batch.customer

    @property
    def ended(self) -> bool:
        """Whether every job change has an answer."""
        return self.batch.state == Batch.State.ENDED

    @property
    def halted(self) -> bool:
        """Whether nothing new is begun."""
        return self.batch.state in _HALTED

    @property
    def first_part(self) -> bool:
        """Whether only the first part is being sent so far."""
        return self.batch.first_done_at is None and not self.ended

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        if self.batch.number == 1:
            return _("the first batch")
        return _("batch %(number)s") % {"number": self.batch.number}

    @property
    def regular(self) -> bool:
        """Whether the schedule released it."""
        return self.batch.kind == Batch.Kind.REGULAR

    @property
    def whole(self) -> bool:
        """Whether the first part is all of it."""
        return self.progress.first_part_total >= self.progress.total

    # Words ----------------------------------------------------------------------------------

    @property
    def chip(self) -> Chip:
        """The state in a word."""
        match self.batch.state:
            case Batch.State.ENDED:
                return Chip(_("Live") if self.batch.number == 1 else _("Sent"), "ok")
            case Batch.State.PAUSED:
                return Chip(_("Paused"), "warn")
            case Batch.State.STOPPED | Batch.State.VOID:
                return Chip(_("Stopped"), "bad")
        return Chip(_("Being sent"), "wait")

    @property
    def title(self) -> str:
        """Where it stands."""
        match self.batch.state:
            case Batch.State.ENDED if self.batch.number > 1:
                return _("Batch %(number)s is through") % {"number": self.batch.number}
            case Batch.State.ENDED:
                return _("You are live") if self.side == Side.CUSTOMER else _("Live")
            case Batch.State.PAUSED if self.batch.halted_side == SYSTEM:
                return _("Paused by itself")
            case Batch.State.PAUSED:
                return _("Paused by %(who)s") % {"who": self.halted_by}
            case Batch.State.STOPPED:
                return _("Stopped by %(who)s") % {"who": self.halted_by}
            case Batch.State.VOID:
                return _("Stopped: production was replaced")
        if self.batch.number > 1 and self.whole:
            return _("Batch %(number)s is being sent") % {"number": self.batch.number}
        if self.first_part:
            return ngettext(
                "The first job change is being sent",
                "The first %(count)s are being sent",
                self.progress.first_part_total,
            ) % {"count": intcomma(self.progress.first_part_total)}
        return _("The rest is being sent")

    @property
    def sentence(self) -> str:
        """What happens next, and who does it."""
        if self.ended and self.progress.left:
            return ngettext(
                "%(count)s job change is being sent again.",
                "%(count)s job changes are being sent again.",
                self.progress.left,
            ) % {"count": intcomma(self.progress.left)}
        if self.ended:
            return _("Every job change of %(batch)s is in production once, or has its reason.") % {
                "batch": self.name
            }
        if self.halted:
            return _("Nothing new is begun. %(who)s") % {"who": self.who_may_go_on}
        if self.batch.number > 1 and self.whole:
            return _("It is through when each of them has its answer.")
        if self.first_part and self.batch.wait_after_first:
            return _("Then sending waits: UserGems looks at them before the rest follows.")
        if self.first_part:
            return _(
                "The rest follows by itself when all of them have an answer and at most "
                "%(limit)s%% failed."
            ) % {"limit": self.batch.failure_limit}
        return _("It pauses by itself when more than %(limit)s%% fail.") % {
            "limit": self.batch.failure_limit
        }

    @property
    def halted_by(self) -> str:
        """The person with their company."""
        company = (
            _("UserGems") if self.batch.halted_side == Side.VENDOR else self.batch.customer.name
        )
        if self.batch.halted_by is None:
            return company
        return _("%(person)s, %(company)s") % {
            "person": self.batch.halted_by,
            "company": company,
        }

    @property
    def who_may_go_on(self) -> str:
        """Who lets it go on."""
        vendor = self._vendor
        if self.batch.state == Batch.State.VOID:
            return _("A new batch goes to the new org, once both sides have signed for it.")
        if not self.signed:
            return _("It goes on when both sides have signed what changed.")
        if self.batch.state == Batch.State.STOPPED:
            if self.batch.halted_side == Side.VENDOR:
                return _("Only UserGems can let it go on, because UserGems stopped it.")
            return _("Only %(company)s can let it go on, because they stopped it.") % {
                "company": self.customer.name
            }
        if self.batch.halted_side == SYSTEM:
            return _("%(vendor)s looks into it and lets it go on.") % {"vendor": vendor}
        return _("Either side can let it go on.")

    @property
    def progress_words(self) -> str:
        """How many have an answer, read politely while it moves."""
        return ngettext(
            "%(done)s of %(total)s has Salesforce’s answer",
            "%(done)s of %(total)s have Salesforce’s answer",
            self.progress.total,
        ) % {"done": intcomma(self.progress.answered), "total": intcomma(self.progress.total)}

    @property
    def first_part_words(self) -> str:
        """How far the first part is; "" once the rest is under way."""
        if not self.first_part or self.progress.first_part_total >= self.progress.total:
            return ""
        return _("First part: %(done)s of %(total)s") % {
            "done": intcomma(self.progress.first_part_answered),
            "total": intcomma(self.progress.first_part_total),
        }

    @property
    def remaining_words(self) -> str:
        """How long it may still take, at its own pace; "" when nothing is being sent."""
        if self.batch.state != Batch.State.SENDING:
            return ""
        if self.progress.remaining is None:
            return _("Time left: not known yet")
        return _("Time left: %(time)s at the pace of this batch") % {
            "time": between_words(*self.progress.remaining)
        }

    @property
    def trouble(self) -> str:
        """Why it stands still although it is being sent."""
        return "" if self.halted else self.progress.trouble

    # Numbers --------------------------------------------------------------------------------

    @property
    def ledger(self) -> Sequence[tuple[str, str]]:
        """Every count in words; together they are the total."""
        named = [
            (_("New records created"), self.progress.created),
            (_("Existing records enriched"), self.progress.enriched),
            (_("Past record only"), self.progress.past_only),
            (_("UserGem record only"), self.progress.package_only),
            (_("Refused by Salesforce"), self.progress.refused),
            (_("Held"), self.progress.held),
            (_("No answer yet"), self.progress.unknown),
            (_("Being sent"), self.progress.sending),
            (_("Waiting"), self.progress.waiting),
            (_("The org is gone"), self.progress.gone),
        ]
        # While it moves, lines neither come nor go: the eye finds each where it was.
        shown = 2 if self.ended else 6
        return [
            (word, str(intcomma(number)))
            for place, (word, number) in enumerate(named)
            if number or place < shown or (not self.ended and place in {7, 8})
        ]

    @property
    def total_words(self) -> str:
        """The sum of the counts."""
        return str(intcomma(self.progress.total))

    @property
    def exceptions(self) -> int:
        """How many did not get there, for a reason that the list names."""
        return self.progress.refused + self.progress.held + self.progress.unknown

    @property
    def exceptions_words(self) -> str:
        """The link to the list."""
        return ngettext(
            "%(count)s that needs a look",
            "%(count)s that need a look",
            self.exceptions,
        ) % {"count": intcomma(self.exceptions)}

    @property
    def tried_words(self) -> str:
        """Where those tried in the sandbox are now (numbers that add up)."""
        if self.tried is None or not self.tried[0]:
            return ""
        tried, here = self.tried
        if here == tried and self.batch.number > 1:
            return _(
                "Tried in the sandbox: %(tried)s, each found in one of the batches or already "
                "delivered by the production test."
            ) % {"tried": intcomma(tried)}
        if here == tried:
            return _(
                "Tried in the sandbox: %(tried)s, each found in one of these or already delivered "
                "by the production test."
            ) % {"tried": intcomma(tried)}
        return _(
            "Tried in the sandbox: %(tried)s. %(missing)s of them are not in this batch; UserGems "
            "looks into it."
        ) % {"tried": intcomma(tried), "missing": intcomma(tried - here)}

    @property
    def _vendor(self) -> str:
        manager = self.customer.implementation_manager
        return str(manager) if manager else _("UserGems")


def between_words(low: int, high: int) -> str:
    """So many minutes, or hours when it takes long: never finer than it is known."""
    if high <= 1:
        return _("about a minute")
    if low >= 2 * HOUR:
        first, last = low // HOUR, -(-high // HOUR)
        if first == last:
            return _("about %(count)s hours") % {"count": first}
        return _("about %(low)s to %(high)s hours") % {"low": first, "high": last}
    if low == high:
        return _("about %(count)s minutes") % {"count": low}
    return _("about %(low)s to %(high)s minutes") % {"low": max(low, 1), "high": high}
