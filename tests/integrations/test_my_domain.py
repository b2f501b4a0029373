"""My Domain as a third way in: what a person pastes becomes the org's own address, or is refused
with a sentence (platform reference, 1.1)."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.models import ConnectAttempt, Connection
from integrations.oauth.hosts import (
    is_instance,
    own_login_host,
    sandbox_name,
    shown_host,
    token_host,
)
from integrations.oauth.my_domain import (
    ELSEWHERE,
    EMAIL,
    INSTANCE,
    LOGIN_HOST,
    NOT_AN_ADDRESS,
    OLD,
    PORT,
    PRODUCTION_HERE,
    SANDBOX_HERE,
    SITE,
    TEMPORARY,
    MyDomainRefused,
    my_domain_clean,
)
from integrations.services import connection_token_renew
from tests.factories import ConnectionFactory
from tests.integrations.conftest import TOKEN, is_alive

ACME = "https://acme.my.salesforce.com"
UAT = "https://acme--uat.sandbox.my.salesforce.com"
SALESFORCE_ONLY = [".salesforce.com", ".force.com"]


@pytest.mark.parametrize(
    "typed",
    [
        "acme.my.salesforce.com",
        "  ACME.My.Salesforce.Com.  ",
        "https://acme.my.salesforce.com/",
        "http://acme.my.salesforce.com/",
        "https//acme.my.salesforce.com",
        "https:acme.my.salesforce.com",
        "ttps://acme.my.salesforce.com",
        "//acme.my.salesforce.com",
        '"https://acme.my.salesforce.com"',
        "<https://acme.my.salesforce.com>",
        "acme.my.salesforce.com:443",
        "acme.my.salesforce.com#home",
        "https://acme.my.salesforce.com/?ec=302&startURL=%2Fhome#x",
        "https://acme.lightning.force.com/lightning/page/home",
        "acme.lightning.force.com",
        "https://acme.my.salesforce-setup.com/lightning/setup/OrgDomain/home",
        "https://acme--c.vf.force.com/apex/Page?id=001",
        "https://acme--usergems.vf.force.com/apex/Page",
        "https://acme.file.force.com/sfc/servlet",
    ],
)
def test_what_people_copy_from_production_leads_to_its_own_address(typed):
    assert my_domain_clean("production", typed) == ACME


@pytest.mark.parametrize(
    "typed",
    [
        "acme--uat.sandbox.my.salesforce.com",
        "ACME--UAT.sandbox.my.salesforce.com.",
        "https://acme--uat.sandbox.lightning.force.com/one/one.app",
        "https://acme--uat.sandbox.my.salesforce-setup.com/lightning/setup/SetupOneHome/home",
        "https://acme--uat--c.sandbox.vf.force.com/apex/Page",
        "acme--uat--usergems.sandbox.vf.force.com",
        "acme--uat.my.salesforce.com",
        "acme--uat.lightning.force.com",
    ],
)
def test_what_people_copy_from_a_sandbox_leads_to_its_own_address(typed):
    assert my_domain_clean("sandbox", typed) == UAT


@pytest.mark.parametrize(
    ("environment", "typed", "sentence"),
    [
        ("sandbox", "acme", NOT_AN_ADDRESS),
        ("sandbox", "my sandbox", NOT_AN_ADDRESS),
        ("sandbox", "javascript:alert(1)", NOT_AN_ADDRESS),
        ("sandbox", "ftp:acme--uat.sandbox.my.salesforce.com", NOT_AN_ADDRESS),
        ("sandbox", "аcme--uat.sandbox.my.salesforce.com", NOT_AN_ADDRESS),
        ("sandbox", "https://acme--uat.sandbox.my.salesforce.com\\@evil.example", NOT_AN_ADDRESS),
        ("production", "https://[x", NOT_AN_ADDRESS),
        ("production", "usergems@acme.com.uat", EMAIL),
        ("production", "user:secret@acme.my.salesforce.com", NOT_AN_ADDRESS),
        ("production", "acme.my.salesforce.com@evil.example", EMAIL),
        ("production", "acme.my.salesforce.com:8443", PORT),
        ("production", "https://login.salesforce.com/", LOGIN_HOST),
        ("sandbox", "test.salesforce.com", LOGIN_HOST),
        ("production", "na1.salesforce.com", INSTANCE),
        ("sandbox", "https://cs42.salesforce.com/home", INSTANCE),
        ("sandbox", "cs42.my.salesforce.com", INSTANCE),
        ("sandbox", "usa55s.salesforce.com", INSTANCE),
        ("sandbox", "acme--uat.cs42.my.salesforce.com", OLD),
        ("production", "acme--c.na12.visual.force.com", OLD),
        ("production", "https://acme.my.site.com/customers", SITE),
        ("production", "acme.force.com", SITE),
        ("production", "acme.secure.force.com", SITE),
        ("production", "acme.my.salesforce-sites.com", SITE),
        ("production", "acme-dev-ed.develop.my.salesforce.com", TEMPORARY),
        ("production", "acme-dev-ed.my.salesforce.com", TEMPORARY),
        ("sandbox", "dream-1.scratch.my.salesforce.com", TEMPORARY),
        ("production", "acme--uat.sandbox.my.salesforce.com", SANDBOX_HERE),
        ("production", "acme--uat.lightning.force.com", SANDBOX_HERE),
        ("sandbox", "acme.my.salesforce.com", PRODUCTION_HERE),
        ("sandbox", "acme--c.vf.force.com", PRODUCTION_HERE),
        ("sandbox", "acme--uat.other.my.salesforce.com", ELSEWHERE),
        ("sandbox", "acme.sandbox.my.salesforce.com", ELSEWHERE),
        ("sandbox", "acme--uat--x.sandbox.my.salesforce.com", ELSEWHERE),
        ("sandbox", "xn--80ak6aa92e.sandbox.my.salesforce.com", ELSEWHERE),
    ],
)
def test_each_kind_of_mistake_has_a_sentence_of_its_own(environment, typed, sentence):
    with pytest.raises(MyDomainRefused) as refused:
        my_domain_clean(environment, typed)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    "typed",
    [
        "evilsalesforce.com",
        "acme.my.salesforce.com.evil.example",
        "evil.example/.my.salesforce.com",
        "evil.example#.my.salesforce.com",
        "evil.example?.my.salesforce.com",
        "https://evil.example/https://acme.my.salesforce.com",
        "xn--80ak6aa92e.my.salesforce.com",
        "a.b.my.salesforce.com",
        ".my.salesforce.com",
        "a" * 64 + ".my.salesforce.com",
        "www.salesforce.com",
        "127.0.0.1:8000",
        "localhost",
        "0x7f.0.0.1",
        "",
    ],
)
def test_nothing_else_is_taken(typed, settings):
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = SALESFORCE_ONLY
    with pytest.raises(MyDomainRefused):
        my_domain_clean("production", typed)


def test_an_older_sandbox_address_is_answered_with_todays():
    with pytest.raises(MyDomainRefused) as refused:
        my_domain_clean("sandbox", "acme--uat.cs42.my.salesforce.com")
    assert "acme--uat.sandbox.my.salesforce.com" in str(refused.value.hint)


def test_a_name_as_long_as_it_may_be_is_taken():
    host = "a" * 63 + ".my.salesforce.com"
    assert my_domain_clean("production", host) == f"https://{host}"


def test_the_demos_own_addresses_are_taken_only_where_the_settings_list_them(settings):
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [*SALESFORCE_ONLY, "127.0.0.1"]
    assert my_domain_clean("sandbox", "http://127.0.0.1:8503/") == "http://127.0.0.1:8503"
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = SALESFORCE_ONLY
    with pytest.raises(MyDomainRefused):
        my_domain_clean("sandbox", "http://127.0.0.1:8503/")


def test_an_installation_that_lists_the_demo_only_sends_nobody_to_salesforce(settings):
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = ["127.0.0.1"]
    with pytest.raises(MyDomainRefused):
        my_domain_clean("production", ACME)


PIECES = st.sampled_from(
    [
        "https://", "http:", "//", "\\", "@", ":", "/", "?", "#", ".", "--", "-", "%2e", "\0", " ",
        "acme", "evil.example", "uat", ".sandbox", ".my.salesforce.com", ".lightning.force.com",
        ".vf.force.com", ".force.com", ".my.salesforce-setup.com", "login.salesforce.com",
        "127.0.0.1", "localhost", "[::1]", ":8000", "xn--", "é", "。", "443", "_",
    ]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=9).map("".join)))
@example("https://acme--uat.sandbox.my.salesforce.com:443@evil.example/")
def test_no_text_leads_to_a_host_outside_salesforces_own(text):
    for environment in ("sandbox", "production"):
        try:
            address = my_domain_clean(environment, text)
        except MyDomainRefused:
            continue
        parts = urlsplit(address)
        assert address == f"{parts.scheme}://{parts.netloc}"
        if parts.hostname in {"127.0.0.1", "localhost"}:
            continue
        assert parts.scheme == "https"
        assert parts.netloc == parts.hostname
        assert parts.hostname.endswith(".my.salesforce.com")
        assert (".sandbox." in parts.hostname) == (environment == "sandbox")


# --- the pages ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_sign_up_page_offers_the_third_way(signing_up):
    text = signing_up.client.get(reverse("signup", args=[TOKEN])).content.decode()
    assert "Your org signs in at its own My Domain?" in text
    assert "For example acme--uat.sandbox.my.salesforce.com" in text


@pytest.mark.django_db
def test_a_refused_address_stands_in_the_field_with_its_sentence_and_the_way_on(signing_up):
    start = reverse("connect_start", args=["sandbox"])
    typed = 'login.salesforce.com/"><script>'
    answer = signing_up.client.post(start, {"link": TOKEN, "my_domain": typed})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This is where everybody signs in" in text
    assert "login.salesforce.com/&quot;&gt;&lt;script&gt;" in text
    assert 'aria-invalid="true"' in text
    assert f'name="link" value="{TOKEN}"' in text
    assert not ConnectAttempt.objects.exists()


@pytest.mark.django_db
def test_the_orgs_page_offers_it_with_the_address_used_before(signing_up, customer):
    ConnectionFactory(customer=customer, login_host=UAT)
    text = signing_up.client.get(reverse("org_list")).content.decode()
    assert "Reconnect at your own My Domain" in text
    assert f'id="my_domainsandbox" value="{UAT}"' in text


@pytest.mark.django_db
def test_an_empty_field_means_the_common_host(signing_up):
    assert signing_up.leave(link=TOKEN, my_domain=" ").startswith(
        signing_up.rehearsal.url("sandbox")
    )


@pytest.mark.django_db
def test_start_again_goes_back_to_the_same_address(signing_up):
    signing_up.leave(link=TOKEN, my_domain=UAT)
    text = signing_up.client.get(reverse("connect_help", args=["sandbox"])).content.decode()
    assert f'name="my_domain" value="{UAT}"' in text


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_at_the_orgs_own_address_stays_there(signing_up):
    own = signing_up.rehearsal.url("northwind-full")
    connection = signing_up.connect(start={"link": TOKEN, "my_domain": own})
    assert connection.login_host == own
    assert connection.token_host == own
    token = connection.refresh_token
    assert signing_up.leave(reconnect="1").startswith(own)
    signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"})
    assert not is_alive(signing_up.rehearsal, "sandbox", token, host="northwind-full")


@pytest.mark.django_db
def test_reconnecting_a_disconnected_org_begins_at_the_common_host(signing_up, customer, settings):
    ConnectionFactory(customer=customer, login_host=UAT, health="disconnected")
    assert signing_up.leave(reconnect="1").startswith(settings.SALESFORCE_SANDBOX_LOGIN_URL)


@pytest.mark.parametrize(
    ("instance_url", "host"),
    [
        (UAT, UAT),
        (ACME, ACME),
        ("https://acme--uat.cs42.my.salesforce.com", "https://acme--uat.cs42.my.salesforce.com"),
        ("https://cs42.salesforce.com", "https://test.salesforce.com"),
        ("https://cs42.my.salesforce.com", "https://test.salesforce.com"),
        ("https://evilmy.salesforce.com", "https://test.salesforce.com"),
        ("", "https://test.salesforce.com"),
    ],
)
def test_tokens_are_renewed_at_the_orgs_own_address(instance_url, host):
    assert token_host(login_host="https://test.salesforce.com", instance_url=instance_url) == host


@pytest.mark.django_db
def test_a_connection_renews_where_no_policy_can_close_the_door():
    assert Connection(login_host=ACME).token_host == ACME
    live = ConnectionFactory()
    assert live.token_host == live.epoch.instance_url


@pytest.mark.django_db(transaction=True)
def test_a_closed_login_host_does_not_stop_renewing(signing_up):
    connection = signing_up.connect()
    # Nobody listens there.
    Connection.objects.filter(pk=connection.pk).update(login_host="http://127.0.0.1:1")
    before = connection.access_token
    renewed = connection_token_renew(connection=connection, rejected=before)
    assert renewed not in {"", before}


def test_the_common_host_is_nobodys_own_address(settings):
    for environment, common in (
        ("sandbox", settings.SALESFORCE_SANDBOX_LOGIN_URL),
        ("production", settings.SALESFORCE_PRODUCTION_LOGIN_URL),
    ):
        assert own_login_host(environment, common) == ""
        assert own_login_host(environment, ACME) == ACME


def test_a_page_names_an_address_by_its_host():
    assert shown_host(f"{ACME}/services/oauth2?x=/y") == "acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (UAT, ("acme", "uat")),
        ("https://acme--uat.cs42.my.salesforce.com", ("acme", "uat")),
        ("https://acme--uat.my.salesforce.com", ("acme", "uat")),
        (ACME, None),
        ("https://cs42.salesforce.com", None),
        ("http://127.0.0.1:8503", None),
    ],
)
def test_the_sandboxs_name_in_an_address(address, name):
    assert sandbox_name(address) == name
    assert is_instance(address) == ("//cs42" in address)
