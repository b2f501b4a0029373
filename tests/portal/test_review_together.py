"""Both sides review one test: threads, reasons that lead to settings, attempts side by side."""

import html as markup
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Attempt, Comment, Delivery, Side, TestRun, Verdict
from jobchanges.services.approvals import questions_asked
from jobchanges.signals import comment_added
from tests.factories import (
    AttemptFactory,
    CommentFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    ReviewFactory,
    RunApprovalFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db

OWNER = {"role": "person", "object_name": "Lead", "operation": "create", "record_id": ""}


def plan(**fields):
    return {"writes": [{**OWNER, "fields": fields, "before": {}}], "outcome": "created"}


@pytest.fixture
def run(customer, manager):
    """One delivered job change and one that was not answered yet."""
    manager.booking_url = "https://calendar.example/maya"
    manager.save(update_fields=["booking_url"])
    run = TestRunFactory(
        customer=customer, state=TestRun.State.REVIEW, sent_at=timezone.now(), sent_by=manager
    )
    for position in range(2):
        DeliveryFactory(
            test_run=run,
            position=position,
            job_change=JobChangeFactory(customer=customer, last_name=f"Person{position}"),
            state=Delivery.State.DELIVERED,
            outcome=Delivery.Outcome.CREATED,
            released_at=timezone.now(),
            attempts_made=1,
        )
    return run


@pytest.fixture
def delivery(run):
    """The first, with one attempt that stored another owner."""
    first = run.deliveries.first()
    attempt = AttemptFactory(
        delivery=first,
        plan=plan(Title="VP Sales", LeadSource="UserGems"),
        display={"labels": {"Lead": {"LeadSource": "Lead Source"}}},
    )
    RecordWriteFactory(
        attempt=attempt,
        object_name="Lead",
        sent={"Title": "VP Sales", "LeadSource": "UserGems"},
        stored={"Title": "VP Sales", "LeadSource": "Other"},
    )
    return first


def page(browser, run, person, **query) -> str:
    name = "admin:jobchanges_testrun_change" if person.is_staff else "test_run"
    answer = browser.get(reverse(name, args=[run.pk]), query)
    assert answer.status_code == 200
    return text_of(answer)


def text_of(answer) -> str:
    words = markup.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return " ".join(words.split())


def comment(browser, run, delivery, text="Which owner is this?"):
    return browser.post(
        reverse("delivery_comment", args=[run.pk, delivery.pk]), {"text": text}, follow=True
    )


# --- the thread -----------------------------------------------------------------------------


def test_both_sides_talk_before_anybody_s_verdict(
    run, delivery, reviewer, manager, signed_in, django_capture_on_commit_callbacks
):
    heard = []

    def listen(comment, **_kwargs):
        heard.append((comment.side, comment.text))

    comment_added.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        comment(signed_in(reviewer), run, delivery)
        comment(signed_in(manager), run, delivery, "The default owner.")
    comment_added.disconnect(listen)
    assert heard == [("customer", "Which owner is this?"), ("vendor", "The default owner.")]
    for person in (reviewer, manager):
        seen = page(signed_in(person), run, person, open=delivery.pk)
        assert "2 comments" in seen
        assert seen.index("Which owner is this?") < seen.index("The default owner.")


def test_the_thread_is_open_while_the_test_is_sent(run, delivery, reviewer, signed_in):
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.SENDING)
    browser = signed_in(reviewer)
    assert "Your comment" in page(browser, run, reviewer, open=delivery.pk)
    assert "Which owner is this?" in text_of(comment(browser, run, delivery))


def test_a_folded_line_says_what_both_sides_said(run, delivery, admin_person, manager, signed_in):
    attempt = delivery.attempts.get()
    ReviewFactory(attempt=attempt, side=Side.CUSTOMER, by=admin_person, verdict=Verdict.OFF)
    ReviewFactory(attempt=attempt, side=Side.VENDOR, by=manager)
    CommentFactory(delivery=delivery, by=manager, side=Side.VENDOR)
    other = run.deliveries.last()
    seen = page(signed_in(admin_person), run, admin_person, open=other.pk)
    assert "You: Something is off · Maya Rao: Looks right · 1 comment" in seen


