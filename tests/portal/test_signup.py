"""From the mailed link to the button "Sign up with Salesforce"."""

import datetime
import io
import logging

import pytest
import structlog
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, SignupLink, User
from tests.factories import SignupLinkFactory
from tests.signing_in import code_type, codes_mailed

pytestmark = pytest.mark.django_db

BUTTON = "Sign up with Salesforce"
PRIYA = "priya.shah@northwind.example"


@pytest.fixture
def link(customer) -> SignupLink:
    return SignupLinkFactory(customer=customer, token="opensesame")


@pytest.fixture
def address(link) -> str:
    return "/signup/opensesame/"


def text_of(response) -> str:
    return response.content.decode()


def prove(client: Client, address: str, email: str = PRIYA):
    """Type an address, read the mail, type the code; answers the page after it."""
    asked = client.post(address, {"email": email})
    assert asked.status_code == 302, text_of(asked)
    code = codes_mailed(email)[-1]
    typed = client.post(asked.headers["Location"], {"code": code})
    return client.get(typed.headers["Location"])


# --- the link ---------------------------------------------------------------------------------


def test_an_unknown_link_says_what_to_do(client, db):
    response = client.get("/signup/nosuchtoken/")
    assert response.status_code == 404
    assert "This link leads nowhere" in text_of(response)
    assert "Open the newest invitation" in text_of(response)


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ({"expires_at": timezone.now()}, ["This link has ended", "Ask Maya Rao for a new one"]),
        ({"revoked_at": timezone.now()}, ["This link was withdrawn", "Ask Maya Rao before"]),
        ({"used_at": timezone.now()}, ["This link was used already", "goes on from the setup"]),
    ],
    ids=["expired", "revoked", "spent"],
)
def test_a_link_that_ended_says_how_and_who_helps(client, customer, ended, says):
    SignupLinkFactory(customer=customer, token="old", **ended)
    response = client.get("/signup/old/")
    assert response.status_code == 410
    for sentence in [*says, "maya.rao@usergems.example"]:
        assert sentence in text_of(response)
    assert BUTTON not in text_of(response)


def test_a_replaced_link_points_to_the_newer_mail(client, customer, link, address):
    link.replaced_by = SignupLinkFactory(customer=customer)
    link.save(update_fields=["replaced_by"])
    response = client.get(address)
    assert response.status_code == 410
    assert "There is a newer link" in text_of(response)


@pytest.mark.parametrize("ended", ["expires_at", "revoked_at", "used_at"])
def test_a_link_that_ended_mails_no_code(client, customer, ended):
    SignupLinkFactory(customer=customer, token="old", **{ended: timezone.now()})
    assert client.post("/signup/old/", {"email": PRIYA}).status_code == 410
    assert mail.outbox == []


def test_a_mail_scanner_that_follows_the_link_uses_nothing_up(client, link, address):
    before = SignupLink.objects.values().get(pk=link.pk)
    for _visit in range(3):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert SignupLink.objects.values().get(pk=link.pk) == before
    assert mail.outbox == []
    assert not Membership.objects.exists()


def test_the_page_of_a_link_is_never_kept_by_a_browser(client, address):
    assert "no-store" in client.get(address).headers["Cache-Control"]


# --- the work e-mail --------------------------------------------------------------------------


def test_the_invited_address_is_filled_in(client, address):
    assert f'value="{PRIYA}"' in text_of(client.get(address))


def test_the_code_leads_to_the_button_and_makes_the_person_an_admin(
    client, customer, link, address
):
    page = prove(client, address)
    assert BUTTON in text_of(page)
    membership = Membership.objects.get()
    assert (membership.customer, membership.role) == (customer, Role.ADMIN)
    person = membership.user
    assert (person.email, person.full_name) == (PRIYA, "Priya Shah")
    assert not person.has_usable_password()
    link.refresh_from_db()
    assert link.proven_by == person
    assert link.state == SignupLink.State.ACTIVE


def test_a_wrong_code_shows_no_button(client, address):
    asked = client.post(address, {"email": PRIYA})
    assert "This is not the code we mailed." in text_of(code_type(client, "AAAA-AAAA"))
    assert asked.status_code == 302
    assert BUTTON not in text_of(client.get(address))
    assert not Membership.objects.exists()


def test_a_forwarded_link_works_for_a_colleague_on_the_customers_domain(client, customer, address):
    page = prove(client, address, "sam.lee@northwind.example")
    assert BUTTON in text_of(page)
    sam = User.objects.get(email="sam.lee@northwind.example")
    assert sam.full_name == ""
    assert sam.memberships.get().customer == customer


@pytest.mark.parametrize("email", ["sam@elsewhere.example", "sam@sub.northwind.example"])
def test_a_forwarded_link_works_for_nobody_else(client, address, email):
    response = client.post(address, {"email": email})
    assert response.status_code == 422
    assert "addresses at northwind.example" in text_of(response)
    assert f'value="{email}"' in text_of(response)
    assert mail.outbox == []
    assert not User.objects.filter(email=email).exists()


