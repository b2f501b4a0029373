"""What "New job changes" shows, for whichever side reads it: what goes when, waits, went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer, User
from integrations.models import OrgEpoch
from jobchanges.models import Batch, SendingSchedule, Side
from jobchanges.requeue import BatchCounts
from jobchanges.selectors.schedules import (
    BatchLine,
    batches_listed,
    live_org,
    schedule_of,
    waiting,
)
from jobchanges.selectors.types import Chip
from portal.pages.sending_forms import ScheduleForm, ScheduleStopForm
from portal.signoff.covering import is_covered
from portal.signoff.standing import summary_standing
from portal.steps.go_live_words import cadence_words

_CHIPS = {
    Batch.State.SENDING.value: ("wait", gettext_lazy("Being sent")),
    Batch.State.PAUSED.value: ("warn", gettext_lazy("Paused")),
    Batch.State.STOPPED.value: ("bad", gettext_lazy("Stopped")),
    Batch.State.ENDED.value: ("ok", gettext_lazy("Sent")),
    Batch.State.VOID.value: ("", gettext_lazy("Void")),
}


@dataclass(frozen=True)
class ShownBatch:
    """A line of the list."""

    line: BatchLine

    @property
    def batch(self) -> Batch:
        """The batch."""
        return self.line.batch

    @property
    def title(self) -> str:
        """What it is called."""
        if self.batch.number == 1:
            return _("First batch")
        return _("Batch %(number)s") % {"number": self.batch.number}

    @property
    def how(self) -> str:
        """Who released it."""
        if self.batch.kind == Batch.Kind.REGULAR:
            return _("regular")
        return _("released by %(person)s") % {"person": self.batch.released_by}

    @property
    def chip(self) -> Chip:
        """Its state in a word."""
        tint, word = _CHIPS[self.batch.state]
        return Chip(str(word), tint)

    @property
    def exceptions_words(self) -> str:
        """How many need a look; "" where none does."""
        if not self.line.exceptions:
            return ""
        return ngettext(
            "%(count)s refused or held", "%(count)s refused or held", self.line.exceptions
        ) % {"count": intcomma(self.line.exceptions)}


@dataclass(frozen=True)
class SendingPage:
    """Everything the page shows."""

    customer: Customer
    side: str
    may_act: bool
    urls: Mapping[str, str]
    schedule: SendingSchedule | None
    # The org that is written to; None before go-live, and after production was replaced.
    epoch: OrgEpoch | None
    covered: bool
    waiting: BatchCounts | None
    batches: Sequence[ShownBatch]
    form: ScheduleForm | None = None
    stop: ScheduleStopForm | None = None
    # Both sides signed anew; the batch that goes under it was not released yet.
    signed_again: bool = False

    @property
    def manager(self) -> User | None:
        """Whom to ask."""
        return self.customer.implementation_manager

    @property
    def empty_at(self) -> datetime | None:
        """The last due time at which nothing waited; None once a batch went after it."""
        row = self.schedule
        if row is None or row.last_empty_at is None:
            return None
        went = row.last_released_at
        return None if went is not None and went > row.last_empty_at else row.last_empty_at

    @property
    def is_on(self) -> bool:
        """Whether something goes by itself, unless it is stopped or held."""
        return self.schedule is not None and self.schedule.is_on

    @property
    def stopped(self) -> bool:
        """Whether a person stopped it."""
        return self.is_on and self.schedule is not None and self.schedule.is_stopped

    @property
    def held(self) -> str:
        """Why nothing goes, as a sentence; "" where nothing is in the way."""
        if not self.is_on or self.stopped or self.schedule is None:
            return ""
        return self.schedule.held_reason

    @property
    def to_sign(self) -> bool:
        """Whether both sides have to sign before anything goes."""
        return self.epoch is not None and not self.covered

    @property
    def chip(self) -> Chip:
        """The state in a word."""
        if not self.is_on:
            return Chip(_("Off"), "")
        if self.stopped:
            return Chip(_("Stopped"), "bad")
        if self.held or self.to_sign:
            return Chip(_("Waits"), "warn")
        return Chip(_("On"), "ok")

    @property
    def title(self) -> str:
        """How often, in words."""
        return cadence_words(self.schedule)

    @property
    def next_at(self) -> datetime | None:
        """When the next batch goes, if nothing is in the way."""
        if not self.is_on or self.stopped or self.schedule is None:
            return None
        return self.schedule.next_due_at

    @property
    def stopped_words(self) -> str:
        """Who stopped it, and who may let it go on."""
        row = self.schedule
        if row is None or not row.is_stopped:
            return ""
        company = _("UserGems") if row.stopped_side == Side.VENDOR else self.customer.name
        return _(
            "%(person)s, %(company)s, stopped the regular batches. Only %(company)s can let them "
            "go on."
        ) % {"person": row.stopped_by, "company": company}

    @property
    def waiting_words(self) -> str:
        """What waits now, and when it goes."""
        if self.waiting is None or not self.waiting.total:
            return _("Nothing waits: every imported job change is in a batch or in production.")
        return ngettext(
            "%(count)s job change waits.", "%(count)s job changes wait.", self.waiting.total
        ) % {"count": intcomma(self.waiting.total)}

    @property
    def tried_words(self) -> str:
        """How many of them were tried in the sandbox since (rule 4)."""
        if self.waiting is None or not self.waiting.tried_in_sandbox:
            return ""
        return ngettext(
            "%(count)s of them was tried in the sandbox; it goes with the next batch by itself.",
            "%(count)s of them were tried in the sandbox; they go with the next batch by "
            "themselves.",
            self.waiting.tried_in_sandbox,
        ) % {"count": intcomma(self.waiting.tried_in_sandbox)}

    @property
    def may_stop(self) -> bool:
        """Whether the reader may stop it now."""
        return self.may_act and self.is_on and not self.stopped

    @property
    def may_go_on(self) -> bool:
        """Whether the reader may let it go on now."""
        row = self.schedule
        return self.may_act and self.stopped and row is not None and row.stopped_side == self.side

    @property
    def notified_at(self) -> datetime | None:
        """Since when UserGems tells people about job changes by itself; None: it does not."""
        return self.customer.notifications_on_at

    @property
    def may_notify(self) -> bool:
        """Whether the reader may switch notifications: on after go-live, off at any time."""
        return self.may_act and (self.epoch is not None or self.notified_at is not None)

    @property
    def stop_text(self) -> str:
        """What stopping does."""
        return _(
            "No further batch begins by itself. One that is being sent goes on: it is stopped on "
            "the page “Go live”. Only your side can let the regular batches go on; the other side "
            "gets an e-mail."
        )


def sending_page(
    *,
    customer: Customer,
    side: str,
    may_act: bool,
    urls: Mapping[str, str],
    form: ScheduleForm | None = None,
    stop: ScheduleStopForm | None = None,
) -> SendingPage:
    """Put the page together; a constant number of queries."""
    epoch = live_org(customer)
    schedule = schedule_of(customer)
    covered = epoch is not None and is_covered(customer)
    shown: dict[str, Any] = {}
    if epoch is not None and may_act:
        shown["form"] = form or ScheduleForm(schedule=schedule, auto_id="schedule-%s")
        if schedule is not None and schedule.is_on and not schedule.is_stopped:
            shown["stop"] = stop or ScheduleStopForm(auto_id="stop-%s")
    return SendingPage(
        customer=customer,
        side=side,
        may_act=may_act,
        urls=urls,
        schedule=schedule,
        epoch=epoch,
        covered=covered,
        signed_again=epoch is not None and not covered and _signed_again(customer),
        waiting=waiting(customer),
        batches=[ShownBatch(line) for line in batches_listed(customer)],
        **shown,
    )


def _signed_again(customer: Customer) -> bool:
    """Whether both sides signed a new summary under which nothing was released yet."""
    summary = summary_standing(customer)
    if summary is None or summary.batch_id is not None:
        return False
    return summary.signatures.values("side").distinct().count() == len(Side)