@pytest.mark.parametrize("state", [TestRun.State.CLOSED, TestRun.State.VOID])
def test_a_test_that_ended_is_read_with_its_thread(
    run, delivery, admin_person, manager, signed_in, state
):
    CommentFactory(delivery=delivery, by=manager, side=Side.VENDOR, text="See you in the next.")
    ReviewFactory(attempt=delivery.attempts.get(), side=Side.VENDOR, by=manager)
    TestRun.objects.filter(pk=run.pk).update(
        state=state, ended_at=timezone.now(), close_reason="A new sandbox."
    )
    for person in (admin_person, manager):
        browser = signed_in(person)
        seen = page(browser, run, person, open=delivery.pk)
        assert "See you in the next." in seen
        assert "Your comment" not in seen
        assert "Your turn" not in seen
        assert "Save “Something is off”" not in seen
        assert "has ended" in text_of(comment(browser, run, delivery))
    assert Comment.objects.count() == 1


def test_strangers_and_other_managers_find_no_thread(
    run, delivery, stranger, other_manager, signed_in
):
    for person in (stranger, other_manager):
        assert comment(signed_in(person), run, delivery).status_code == 404
    assert not Comment.objects.exists()


def test_a_test_that_is_put_together_has_no_thread_for_the_customer(
    run, delivery, admin_person, signed_in
):
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.DRAFT, sent_at=None)
    assert comment(signed_in(admin_person), run, delivery).status_code == 404


def test_an_offered_test_is_talked_about_where_it_is_allowed(
    customer, admin_person, manager, signed_in
):
    run = TestRunFactory(customer=customer, environment="production", offered_at=timezone.now())
    offered = DeliveryFactory(
        test_run=run, environment="production", job_change=JobChangeFactory(customer=customer)
    )
    browser = signed_in(admin_person)
    answer = comment(browser, run, offered, "Does this one alert anybody?")
    assert answer.redirect_chain[-1][0].endswith(f"#planned-{offered.pk}")
    assert "Does this one alert anybody?" in text_of(answer)
    assert "Does this one alert anybody?" in page(signed_in(manager), run, manager)
    assert "Write something first." in text_of(comment(browser, run, offered, " "))


# --- reasons, settings, a call --------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "anchor", "words"),
    [
        ("owner", "#owners", "Who owns the records"),
        ("field", "#fields", "Fields that are filled besides"),
        ("wrong_match", None, None),
    ],
)
def test_a_reason_leads_to_the_setting_at_fault_of_each_side(
    run, delivery, admin_person, manager, signed_in, category, anchor, words
):
    ReviewFactory(
        attempt=delivery.attempts.get(),
        side=Side.CUSTOMER,
        by=admin_person,
        verdict=Verdict.OFF,
        category=category,
    )
    settings = {
        admin_person: f"{reverse('settings')}?environment=sandbox",
        manager: reverse("admin:accounts_customer_settings", args=[run.customer_id, "sandbox"]),
    }
    for person, address in settings.items():
        name = "admin:jobchanges_testrun_change" if person.is_staff else "test_run"
        answer = signed_in(person).get(reverse(name, args=[run.pk]), {"open": delivery.pk})
        if anchor is None:
            assert "The setting behind it" not in text_of(answer)
        else:
            assert f'href="{address}{anchor}">{words}</a>' in answer.content.decode()


def test_a_call_is_a_click_away(run, delivery, admin_person, signed_in):
    answer = signed_in(admin_person).get(reverse("test_run", args=[run.pk]), {"open": delivery.pk})
    source = answer.content.decode()
    assert source.count('href="https://calendar.example/maya"') == 3, "thread, aside, foot"
    assert "Book a call with Maya" in source


# --- attempts side by side --------------------------------------------------------------------


def test_what_changed_between_two_attempts_stands_side_by_side(
    run, delivery, admin_person, signed_in
):
    second = AttemptFactory(
        delivery=delivery,
        number=2,
        is_correction=True,
        plan=plan(LeadSource="Partner"),
        display={"labels": {"Lead": {"LeadSource": "Lead Source"}}},
    )
    RecordWriteFactory(
        attempt=second,
        object_name="Lead",
        sent={"LeadSource": "Partner"},
        stored={"LeadSource": "Partner"},
    )
    browser = signed_in(admin_person)
    seen = page(browser, run, admin_person, open=delivery.pk)
    assert "What is different between Attempt 1 and Attempt 2" in seen
    assert "Lead Source New lead UserGems Salesforce stored: Other Partner" in seen
    table = seen[seen.index("What is different") : seen.index("Attempt 1 Delivered")]
    assert "Title" not in table


