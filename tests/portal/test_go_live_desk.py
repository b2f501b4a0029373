"""Going live on the managers' desk: sign for UserGems, release, pause, send again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Batch, Delivery, Side
from portal.models import Signature, Summary
from portal.signoff import selectors, services
from tests.factories import JobChangeFactory, SummaryFactory
from tests.portal.launch import (
    THROUGH,
    both_tests_approved,
    fill,
    production_org,
    released,
    sign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def epoch(customer):
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    return epoch


@pytest.fixture
def summary(customer, epoch):
    return SummaryFactory(customer=customer)


@pytest.fixture
def signed(summary, approver, manager):
    sign(summary, customer=approver, vendor=manager)
    return summary


@pytest.fixture
def batch(signed, epoch):
    return released(signed, epoch)


@pytest.fixture
def at(customer):
    def address(word="", *more) -> str:
        name = f"admin:accounts_customer_go_live{f'_{word}' if word else ''}"
        return reverse(name, args=[customer.pk, *more])

    return address


@pytest.fixture
def press(signed_in, manager, at):
    """What the manager reads after pressing a lever."""

    def send(word, data=None, *, status=200, person=None) -> str:
        answer = signed_in(person or manager).post(at(word), data or {}, follow=True)
        assert answer.status_code == status
        return answer.content.decode()

    return send


@pytest.fixture
def desk(signed_in, manager, at):
    def show(word="", *, person=None) -> str:
        answer = signed_in(person or manager).get(at(word))
        assert answer.status_code == 200
        return answer.content.decode()

    return show


def test_the_page_says_what_is_missing(desk, epoch):
    html = desk()
    assert "Going live opens later" in html
    assert "is not done yet" in html
    assert "Back to the customer" in html


def test_the_summary_is_prepared_here_too(press, epoch, monkeypatch):
    monkeypatch.setattr(selectors, "freeze_reasons", lambda *_args: [])
    monkeypatch.setattr(services, "freeze_reasons", lambda *_args: [])
    html = press("freeze")
    assert "The summary is being prepared: the org is asked now." in html
    assert "every 3s" in html
    assert Summary.objects.get().frozen_by.email == "maya.rao@usergems.example"


def test_signing_for_usergems_asks_for_no_window(desk, press, summary, at):
    html = desk()
    assert "For UserGems I confirm" in html
    assert "datetime-local" not in html
    html = press("sign", {"seen_hash": summary.signed_hash, "agree": "on"})
    assert "You signed go-live for UserGems." in html
    assert "Now Northwind Traders signs." in html
    assert Signature.objects.get().side == Side.VENDOR


def test_signing_without_the_tick_keeps_the_page_and_says_so(press, summary):
    html = press("sign", {"seen_hash": summary.signed_hash}, status=422)
    assert "Tick this to sign: it is what you sign." in html
    assert "<title>Error:" in html
    assert not Signature.objects.exists()


@pytest.mark.parametrize("word", ["sign", "release"])
def test_signing_and_releasing_need_a_second_factor_proven_just_now(
    signed_in, manager, signed, at, word
):
    answer = signed_in(manager, fresh=False).post(at(word), {})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("mfa_reauthenticate"))


def test_the_page_asks_for_the_second_factor_before_the_form(signed_in, manager, summary, at):
    html = signed_in(manager, fresh=False).get(at()).content.decode()
    assert "Prove your second factor, then sign" in html
    assert 'id="sign"' not in html


def test_releasing_says_the_window_and_what_will_happen(desk, signed):
    html = desk()
    assert "It may start now, until" in html
    assert "Release the first batch to Northwind Traders?" in html
    assert "the first 20 alone, then the rest" in html
    assert 'name="failure_limit" value="20"' in html


def test_releasing_starts_the_first_batch(press, customer, signed):
    JobChangeFactory(customer=customer, imported_at=signed.frozen_at)
    html = press("release", {"failure_limit": "5", "wait_after_first": "on"})
    assert "The batch is released." in html
    batch = Batch.objects.get()
    assert (batch.failure_limit, batch.wait_after_first) == (5, True)


def test_a_limit_that_cannot_be_is_said_at_the_field_and_kept(press, signed):
    html = press("release", {"failure_limit": "150"}, status=422)
    assert 'value="150"' in html
    assert "Ensure this value is less than or equal to 100." in html
    assert not Batch.objects.exists()


def test_releasing_before_the_window_is_refused_in_words(press, desk, signed):
    later = timezone.now() + timezone.timedelta(days=1)
    signed.signatures.filter(side=Side.CUSTOMER).update(starts_at=later)
    assert "lets the first batch start from" in desk()
    html = press("release", {"failure_limit": "20"}, status=422)
    assert "lets the first batch start from" in html
    assert not Batch.objects.exists()


def test_levers_of_a_running_batch(press, batch):
    assert "Paused by Maya Rao, UserGems" in press("pause")
    assert "Sending goes on." in press("go_on")
    assert "Write why: the other side reads it." in press("stop", {"reason": ""}, status=422)
    html = press("stop", {"reason": "A flow of the org fails."})
    assert "Stopped by Maya Rao, UserGems" in html
    assert "A flow of the org fails." in html
    assert "Sending goes on." in press("go_on")


def test_what_the_customer_stopped_we_cannot_let_go_on(press, desk, batch, approver):
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.STOPPED,
        halted_side="customer",
        halted_by=approver,
        halted_at=timezone.now(),
    )
    assert "Only Northwind Traders can let it go on" in desk()
    assert "Only the side that stopped sending may go on." in press("go_on")


def test_after_it_paused_by_itself_we_look_and_let_it_go_on(desk, batch):
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.PAUSED,
        halted_side="system",
        halted_at=timezone.now(),
        halt_reason="6 of 20 job changes failed.",
    )
    html = desk()
    assert "Paused by itself" in html
    assert "6 of 20 job changes failed." in html
    assert "Go on sending to Northwind Traders?" in html


def test_one_is_sent_again_after_a_correction(press, batch):
    delivery = batch.deliveries.filter(state=Delivery.State.REFUSED).first()
    html = press("send_again", {"delivery": delivery.pk})
    assert "1 job change is being sent again." in html
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING


def test_all_refused_are_sent_again_after_a_question(desk, press, batch):
    assert "Send 2 refused job changes again?" in desk("exceptions")
    assert "2 job changes are being sent again." in press("send_again")
    assert not batch.deliveries.filter(state=Delivery.State.REFUSED).exists()


def test_nobody_sends_another_customers_job_change_again(
    signed_in, manager, batch, other_customer, at
):
    other = production_org_of(other_customer)
    assert signed_in(manager).post(at("send_again"), {"delivery": other}).status_code == 404
    assert signed_in(manager).post(at("send_again"), {"delivery": "x"}).status_code == 404


def production_org_of(customer) -> int:
    from tests.factories import DeliveryFactory, TestRunFactory

    return DeliveryFactory(test_run=TestRunFactory(customer=customer)).pk


def test_a_poll_brings_the_panel_with_the_desks_own_addresses(signed_in, manager, batch, at):
    answer = signed_in(manager).get(
        at("progress"), {"state": "sending"}, headers={"hx-request": "true"}
    )
    assert at("exceptions") in answer.content.decode()
    assert at("progress") in answer.content.decode()


def test_after_the_end_the_numbers_and_the_files(signed_in, manager, signed, epoch, at):
    released(signed, epoch, THROUGH, state=Batch.State.ENDED, ended_at=timezone.now())
    browser = signed_in(manager)
    html = browser.get(at()).content.decode()
    assert "In the batch</dt><dd>50" in html
    assert at("records_csv") in html
    assert reverse("admin:accounts_customer_overwrites_csv", args=[signed.customer.pk]) in html
    assert b"Job change" in b"".join(browser.get(at("records_csv")))
    answer = browser.get(at("record", "json"))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["signed_hash"] == signed.signed_hash
    assert browser.get(at("record", "pdf")).content.startswith(b"%PDF")
    assert browser.get(at("record", "doc")).status_code == 404


def test_a_hundred_exceptions_stay_small(signed_in, manager, batch, at):
    fill(batch, {(Delivery.State.REFUSED, ""): 97})
    answer = signed_in(manager).get(at("exceptions"))
    assert "1 to 25 of 100" in answer.content.decode()


def test_other_managers_customers_do_not_exist(signed_in, other_manager, batch, at):
    browser = signed_in(other_manager)
    for word in ("", "exceptions", "progress", "records_csv"):
        assert browser.get(at(word)).status_code == 404
    for word in ("freeze", "sign", "release", "pause", "stop", "go_on", "send_again"):
        assert browser.post(at(word)).status_code == 404


@pytest.mark.parametrize(
    "word", ["freeze", "forecast", "withdraw", "sign", "release"], ids=lambda word: word
)
def test_a_manager_without_the_rights_of_the_group_does_nothing(
    signed_in, manager, signed, at, word
):
    """The customer is theirs; signing and releasing takes the group's permissions."""
    manager.groups.clear()
    terms = {"agree": "on", "seen_hash": signed.signed_hash, "failure_limit": "20"}
    assert signed_in(manager).post(at(word), terms).status_code == 403
    assert not Batch.objects.exists()
    assert Summary.objects.filter(voided_at=None).exists()


