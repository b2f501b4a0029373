"""The customer's go-live page: what a person sees in each state, and what signing answers."""

import datetime
import time
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Environment
from jobchanges.models import Side
from portal.models import Signature, Summary
from portal.signoff import selectors, services
from portal.signoff.types import SignOffState
from tests.factories import SignatureFactory, SummaryFactory
from tests.portal.launch import both_tests_approved, production_org, sign

pytestmark = pytest.mark.django_db

GO_LIVE = "/go-live/"


@pytest.fixture
def epoch(customer):
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    return epoch


@pytest.fixture
def all_done(monkeypatch):
    """Every step before going live is done (what that takes: tests of the steps)."""
    monkeypatch.setattr(selectors, "freeze_reasons", lambda *_args: [])
    monkeypatch.setattr(services, "freeze_reasons", lambda *_args: [])


@pytest.fixture
def summary(customer, epoch):
    return SummaryFactory(customer=customer)


@pytest.fixture
def shown(signed_in):
    def show(person, address=GO_LIVE, **query) -> str:
        answer = signed_in(person).get(address, query)
        assert answer.status_code == 200
        return answer.content.decode()

    return show


def moment(**ahead) -> str:
    """As a browser writes it, in UTC (nobody told us another zone)."""
    return (timezone.now() + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")


def signing(summary, **typed) -> dict[str, str]:
    return {
        "seen_hash": summary.signed_hash,
        "agree": "on",
        "starts_at": moment(hours=2),
        "ends_at": moment(days=3),
    } | typed


# --- before there is anything to sign ---------------------------------------------------------


def test_before_production_is_tested_it_says_what_opens_it(shown, customer, admin_person):
    html = shown(admin_person)
    assert "Going live opens later" in html
    assert "Production is not connected yet." in html
    assert "Back to the setup" in html
    assert ">Prepare the summary<" not in html


def test_the_menu_has_going_live_once_production_is_tested(shown, customer, admin_person):
    assert 'href="/go-live/"' not in shown(admin_person, reverse("activity"))
    both_tests_approved(customer, production_org(customer))
    assert 'href="/go-live/"' in shown(admin_person, reverse("activity"))


def test_when_all_is_tested_the_page_says_what_preparing_does(shown, epoch, all_done, approver):
    html = shown(approver)
    assert "This moment is the cut-off" in html
    assert "Nothing is written to it." in html
    assert 'action="/go-live/freeze/"' in html


def test_a_reviewer_reads_who_prepares_the_summary(shown, epoch, all_done, reviewer):
    html = shown(reviewer)
    assert "An admin or approver of your company, or UserGems, prepares it." in html
    assert 'action="/go-live/freeze/"' not in html


def test_preparing_freezes_and_polls_until_the_forecast_is_there(
    signed_in, epoch, all_done, approver
):
    browser = signed_in(approver)
    answer = browser.post("/go-live/freeze/", follow=True)
    html = answer.content.decode()
    assert "The summary is being prepared: the org is asked now." in html
    assert "The summary is being prepared" in html
    assert 'hx-trigger="every 3s"' in html
    assert "Sign go-live" not in html


def test_freezing_too_early_is_refused_in_words(signed_in, epoch, approver):
    html = signed_in(approver).post("/go-live/freeze/", follow=True).content.decode()
    assert "is not done yet" in html
    assert not Summary.objects.exists()


def test_a_forecast_that_failed_says_why_and_can_be_made_again(signed_in, shown, summary, approver):
    Summary.objects.filter(pk=summary.pk).update(
        signed_hash="", forecast={}, forecast_error="The org did not answer in time."
    )
    html = shown(approver)
    assert "The org did not answer in time." in html
    assert "every 3s" not in html
    signed_in(approver).post("/go-live/forecast/")
    summary.refresh_from_db()
    assert summary.forecast_error == ""


@pytest.mark.parametrize("kind", ["json", "pdf", "doc"])
def test_there_is_no_record_of_what_is_not_complete(signed_in, summary, approver, kind):
    Summary.objects.filter(pk=summary.pk).update(signed_hash="", forecast={})
    assert signed_in(approver).get(f"/go-live/record.{kind}/").status_code == 404


# --- reading and signing ----------------------------------------------------------------------


def test_what_is_signed_stands_in_words_with_the_forecast(shown, summary, approver):
    html = shown(approver)
    assert "What the first batch will do" in html
    assert "1,120 leads, 486 contacts, 243 enriched" in html
    assert "about 80 of the 98,796 left in these 24 h" in html
    assert "For Northwind Traders I confirm that I have read this summary" in html
    assert html.count("not signed yet") == 2
    assert "Sign go-live" in html
    assert "Download what you sign (PDF)" in html
    assert summary.signed_hash[:16] in html


def test_a_reviewer_reads_everything_and_who_can_sign(shown, summary, reviewer):
    html = shown(reviewer)
    assert "What the first batch will do" in html
    assert "Sign go-live" not in html
    assert "approver" in html


def test_without_a_fresh_code_the_page_asks_for_it_first(signed_in, summary, approver):
    html = signed_in(approver, fresh=False).get(GO_LIVE).content.decode()
    assert "Prove your e-mail, then sign" in html
    assert f'href="{reverse("account_prove")}?next=%2Fgo-live%2F"' in html
    assert 'id="sign"' not in html


def test_signing_records_who_from_where_and_when_it_may_start(signed_in, summary, approver):
    typed = signing(summary)
    answer = signed_in(approver).post(
        "/go-live/sign/", typed, headers={"user-agent": "Firefox"}, follow=True
    )
    html = answer.content.decode()
    assert "You signed go-live for Northwind Traders." in html
    assert "Ana Costa" in html
    given = Signature.objects.get()
    assert (given.by, given.side, given.signed_hash) == (
        approver,
        Side.CUSTOMER,
        summary.signed_hash,
    )
    assert (given.address, given.browser) == ("127.0.0.1", "Firefox")
    assert given.starts_at.strftime("%Y-%m-%dT%H:%M") == typed["starts_at"]
    assert given.ends_at.strftime("%Y-%m-%dT%H:%M") == typed["ends_at"]


def test_times_are_read_in_the_readers_zone(signed_in, summary, approver):
    browser = signed_in(approver)
    browser.cookies["timezone"] = "America/New_York"
    assert "In your time zone, America/New_York." in browser.get(GO_LIVE).content.decode()
    year = timezone.now().year + 1
    starts = f"{year}-01-20T18:00"
    browser.post(
        "/go-live/sign/", signing(summary, starts_at=starts, ends_at=f"{year}-01-22T18:00")
    )
    assert Signature.objects.get().starts_at.isoformat() == f"{year}-01-20T23:00:00+00:00"


def test_no_start_means_as_soon_as_both_have_signed(signed_in, summary, approver):
    signed_in(approver).post("/go-live/sign/", signing(summary, starts_at=""))
    assert Signature.objects.get().starts_at <= timezone.now()


def test_without_the_tick_nothing_is_signed_and_what_was_typed_stays(signed_in, summary, approver):
    typed = signing(summary)
    del typed["agree"]
    answer = signed_in(approver).post("/go-live/sign/", typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Tick this to sign: it is what you sign." in html
    assert f'value="{typed["starts_at"]}"' in html
    assert "<title>Error:" in html
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_at": ""}, "Choose until when the batch may start."),
        ({"ends_at": moment(hours=1)}, "The end must be after the start."),
        ({"ends_at": moment(hours=-1)}, "This moment is over. Choose a later one."),
        ({"starts_at": "tomorrow"}, "Write a date and a time, like 2026-11-23 18:00."),
        ({"starts_at": moment(hours=-2)}, "The start lies in the past."),
    ],
)
def test_a_window_that_cannot_be_is_said_at_the_form(signed_in, summary, approver, typed, sentence):
    answer = signed_in(approver).post("/go-live/sign/", signing(summary, **typed))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Signature.objects.exists()


