"""Allowing a production test, as the customer's people and the managers see and use it."""

import datetime
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import CheckResult
from jobchanges.models import Allowance, Delivery, JobChange, TestRun
from jobchanges.signals import test_run_allowed as allowed_signal
from jobchanges.signals import test_run_offered as offered_signal
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db
OWNER = "005000000000002AAA"


def write(role, object_name, operation="create", record_id=None, **fields):
    before = dict.fromkeys(fields) if operation == "update" else {}
    return {
        "role": role,
        "object_name": object_name,
        "operation": operation,
        "record_id": record_id,
        "reference": role,
        "fields": fields,
        "before": before,
        "headers": {},
    }


def plan(number):
    """Somebody becomes a contact, their past record is marked, they join the campaign."""
    past = f"003{number:012d}AAA"
    return {
        "writes": [
            write("person", "Contact", LastName=f"Person{number}", OwnerId=OWNER),
            write(
                "past_person",
                "Contact",
                "update",
                past,
                UserGem__NoLongerAtCompany__c=True,
            ),
            write("campaign_member", "CampaignMember", CampaignId="701000000000001AAA"),
            write("package", "UserGem__UserGem__c", UserGem__DeliveryKey__c=f"k{number}"),
        ],
        "outcome": "created",
        "held_reason": "",
        "explanations": ["Account matched by its name."],
        "branches": ["existing_account"],
    }


@pytest.fixture
def run(customer):
    """Five planned job changes for production."""
    connection = ConnectionFactory(
        customer=customer,
        environment="production",
        checked=True,
        epoch__name="Northwind production",
    )
    run = TestRunFactory(
        customer=customer,
        environment="production",
        epoch=connection.epoch,
        number=1,
        planned_at=timezone.now(),
    )
    for number in range(5):
        DeliveryFactory(
            test_run=run,
            position=number,
            job_change=JobChangeFactory(
                customer=customer, first_name=f"Ada{number}", last_name=f"Person{number}"
            ),
            plan=plan(number),
            plan_hash="a" * 64,
            display={"labels": {}, "names": {OWNER: "Olga Owner"}},
        )
    return run


@pytest.fixture
def offered(run, customer):
    TestRun.objects.filter(pk=run.pk).update(
        offered_at=timezone.now(), offered_by=customer.implementation_manager
    )
    run.refresh_from_db()
    return run


def text_of(answer) -> str:
    """What a person reads of a page."""
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def page_of(run) -> str:
    return reverse("test_run", args=[run.pk])


def allow(browser, run, **data):
    """Press the button, with what the page holds unless `data` says otherwise."""
    form = browser.get(page_of(run)).context["offer"].form
    held = {name: form[name].value() or "" for name in form.fields} if form else {}
    return browser.post(reverse("test_run_allow", args=[run.pk]), held | data)


def desk(run) -> str:
    return reverse("admin:jobchanges_testrun_change", args=[run.pk])


# The customer's page ----------------------------------------------------------------------------


def test_what_is_overwritten_is_named_with_what_stood_there(offered, admin_person, signed_in):
    words = "Overwritten on records that exist, as the settings say:"
    assert words not in text_of(signed_in(admin_person).get(page_of(offered)))
    delivery = offered.deliveries.first()
    past = delivery.plan["writes"][1]
    past["fields"]["Contact_Status__c"] = "Former customer"
    past["before"]["Contact_Status__c"] = "Active"
    past["replaces"] = ["Contact_Status__c"]
    delivery.display["labels"] = {"Contact": {"Contact_Status__c": "Contact Status"}}
    delivery.save(update_fields=["plan", "display"])
    page = text_of(signed_in(admin_person).get(page_of(offered)))
    assert words in page
    assert "Ada0 Person0, Contact Status: “Active” becomes “Former customer”" in page
    assert "Everything else on existing records stays" in page


def test_where_a_flow_of_theirs_makes_the_records_it_decides_who_owns_them(
    offered, admin_person, signed_in
):
    for delivery in offered.deliveries.all():
        delivery.plan["writes"] = [
            write for write in delivery.plan["writes"] if write["role"] == "package"
        ]
        delivery.save(update_fields=["plan"])
    page = text_of(signed_in(admin_person).get(page_of(offered)))
    assert "Nobody receives a record from UserGems: only its own records are written." in page
    assert "they keep their owners" not in page


