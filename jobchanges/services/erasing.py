"""Erasing people: their values go, keys, ids and hashes stay (identity-and-state, Retention).

Events hold no values, so their chain still verifies; the ledger keeps which records were touched,
so a reconciliation still adds up. An erased job change is known by its empty last name (an import
never makes one), and planning holds it.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services import event_record
from jobchanges.blanking import (
    approval_without_values,
    errors_without_values,
    plan_without_values,
)
from jobchanges.models import (
    Attempt,
    CleanUpItem,
    Comment,
    Delivery,
    EnvironmentSettings,
    ImportRow,
    JobChange,
    OrgOffer,
    PersonKey,
    PickDraft,
    RecordWrite,
    Review,
    RunApproval,
)

AT_ONCE = 200
ERASED_TEXT = "[erased]"
# Everything but key, kind, Salesforce ids, time of detection and the hash of the contents.
_TEXTS = (
    *("first_name", "last_name", "linkedin_url", "person_country", "person_state", "phone"),
    *("past_email", "past_company_name", "past_title", "relationship_type"),
    *("new_email", "new_company_name", "new_company_domain", "new_company_website"),
    *("new_company_country", "new_company_city", "new_title"),
)
_OTHERS = ("new_company_employees", "job_started_date", "role_started_date")


class ErasingError(Exception):
    """Why it cannot be erased now; the text is a sentence."""


def person_erase(*, customer: Customer, email: str, by: User | None) -> int:
    """Remove a person from job changes, ledger and imports; how many job changes were theirs.

    Found by either address of a job change, whatever its case. Raises ErasingError while one of
    them is being sent. Repeating it changes nothing and records nothing.
    """
    email = email.strip()
    with transaction.atomic():
        theirs = list(
            JobChange.objects.select_for_update()
            .filter(Q(past_email__iexact=email) | Q(new_email__iexact=email), customer=customer)
            .exclude(last_name="")
            .order_by("pk")
        )
        if not theirs:
            return 0
        job_changes_erase(theirs)
        event_record(
            customer=customer,
            action="job_changes.erased",
            by=by,
            side="vendor" if by else "system",
            data={"job_changes": sorted(item.key for item in theirs)},
        )
    return len(theirs)


def person_named(*, customer: Customer, email: str) -> set[str]:
    """What names this person beyond doubt: addresses, whole names, profile and phone number."""
    email = email.strip()
    found = {email}
    for item in JobChange.objects.filter(
        Q(past_email__iexact=email) | Q(new_email__iexact=email), customer=customer
    ):
        whole = f"{item.first_name} {item.last_name}" if item.first_name else ""
        found |= {whole, item.past_email, item.new_email, item.linkedin_url, item.phone}
    # What is shorter stands in words that name nobody.
    return {word for word in found if len(word) > 4}


def customer_job_changes_forget(*, customer: Customer) -> int:
    """Erase every job change of a customer, and the names in its settings; how many.

    Part of the caller's transaction; the event is the caller's.
    """
    erased = 0
    while batch := list(
        JobChange.objects.filter(customer=customer).exclude(last_name="").order_by("pk")[:AT_ONCE]
    ):
        job_changes_erase(batch)
        erased += len(batch)
    Comment.objects.filter(delivery__job_change__customer=customer).update(text=ERASED_TEXT)
    ImportRow.objects.filter(run__customer=customer).delete()
    PickDraft.objects.filter(customer=customer).delete()
    for chosen in EnvironmentSettings.objects.filter(customer=customer):
        chosen.default_owner_name = ""
        chosen.round_robin = [{**one, "name": ""} for one in chosen.round_robin]
        chosen.save(update_fields=["default_owner_name", "round_robin"])
    # The users of their orgs by name and username.
    OrgOffer.objects.filter(epoch__connection__customer=customer).delete()
    return erased


def job_changes_erase(job_changes: Sequence[JobChange]) -> None:
    """Blank these job changes and everything below them. Belongs into a transaction."""
    ids = [item.pk for item in job_changes]
    deliveries = list(Delivery.objects.select_for_update().filter(job_change__in=ids))
    if any(item.state == Delivery.State.CLAIMED for item in deliveries):
        raise ErasingError(
            _("It is being sent to Salesforce right now. Try again in a few minutes.")
        )
    # What their orgs said of them, to try settings on.
    of_theirs = {item.customer_id for item in job_changes}
    OrgOffer.objects.filter(epoch__connection__customer__in=of_theirs).update(known={})
    _texts_erase(job_changes, deliveries)
    for delivery in deliveries:
        delivery.plan = plan_without_values(delivery.plan)
        delivery.display = {}
    Delivery.objects.bulk_update(deliveries, ["plan", "display"], batch_size=AT_ONCE)
    people = {item.pk: _words(item) for item in job_changes}
    words = {delivery.pk: people[delivery.job_change_id] for delivery in deliveries}
    attempts = list(Attempt.objects.filter(delivery__in=deliveries))
    for attempt in attempts:
        attempt.plan = plan_without_values(attempt.plan)
        attempt.display = {}
        attempt.errors = errors_without_values(attempt.errors)
        if _names(attempt.held_reason, words[attempt.delivery_id]):
            attempt.held_reason = ERASED_TEXT
    changed = ["plan", "display", "errors", "held_reason"]
    Attempt.objects.bulk_update(attempts, changed, batch_size=AT_ONCE)
    writes = RecordWrite.objects.filter(attempt__in=attempts)
    # Never to be read again: what is read later would bring the values back.
    writes.filter(settled_at=None).update(settled_at=timezone.now())
    writes.update(
        before={}, sent={}, stored=None, settled=None, changed_by="", names={}, settle_due_at=None
    )
    CleanUpItem.objects.filter(write__in=writes).update(reason="", edited_by="", errors=[])
    _approvals_erase(deliveries)
    ImportRow.objects.filter(job_change__in=ids).update(reasons=[])
    PersonKey.objects.filter(job_change__in=ids).delete()
    JobChange.objects.filter(pk__in=ids).update(
        **dict.fromkeys(_TEXTS, ""), **dict.fromkeys(_OTHERS), is_target_company=False
    )


def _texts_erase(job_changes: Sequence[JobChange], deliveries: Sequence[Delivery]) -> None:
    """What people wrote about a person by name or address."""
    words = {item.pk: _words(item) for item in job_changes}
    said = [word for one in words.values() for word in one]
    for draft in PickDraft.objects.filter(customer__in={item.customer_id for item in job_changes}):
        if _names(draft.name, said):
            # With its number: two drafts of one org never have the same name.
            draft.name = f"{ERASED_TEXT} {draft.pk}"
            draft.save(update_fields=["name"])
    for delivery in deliveries:
        named = Q(pk=None)
        for word in words[delivery.job_change_id]:
            named |= Q(text__icontains=word)
        Comment.objects.filter(named, delivery=delivery).update(text=ERASED_TEXT)
        for review in Review.objects.filter(attempt__delivery=delivery).exclude(comment=""):
            if _names(review.comment, words[delivery.job_change_id]):
                Review.objects.filter(pk=review.pk).update(comment=ERASED_TEXT)
        if _names(delivery.held_reason, words[delivery.job_change_id]):
            delivery.held_reason = ERASED_TEXT
            delivery.save(update_fields=["held_reason"])


def _words(job_change: JobChange) -> list[str]:
    wanted = (
        *(job_change.first_name, job_change.last_name, job_change.linkedin_url),
        *(job_change.past_email, job_change.new_email, job_change.phone),
    )
    return [word for word in wanted if len(word) > 1]


def _names(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(word.casefold() in folded for word in words)


def _approvals_erase(deliveries: Sequence[Delivery]) -> None:
    keys = {item.delivery_key for item in deliveries}
    runs = {item.test_run_id for item in deliveries if item.test_run_id}
    for approval in RunApproval.objects.filter(test_run__in=runs):
        content = approval_without_values(approval.content, keys)
        if content != approval.content:
            RunApproval.objects.filter(pk=approval.pk).update(content=content)
