"""Something that the portal leans on is away, or one customer's data are odd: the rest goes on."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from jobchanges import signals
from jobchanges.models import Batch
from jobchanges.services.batches import batch_go_on, batch_pause
from portal.mail import go_live
from portal.signoff import forecasting, services
from portal.signoff.standing import summary_check
from tests.factories import CustomerFactory, SummaryFactory
from tests.portal import signing
from tests.portal.launch import both_tests_approved, production_org, released, sign
from tests.signing_in import Browser, code_request, code_type, codes_mailed

pytestmark = pytest.mark.django_db

# A port nobody listens on.
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def batch(customer, approver, manager):
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    summary = SummaryFactory(customer=customer)
    sign(summary, customer=approver, vendor=manager)
    return released(summary, epoch)


@pytest.fixture
def signed_in_by_code(approver):
    """Signed in through the pages, so that the session is one that is looked after."""
    browser = Browser()
    code_request(browser, approver.email)
    code_type(browser, codes_mailed(approver.email)[-1])
    return browser


@pytest.fixture
def cache_away(settings, batch, signed_in_by_code):
    settings.CACHES = {
        "default": {"BACKEND": "portal.caches.ForgivingRedisCache", "LOCATION": AWAY}
    }


def test_without_the_cache_a_customer_still_reads_and_stops_sending(
    signed_in_by_code, batch, cache_away
):
    page = signed_in_by_code.get(reverse("go_live"))
    assert page.status_code == 200
    answer = signed_in_by_code.post(reverse("batch_stop"), {"reason": "Duplicates."})
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert batch.state == Batch.State.STOPPED


def test_without_the_cache_nobody_gets_more_tries_than_with_it(client, cache_away):
    answer = client.post(reverse("account_login"), {"login": "x@usergems.example", "password": "x"})
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()


def test_what_the_cache_server_says_of_itself_is_not_logged(cache_away, caplog):
    assert cache.add("key", True) is False
    assert cache.get("key", "nothing") == "nothing"
    cache.set("key", True)
    assert cache.delete("key") is False
    assert "127.0.0.1:1" not in caplog.text


def test_one_customers_odd_summary_keeps_nobody_else_from_being_looked_at(
    customer, admin_person, monkeypatch
):
    signing.production_done(customer, admin_person)
    standing = signing.frozen(customer, admin_person)
    odd = CustomerFactory(slug="aaa-odd")
    SummaryFactory(customer=odd)
    looked = []

    def check(one):
        looked.append(one.pk)
        if one == odd:
            raise KeyError("kind")
        return summary_check(one)

    monkeypatch.setattr(forecasting, "summary_check", check)
    # Something changed that nobody told.
    type(standing).objects.filter(pk=standing.pk).update(content_hash="0" * 64)
    forecasting.summaries_look()
    assert sorted(looked) == sorted([customer.pk, odd.pk])
    standing.refresh_from_db()
    assert standing.voided_at is not None


def test_a_forecast_that_cannot_be_stored_says_so_and_is_not_tried_for_ever(
    customer, admin_person, monkeypatch
):
    signing.production_done(customer, admin_person)
    summary = services.summary_freeze(customer=customer, by=admin_person)
    made = signing.Foretold()
    monkeypatch.setattr(made, "as_json", lambda: {"made_at": object()}, raising=False)
    monkeypatch.setattr(forecasting, "forecast_make", lambda *_asked: made)
    assert forecasting.forecast_run(summary.pk) is False
    summary.refresh_from_db()
    assert "could not work out the forecast" in summary.forecast_error
    assert summary.forecast_claimed_until is None


def test_a_mail_that_cannot_be_made_neither_fails_a_click_nor_keeps_the_worker_asleep(
    signed_in, approver, manager, batch, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(go_live, "news_send", broken_mail)
    monkeypatch.setattr("jobchanges.services.batches.task_wake", lambda *asked: woken.append(asked))
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(approver).post(reverse("batch_pause"))
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert batch.state == Batch.State.PAUSED
    # As if going on were told by a mail, too: it is asked for before the worker is woken.
    monkeypatch.setattr("jobchanges.services.batches.batch_resumed", signals.batch_halted)
    with django_capture_on_commit_callbacks(execute=True):
        batch_go_on(batch=batch, side="vendor", by=manager)
    assert len(woken) == 1


def broken_mail(*_news):
    raise KeyError("company")


def test_a_customer_who_lifts_a_stop_reads_that_our_look_is_still_to_come(
    signed_in, approver, batch
):
    Batch.objects.update(counted_answers=30, counted_failures=30)
    batch_pause(batch=batch, side="system", by=None, reason="30 of 30 job changes failed.")
    browser = signed_in(approver)
    browser.post(reverse("batch_stop"), {"reason": "What is this?"})
    text = browser.post(reverse("batch_go_on"), follow=True).content.decode()
    assert "It stays paused: UserGems looks at the reason first." in text
    assert "Sending goes on." not in text