def test_without_domains_the_link_is_for_the_invited_address_only(client, customer, address):
    customer.email_domains = []
    customer.save(update_fields=["email_domains"])
    response = client.post(address, {"email": "sam.lee@northwind.example"})
    assert f"works for {PRIYA} only" in text_of(response)


def test_what_is_no_address_is_said_at_the_field(client, address):
    response = client.post(address, {"email": "priya"})
    assert response.status_code == 422
    assert "valid email address" in text_of(response)


def test_staff_get_no_code_through_a_link(client, customer, manager):
    SignupLinkFactory(customer=customer, token="tostaff", email=manager.email)
    client.post("/signup/tostaff/", {"email": manager.email})
    assert codes_mailed(manager.email) == []


def test_a_link_revoked_while_the_code_was_on_its_way_makes_nobody_an_admin(client, link, address):
    client.post(address, {"email": PRIYA})
    SignupLink.objects.update(revoked_at=timezone.now())
    code_type(client, codes_mailed(PRIYA)[-1])
    assert client.get(address).status_code == 410
    assert not Membership.objects.exists()


def test_codes_to_one_address_are_limited(client, address):
    for _time in range(3):
        client.post(address, {"email": PRIYA})
    response = client.post(address, {"email": PRIYA})
    assert response.status_code == 429
    assert "Too many tries" in text_of(response)


# --- who is signed in -------------------------------------------------------------------------


def test_who_proved_a_code_a_moment_ago_goes_on_without_another(signed_in, admin_person, address):
    client = signed_in(admin_person)
    assert "Continue as Priya" in text_of(client.get(address))
    response = client.post(address, follow=True)
    assert BUTTON in text_of(response)
    assert mail.outbox == []


def test_who_proved_it_longer_ago_gets_a_new_code(signed_in, admin_person, address):
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=11)):
        client = signed_in(admin_person)
    page = client.get(address)
    assert BUTTON not in text_of(page)
    assert f'<b class="break">{PRIYA}</b>' in text_of(page)
    assert BUTTON in text_of(prove(client, address))


def test_the_button_goes_away_when_the_code_gets_old(client, link, address):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert BUTTON in text_of(prove(client, address))
        clock.shift(601)
        assert BUTTON not in text_of(client.get(address))


def test_a_person_cannot_prove_another_address_than_their_own(signed_in, admin_person, address):
    client = signed_in(admin_person, fresh=False)
    client.post(address, {"email": "sam.lee@northwind.example"})
    assert [message.to for message in mail.outbox] == [[PRIYA]]


@pytest.mark.parametrize("who", ["stranger", "manager"])
def test_somebody_else_is_told_and_can_sign_out(request, signed_in, address, who):
    user = request.getfixturevalue(who)
    client = signed_in(user)
    response = client.get(address)
    assert response.status_code == 403
    assert "You are signed in as somebody else" in text_of(response)
    assert user.email in text_of(response)
    assert client.post(address).status_code == 403
    assert not Membership.objects.filter(customer__slug="northwind").exists()
    back = client.post("/people/sign-out/", {"next": address}, follow=True)
    assert f'value="{PRIYA}"' in text_of(back)


# --- the page with the button -----------------------------------------------------------------


def test_the_button_sends_the_link_along_by_post(client, address):
    text = text_of(prove(client, address))
    assert '<form method="post" action="/connect/start/sandbox/">' in text
    assert '<input type="hidden" name="link" value="opensesame">' in text
    assert 'href="/connect/help/sandbox/"' in text


@pytest.mark.parametrize(
    "sentence",
    [
        "Approve Uninstalled Connected Apps",
        "System Administrator",
        "Use Any API Client",
        "can be taken away again",
        "API Only User",
        "private window",
        "full-copy sandbox",
        "https://test.salesforce.com",
        "<code>refresh_token</code>",
        "https://www.usergems.com/sfdcsandbox",
    ],
)
def test_what_must_be_known_is_said_before_the_button(client, address, sentence):
    text = text_of(prove(client, address))
    assert sentence in text[: text.index("button salesforce")]


def test_production_has_words_of_its_own(client, customer):
    SignupLinkFactory(customer=customer, token="live", environment="production")
    text = text_of(prove(client, "/signup/live/"))
    assert "Connect your Salesforce production org" in text
    assert 'action="/connect/start/production/"' in text
    assert "https://usergems.com/sfdcapp" in text
    assert "full-copy" not in text


# --- the token ----------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch) -> io.StringIO:
    """What the site's own log handler writes."""
    written = io.StringIO()
    [handler] = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    monkeypatch.setattr(handler, "stream", written)
    return written


def test_no_log_holds_the_token_or_what_stands_behind_a_question_mark(
    client, link, address, logged
):
    client.get(address + "?code=secretcode")
    client.get("/signup/unknowntoken/")
    assert "GET /signup/[removed]/" in logged.getvalue()
    assert "Not Found: /signup/[removed]/" in logged.getvalue()
    for secret in ("opensesame", "unknowntoken", "secretcode"):
        assert secret not in logged.getvalue()
