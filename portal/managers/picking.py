"""Which job changes a manager has picked so far, and what there is to pick from.

Picks live in the session while the manager filters and pages; a service judges them in the end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from accounts.models import Customer, Environment
from jobchanges.coverage import Branches, facts_of, set_suggest
from jobchanges.models import JobChange, Kind, PickDraft, TestRun
from jobchanges.models.runs import MAXIMUM, MINIMUM
from jobchanges.planning.types import Branch
from jobchanges.selectors import candidates
from jobchanges.selectors.candidates import org_id_of, tried_in_sandbox
from jobchanges.selectors.exercised import branches_waiting
from jobchanges.selectors.types import Fact
from jobchanges.services.drafts import MOST_PICKS
from jobchanges.services.run_checks import touched_keys

# A set is put together from so many of each kind of case, the newest: more of a kind try no more,
# and a few may be in each other's way (two job changes of one person).
OF_A_KIND = 5 * MAXIMUM
# What can be asked for from the job change alone, without asking the org.
TRAITS = {
    Branch.PAST_CONTACT: Q(past_contact_id__gt=""),
    Branch.PAST_LEAD: Q(past_contact_id="", past_lead_id__gt=""),
    Branch.NO_EMAIL: Q(new_email="") & ~Q(kind=Kind.LEFT),
    Branch.LONG_OR_NON_LATIN: None,
}


@dataclass(frozen=True)
class Pool:
    """Job changes of one customer for one environment, and of a run whose picks are changed."""

    customer: Customer
    environment: str
    run: TestRun | None = None

    @property
    def everything(self) -> QuerySet[JobChange]:
        """What may be picked, with what the run holds already."""
        free = candidates(self.customer, self.environment)
        if self.run is None:
            return free
        return JobChange.objects.filter(customer=self.customer).filter(
            Q(pk__in=free.values("pk")) | Q(pk__in=self.run.deliveries.values("job_change"))
        )

    @cached_property
    def exercised(self) -> dict[int, Branches]:
        """What each that may be picked exercises, newest first."""
        return branches_waiting(self.everything, org_id_of(self.customer, self.environment))

    def suggested(self, picked: Sequence[int]) -> list[int]:
        """The picks with what is missing for a set that tries most cases (`set_suggest`)."""
        alike: Counter[Branches] = Counter()
        listed: dict[int, Branches] = {}
        for pk, branches in self.exercised.items():
            alike[branches] += 1
            if alike[branches] <= OF_A_KIND or pk in picked:
                listed[pk] = branches
        touched: Mapping[int, set[str]] = {}
        if self.environment == Environment.PRODUCTION:
            # There no two of one test may touch one person or one past record.
            touched = {row.pk: touched_keys(row) for row in self.everything.filter(pk__in=listed)}
        return set_suggest(listed, kept=picked, touched=touched, minimum=MINIMUM, maximum=MAXIMUM)

    @property
    def held(self) -> list[int]:
        """What the run holds already."""
        if self.run is None:
            return []
        return list(self.run.deliveries.values_list("job_change_id", flat=True))

    @property
    def fixed(self) -> set[int]:
        """What cannot be taken out any more: the run was sent."""
        if self.run is None or self.run.state == TestRun.State.DRAFT:
            return set()
        return set(self.held)

    def filtered(self, asked: QueryDict) -> QuerySet[JobChange]:
        """What the reader looks for: words in names and companies, kind, what it exercises."""
        rows = self.everything
        for word in asked.get("q", "").split()[:6]:
            rows = rows.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(past_company_name__icontains=word)
                | Q(new_company_name__icontains=word)
                | Q(key__icontains=word)
            )
        if asked.get("kind") in Kind.values:
            rows = rows.filter(kind=asked["kind"])
        trait = asked.get("trait", "")
        if trait == Branch.LONG_OR_NON_LATIN:
            # Whether text is long or in another script is Python's to say, not the database's.
            fitting = [pk for pk, branches in self.exercised.items() if trait in branches]
            rows = rows.filter(pk__in=fitting)
        elif trait in TRAITS:
            rows = rows.filter(TRAITS[Branch(trait)])
        return rows.order_by("-detected_at", "key")


class Picks:
    """The picks of one person for one pool, kept in the session."""

    def __init__(self, request: HttpRequest, pool: Pool) -> None:
        self.session = request.session
        scope = f"run-{pool.run.pk}" if pool.run else f"{pool.customer.pk}-{pool.environment}"
        self.name = f"picks-{scope}"
        self.fixed = pool.fixed
        stored = self.session.get(self.name)
        self.ids: list[int] = list(pool.held if stored is None else stored)
        self.ids += [pk for pk in sorted(self.fixed) if pk not in self.ids]
        # The saved draft they came from, and when it was last changed as of then.
        self.draft: list[str] = self.session.get(f"{self.name}-draft", ["", ""])

    def take(self, posted: QueryDict) -> None:
        """What was ticked on the page that was sent; picks of other pages stay."""
        shown = _numbers(posted.getlist("shown"))
        ticked = _numbers(posted.getlist("pick"))
        kept = [pk for pk in self.ids if pk in self.fixed or pk not in shown]
        self.choose([*kept, *ticked])

    def choose(self, ids: Iterable[int]) -> None:
        """Have these picked, with what cannot be taken out."""
        self.ids = list(dict.fromkeys([*ids, *sorted(self.fixed)]))[:MOST_PICKS]
        self.session[self.name] = self.ids

    def belong_to(self, draft: PickDraft) -> None:
        """Remember which draft is open, and in which state."""
        self.draft = [str(draft.pk), draft.changed_at.isoformat()]
        self.session[f"{self.name}-draft"] = self.draft

    def forget(self) -> None:
        """Nothing is picked any more, and no draft is open."""
        self.session.pop(self.name, None)
        self.session.pop(f"{self.name}-draft", None)
        self.ids = sorted(self.fixed)


@dataclass(frozen=True)
class Row:
    """One job change of the table."""

    job_change: JobChange
    facts: Sequence[Fact]
    picked: bool
    fixed: bool
    tried: bool = False


def rows_of(job_changes: Iterable[JobChange], picks: Picks, pool: Pool) -> list[Row]:
    """Lines of the table, each with what it would exercise; for production, whether the sandbox
    had it."""
    listed = list(job_changes)
    production = pool.environment == Environment.PRODUCTION
    tried = tried_in_sandbox(item.pk for item in listed) if production else set()
    return [
        Row(
            item,
            facts_of(item, pool.exercised.get(item.pk, ())),
            item.pk in picks.ids,
            item.pk in picks.fixed,
            item.pk in tried,
        )
        for item in listed
    ]


def _numbers(values: Sequence[str]) -> list[int]:
    return [
        int(one)
        for value in values
        for one in value.split(",")
        if one.isascii() and one.isdigit() and len(one) < 18
    ]
