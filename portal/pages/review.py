"""What the review of a test run shows, for whichever side reads it (ui.md, mockup `review`).

The customer's page and the managers' page in admin show the same parts from here, so that both
talk about the same thing.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from jobchanges.models import Review, Side, TestRun
from jobchanges.selectors.deliveries import test_run_deliveries
from jobchanges.selectors.runs import run_trouble
from jobchanges.selectors.standing import run_standing, test_run_progress
from jobchanges.selectors.trouble import org_trouble_url
from jobchanges.selectors.types import (
    AttemptPair,
    Chip,
    DeliveryView,
    Progress,
    RecordTab,
    Standing,
    VerdictView,
)
from jobchanges.services.approvals import questions_asked
from portal.pages.review_said import Answer, Fault, answers, fault_of


@dataclass(frozen=True)
class Typed:
    """What somebody typed that could not be taken, and why: it survives the error."""

    delivery: int
    verdict: str = ""
    category: str = ""
    comment: str = ""
    error: str = ""


@dataclass(frozen=True)
class Tab:
    """A link to one touched record."""

    label: str
    url: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Row:
    """One job change of the list, as this side reads it."""

    view: DeliveryView
    chip: Chip
    marker: str
    url: str
    is_open: bool
    mine: VerdictView | None
    theirs: VerdictView | None
    mine_fault: Fault | None = None
    theirs_fault: Fault | None = None
    tabs: list[Tab] = field(default_factory=list)
    record: RecordTab | None = None
    record_url: str = ""  # the page with this record shown

    @property
    def said(self) -> list[tuple[str, str]]:
        """Who said what, for a folded line that shows only one of the two words."""
        both = [(_("You"), self.mine), (self.theirs.by if self.theirs else "", self.theirs)]
        return [(who, found.label) for who, found in both if found]

    @property
    def compared_newest(self) -> AttemptPair | None:
        """The newest attempt beside the one before it."""
        return self.view.compared[0] if self.view.compared else None


@dataclass(frozen=True)
class ReviewPage:
    """Everything the review shows."""

    run: TestRun
    side: str
    page_url: str
    rows: list[Row]
    progress: Progress
    standing: Standing
    typed: Typed | None
    approved_by_me: bool
    may_speak: bool
    may_approve: bool
    trouble: str = ""
    trouble_url: str = ""
    clean_up_url: str = ""  # "" where there is nothing to remove, or the reader may not

    @property
    def sending(self) -> bool:
        """Whether the whole list asks again by itself: nobody can be typing a verdict yet."""
        return self.run.state == TestRun.State.SENDING

    @property
    def polls(self) -> bool:
        """Whether anything is still under way; in review, only its own line asks again."""
        return self.sending or any(row.view.in_flight for row in self.rows)

    @property
    def here(self) -> str:
        """This page with the same job change open, for what asks again by itself."""
        opened = next((row.view.pk for row in self.rows if row.is_open), None)
        return self.page_url if opened is None else f"{self.page_url}?open={opened}"

    @property
    def said_places(self) -> str:
        """Where the other side's words stand: each folded line, and their part of the open one."""
        return ",".join(
            f"#{'said' if row.is_open else 'delivery'}-{row.view.pk}" for row in self.rows
        )

    @property
    def in_review(self) -> bool:
        """Whether verdicts may be given."""
        return self.run.state == TestRun.State.REVIEW

    @property
    def may_comment(self) -> bool:
        """Whether the threads take words: also while it is sent, and before any verdict."""
        return self.run.is_open and self.may_speak

    @property
    def manager(self) -> User | None:
        """Who helps the customer; with a link to book a call, where they gave one."""
        return self.run.customer.implementation_manager

    @property
    def asks(self) -> bool:
        """Whether approving takes answers about the run as a whole."""
        return questions_asked(self.run)

    @property
    def seen_as_rep(self) -> list[Answer]:
        """What the sides answered: has a sales rep seen it."""
        return answers(self.standing, lambda item: item.seen_as_rep, _("Not yet"))

    @property
    def lead_converted(self) -> list[Answer]:
        """What the sides answered: was a lead converted, and did its fields survive."""
        return answers(self.standing, lambda item: item.lead_converted, _("No"))

    @property
    def readable(self) -> bool:
        """Whether there are records that can be read again now."""
        return not self.sending and any(row.view.tabs for row in self.rows)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """True counts, in words, without the empty ones."""
        named = [
            (_("Waiting"), self.progress.waiting),
            (_("Being sent"), self.progress.sending),
            (_("Delivered"), self.progress.delivered),
            (_("Refused by Salesforce"), self.progress.refused),
            (_("Held"), self.progress.held),
            (_("No answer yet"), self.progress.unknown),
        ]
        return [(word, number) for word, number in named if number]

    @property
    def progress_words(self) -> str:
        """The counts as a sentence, read politely while sending."""
        return ngettext(
            "%(done)d of %(total)d has Salesforce’s answer",
            "%(done)d of %(total)d have Salesforce’s answer",
            self.progress.total,
        ) % {"done": self.progress.done, "total": self.progress.total}

    @property
    def agreed_words(self) -> str:
        """How far the review is."""
        return _("%(agreed)d of %(total)d agreed or set aside") % {
            "agreed": self.standing.agreed,
            "total": self.standing.total,
        }

    @property
    def categories(self) -> list[tuple[str, str]]:
        """Where a fault may lie."""
        return [(str(value), str(label)) for value, label in Review.Category.choices]