@pytest.mark.parametrize("word", ["pause", "stop", "go_on", "send_again"])
def test_a_manager_without_the_rights_of_the_group_leaves_the_batch_alone(
    signed_in, manager, batch, at, word
):
    manager.groups.clear()
    assert signed_in(manager).post(at(word), {"reason": "Quarter end."}).status_code == 403
    batch.refresh_from_db()
    assert batch.state == Batch.State.SENDING


@pytest.mark.parametrize("word", ["", "exceptions", "progress", "records_csv", "record"])
def test_a_manager_without_the_rights_of_the_group_reads_nothing(
    signed_in, manager, batch, at, word
):
    manager.groups.clear()
    more = ["json"] if word == "record" else []
    assert signed_in(manager).get(at(word, *more)).status_code == 403


def test_rule_9_what_was_not_read_is_not_signed_for_usergems(press, summary):
    html = press("sign", {"agree": "on", "seen_hash": "0" * 64}, status=422)
    assert "The summary changed since you opened the page" in html
    assert not Signature.objects.exists()


@pytest.mark.parametrize("model", ["batch", "summary", "signature", "allowance"])
def test_kept_records_are_looked_at_and_never_edited(signed_in, lead, batch, model):
    app = "portal" if model in {"summary", "signature"} else "jobchanges"
    browser = signed_in(lead)
    assert browser.get(reverse(f"admin:{app}_{model}_changelist")).status_code == 200
    assert browser.get(reverse(f"admin:{app}_{model}_add")).status_code == 403