def test_the_customer_sees_every_write_before_allowing(offered, admin_person, signed_in):
    page = text_of(signed_in(admin_person).get(page_of(offered), {"all": "1"}))
    for words in (
        "5 job changes for Northwind production.",
        "Nothing is written before you allow it",
        "Ada0 Person0",
        "Account matched by its name.",
        "New contact is created",
        "Past contact is updated",
        "NoLongerAtCompany empty Yes",
        "Campaign member is created",
        "Olga Owner 5 0 0",
        "UserGems’ own notifications are off.",
    ):
        assert words in page


def test_what_of_their_own_will_fire_is_not_known_before_the_org_was_asked(
    offered, admin_person, signed_in
):
    CheckResult.objects.all().delete()
    page = text_of(signed_in(admin_person).get(page_of(offered)))
    assert "will fire has not been checked yet" in page
    assert "on: contact, campaign member, UserGem" in page


def test_an_admin_allows_it_and_reads_from_when(offered, admin_person, signed_in):
    browser = signed_in(admin_person)
    heard = []
    allowed_signal.connect(
        lambda allowance, **_: heard.append(allowance), weak=False, dispatch_uid="test"
    )
    try:
        answer = allow(browser, offered)
    finally:
        allowed_signal.disconnect(dispatch_uid="test")
    assert answer.url == page_of(offered)
    given = Allowance.objects.get()
    assert heard == [given]
    assert abs((given.starts_at - timezone.now()).total_seconds()) < 60
    assert given.address == "127.0.0.1"
    page = text_of(browser.get(page_of(offered)))
    assert "Priya Shah allowed this test." in page
    assert given.content_hash[:12] in page
    assert "Allow this production test" not in page