def test_a_refused_attempt_is_compared_with_what_was_sent_next(
    run, delivery, admin_person, signed_in
):
    Attempt.objects.filter(delivery=delivery).update(outcome="refused")
    delivery.attempts.get().writes.all().delete()
    AttemptFactory(delivery=delivery, number=2, plan=plan(Title="VP Sales", Industry="Retail"))
    seen = page(signed_in(admin_person), run, admin_person, open=delivery.pk)
    assert "Industry New lead not sent Retail" in seen
    assert "LeadSource New lead UserGems not sent" in seen or "Lead Source New lead" in seen


@pytest.mark.parametrize(
    ("outcome", "reason", "chip", "words"),
    [
        ("unknown", "", "No answer", "No answer came from Salesforce."),
        ("", "", "No answer", "No answer came from Salesforce."),
        ("released", "Salesforce was silent.", "tried again", "Salesforce was silent."),
        ("found", "", "Found in the org", "the org was asked: it had stored it."),
    ],
)
def test_an_attempt_without_an_answer_says_so(
    run, delivery, admin_person, signed_in, outcome, reason, chip, words
):
    Attempt.objects.filter(delivery=delivery).update(outcome=outcome, held_reason=reason)
    AttemptFactory(delivery=delivery, number=2, plan=plan(Title="VP Sales", LeadSource="UserGems"))
    seen = page(signed_in(admin_person), run, admin_person, open=delivery.pk)
    assert "Attempt 2 sent the same as attempt 1." in seen
    first = seen[seen.index("Attempt 1 ") : seen.rindex("Attempt 2 ")]
    assert chip in first
    assert words in first


# --- the questions about the whole test -------------------------------------------------------


def test_both_sides_answer_and_read_each_other_s_answers(
    run, delivery, admin_person, manager, signed_in
):
    RunApprovalFactory(
        test_run=run, side=Side.CUSTOMER, by=admin_person, seen_as_rep=False, lead_converted=None
    )
    seen = page(signed_in(manager), run, manager)
    assert "not only the administrator Not yet (Priya Shah, Customer)" in seen
    assert "fields survived No leads are used (Priya Shah, Customer)" in seen


def test_production_asks_only_where_no_sandbox_test_came_before(customer):
    run = TestRunFactory(customer=customer, environment="production")
    for path, asks in (("sandbox_first", False), ("production_only", True)):
        run.customer.path = path
        assert questions_asked(run) is asks


def test_an_empty_comment_while_the_test_is_being_sent_says_so(
    run, delivery, admin_person, signed_in
):
    """The list asks again every two seconds: what is said stands where it does not."""
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.SENDING)
    address = reverse("delivery_comment", args=[run.pk, delivery.pk])
    page = signed_in(admin_person).post(address, {"text": " "}, follow=True).content.decode()
    above, _main, review = page.partition('id="review"')
    assert "Write something first." in above
    form = review.partition(f'action="{address}"')[2].partition(">")[0]
    assert 'hx-select-oob="#messages"' in form


def test_what_the_other_side_says_appears_by_itself_and_nothing_typed_is_lost(
    run, delivery, admin_person, signed_in
):
    page = signed_in(admin_person).get(reverse("test_run", args=[run.pk])).content.decode()
    asks = re.search(r'<div id="reviewed"[^>]*>', page)[0]
    other = run.deliveries.exclude(pk=delivery.pk).get()
    assert 'hx-trigger="every 20s"' in asks
    assert f'hx-select-oob="#said-{delivery.pk},#delivery-{other.pk}"' in asks
    assert f'id="said-{delivery.pk}"' in page
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.CLOSED)
    page = signed_in(admin_person).get(reverse("test_run", args=[run.pk])).content.decode()
    assert "every 20s" not in page, "polling stops when the work has ended"
