"""Token answer, id token and userinfo name one org and one user, or nothing is connected."""

import dataclasses

import pytest

from integrations.models import ConnectAttempt, Connection
from integrations.oauth import adapter
from integrations.salesforce import oauth
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.services import ConnectError, signup
from tests.factories import SignupLinkFactory
from tests.integrations.conftest import TOKEN, is_alive

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_ORG, OTHER_USER = "00D000000000009AAA", "005000000000009AAA"


def refused(signing_up, tokens_seen, code):
    answer = signing_up.come_back()
    attempt = signing_up.attempt()
    assert answer.status_code >= 400
    assert (attempt.state, attempt.error_code) == (ConnectAttempt.State.REFUSED, code)
    assert attempt.sealed_token == ""
    given = tokens_seen[0].refresh_token
    return not is_alive(signing_up.rehearsal, "sandbox", given)


@pytest.mark.parametrize("other", [{"org_id": OTHER_ORG}, {"user_id": OTHER_USER}])
def test_userinfo_of_another_org_or_user_is_refused(signing_up, tokens_seen, monkeypatch, other):
    asked = oauth.userinfo
    monkeypatch.setattr(
        oauth, "userinfo", lambda **given: dataclasses.replace(asked(**given), **other)
    )
    assert refused(signing_up, tokens_seen, "unverified")


def test_an_id_token_of_another_user_is_refused(signing_up, tokens_seen, monkeypatch):
    verify = adapter.id_token_verify

    def of_another(*given, **more):
        return verify(*given, **more) | {"sub": f"https://x/id/{OTHER_ORG}/{OTHER_USER}"}

    monkeypatch.setattr(adapter, "id_token_verify", of_another)
    assert refused(signing_up, tokens_seen, "unverified")


def test_access_that_cannot_be_renewed_is_refused(signing_up, monkeypatch):
    exchange = oauth.token_exchange
    monkeypatch.setattr(
        oauth,
        "token_exchange",
        lambda **given: dataclasses.replace(exchange(**given), refresh_token=""),
    )
    assert signing_up.come_back().status_code >= 400
    assert signing_up.attempt().error_code == "scope_refused"


def test_an_answer_to_an_attempt_that_ended_meanwhile_is_handed_back(
    signing_up, tokens_seen, monkeypatch
):
    def ended(**_given):
        raise ConnectError("attempt_over", "This sign-up has ended.")

    monkeypatch.setattr(signup, "connect_attempt_return", ended)
    assert refused(signing_up, tokens_seen, "attempt_over")


def test_a_code_is_traded_where_the_person_signed_in(signing_up, monkeypatch):
    exchange, hosts = oauth.token_exchange, []

    def watched(**given):
        hosts.append(given["login_url"])
        return exchange(**given)

    monkeypatch.setattr(oauth, "token_exchange", watched)
    own = signing_up.rehearsal.url("northwind-full")
    signing_up.connect(start={"link": TOKEN, "my_domain": own})
    assert hosts == [own]


def test_an_answer_that_is_no_yes_connects_nothing(signing_up):
    signing_up.come_back()
    signing_up.confirm(answer="")
    assert signing_up.attempt().error_code == "declined"
    assert not Connection.objects.exists()


def test_a_list_of_sandboxes_that_cannot_be_asked_proves_nothing(signing_up, customer, monkeypatch):
    def fails(_org):
        raise SalesforceError("SERVER_UNAVAILABLE")

    monkeypatch.setattr(Org, "sandboxes", fails)
    SignupLinkFactory(customer=customer, environment="production", token="production")
    signing_up.connect("production", start={"link": "production"}, org="northwind")
    assert signing_up.attempt().organization["parent"] == "unknown"
