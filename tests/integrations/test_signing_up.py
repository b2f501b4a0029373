"""From the button to the confirmed connection, against the rehearsal orgs over HTTP."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, Role, SignupLink
from integrations.models import ConnectAttempt, Connection, Health, OrgEpoch
from integrations.services.attempts import sealed_refresh_token
from tests.factories import ConnectionFactory, MembershipFactory, SignupLinkFactory
from tests.integrations.conftest import TOKEN, SigningUp, is_alive, query_of
from tests.rehearsal_server import ADMINISTRATOR

pytestmark = pytest.mark.django_db(transaction=True)


def page(response):
    return response.content.decode()


def test_the_button_leads_to_salesforce_with_pkce_state_nonce_and_a_fresh_login(signing_up):
    address = signing_up.leave()
    asked = query_of(address)
    assert address.startswith(signing_up.rehearsal.url("sandbox") + "/services/oauth2/authorize?")
    assert asked["client_id"] == "rehearsal-sandbox-client"
    assert asked["redirect_uri"] == "http://testserver/connect/callback/sandbox/"
    assert asked["code_challenge_method"] == "S256"
    assert asked["prompt"] == "login"
    assert asked["response_type"] == "code"
    assert set(asked["scope"].split()) == {"api", "refresh_token", "openid", "id"}
    assert asked["state"]
    assert asked["nonce"]


def test_query_parameters_of_strangers_change_nothing(signing_up):
    hostile = (
        "?scope=full,web&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example%26state%3Dx"
        "&process=login&next=https://evil.example&action=reauthenticate&state=x&prompt=none"
    )
    answer = signing_up.client.post(
        reverse("connect_start", args=["sandbox"]) + hostile, {"link": TOKEN}
    )
    asked = query_of(answer["Location"])
    assert "evil.example" not in answer["Location"]
    assert set(asked["scope"].split()) == {"api", "refresh_token", "openid", "id"}
    assert asked["prompt"] == "login"
    assert asked["state"] != "x"


def test_each_environment_uses_its_own_host_and_client(signing_up, customer, admin_person):
    SignupLinkFactory(customer=customer, environment="production", token="production-token")
    address = signing_up.leave("production", link="production-token")
    assert address.startswith(signing_up.rehearsal.url("production"))
    assert query_of(address)["client_id"] == "rehearsal-production-client"


def test_a_confirmed_sandbox_is_connected_and_spends_the_link(signing_up, link, customer):
    back = signing_up.come_back()
    assert back["Location"] == reverse("connect_confirm", args=[signing_up.attempt().pk])

    confirm = page(signing_up.client.get(back["Location"]))
    assert "Is this the right org and the right user?" in confirm
    assert "Northwind" in confirm
    assert "usergems.integration@northwind.example.full" in confirm
    assert "00D8b" in confirm
    assert "We do not find the package in this org yet" in confirm
    assert "not an integration user" not in confirm

    done = signing_up.confirm()
    assert done["Location"] == "/"
    connection = Connection.objects.get(customer=customer, environment="sandbox")
    assert connection.health == Health.CONNECTED
    assert connection.token_generation == 1
    assert connection.epoch.kind == "sandbox"
    assert connection.epoch.username == "usergems.integration@northwind.example.full"
    assert connection.epoch.instance_url == signing_up.rehearsal.url("northwind-full")
    link.refresh_from_db()
    assert link.state == SignupLink.State.SPENT
    assert signing_up.attempt().state == ConnectAttempt.State.CONFIRMED
    actions = list(Event.objects.filter(customer=customer).values_list("action", flat=True))
    assert actions == ["signup_link.spent", "connection.established", "checks.ran"]


def test_a_user_who_may_not_look_is_not_told_that_the_package_is_missing(signing_up):
    signing_up.rehearsal.configure("northwind-full", "low-rights-user")
    text = page(signing_up.client.get(signing_up.come_back()["Location"]))
    assert "This user sees no package, so we cannot tell whether it is installed" in text
    assert "We do not find the package" not in text


def test_facts_are_asked_for_right_after_connecting(signing_up, customer):
    signing_up.rehearsal.package_install("northwind-full")
    epoch = signing_up.connect().epoch
    assert epoch.package_installed is True
    assert epoch.package_version
    assert epoch.package_manifest == "usergem-1"
    assert epoch.app_installed is True
    assert epoch.facts_error == ""
    assert epoch.connection.api_calls_limit == 5_000_000


def test_an_administrator_is_kept_only_knowingly(signing_up):
    signing_up.come_back(username=ADMINISTRATOR)
    shown = page(signing_up.client.get(reverse("connect_confirm", args=[signing_up.attempt().pk])))
    assert "This is an administrator, not an integration user" in shown

    refused = signing_up.confirm()
    assert refused.status_code == 422
    assert "This could not be saved yet" in page(refused)
    assert not Connection.objects.exists()

    assert signing_up.confirm(keep_user="yes").status_code == 302
    assert Connection.objects.get().epoch.user_is_administrator is True


def test_no_use_another_hands_the_access_back(signing_up, link):
    signing_up.come_back()
    refresh_token = sealed_refresh_token(signing_up.attempt())
    answer = signing_up.client.post(
        reverse("connect_confirm", args=[signing_up.attempt().pk]), {"answer": "no"}, follow=True
    )
    assert "Nothing was connected" in page(answer)
    assert "private window" in page(answer)
    assert "Start again" in page(answer)
    assert not is_alive(signing_up.rehearsal, "sandbox", refresh_token)
    assert signing_up.attempt().sealed_token == ""
    link.refresh_from_db()
    assert link.state == SignupLink.State.ACTIVE


def test_start_again_needs_no_link_at_hand(signing_up):
    signing_up.come_back(decision="deny")
    assert signing_up.leave(attempt=signing_up.attempt().pk).startswith("http://127.0.0.1")


def test_confirming_twice_connects_once(signing_up):
    signing_up.connect()
    again = signing_up.confirm()
    assert again["Location"] == "/"
    assert Connection.objects.get().token_generation == 1


def test_reconnecting_keeps_the_epoch_and_revokes_the_token_it_replaces(signing_up):
    first = signing_up.connect()
    second = signing_up.connect(start={"reconnect": "1"})
    assert second.pk == first.pk
    assert second.epoch_id == first.epoch_id
    assert second.token_generation == 2
    assert not is_alive(signing_up.rehearsal, "sandbox", first.refresh_token)
    assert is_alive(signing_up.rehearsal, "sandbox", second.refresh_token)


def test_reconnecting_takes_warnings_and_cut_off_renewals_away(signing_up):
    signing_up.connect()
    later = timezone.now() + datetime.timedelta(seconds=60)
    Connection.objects.update(
        refresh_lease_until=later, idle_warned_at=timezone.now(), health_reason="Refused."
    )
    connection = signing_up.connect(start={"reconnect": "1"})
    assert connection.refresh_lease_until is connection.idle_warned_at is None
    assert connection.health_reason == ""


def test_reconnecting_works_five_times_and_more(signing_up):
    connection = signing_up.connect()
    for _ in range(6):
        connection = signing_up.connect(start={"reconnect": "1"})
    assert is_alive(signing_up.rehearsal, "sandbox", connection.refresh_token)


def test_a_refreshed_sandbox_is_recognised_and_starts_an_epoch(signing_up, customer):
    before = ConnectionFactory(
        customer=customer,
        epoch__org_id="00D000000000OLDAAA",
        epoch__instance_url=signing_up.rehearsal.url("northwind-full"),
        login_host=signing_up.rehearsal.url("sandbox"),
    ).epoch
    signing_up.come_back(start={"reconnect": "1"})
    shown = page(signing_up.client.get(reverse("connect_confirm", args=[signing_up.attempt().pk])))
    assert "This sandbox was refreshed" in shown
    signing_up.confirm()
    connection = Connection.objects.get()
    before.refresh_from_db()
    assert before.ended_at is not None
    assert connection.epoch.number == 2
    assert connection.epoch.ended_at is None


def test_another_org_is_refused_until_the_first_is_disconnected(signing_up, customer):
    first = signing_up.connect()
    back = signing_up.come_back(start={"reconnect": "1"}, org="northwind-dev")
    assert back.status_code == 409
    assert "different org than the one connected before" in page(back)

    signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"})
    connection = signing_up.connect(start={"reconnect": "1"}, org="northwind-dev")
    assert connection.pk == first.pk
    assert connection.epoch.number == 2
    assert OrgEpoch.objects.get(number=1).ended_at is not None


def test_going_back_to_an_earlier_org_takes_its_epoch_up_again(signing_up):
    signing_up.connect()
    disconnect = reverse("connection_disconnect", args=["sandbox"])
    signing_up.client.post(disconnect, {"sure": "yes"})
    signing_up.connect(start={"reconnect": "1"}, org="northwind-dev")
    signing_up.client.post(disconnect, {"sure": "yes"})
    connection = signing_up.connect(start={"reconnect": "1"})
    assert connection.epoch.number == 1
    assert connection.epoch.ended_at is None
    assert OrgEpoch.objects.filter(ended_at=None).count() == 1


def test_disconnecting_asks_first_and_names_what_happens(signing_up):
    connection = signing_up.connect()
    asked = signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]))
    assert "Disconnect Northwind" in page(asked)
    assert "Records that were delivered stay in the org" in page(asked)
    connection.refresh_from_db()
    assert connection.health == Health.CONNECTED


def test_disconnecting_revokes_wipes_and_records(signing_up, customer):
    connection = signing_up.connect()
    refresh_token = connection.refresh_token
    signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"})
    connection.refresh_from_db()
    assert connection.health == Health.DISCONNECTED
    assert connection.access_token == connection.refresh_token == ""
    assert not is_alive(signing_up.rehearsal, "sandbox", refresh_token)
    returned = Event.objects.get(action="connection.access_returned")
    assert returned.data["revoked"] is True


def test_disconnecting_from_a_silent_org_says_so_and_still_wipes(signing_up):
    connection = signing_up.connect()
    signing_up.rehearsal.fault("http_503_html", path="/services/oauth2/revoke")
    answer = signing_up.client.post(
        reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"}
    )
    connection.refresh_from_db()
    assert connection.health == Health.DISCONNECTED
    assert connection.refresh_token == ""
    assert Event.objects.get(action="connection.access_returned").data["revoked"] is False
    assert answer["Location"] == reverse("org_list")


def test_colleagues_and_strangers_do_not_see_the_attempt(
    signing_up, reviewer, approver, stranger, manager, signed_in
):
    signing_up.come_back()
    address = reverse("connect_confirm", args=[signing_up.attempt().pk])
    for person in (reviewer, approver, stranger, manager):
        assert signed_in(person).get(address).status_code == 404


@pytest.mark.parametrize("who", ["reviewer", "approver"])
def test_only_admins_connect(who, request, rehearsal, link, signed_in):
    client = signed_in(request.getfixturevalue(who))
    answer = client.post(reverse("connect_start", args=["sandbox"]), {"link": TOKEN})
    assert answer.status_code == 403


def test_a_stranger_with_the_link_gets_404(stranger, rehearsal, link, signed_in):
    answer = signed_in(stranger).post(reverse("connect_start", args=["sandbox"]), {"link": TOKEN})
    assert answer.status_code == 404


def test_connecting_needs_a_fresh_code(admin_person, rehearsal, link, signed_in):
    client = signed_in(admin_person, fresh=False)
    answer = client.post(reverse("connect_start", args=["sandbox"]), {"link": TOKEN})
    assert answer["Location"].startswith(reverse("account_prove"))
    assert not ConnectAttempt.objects.exists()


def test_a_spent_link_leads_nowhere_once_the_connection_is_gone(signing_up, link):
    link.used_at = link.created_at
    link.save(update_fields=["used_at"])
    answer = signing_up.client.post(reverse("connect_start", args=["sandbox"]), {"link": TOKEN})
    assert answer.status_code == 410
    assert "This sign-up link has ended" in page(answer)


def test_a_link_for_the_other_environment_is_unknown_here(signing_up):
    answer = signing_up.client.post(reverse("connect_start", args=["production"]), {"link": TOKEN})
    assert answer.status_code == 404


def test_a_revoked_link_is_not_spent_by_confirming(signing_up, link):
    signing_up.come_back()
    link.revoked_at = link.created_at
    link.save(update_fields=["revoked_at"])
    answer = signing_up.client.post(
        reverse("connect_confirm", args=[signing_up.attempt().pk]), {"answer": "yes"}, follow=True
    )
    assert "This sign-up link has ended" in page(answer)
    assert not Connection.objects.exists()


def test_my_domain_is_used_and_kept(signing_up):
    address = signing_up.leave(link=TOKEN, my_domain="acme--uat.sandbox.lightning.force.com/one")
    assert address.startswith("https://acme--uat.sandbox.my.salesforce.com/services/oauth2/")
    assert signing_up.attempt().login_host == "https://acme--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize(
    "typed",
    [
        "evil.example",
        "https://acme.my.salesforce.com.evil.example",
        "https://x@evil.example/acme--uat.sandbox.my.salesforce.com",
        "acme.my.salesforce.com",
        "acme--uat.sandbox.my.salesforce.com:8443",
        "https://acme--uat.sandbox.my.salesforce.com\\@evil.example",
    ],
)
def test_any_other_address_is_refused_as_my_domain(signing_up, typed):
    answer = signing_up.client.post(
        reverse("connect_start", args=["sandbox"]), {"link": TOKEN, "my_domain": typed}
    )
    assert answer.status_code == 422
    assert "Sign in at your own My Domain" in page(answer)
    assert not ConnectAttempt.objects.exists()


def test_two_people_of_one_customer_do_not_share_a_state(signing_up, signed_in, customer):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    colleague = MembershipFactory(customer=customer, role=Role.ADMIN).user
    other = SigningUp(signed_in(colleague), signing_up.rehearsal)
    answer = other.answer(address)
    assert answer.status_code == 400
    assert "belongs to no sign-up under way" in page(answer)
