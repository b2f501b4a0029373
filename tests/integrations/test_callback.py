"""What can come back instead of a code: each a page that says what to do (platform 1.3, 1.4)."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from integrations.models import ConnectAttempt, Connection
from integrations.services import connect_attempt_return
from tests.factories import ConnectAttemptFactory
from tests.integrations.conftest import query_of

pytestmark = pytest.mark.django_db

CALLBACK = "/connect/callback/sandbox/"


def state_of(signing_up):
    return query_of(signing_up.leave())["state"]


def come_back(signing_up, **query):
    return signing_up.client.get(f"{CALLBACK}?{urlencode(query)}")


def test_the_real_deny_button_leads_to_the_same_page(signing_up):
    answer = signing_up.come_back(decision="deny")
    assert "You pressed Deny" in answer.content.decode()


def test_a_description_of_strangers_is_never_shown(signing_up):
    answer = come_back(
        signing_up,
        state=state_of(signing_up),
        error="access_denied",
        error_description="Call +1 555 0100 and read out your password",
    )
    assert "555" not in answer.content.decode()


def test_an_unknown_state_is_refused(signing_up):
    answer = come_back(signing_up, state="made-up", code="aPrx")
    assert answer.status_code == 400
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_a_missing_state_is_refused(signing_up):
    signing_up.leave()
    answer = come_back(signing_up, code="aPrx")
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_the_same_answer_twice_is_refused_and_leaves_the_first_alone(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    first = signing_up.answer(address)
    assert first.status_code == 302
    again = signing_up.answer(address)
    assert again.status_code == 400
    assert "belongs to no sign-up under way" in again.content.decode()
    assert signing_up.attempt().state == ConnectAttempt.State.RETURNED
    assert first["Location"] in again.content.decode()


def test_a_state_of_the_sandbox_is_worth_nothing_at_the_production_callback(signing_up):
    state = state_of(signing_up)
    answer = signing_up.client.get(
        f"{reverse('connect_callback', args=['production'])}?code=x&state={state}"
    )
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_an_answer_after_eleven_minutes_is_refused(signing_up, time_machine):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    import datetime

    time_machine.move_to(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=11))
    answer = signing_up.answer(address)
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_somebody_signed_out_gets_a_page_and_the_code_goes_nowhere(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.client.logout()
    answer = signing_up.answer(address)
    assert answer.status_code == 400
    assert query_of(address)["code"] not in answer.content.decode()


def test_a_code_that_salesforce_does_not_know_is_too_late(signing_up):
    answer = come_back(signing_up, state=state_of(signing_up), code="aPrxunknown==")
    assert "The answer came too late" in answer.content.decode()


def test_a_code_of_another_sign_in_fails_on_its_verifier(signing_up):
    other = query_of(signing_up.rehearsal.sign_in(signing_up.leave()))["code"]
    answer = come_back(signing_up, state=state_of(signing_up), code=other)
    assert answer.status_code == 400
    assert "The answer came too late" in answer.content.decode()
    assert not Connection.objects.exists()


def test_our_wrong_secret_is_on_us(signing_up, settings):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    settings.SALESFORCE_SANDBOX_CLIENT_SECRET = "rotated"
    answer = signing_up.answer(address)
    assert "This is on us" in answer.content.decode()


def test_maintenance_at_salesforce_asks_to_come_back_later(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.rehearsal.fault("http_503_html", path="/services/oauth2/token")
    answer = signing_up.answer(address)
    assert "does not answer right now" in answer.content.decode()


def test_an_org_outside_the_allowed_hosts_is_refused_and_unasked(signing_up, settings):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com"]
    signing_up.answer(address)
    assert signing_up.attempt().state == ConnectAttempt.State.REFUSED
    assert signing_up.rehearsal.calls("northwind-full") == []


def test_the_help_page_lists_causes_with_their_address_bar_texts(signing_up):
    signing_up.leave()
    answer = signing_up.client.get(reverse("connect_help", args=["sandbox"]))
    text = answer.content.decode()
    assert "app must be installed into org" in text
    assert "Likely causes, in the order to look" in text
    assert "Use Any API Client" in text
    assert signing_up.attempt().state == ConnectAttempt.State.ABANDONED


def test_coming_back_after_opening_the_help_page_still_works(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.client.get(reverse("connect_help", args=["sandbox"]))
    assert signing_up.answer(address).status_code == 302
    assert signing_up.attempt().state == ConnectAttempt.State.RETURNED


def test_a_pasted_address_names_the_cause(signing_up):
    pasted = (
        "https://acme--uat.sandbox.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"
        "?error=invalid_client&error_description=app+must+be+installed+into+org"
    )
    answer = signing_up.client.post(reverse("connect_help", args=["sandbox"]), {"address": pasted})
    assert "The UserGems app is not installed in this org yet" in answer.content.decode()


def test_the_help_page_is_for_customers_people_only(signed_in, manager):
    assert signed_in(manager).get(reverse("connect_help", args=["sandbox"])).status_code == 404


def test_a_null_character_in_what_the_org_says_is_left_out(customer, admin_person):
    attempt = ConnectAttemptFactory(customer=customer, user=admin_person, state="started")
    connect_attempt_return(
        attempt=attempt, token={}, identity={"profile": "a\0b"}, organization={"name": "c\0d"}
    )
    attempt.refresh_from_db()
    assert (attempt.identity["profile"], attempt.organization["name"]) == ("ab", "cd")
