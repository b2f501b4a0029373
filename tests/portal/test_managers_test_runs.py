"""Picking, previewing, sending and reviewing a test on the desk."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Delivery, Kind, TestRun
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    ReviewFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db

PLAN = {
    "writes": [
        {
            "role": "person",
            "object_name": "Contact",
            "operation": "update",
            "record_id": "003000000000001AAA",
            "reference": "person",
            "fields": {"Title": "VP Revenue"},
            "before": {"Title": "Sales Director"},
            "headers": {},
        }
    ],
    "outcome": "enriched",
    "held_reason": "",
    "explanations": ["Found by e-mail: Dana Whitfield."],
    "branches": ["existing_person", "past_contact"],
}


def page_of(run) -> str:
    return reverse("admin:jobchanges_testrun_change", args=[run.pk])


def lever(run, name: str) -> str:
    return reverse(f"admin:jobchanges_testrun_{name}", args=[run.pk])


@pytest.fixture
def epoch(customer):
    made = ConnectionFactory(customer=customer, checked=True, epoch__name="Northwind full copy")
    return made.epoch


@pytest.fixture
def candidates(customer):
    return [JobChangeFactory(customer=customer, last_name=f"Pick{n:02d}") for n in range(12)]


@pytest.fixture
def picking(customer, epoch):
    return reverse("admin:accounts_customer_candidates", args=[customer.pk, "sandbox"])


@pytest.fixture
def draft(customer, epoch):
    """Five planned job changes."""
    run = TestRunFactory(customer=customer, epoch=epoch, planned_at=timezone.now())
    for _number in range(5):
        DeliveryFactory(test_run=run, plan=PLAN, plan_hash="a" * 64)
    return run


@pytest.fixture
def sent(draft):
    """The same five, delivered and waiting for review."""
    TestRun.objects.filter(pk=draft.pk).update(
        state=TestRun.State.REVIEW, sent_at=timezone.now(), sent_by=draft.created_by
    )
    for delivery in draft.deliveries.all():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.DELIVERED, released_at=timezone.now(), attempts_made=1
        )
        attempt = AttemptFactory(delivery=delivery)
        RecordWriteFactory(
            attempt=attempt, sent={"Title": "VP Revenue"}, stored={"Title": "VP Rev"}
        )
    draft.refresh_from_db()
    return draft


def tick(browser, address, job_changes, go="test", **more):
    """Send the picking form with these ticked; all others of the page are shown and unticked."""
    shown = browser.get(address).context["shown_ids"]
    return browser.post(
        address, {"shown": shown, "pick": [job.pk for job in job_changes], "go": go, **more}
    )


# Candidates ---------------------------------------------------------------------------------


def test_candidates_say_what_each_would_exercise(customer, picking, manager, signed_in):
    JobChangeFactory(customer=customer, last_name="Gone", kind=Kind.LEFT, new_email="")
    JobChangeFactory(customer=customer, last_name="Known", past_contact_id="003000000000001AAA")
    JobChangeFactory(customer=customer, first_name="雪", last_name="山田", new_email="")
    page = signed_in(manager).get(picking).content.decode()
    for words in ("Left, new job unknown", "Past contact", "No e-mail", "Long or non-Latin text"):
        assert f'<span class="chip">{words}</span>' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "gone"}, "Gone"),
        ({"q": "oldco newco known"}, "Known"),
        ({"kind": "left"}, "Gone"),
        ({"trait": "past_contact"}, "Known"),
        ({"trait": "no_email"}, "山田"),
        ({"trait": "long_or_non_latin"}, "山田"),
        ({"trait": "past_lead"}, None),
        ({"trait": "nonsense", "kind": "nonsense", "page": "99", "q": "Gone"}, "Gone"),
    ],
)
def test_candidates_are_filtered(customer, picking, manager, signed_in, query, found):
    JobChangeFactory(
        customer=customer,
        last_name="Gone",
        kind=Kind.LEFT,
        new_email="",
        new_company_name="",
        new_company_domain="",
    )
    JobChangeFactory(customer=customer, last_name="Known", past_contact_id="003000000000001AAA")
    JobChangeFactory(customer=customer, first_name="雪", last_name="山田", new_email="")
    rows = signed_in(manager).get(picking, query).context["rows"]
    assert [row.job_change.last_name for row in rows] == ([found] if found else [])


def test_a_test_is_put_together_from_what_is_ticked(picking, candidates, manager, signed_in):
    answer = tick(signed_in(manager), picking, candidates[:5])
    run = TestRun.objects.get()
    assert answer["Location"] == page_of(run)
    held = run.deliveries.values_list("job_change_id", flat=True)
    assert set(held) == {job.pk for job in candidates[:5]}


def test_too_few_picks_are_refused_and_stay_ticked(picking, candidates, manager, signed_in):
    browser = signed_in(manager)
    tick(browser, picking, candidates[:3])
    page = browser.get(picking)
    assert "A test run has 5 to 10 job changes; you picked 3." in page.content.decode()
    assert [row.job_change for row in page.context["rows"] if row.picked] == candidates[:3][::-1]
    assert not TestRun.objects.exists()


def test_picks_survive_another_search_and_can_be_taken_back(
    picking, candidates, manager, signed_in
):
    browser = signed_in(manager)
    answer = tick(browser, picking, candidates[:4], go="show", q="Pick11")
    assert answer["Location"] == f"{picking}?q=Pick11"
    page = browser.get(answer["Location"])
    assert [row.job_change for row in page.context["elsewhere"]] == candidates[:4]
    tick(browser, answer["Location"], [candidates[11], *candidates[:2]], go="show")
    kept = browser.get(picking).context["picked"]
    assert set(kept) == {candidates[11], *candidates[:2]}
    browser.post(picking, {"go": "clear"})
    assert browser.get(picking).context["picked"] == []


def test_many_candidates_are_paged_and_picks_kept(customer, picking, manager, signed_in):
    made = [JobChangeFactory(customer=customer) for _number in range(60)]
    browser = signed_in(manager)
    first = browser.get(picking).context["rows"][0].job_change
    answer = tick(browser, picking, [first], go="page-2")
    assert answer["Location"] == f"{picking}?page=2"
    page = browser.get(answer["Location"])
    assert len(page.context["rows"]) == len(made) - 50
    assert page.context["picked"] == [first]


def test_candidates_take_as_many_queries_for_many_as_for_few(
    customer, picking, candidates, manager, signed_in, django_assert_max_num_queries
):
    browser = signed_in(manager)
    with django_assert_max_num_queries(30) as few:
        browser.get(picking)
    JobChangeFactory.create_batch(30, customer=customer)
    with django_assert_max_num_queries(len(few)):
        browser.get(picking)


def test_a_stranger_s_job_change_cannot_be_picked(
    picking, candidates, other_customer, manager, signed_in
):
    theirs = JobChangeFactory(customer=other_customer)
    signed_in(manager).post(
        picking, {"pick": [theirs.pk, *(job.pk for job in candidates[:5])], "go": "test"}
    )
    held = TestRun.objects.get().deliveries.values_list("job_change_id", flat=True)
    assert theirs.pk not in held


def test_an_open_test_is_pointed_to(picking, draft, candidates, manager, signed_in):
    page = signed_in(manager).get(picking).content.decode()
    assert page_of(draft) in page
    assert "Put together" not in page


def test_without_a_connected_org_nothing_is_put_together(customer, candidates, manager, signed_in):
    address = reverse("admin:accounts_customer_candidates", args=[customer.pk, "sandbox"])
    browser = signed_in(manager)
    page = browser.get(address).content.decode()
    assert "No org is connected yet." in page
    assert "Put together" not in page
    tick(browser, address, candidates[:5])
    assert "No org is connected yet." in browser.get(address).content.decode()
    assert not TestRun.objects.exists()


def test_production_is_not_written_to_before_it_was_allowed(
    customer, candidates, manager, signed_in
):
    ConnectionFactory(customer=customer, environment="production")
    address = reverse("admin:accounts_customer_candidates", args=[customer.pk, "production"])
    browser = signed_in(manager)
    tick(browser, address, candidates[:5])
    assert "Nothing is written to production" in browser.get(address).content.decode()


@pytest.mark.parametrize("environment", ["sandbox", "moon"])
def test_a_stranger_s_candidates_are_not_found(other_customer, manager, signed_in, environment):
    args = [other_customer.pk, environment]
    address = reverse("admin:accounts_customer_candidates", args=args)
    assert signed_in(manager).get(address).status_code == 404


# The draft ----------------------------------------------------------------------------------


def test_the_preview_shows_every_field_why_and_what_is_not_covered(draft, manager, signed_in):
    page = signed_in(manager).get(page_of(draft)).content.decode()
    assert page.count("Found by e-mail: Dana Whitfield.") == 5
    assert "VP Revenue" in page
    assert "Sales Director" in page
    assert "Enriches a record" in page
    assert "Send 5 job changes to Northwind full copy?" in page
    words = " ".join(page.split())
    assert '<span>New lead</span> <b class="num">none</b>' in words


def test_while_planning_the_page_asks_again_and_offers_no_sending(draft, manager, signed_in):
    TestRun.objects.filter(pk=draft.pk).update(planned_at=None, plan_requested_at=timezone.now())
    page = signed_in(manager).get(page_of(draft)).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<noscript>" in page
    assert lever(draft, "send") not in page


def test_a_preview_that_failed_says_why_and_stops_asking(draft, manager, signed_in):
    TestRun.objects.filter(pk=draft.pk).update(
        plan_requested_at=timezone.now(), plan_error="The org did not answer."
    )
    page = signed_in(manager).get(page_of(draft)).content.decode()
    assert "The org did not answer." in page
    assert "every 2s" not in page
    assert lever(draft, "plan") in page


def test_planning_again_is_asked_for(draft, manager, signed_in):
    answer = signed_in(manager).post(lever(draft, "plan"), follow=True)
    draft.refresh_from_db()
    assert draft.plan_requested_at is not None
    assert "A new preview was asked for." in answer.content.decode()


def test_sending_releases_the_test_once(draft, manager, signed_in):
    browser = signed_in(manager)
    page = browser.post(lever(draft, "send"), follow=True).content.decode()
    draft.refresh_from_db()
    assert draft.state == TestRun.State.SENDING
    assert "The test is being sent." in page
    assert 'hx-trigger="every 2s"' in page
    again = browser.post(lever(draft, "send"), follow=True).content.decode()
    assert "was sent already" in again


def test_an_unplanned_test_is_not_sent(draft, manager, signed_in):
    TestRun.objects.filter(pk=draft.pk).update(planned_at=None)
    page = signed_in(manager).post(lever(draft, "send"), follow=True).content.decode()
    assert "The preview is not ready yet." in page
    draft.refresh_from_db()
    assert draft.state == TestRun.State.DRAFT


def test_picks_of_a_draft_are_changed(draft, candidates, manager, signed_in):
    browser = signed_in(manager)
    held = [delivery.job_change for delivery in draft.deliveries.all()]
    page = browser.get(lever(draft, "picks"))
    assert page.context["picked"] == held
    tick(browser, lever(draft, "picks"), [*held[:4], candidates[0]])
    now = set(draft.deliveries.values_list("job_change_id", flat=True))
    assert now == {candidates[0].pk, *(job.pk for job in held[:4])}


def test_a_sent_test_only_grows(sent, candidates, manager, signed_in):
    browser = signed_in(manager)
    tick(browser, lever(sent, "picks"), [candidates[0]])
    assert sent.deliveries.count() == 6
    page = browser.get(page_of(sent)).content.decode()
    assert "Added, not sent yet" in page


def test_a_test_is_closed_with_a_reason(draft, manager, signed_in):
    browser = signed_in(manager)
    refused = browser.post(lever(draft, "close"), {"reason": " "})
    assert refused.status_code == 422
    assert "Write why the run ends here" in refused.content.decode()
    page = browser.post(lever(draft, "close"), {"reason": "Wrong sandbox"}, follow=True)
    assert "Wrong sandbox" in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == TestRun.State.CLOSED


def test_a_closed_test_offers_nothing_more(draft, manager, signed_in):
    TestRun.objects.filter(pk=draft.pk).update(state=TestRun.State.CLOSED)
    browser = signed_in(manager)
    page = browser.get(page_of(draft)).content.decode()
    assert lever(draft, "close") not in page
    assert browser.get(lever(draft, "picks"))["Location"] == page_of(draft)
    assert "has ended" in browser.post(lever(draft, "plan"), follow=True).content.decode()


# The review ---------------------------------------------------------------------------------


def test_the_manager_reviews_with_the_same_parts_as_the_customer(sent, manager, signed_in):
    first = sent.deliveries.first()
    browser = signed_in(manager)
    page = browser.get(page_of(sent)).content.decode()
    assert "We sent" in page
    assert "VP Rev" in page
    assert reverse("delivery_review", args=[sent.pk, first.pk]) in page
    answer = browser.post(
        reverse("delivery_review", args=[sent.pk, first.pk]), {"verdict": "right"}
    )
    assert answer["Location"].startswith(page_of(sent))


def test_what_is_wrong_with_a_verdict_is_said_on_the_desk(sent, manager, signed_in):
    first = sent.deliveries.first()
    page = signed_in(manager).post(
        reverse("delivery_review", args=[sent.pk, first.pk]), {"verdict": "off"}, follow=True
    )
    assert 'class="notice bad"' in page.content.decode()


def test_the_customer_s_word_is_seen_on_the_desk(sent, admin_person, manager, signed_in):
    delivery = sent.deliveries.first()
    ReviewFactory(
        attempt=delivery.attempts.get(),
        by=admin_person,
        verdict="off",
        category="field",
        comment="The title is cut",
    )
    page = signed_in(manager).get(f"{page_of(sent)}?open={delivery.pk}").content.decode()
    assert "The title is cut" in page


def test_the_portal_s_address_leads_staff_to_the_desk(sent, manager, signed_in):
    answer = signed_in(manager).get(reverse("test_run", args=[sent.pk]))
    assert answer["Location"] == page_of(sent)


def test_nothing_on_the_run_s_page_is_inline(sent, draft, manager, signed_in):
    page = signed_in(manager).get(page_of(sent)).content.decode()
    assert "style=" not in page
    assert "onclick" not in page
    assert "<script>" not in page


# Access -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plan", "send", "close", "picks"])
def test_levers_of_a_stranger_s_test_are_not_found(draft, other_manager, signed_in, name):
    assert signed_in(other_manager).post(lever(draft, name)).status_code == 404
    draft.refresh_from_db()
    assert draft.state == TestRun.State.DRAFT


@pytest.mark.parametrize("name", ["plan", "send", "close"])
def test_a_lever_of_a_test_is_not_pulled_by_a_link(draft, manager, signed_in, name):
    assert signed_in(manager).get(lever(draft, name)).status_code == 405


def test_staff_without_rights_may_not_send(draft, staff_without_rights, customer, signed_in):
    customer.implementation_manager = staff_without_rights
    customer.save(update_fields=["implementation_manager"])
    browser = signed_in(staff_without_rights)
    assert browser.post(lever(draft, "send")).status_code == 403
    assert browser.get(page_of(draft)).status_code == 403


def test_a_customer_s_person_reaches_no_lever(draft, admin_person, signed_in):
    answer = signed_in(admin_person).post(lever(draft, "send"), follow=True)
    assert answer.status_code == 403
    draft.refresh_from_db()
    assert draft.state == TestRun.State.DRAFT
