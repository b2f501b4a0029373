"""What a set of job changes exercises (product.md, section 6: candidates). No org is asked."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from jobchanges.models import Delivery, JobChange, Kind
from jobchanges.planning.text import long_or_non_latin
from jobchanges.planning.types import Branch, JobChangeData
from jobchanges.selectors.types import CoverageLine, Fact


def labels() -> dict[str, str]:
    """Every branch a test should meet, in the words of the list, in the order they are shown."""
    return {
        Branch.EXISTING_ACCOUNT: _("Account exists"),
        Branch.NEW_ACCOUNT: _("New account"),
        Branch.EXISTING_PERSON: _("Person exists (enriched)"),
        Branch.NEW_CONTACT: _("New contact"),
        Branch.NEW_LEAD: _("New lead"),
        Branch.PAST_CONTACT: _("Past contact"),
        Branch.PAST_LEAD: _("Past lead"),
        Branch.LEFT_ONLY: _("Left, new job unknown"),
        Branch.PROMOTION: _("Promotion"),
        Branch.NO_EMAIL: _("No e-mail"),
        Branch.INACTIVE_OWNER: _("Inactive owner"),
        Branch.LONG_OR_NON_LATIN: _("Long or non-Latin text"),
        Branch.CAMPAIGN: _("Campaign"),
        Branch.MAPPED: _("Mapped fields filled"),
        Branch.REPLACED: _("Filled field replaced"),
    }


# Of customers who chose so: with others they are no gap of a test.
_BY_CHOICE = {Branch.MAPPED, Branch.REPLACED}


def facts_of(job_change: JobChange) -> list[Fact]:
    """What is known from the job change alone, before the org is asked."""
    words = labels()
    keys = []
    if job_change.kind == Kind.LEFT:
        keys.append(Branch.LEFT_ONLY)
    if job_change.kind == Kind.PROMOTION:
        keys.append(Branch.PROMOTION)
    if job_change.past_contact_id:
        keys.append(Branch.PAST_CONTACT)
    elif job_change.past_lead_id:
        keys.append(Branch.PAST_LEAD)
    if job_change.kind != Kind.LEFT and not job_change.new_email:
        keys.append(Branch.NO_EMAIL)
    if long_or_non_latin(JobChangeData.of(job_change)):
        keys.append(Branch.LONG_OR_NON_LATIN)
    return [Fact(key, words[key]) for key in keys]


def coverage_of_run(deliveries: Iterable[Delivery]) -> list[CoverageLine]:
    """How many deliveries of a run exercise each branch: by their plans where there are plans."""
    exercised = []
    for item in deliveries:
        branches = item.plan.get("branches")
        exercised.append(
            set(branches)
            if branches is not None
            else {fact.key for fact in facts_of(item.job_change)}
        )
    return _lines(exercised)


def coverage_of(job_changes: Iterable[JobChange]) -> list[CoverageLine]:
    """How many job changes exercise each branch, as far as is known without asking the org."""
    return _lines([{fact.key for fact in facts_of(item)} for item in job_changes])


def _lines(exercised: Sequence[set[str]]) -> list[CoverageLine]:
    lines = [
        CoverageLine(key, label, sum(key in branches for branches in exercised))
        for key, label in labels().items()
    ]
    return [line for line in lines if line.count or line.key not in _BY_CHOICE]
