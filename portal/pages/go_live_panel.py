"""What both sides see of a batch: where it stands, and what the reader may do about it.

The customer's page and the managers' page show the same panel, and a poll brings it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import Batch, Delivery, JobChange, Side
from jobchanges.requeue import delivered_there, sandbox_attempts
from jobchanges.selectors.batches import batch_progress
from portal.pages.go_live_words import SYSTEM, BatchWords

# Seconds between two polls.
OFTEN, SLOWLY = 3, 10


@dataclass(frozen=True)
class Panel(BatchWords):
    """One batch as one side reads it. `urls`: the addresses of the levers, by name."""

    # An admin or approver of the customer, or staff with the right to send.
    may_act: bool = False
    urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The word a poll compares: another one means that the whole page is to be read anew.

        Who halted it, and whether what was signed stands, decide who may let it go on.
        """
        words = [str(self.batch.state)]
        if self.halted:
            words.append(self.batch.halted_side)
        if not self.signed:
            words.append("unsigned")
        return "-".join(words)

    @property
    def polls(self) -> bool:
        """Whether anything may still change: until its end, and while something is sent again."""
        if self.batch.state == Batch.State.VOID:
            return False
        return bool(self.progress.left) if self.ended else True

    @property
    def poll_seconds(self) -> int:
        """How often to ask. Slowly while it stands still: then only people change something."""
        moving = self.progress.sending or self.progress.unknown
        return SLOWLY if self.halted and not moving else OFTEN

    @property
    def poll_url(self) -> str:
        """Where the next numbers come from."""
        return f"{self.urls.get('progress', '')}?{urlencode({'state': self.state})}"

    # Levers ---------------------------------------------------------------------------------

    @property
    def may_pause(self) -> bool:
        """Whether the reader may pause now."""
        return self.may_act and self.batch.state == Batch.State.SENDING

    @property
    def may_stop(self) -> bool:
        """Whether the reader may stop sending now."""
        return self.may_act and self.batch.state in {Batch.State.SENDING, Batch.State.PAUSED}

    @property
    def may_go_on(self) -> bool:
        """Whether the reader may let it go on now."""
        void = self.batch.state == Batch.State.VOID
        if not self.may_act or not self.halted or not self.signed or void:
            return False
        if self.batch.state == Batch.State.STOPPED:
            return self.batch.halted_side == self.side
        return self.batch.halted_side != SYSTEM or self.side == Side.VENDOR

    @property
    def who_acts(self) -> str:
        """Who can pause and stop, and who can undo it."""
        if self.may_pause:
            return _(
                "Either side can pause or stop. After a pause either side lets it go on; after a "
                "stop only the side that stopped it."
            )
        if self.may_act or self.ended:
            return ""
        if self.side == Side.VENDOR:
            return _("Your account may look, not pause or stop.")
        return _("An admin or approver of your company can pause or stop sending.")

    @property
    def stop_title(self) -> str:
        """The question before sending is stopped."""
        return _("Stop sending to %(org)s?") % {"org": self.batch.epoch.name}

    @property
    def stop_text(self) -> str:
        """What stopping does."""
        return _(
            "The group being written now is finished, then nothing new is begun. What was written "
            "stays in Salesforce. Only your side can let it go on; the other side gets an e-mail."
        )

    @property
    def pause_title(self) -> str:
        """The question before sending is paused."""
        return _("Pause sending to %(org)s?") % {"org": self.batch.epoch.name}

    @property
    def go_on_title(self) -> str:
        """The question before sending goes on."""
        return _("Go on sending to %(org)s?") % {"org": self.batch.epoch.name}

    @property
    def go_on_text(self) -> str:
        """What going on does."""
        return ngettext(
            "%(count)s job change is still to be sent. Sending starts where it stopped.",
            "%(count)s job changes are still to be sent. Sending starts where it stopped.",
            self.progress.waiting,
        ) % {"count": intcomma(self.progress.waiting)}


def panel_for(
    batch: Batch, *, side: str, may_act: bool, urls: Mapping[str, str], signed: bool = True
) -> Panel:
    """Count and put together; a constant number of queries."""
    progress = batch_progress(batch)
    ended = batch.state == Batch.State.ENDED
    return Panel(
        batch=batch,
        progress=progress,
        side=side,
        may_act=may_act,
        urls=urls,
        signed=signed,
        tried=tried_in_sandbox(batch) if ended else None,
    )


def tried_in_sandbox(batch: Batch) -> tuple[int, int]:
    """How many job changes of the batch's time were ever sent to a sandbox, and how many of them
    are in a batch of this org or were in production before (product.md, rule 4). Two queries."""
    tried = JobChange.objects.filter(
        Exists(sandbox_attempts()), customer=batch.customer_id, imported_at__lte=batch.cut_off
    )
    there = Delivery.objects.filter(
        Q(batch__epoch=batch.epoch_id) | delivered_there(),
        job_change=OuterRef("pk"),
        org_id=batch.epoch.org_id,
    )
    here = tried.filter(Exists(there))
    return tried.count(), here.count()
