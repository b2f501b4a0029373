"""Picks saved for later."""

from datetime import timedelta

import pytest

from accounts.models import Event
from jobchanges.models import PickDraft
from jobchanges.services import (
    TestRunError,
    drafts,
    pick_draft_change,
    pick_draft_remove,
    pick_draft_save,
)
from jobchanges.services.drafts import MOST_DRAFTS
from jobchanges.services.erasing import customer_job_changes_forget, person_erase
from tests.factories import JobChangeFactory, PickDraftFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(customer, manager):
    def saving(*job_changes, name="Odd cases", by=manager):
        return pick_draft_save(
            customer=customer,
            environment="sandbox",
            name=name,
            job_changes=job_changes or [JobChangeFactory(customer=customer)],
            by=by,
        )

    return saving


def test_a_draft_keeps_the_picks_in_their_order_and_is_told(customer, manager, save):
    two, one = JobChangeFactory.create_batch(2, customer=customer)
    draft = save(one, two, one, name="  Odd   cases ")
    assert (draft.name, draft.ids, draft.by) == ("Odd cases", [one.pk, two.pk], manager)
    event = Event.objects.get(action="picks.saved")
    assert event.data == {"draft": draft.pk, "job_changes": [one.key, two.key]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "  "}, "Give the draft a name"),
        ({"name": "ODD CASES"}, "draft with this name already"),
    ],
)
def test_a_draft_without_a_name_of_its_own_is_refused(save, change, words):
    save()
    with pytest.raises(TestRunError, match=words):
        save(**change)
    assert PickDraft.objects.count() == 1


def test_nobody_else_saves_drafts_nor_of_others_job_changes(
    save, admin_person, other_manager, other_customer
):
    for by in (admin_person, other_manager):
        with pytest.raises(TestRunError, match="implementation manager"):
            save(by=by)
    with pytest.raises(TestRunError, match="one customer"):
        save(JobChangeFactory(customer=other_customer))
    assert not PickDraft.objects.exists()


def test_only_who_manages_the_customer_changes_and_removes_one_and_it_is_told_once(
    save, manager, other_manager, admin_person
):
    draft, kept = save(), save(name="Kept")
    for by in (admin_person, other_manager):
        with pytest.raises(TestRunError, match="implementation manager"):
            pick_draft_change(draft=draft, seen=draft.changed_at, job_changes=[], by=by)
        with pytest.raises(TestRunError, match="implementation manager"):
            pick_draft_remove(draft=draft, by=by)
    for _twice in range(2):
        pick_draft_remove(draft=draft, by=manager)
    assert list(PickDraft.objects.all()) == [kept]
    assert Event.objects.filter(action="picks.removed").count() == 1


def test_a_draft_holds_only_so_many_picks(customer, save, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_PICKS", 1)
    PickDraftFactory.create_batch(MOST_DRAFTS, customer=customer, environment="production")
    with pytest.raises(TestRunError, match="up to 1 job changes"):
        save(*JobChangeFactory.create_batch(2, customer=customer))
    assert save().environment == "sandbox", "those of the other org do not count"


def test_there_are_only_so_many(customer, save):
    PickDraftFactory.create_batch(MOST_DRAFTS, customer=customer)
    with pytest.raises(TestRunError, match="Remove one first"):
        save()


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(customer, save, lead, manager):
    draft = save()
    other = JobChangeFactory(customer=customer)
    seen = draft.changed_at
    pick_draft_change(draft=draft, seen=seen, job_changes=[other], by=lead)
    assert (draft.ids, draft.by) == ([other.pk], lead)
    with pytest.raises(TestRunError, match="changed or removed this draft"):
        pick_draft_change(
            draft=draft, seen=seen - timedelta(seconds=1), job_changes=[other], by=manager
        )
    pick_draft_remove(draft=draft, by=manager)
    with pytest.raises(TestRunError, match="changed or removed this draft"):
        pick_draft_change(draft=draft, seen=seen, job_changes=[other], by=lead)
    assert not PickDraft.objects.exists()


def test_the_name_of_an_erased_person_leaves_the_drafts(customer, save):
    whose = JobChangeFactory(customer=customer, last_name="Whitfield", new_email="w@newco.example")
    kept, named = save(whose, name="Odd cases"), save(whose, name="Like Ms whitfield")
    person_erase(customer=customer, email="w@newco.example", by=None)
    names = set(PickDraft.objects.values_list("name", flat=True))
    assert names == {kept.name, f"[erased] {named.pk}"}
    customer_job_changes_forget(customer=customer)
    assert not PickDraft.objects.exists()
