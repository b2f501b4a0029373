"""Somebody who may sign up, and means harm: mails, addresses that were fine once, answers swapped
between apps and customers."""

from urllib.parse import urlencode

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Role
from integrations.models import ConnectAttempt, Connection
from tests.factories import (
    ConnectAttemptFactory,
    ConnectionFactory,
    CustomerFactory,
    MembershipFactory,
    SignupLinkFactory,
)
from tests.integrations.conftest import TOKEN, query_of

CALLBACK = "/connect/callback/{}/"


def fail(signing_up, state, error):
    query = urlencode({"state": state, "error": error})
    return signing_up.client.get(f"{CALLBACK.format('sandbox')}?{query}")


def mails_to(person):
    return [one for one in mail.outbox if one.to == [person.email]]


@pytest.mark.django_db(transaction=True)
def test_codes_made_up_in_the_address_bar_do_not_flood_the_manager(signing_up, customer):
    for number in range(12):
        state = query_of(signing_up.leave())["state"]
        fail(signing_up, state, f"made_up_{number}")
    told = mails_to(customer.implementation_manager)
    assert 1 <= len(told) <= 6
    assert "made_up_0" in told[0].body


@pytest.mark.django_db(transaction=True)
def test_the_order_in_which_tabs_fail_does_not_matter_for_once_a_day(signing_up, customer):
    states = [query_of(signing_up.leave())["state"] for _tab in range(5)]
    for state in reversed(states):
        fail(signing_up, state, "redirect_uri_mismatch")
    assert ConnectAttempt.objects.filter(error_code="our_setup").count() == 5
    assert len(mails_to(customer.implementation_manager)) == 1


@pytest.mark.django_db
def test_nobody_is_sent_to_a_host_that_was_taken_off_the_list(signing_up, customer, settings):
    signing_up.connect()
    Connection.objects.update(login_host="http://localhost:9999")
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com", "127.0.0.1"]
    leave = signing_up.leave(reconnect="1")
    assert leave.startswith(f"{settings.SALESFORCE_SANDBOX_LOGIN_URL}/services/oauth2/authorize")


@pytest.mark.django_db
def test_the_answer_of_one_app_is_nothing_to_the_other(signing_up, tokens_seen):
    query = query_of(signing_up.rehearsal.sign_in(signing_up.leave()))
    answer = signing_up.client.get(f"{CALLBACK.format('production')}?{urlencode(query)}")
    assert answer.status_code == 400
    assert tokens_seen == []
    assert signing_up.attempt().state == "started"


@pytest.mark.django_db
def test_a_code_from_somebody_elses_sign_in_does_not_fit_mine(
    signing_up, signed_in, admin_person, tokens_seen
):
    """The attacker's own code in the victim's browser: the verifier is the victim's."""
    theirs = query_of(signing_up.rehearsal.sign_in(signing_up.leave()))
    mine = query_of(signing_up.leave())["state"]
    answer = signing_up.client.get(
        f"{CALLBACK.format('sandbox')}?{urlencode({'code': theirs['code'], 'state': mine})}"
    )
    assert answer.status_code >= 400
    assert tokens_seen == []
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_an_answer_counts_for_the_customer_whose_button_was_pressed(
    signing_up, customer, admin_person
):
    """A person of two companies presses both buttons; the tabs come back in the other order."""
    other = CustomerFactory()
    MembershipFactory(customer=other, user=admin_person, role=Role.ADMIN)
    SignupLinkFactory(
        customer=other, token="other", email=admin_person.email, proven_by=admin_person
    )
    first = signing_up.leave()
    second = signing_up.leave(link="other")
    back = signing_up.answer(signing_up.rehearsal.sign_in(first))
    attempt = ConnectAttempt.objects.get(pk=int(back["Location"].rstrip("/").rpartition("/")[2]))
    assert attempt.customer == customer
    assert signing_up.client.get(back["Location"]).content.decode().count(customer.name)
    assert ConnectAttempt.objects.get(customer=other).state == "started"
    assert second != first


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "http://127.0.0.1@evil.example/",
        "https://acme.my.salesforce.com.evil.example",
        "https://evil-my.salesforce.com",
        "xsalesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com\\@evil.example",
        "https://acme.my.salesforce.com%2f@evil.example",
        "https://evil.example/acme.my.salesforce.com",
        "https://evil.example#.my.salesforce.com",
        "https://evil.example?.my.salesforce.com",
        "https://аcme.my.salesforce.com",
        "https://xn--cme-8cd.my.salesforce.com",
        "https://acme。my.salesforce.com",
        "https://2130706433",
        "https://0x7f000001/",
        "https://127.1",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost:8000",
        "https://169.254.169.254/",
        "https://.my.salesforce.com",
        "https://acme..my.salesforce.com",
        "https://acme.my.salesforce.com..",
        "https://-acme.my.salesforce.com",
        "https://login.salesforce.com",
        "javascript://acme.my.salesforce.com/%0aalert(1)",
        "ftp://acme--uat.sandbox.my.salesforce.com",
        "https://acme--uat.sandbox.my.salesforce.com\r\nSet-Cookie: a=b",
        "https://acme--uat.sandbox.my.site.com",
        "https://acme--uat.sandbox.my.salesforce-sites.com",
        "https://a.b--uat.sandbox.my.salesforce.com",
        "https://acme--uat.sandbox.lightning.force.com.evil.example",
        "https://evil.example--c.vf.force.com",
    ],
)
def test_a_typed_address_leads_nowhere_else(signing_up, typed):
    answer = signing_up.client.post(
        reverse("connect_start", args=["sandbox"]), {"link": TOKEN, "my_domain": typed}
    )
    assert answer.status_code == 422, answer.get("Location")
    assert "Set-Cookie: a=b" not in str(answer.headers)
    assert not ConnectAttempt.objects.exists()


@pytest.mark.django_db
def test_what_was_typed_stands_on_the_page_as_text(signing_up):
    answer = signing_up.client.post(
        reverse("connect_start", args=["sandbox"]),
        {"link": 'x"><img src=x>', "my_domain": '"><img src=x onerror=alert(1)>'},
    )
    assert "<img src=x" not in answer.content.decode()
    shown = signing_up.client.post(
        reverse("connect_help", args=["sandbox"]),
        {"address": "https://x/?error=<img src=x>&error_description=<script>alert(1)</script>"},
    )
    assert "<img src=x" not in shown.content.decode()
    assert "<script>alert" not in shown.content.decode()


@pytest.mark.django_db
def test_a_colleague_sees_nothing_of_an_attempt(client, signed_in, customer):
    colleague = MembershipFactory(customer=customer, role=Role.ADMIN).user
    attempt = ConnectAttemptFactory(customer=customer)
    ConnectionFactory(customer=customer)
    answer = signed_in(colleague).get(reverse("connect_confirm", args=[attempt.pk]))
    assert answer.status_code == 404


@pytest.mark.django_db
def test_nobody_makes_attempts_without_end(signing_up):
    start = reverse("connect_start", args=["sandbox"])
    answers = [signing_up.client.post(start, {"link": TOKEN}).status_code for _try in range(70)]
    assert answers.count(302) == 60
    assert set(answers[60:]) == {429}
    assert ConnectAttempt.objects.count() == 60