def test_what_was_not_read_is_not_signed(signed_in, summary, approver):
    answer = signed_in(approver).post("/go-live/sign/", signing(summary, seen_hash="older"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "The summary changed since you opened the page." in html
    assert f'name="seen_hash" value="{summary.signed_hash}"' in html
    assert not Signature.objects.exists()


def test_what_was_typed_outlives_a_code_that_ran_out(signed_in, summary, approver):
    browser = signed_in(approver, fresh=False)
    typed = signing(summary)
    answer = browser.post(
        "/go-live/sign/", typed, headers={"referer": f"http://testserver{GO_LIVE}"}
    )
    assert urlsplit(answer.url).path == reverse("account_prove")
    assert "next=%2Fgo-live%2F" in answer.url
    assert not Signature.objects.exists()
    session = browser.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = str(approver.pk)
    session.save()
    html = browser.get(GO_LIVE).content.decode()
    assert f'value="{typed["starts_at"]}"' in html
    assert f'value="{typed["ends_at"]}"' in html


def test_a_reviewer_cannot_sign(signed_in, summary, reviewer):
    assert signed_in(reviewer).post("/go-live/sign/", signing(summary)).status_code == 403
    assert not Signature.objects.exists()


def test_after_one_signature_it_says_who_is_next(shown, summary, approver, manager):
    sign(summary, vendor=manager)
    html = shown(approver)
    assert "Maya Rao signed. Now Northwind Traders signs." in html
    assert "Implementation manager, UserGems" in html
    assert "Sign go-live" in html


def test_after_both_it_says_when_it_may_start_and_who_releases(
    shown, summary, approver, reviewer, manager
):
    sign(summary, customer=approver, vendor=manager)
    html = shown(reviewer)
    assert "Signed by both sides. Maya releases the first batch." in html
    assert "It may start now, until" in html
    assert "Sign go-live" not in html
    assert 'id="release"' not in html


def test_a_change_of_what_was_signed_voids_it_and_says_what_changed(
    shown, customer, summary, approver
):
    SignatureFactory(summary=summary, by=approver)
    chosen = customer.environment_settings.get(environment=Environment.PRODUCTION)
    chosen.campaign_id = "701000000000001AAA"
    chosen.campaign_name = "Champion moves"
    chosen.save(update_fields=["campaign_id", "campaign_name"])
    html = shown(approver)
    assert "Something that was signed has changed, so both sides sign again" in html
    assert "Champion moves" in html
    summary.refresh_from_db()
    assert summary.voided_at is not None


def test_withdrawing_ends_the_summary(signed_in, summary, approver):
    html = signed_in(approver).post("/go-live/withdraw/", follow=True).content.decode()
    assert "The summary is withdrawn." in html
    summary.refresh_from_db()
    assert summary.voided_at is not None


def test_staff_have_their_own_page(signed_in, summary, manager):
    assert signed_in(manager).get(GO_LIVE).status_code == 404


def test_the_states_of_the_page_are_all_known():
    assert set(SignOffState) == {
        "locked",
        "can_freeze",
        "preparing",
        "ready",
        "signed_by_one",
        "signed",
        "released",
    }