def test_a_time_is_in_the_readers_own_zone(offered, approver, signed_in):
    browser = signed_in(approver)
    browser.cookies["timezone"] = "America/New_York"
    later = timezone.now().astimezone(datetime.UTC) + datetime.timedelta(days=2)
    chosen = later.replace(hour=18, minute=0, second=0, microsecond=0, tzinfo=None)
    allow(browser, offered, starts_at=chosen.strftime("%Y-%m-%dT%H:%M"))
    given = Allowance.objects.get()
    assert given.starts_at.astimezone(datetime.UTC).hour in {22, 23}
    assert f"from {chosen:%-d %b}, 18:00 on" in text_of(browser.get(page_of(offered)))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2020-01-01T10:00", "This time has passed."),
        ("2099-01-01T10:00", "in the next 30 days"),
        ("tomorrow", "Write a date and a time"),
    ],
)
def test_a_time_that_cannot_be_is_said_and_nothing_is_allowed(
    offered, admin_person, signed_in, typed, words
):
    answer = allow(signed_in(admin_person), offered, starts_at=typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert f'value="{typed}"' in answer.content.decode()
    assert not Allowance.objects.exists()


def test_what_changed_since_the_page_was_opened_is_shown_and_can_be_allowed_then(
    offered, admin_person, signed_in
):
    browser = signed_in(admin_person)
    held = {"seen": browser.get(page_of(offered)).context["offer"].form["seen"].value()}
    Delivery.objects.filter(pk=offered.deliveries.first().pk).update(plan=plan(99))
    answer = browser.post(reverse("test_run_allow", args=[offered.pk]), held)
    assert answer.status_code == 422
    assert "has changed since you opened the page" in text_of(answer)
    now = answer.context["offer"].form["seen"].value()
    assert browser.post(reverse("test_run_allow", args=[offered.pk]), {"seen": now}).url
    assert Allowance.objects.get().content_hash == now


def test_without_a_fresh_code_the_page_leads_to_one_and_nothing_is_allowed(
    offered, admin_person, signed_in
):
    browser = signed_in(admin_person, fresh=False)
    page = browser.get(page_of(offered))
    assert "Send me a code" in text_of(page)
    assert "Allow this production test" not in text_of(page)
    answer = browser.post(reverse("test_run_allow", args=[offered.pk]), {"seen": "x"})
    assert answer.url.startswith(reverse("account_prove"))
    assert not Allowance.objects.exists()


def test_a_reviewer_sees_everything_and_who_may_allow(
    offered, reviewer, admin_person, approver, signed_in
):
    browser = signed_in(reviewer)
    page = text_of(browser.get(page_of(offered)))
    assert "An admin or approver of your company allows it." in page
    assert "Priya Shah" in page
    assert "Ana Costa" in page
    assert "Ada0 Person0" in page
    assert browser.post(reverse("test_run_allow", args=[offered.pk])).status_code == 403


def test_a_draft_is_not_shown_before_it_is_offered(run, admin_person, signed_in):
    browser = signed_in(admin_person)
    assert browser.get(page_of(run)).status_code == 404
    assert browser.get(reverse("test_run_allow", args=[run.pk])).status_code == 404
    assert "Test 1 in" not in text_of(browser.get(reverse("test_run_list")))


def test_an_offered_test_is_in_the_list(offered, admin_person, signed_in):
    page = text_of(signed_in(admin_person).get(reverse("test_run_list")))
    assert "Test 1 in Northwind production" in page
    assert "To be allowed" in page


def test_an_allowance_that_ended_says_why_and_what_changed(
    offered, admin_person, manager, signed_in
):
    allow(signed_in(admin_person), offered)
    signed_in(manager).post(
        reverse("admin:jobchanges_testrun_offer_withdraw", args=[offered.pk]),
        {"reason": "The campaign was wrong."},
    )
    Delivery.objects.filter(pk=offered.deliveries.first().pk).update(plan=plan(99))
    signed_in(manager).post(reverse("admin:jobchanges_testrun_offer", args=[offered.pk]))
    page = text_of(signed_in(admin_person).get(page_of(offered)))
    for words in (
        "What Priya Shah allowed before no longer holds.",
        "The campaign was wrong. Nothing was sent by that allowance.",
        "Ada0 Person0: something else will be written.",
        "Allow this production test",
    ):
        assert words in page


def test_an_offer_that_was_taken_back_is_explained_not_missing(
    run, admin_person, manager, signed_in
):
    desk_browser = signed_in(manager)
    desk_browser.post(reverse("admin:jobchanges_testrun_offer", args=[run.pk]))
    desk_browser.post(
        reverse("admin:jobchanges_testrun_offer_withdraw", args=[run.pk]), {"reason": "Wrong."}
    )
    page = text_of(signed_in(admin_person).get(page_of(run)))
    assert "Maya is still changing this test." in page


def test_what_was_added_to_a_sent_test_is_allowed_on_its_own_page(offered, admin_person, signed_in):
    TestRun.objects.filter(pk=offered.pk).update(state=TestRun.State.REVIEW, sent_at=timezone.now())
    first = offered.deliveries.first()
    offered.deliveries.exclude(pk=first.pk).update(
        state=Delivery.State.DELIVERED, released_at=timezone.now()
    )
    browser = signed_in(admin_person)
    assert "1 job change waits for your allowance." in text_of(browser.get(page_of(offered)))
    page = browser.get(reverse("test_run_allow", args=[offered.pk]))
    assert [view.pk for view in page.context["offer"].views] == [first.pk]


def test_an_approver_takes_it_back_and_the_manager_is_told(
    run,
    admin_person,
    approver,
    manager,
    signed_in,
    mailoutbox,
    django_capture_on_commit_callbacks,
):
    offered = run
    signed_in(manager).post(reverse("admin:jobchanges_testrun_offer", args=[run.pk]))
    allow(signed_in(admin_person), offered)
    browser = signed_in(approver, fresh=False)
    assert "Take it back" in text_of(browser.get(page_of(offered)))
    assert "Take it back" in text_of(browser.get(reverse("test_run_allow", args=[offered.pk])))
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(
            reverse("test_run_allowance_withdraw", args=[offered.pk]),
            {"reason": "Not this week"},
            follow=True,
        )
    page = text_of(answer)
    for words in (
        "Taken back. Nothing is sent by it.",
        "What Priya Shah allowed before no longer holds.",
        "Ana Costa took it back: “Not this week”. Nothing was sent by that allowance.",
    ):
        assert words in page
    assert {mail.to[0] for mail in mailoutbox} == {admin_person.email, manager.email}
    assert "Ana Costa took it back: “Not this week”." in mailoutbox[0].body
    desk_page = text_of(signed_in(manager).get(desk(offered)))
    assert "Ana Costa took it back" in desk_page
    assert "Send the test" not in desk_page
    assert "Offer it to the customer" in desk_page


def test_taking_back_comes_too_late_once_it_is_sent(offered, admin_person, manager, signed_in):
    browser = signed_in(admin_person)
    allow(browser, offered)
    signed_in(manager).post(reverse("admin:jobchanges_testrun_send", args=[offered.pk]))
    answer = browser.post(reverse("test_run_allowance_withdraw", args=[offered.pk]), follow=True)
    assert "The test was sent before you took it back." in text_of(answer)
    assert Allowance.objects.get().withdrawn_at is None


def test_a_reviewer_reads_that_it_is_allowed_and_cannot_take_it_back(
    offered, admin_person, reviewer, signed_in
):
    allow(signed_in(admin_person), offered)
    browser = signed_in(reviewer)
    assert "Take it back" not in text_of(browser.get(page_of(offered)))
    lever = reverse("test_run_allowance_withdraw", args=[offered.pk])
    assert browser.post(lever).status_code == 403


# The managers' desk -----------------------------------------------------------------------------


def test_the_manager_offers_and_the_customer_is_told(run, manager, signed_in):
    browser = signed_in(manager)
    page = text_of(browser.get(desk(run)))
    assert "The customer allows it before it is sent." in page
    assert "Send the test" not in page
    assert "Olga Owner 5 0 0" in page
    heard = []
    offered_signal.connect(
        lambda test_run, **_: heard.append(test_run), weak=False, dispatch_uid="test"
    )
    try:
        browser.post(reverse("admin:jobchanges_testrun_offer", args=[run.pk]))
    finally:
        offered_signal.disconnect(dispatch_uid="test")
    assert heard == [run]
    page = text_of(browser.get(desk(run)))
    assert "Offered to Northwind Traders, waiting for their allowance." in page
    assert "Send the test" not in page


def test_the_manager_sends_once_it_is_allowed(offered, manager, admin_person, signed_in):
    allow(signed_in(admin_person), offered)
    browser = signed_in(manager)
    page = text_of(browser.get(desk(offered)))
    assert "Priya Shah allowed it." in page
    assert "Send the test" in page
    browser.post(reverse("admin:jobchanges_testrun_send", args=[offered.pk]))
    offered.refresh_from_db()
    assert offered.state == TestRun.State.SENDING


def test_before_its_time_the_manager_reads_from_when(offered, manager, admin_person, signed_in):
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)
    allow(signed_in(admin_person), offered, starts_at=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    browser = signed_in(manager)
    page = text_of(browser.get(desk(offered)))
    assert "on, not before." in page
    assert "Send the test" not in page
    answer = browser.post(reverse("admin:jobchanges_testrun_send", args=[offered.pk]), follow=True)
    assert "it can be sent then." in text_of(answer)


def test_taking_the_offer_back_takes_a_reason(offered, manager, signed_in):
    browser = signed_in(manager)
    lever = reverse("admin:jobchanges_testrun_offer_withdraw", args=[offered.pk])
    answer = browser.post(lever, {"reason": " "})
    assert answer.status_code == 422
    assert "Write why the offer is taken back" in text_of(answer)
    browser.post(lever, {"reason": "Wrong campaign."})
    offered.refresh_from_db()
    assert offered.offered_at is None


def test_candidates_for_production_say_what_was_tried(customer, run, manager, signed_in):
    address = reverse("admin:accounts_customer_candidates", args=[customer.pk, "production"])
    browser = signed_in(manager)
    assert "it goes to production with the first batch" in text_of(browser.get(address))
    run.deliveries.all().delete()
    tried = JobChangeFactory(customer=customer)
    sandbox = TestRunFactory(customer=customer, state=TestRun.State.APPROVED)
    AttemptFactory(delivery=DeliveryFactory(test_run=sandbox, job_change=tried))
    # Five that nobody tried are left: the job changes of the draft above.
    assert tried not in [row.job_change for row in browser.get(address).context["rows"]]
    JobChange.objects.exclude(pk=tried.pk).first().delete()
    page = text_of(browser.get(address))
    assert "Fewer than five job changes are left" in page
    assert "Tried in the sandbox" in page
