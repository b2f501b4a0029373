"""Putting a test together with help: a suggested set, named gaps, saved drafts."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Delivery, Kind, PickDraft, TestRun
from tests.factories import (
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    PickDraftFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def epoch(customer):
    return ConnectionFactory(customer=customer, checked=True).epoch


@pytest.fixture
def page(customer, epoch):
    return reverse("admin:accounts_customer_candidates", args=[customer.pk, "sandbox"])


@pytest.fixture
def pool(customer):
    """Twelve usual cases; two that left, one with a past lead and in another script."""
    usual = [JobChangeFactory(customer=customer, last_name=f"Pick{n:02d}") for n in range(12)]
    left = [
        JobChangeFactory(customer=customer, last_name=f"Left{n}", kind=Kind.LEFT) for n in range(2)
    ]
    script = JobChangeFactory(
        customer=customer, last_name="山田", past_lead_id="00Q000000000001AAA"
    )
    return usual, left, script


def post(browser, page, go, picks=None, **more):
    shown = browser.get(page).context["shown_ids"]
    picks = [row.pk for row in picks] if picks is not None else []
    return browser.post(page, {"shown": shown, "pick": picks, "go": go, **more}, follow=True)


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_set_is_suggested_that_tries_what_waits(page, pool, manager, signed_in):
    usual, left, script = pool
    answer = post(signed_in(manager), page, "suggest")
    picked = answer.context["picked"]
    assert len(picked) == 5
    assert script in picked
    assert set(picked) & set(left)
    assert set(picked) & set(usual), "the usual case is one, too"
    assert {line.key for line in answer.context["covered"]} == {
        "left_only",
        "past_lead",
        "long_or_non_latin",
    }
    assert not answer.context["left_out"]
    assert "5 job changes were picked." in words(answer)
    assert "Nobody who waits has: Past contact · Promotion · No e-mail" in words(answer)


def test_a_production_set_never_holds_two_job_changes_of_one_person(customer, manager, signed_in):
    ConnectionFactory(customer=customer, environment="production", checked=True)
    twice = [JobChangeFactory(customer=customer, past_email="d@oldco.example") for _ in range(8)]
    alone = [JobChangeFactory(customer=customer) for _ in range(5)]
    address = reverse("admin:accounts_customer_candidates", args=[customer.pk, "production"])
    picked = set(post(signed_in(manager), address, "suggest").context["picked"])
    assert len(picked) == 5
    assert len(picked & set(twice)) <= 1
    assert len(picked & set(alone)) >= 4


def test_what_is_picked_already_stays_in_the_suggested_set(page, pool, manager, signed_in):
    usual, left, script = pool
    answer = post(signed_in(manager), page, "suggest", [*usual[:4], left[1]])
    assert set(answer.context["picked"]) == {*usual[:4], left[1], script}
    again = post(signed_in(manager), page, "suggest", answer.context["picked"])
    assert "Nothing was added" in words(again)


def test_cases_that_wait_and_are_left_out_are_named(page, pool, manager, signed_in):
    usual, _left, _script = pool
    browser = signed_in(manager)
    assert "Cases that wait: Past lead (1) · Left, new job unknown (2)" in words(browser.get(page))
    answer = post(browser, page, "show", usual[:5])
    assert "Waits, and nobody is picked for it: Past lead (1)" in words(answer)


def test_the_preview_names_what_the_test_leaves_out_before_it_is_sent(
    customer, epoch, pool, manager, signed_in
):
    run = TestRunFactory(customer=customer, epoch=epoch, planned_at=timezone.now())
    for row in pool[0][:5]:
        DeliveryFactory(
            test_run=run,
            job_change=row,
            plan={"branches": ["new_lead"], "outcome": "created", "writes": []},
            plan_hash="a" * 64,
        )
    answer = signed_in(manager).get(reverse("admin:jobchanges_testrun_change", args=[run.pk]))
    text = words(answer)
    assert "Cases that wait and that this test leaves out:" in text
    assert "Left, new job unknown (2)" in text
    assert "none, 2 waiting" in text
    assert "nobody has it" in text


def test_one_that_is_held_is_not_counted_among_those_written(
    customer, epoch, pool, manager, signed_in
):
    run = TestRunFactory(customer=customer, epoch=epoch, planned_at=timezone.now())
    for number, row in enumerate(pool[0][:5]):
        held = "Nobody like this was found." if number == 0 else ""
        DeliveryFactory(
            test_run=run,
            job_change=row,
            plan={"branches": [], "outcome": "", "writes": [], "held_reason": held},
            plan_hash="a" * 64,
        )
    text = words(signed_in(manager).get(reverse("admin:jobchanges_testrun_change", args=[run.pk])))
    assert f"Writes 4 job changes to {epoch.name} at once. 1 is held: nothing is written" in text
    assert f"Send 4 job changes to {epoch.name}?" in text


def test_a_preview_says_what_a_candidate_exercises(customer, epoch, page, manager, signed_in):
    """It was refused in an earlier test, and its preview had asked the org."""
    delivery = DeliveryFactory(
        test_run=TestRunFactory(customer=customer, epoch=epoch, state=TestRun.State.CLOSED),
        job_change=JobChangeFactory(customer=customer),
        state=Delivery.State.REFUSED,
        plan={"branches": ["new_account", "inactive_owner"]},
        plan_hash="a" * 64,
    )
    (row,) = signed_in(manager).get(page).context["rows"]
    assert row.job_change == delivery.job_change
    assert [fact.label for fact in row.facts] == ["New account", "Inactive owner"]


# --- saved drafts ---------------------------------------------------------------------------


def test_picks_are_saved_and_a_colleague_opens_them(page, pool, manager, lead, signed_in):
    usual, left, _script = pool
    answer = post(signed_in(manager), page, "save", [*usual[:2], left[0]], draft_name="Odd cases")
    assert "Saved as “Odd cases”, for everybody who manages Northwind Traders." in words(answer)
    draft = PickDraft.objects.get()
    theirs = signed_in(lead)
    assert "saved by Maya Rao" in words(theirs.get(page))
    # One is tested by now: it cannot be picked any more.
    DeliveryFactory(job_change=left[0], org_id=pool_org(page), state=Delivery.State.DELIVERED)
    opened = post(theirs, page, f"open-{draft.pk}")
    assert opened.context["picked"] == usual[:2]
    assert f"cannot be picked any more: {left[0].person_name}" in words(opened)
    changed = post(theirs, page, f"change-{draft.pk}", usual[:3])
    assert "Saved to “Odd cases”." in words(changed)
    late = post(signed_in(manager), page, f"change-{draft.pk}", usual[:1])
    assert "Open the draft first" in words(late)
    draft.refresh_from_db()
    assert draft.ids == [row.pk for row in usual[:3]]
    post(theirs, page, f"remove-{draft.pk}", usual[:3])
    assert not PickDraft.objects.exists()


def pool_org(page) -> str:
    """The org that is connected there."""
    return TestRun.epoch.field.related_model.objects.get().org_id


def test_a_name_sent_by_enter_saves_and_no_name_is_said(page, pool, manager, signed_in):
    browser = signed_in(manager)
    assert "Give the draft a name." in words(post(browser, page, "save", pool[1]))
    post(browser, page, "show", pool[1], draft_name="By Enter")
    assert PickDraft.objects.get().name == "By Enter"
    assert browser.get(page).context["picked"] == pool[1]


@pytest.mark.parametrize("act", ["open", "change", "remove"])
def test_another_customer_s_draft_is_not_found(page, pool, other_customer, manager, signed_in, act):
    theirs = PickDraftFactory(customer=other_customer, name="Contoso set")
    answer = post(signed_in(manager), page, f"{act}-{theirs.pk}", pool[1])
    assert "This draft is not there any more." in words(answer)
    assert "Contoso set" not in words(answer)
    assert PickDraft.objects.filter(pk=theirs.pk).exists()