def review_page(
    *,
    run: TestRun,
    side: str,
    person: User,
    page_url: str,
    open_pk: int | None = None,
    tab_key: str = "",
    typed: Typed | None = None,
    may_speak: bool = True,
    may_approve: bool = False,
    clean_up_url: str = "",
) -> ReviewPage:
    """Put the page together: one job change open, the others folded to a line."""
    views = test_run_deliveries(run)
    if open_pk not in {view.pk for view in views}:
        waiting = [view for view in views if view.reviewable and _mine(view, side) is None]
        open_pk = waiting[0].pk if waiting else None
    standing = run_standing(run)
    # A bar that stands still says why.
    waits = run.state == TestRun.State.SENDING or any(view.in_flight for view in views)
    trouble = run_trouble(run) if waits else ""
    return ReviewPage(
        run=run,
        side=side,
        page_url=page_url,
        rows=[_row(view, run, side, page_url, open_pk, tab_key) for view in views],
        progress=test_run_progress(run),
        standing=standing,
        typed=typed,
        approved_by_me=side in standing.approvals,
        may_speak=may_speak,
        may_approve=may_approve,
        trouble=trouble,
        trouble_url=org_trouble_url(run.epoch) if trouble else "",
        clean_up_url=clean_up_url,
    )


def next_open(run: TestRun, side: str, after: int) -> int | None:
    """The job change this side should look at next, or None when it has spoken on all."""
    views = test_run_deliveries(run)
    order = [view.pk for view in views]
    place = order.index(after) + 1 if after in order else 0
    for view in [*views[place:], *views[:place]]:
        if view.reviewable and _mine(view, side) is None:
            return view.pk
    return None


def _mine(view: DeliveryView, side: str) -> VerdictView | None:
    return view.verdict_customer if side == Side.CUSTOMER else view.verdict_vendor


def _row(
    view: DeliveryView,
    run: TestRun,
    side: str,
    page_url: str,
    open_pk: int | None,
    tab_key: str,
) -> Row:
    is_open = view.pk == open_pk
    record = next((tab for tab in view.tabs if tab.key == tab_key), None)
    if record is None:
        record = view.tabs[0] if view.tabs else None
    mine = _mine(view, side)
    theirs = view.verdict_vendor if side == Side.CUSTOMER else view.verdict_customer
    return Row(
        view=view,
        chip=view.chip_customer if side == Side.CUSTOMER else view.chip_vendor,
        marker=_marker(view, is_open),
        url=f"{page_url}?{urlencode({'open': view.pk})}#delivery-{view.pk}",
        is_open=is_open,
        mine=mine,
        theirs=theirs,
        mine_fault=fault_of(run, side, mine),
        theirs_fault=fault_of(run, side, theirs),
        tabs=[
            Tab(
                label=tab.label,
                url=f"{_record_url(page_url, view, tab)}#delivery-{view.pk}",
                current=record is not None and tab.key == record.key,
                count=_tab_word(tab),
            )
            for tab in view.tabs
        ]
        if is_open
        else [],
        record=record if is_open else None,
        record_url=_record_url(page_url, view, record) if record and is_open else "",
    )


def _tab_word(tab: RecordTab) -> str:
    if tab.gone:
        return _("gone")
    return _("changed") if tab.changed else ""


def _record_url(page_url: str, view: DeliveryView, record: RecordTab) -> str:
    return f"{page_url}?{urlencode({'open': view.pk, 'tab': record.key})}"


def _marker(view: DeliveryView, is_open: bool) -> str:
    if view.agreed:
        return "done"
    if view.state == "refused" and view.reviewable:
        return "bad"
    return "now" if is_open else ""
