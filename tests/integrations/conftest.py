"""A person who signs up with Salesforce: our pages by Django's client, Salesforce's over HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.urls import reverse

from integrations.models import ConnectAttempt
from integrations.salesforce import oauth
from tests.factories import SignupLinkFactory
from tests.integrations.walking import Walk
from tests.integrations.watching import watching

TOKEN = "the-token-of-the-sign-up-link"


class SigningUp:
    """One browser on its way from the button to the confirmed connection."""

    def __init__(self, client, rehearsal):
        self.client = client
        self.rehearsal = rehearsal

    def leave(self, environment="sandbox", **data):
        """Press the button; answers the address at Salesforce."""
        answer = self.client.post(
            reverse("connect_start", args=[environment]), data or {"link": TOKEN}
        )
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def answer(self, address):
        """Come back with the address that Salesforce redirects to."""
        parts = urlsplit(address)
        assert parts.netloc == "testserver"
        return self.client.get(f"{parts.path}?{parts.query}")

    def come_back(self, environment="sandbox", start=None, **at_salesforce):
        """The button, Salesforce's pages, and back; answers what our callback says."""
        leave = self.leave(environment, **(start or {}))
        return self.answer(self.rehearsal.sign_in(leave, **at_salesforce))

    def attempt(self):
        """The newest attempt."""
        return ConnectAttempt.objects.order_by("-pk").first()

    def confirm(self, **data):
        """Answer "Is this the right org and the right user?" with yes, unless told otherwise."""
        return self.client.post(
            reverse("connect_confirm", args=[self.attempt().pk]), {"answer": "yes"} | data
        )

    def connect(self, environment="sandbox", start=None, **at_salesforce):
        """The whole way; answers the connection."""
        back = self.come_back(environment, start, **at_salesforce)
        assert back.status_code == 302, back.content.decode()
        done = self.confirm(keep_user="yes")
        assert done.status_code == 302, done.content.decode()
        return self.attempt().customer.connections.get(environment=environment)


def query_of(address):
    """The parameters of an address, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def link(customer, admin_person):
    """Priya's sign-up link for the sandbox."""
    return SignupLinkFactory(
        customer=customer, token=TOKEN, email=admin_person.email, proven_by=admin_person
    )


@pytest.fixture
def signing_up(rehearsal, admin_person, signed_in, link):
    """Priya, who typed her code just now and has the sandbox link open."""
    return SigningUp(signed_in(admin_person), rehearsal)


@pytest.fixture
def tokens_seen(monkeypatch):
    """Every token answer that Salesforce really gave us, as it comes in."""
    seen = []

    def watched(call):
        def ask(**given):
            token = call(**given)
            seen.append(token)
            return token

        return ask

    for name in ("token_exchange", "token_refresh"):
        monkeypatch.setattr(oauth, name, watched(getattr(oauth, name)))
    return seen


def is_alive(rehearsal, environment, refresh_token, host=None):
    """Whether Salesforce still knows the token, asked without using it.

    `host`: the login host, when it is not the one of the environment whose app has the token.
    """
    answer = requests.post(
        f"{rehearsal.url(host or environment)}/services/oauth2/introspect",
        {
            "token": refresh_token,
            "client_id": f"rehearsal-{environment}-client",
            "client_secret": f"rehearsal-{environment}-secret",
        },
        timeout=30,
    )
    return answer.json()["active"]


@pytest.fixture
def walk(rehearsal, tokens_seen, settings, signed_in):
    """A walk that is watched from here on (walking.py, watching.py)."""
    with watching() as watch:
        yield Walk(watch, rehearsal, tokens_seen, settings, signed_in)
