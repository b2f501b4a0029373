"""Rule 8, the whole of it: no token, code or secret of Salesforce's is anywhere but encrypted.

A walk through the product with real tokens of the rehearsal orgs, every logger at debug level.
Then everything it left behind is searched: tables, files, logs, pages, error reports, mails,
exports, sessions, cache, tasks. Parts of 16 characters count, in base64 and addresses, too.
"""

import re

import pytest
from django.core import mail
from django.test import override_settings
from django.urls import reverse

from accounts.models import Path, Plan, Role, SignupLink
from integrations import tasks
from integrations.checks import running
from integrations.models import CheckRun, ConnectAttempt, Connection, Health
from integrations.salesforce import people
from integrations.services import connection_token_renew
from jobchanges.models import Side
from portal.signoff.services import summary_freeze
from tests import factories as make
from tests.integrations.conftest import SigningUp
from tests.jobchanges.conftest import Sandbox
from tests.portal.signing import production_done, sign
from tests.rehearsal_server import ADMINISTRATOR, HARBOR_ADMINISTRATOR, HARBOR_INTEGRATION

pytestmark = pytest.mark.django_db(transaction=True)
LINK = re.compile(r"/signup/([^/\s\"]+)/")


@pytest.fixture
def priya(walk, customer, manager, admin_person, signed_in):
    """The customer's admin in her browser, with the link that Maya sent from the desk."""
    form = {"environment": "sandbox", "person_name": "Priya Shah", "email": admin_person.email}
    address = reverse("admin:accounts_customer_link_send", args=[customer.pk])
    assert signed_in(manager).post(address, form).status_code == 302
    SignupLink.objects.update(proven_by=admin_person)
    found = LINK.search(str(mail.outbox[-1].body))
    signing_up = SigningUp(signed_in(admin_person), walk.rehearsal)
    signing_up.token = found[1]
    return signing_up


def connected(walk, priya):
    """The whole way to the connection, with every page on it; by the link the first time."""
    start = {"link": priya.token}
    if Connection.objects.filter(environment="sandbox").exists():
        start = {"again": "yes"}
    back = walk.back(walk.rehearsal.sign_in(priya.leave(**start)))
    answer = priya.answer(back)
    assert answer.status_code == 302, answer.content.decode()
    assert priya.client.get(answer["Location"]).status_code == 200
    walk.check("waiting for confirmation")
    assert ConnectAttempt.objects.order_by("-pk")[0].sealed_token
    done = priya.confirm(keep_user="yes")
    assert done.status_code == 302, done.content.decode()
    # The same answer a second time, as a browser's "back" brings it.
    priya.answer(back)
    return Connection.objects.select_related("epoch").get(environment="sandbox")


def disconnected(walk, priya):
    address = reverse("connection_disconnect", args=["sandbox"])
    # The question first.
    assert priya.client.post(address).status_code == 200
    priya.client.post(address, {"sure": "yes"})
    connection = Connection.objects.get(environment="sandbox")
    assert connection.health == Health.DISCONNECTED


def failing_ways(walk, priya):
    """Ways that end on a page that says what happened."""
    denied = walk.rehearsal.sign_in(priya.leave(link=priya.token), decision="deny")
    assert "Allow" in priya.answer(denied).content.decode()
    # Salesforce lets the person in, and then does not answer.
    back = walk.back(walk.rehearsal.sign_in(priya.leave(link=priya.token)))
    walk.rehearsal.fault("http_503_html", times=20, path="/services/data/")
    assert "Salesforce" in priya.answer(back).content.decode()
    walk.rehearsal.control("production", "faults", "DELETE")
    # An address that somebody changed: the code is good, the state is not.
    back = walk.back(walk.rehearsal.sign_in(priya.leave(link=priya.token)))
    priya.answer(back.replace("state=", "state=x"))
    # An administrator instead of the integration user: told apart on the page that asks.
    back = walk.back(walk.rehearsal.sign_in(priya.leave(link=priya.token), username=ADMINISTRATOR))
    priya.client.get(priya.answer(back)["Location"])
    priya.client.post(reverse("connect_confirm", args=[priya.attempt().pk]), {"answer": "no"})
    priya.client.get(reverse("connect_help", args=["sandbox"]))
    walk.check("failed")


def renewed(connection):
    connection.refresh_from_db()
    connection_token_renew(connection=connection, rejected=connection.access_token)


def broken_pages(walk, priya, monkeypatch):
    """A mistake of ours in the middle of a page, with tokens in hand: both kinds of error page."""
    priya.client.raise_request_exception = False

    def mistaken(*_args, **_more):
        raise RuntimeError("A mistake of ours.")

    for debug in (False, True):
        with override_settings(DEBUG=debug), monkeypatch.context() as patched:
            # In the callback, after the token has come; then in a round of checks, which goes on.
            back = walk.back(walk.rehearsal.sign_in(priya.leave(again="yes")))
            patched.setattr(people, "organization", mistaken)
            assert priya.answer(back).status_code == 500
            patched.setattr(running, "facts_of_survey", mistaken)
            CheckRun.objects.all().delete()
            priya.client.post(reverse("org_check", args=["sandbox"]))
            assert CheckRun.objects.get().state == CheckRun.State.FAILED
    priya.client.raise_request_exception = True
    assert len(walk.watch.reports) == 4
    assert all("A mistake of ours." in report for report in walk.watch.reports)


def run_sent(walk, customer, manager, connection):
    """A test run in the real sandbox, in the middle of which the access token ends."""
    make.OutputSettingsFactory(customer=customer)
    owner = next(row for row in walk.rehearsal.records("northwind-full", "User") if row["IsActive"])
    make.EnvironmentSettingsFactory(
        customer=customer, environment="sandbox", default_owner_id=owner["Id"], campaign_id=""
    )
    sandbox = Sandbox(walk.rehearsal, connection, customer, manager)
    make.org_checked(connection.epoch)
    run = sandbox.run()
    Connection.objects.filter(pk=connection.pk).update(access_token="00D000000000000!ended")
    sandbox.send(run)
    sandbox.deliver()
    run.refresh_from_db()
    assert sandbox.delivery_keys()
    return run


def went_live(walk, manager, signed_in):
    """Another customer, with a production org only, signs: the record and the file of records."""
    customer = make.CustomerFactory(
        name="Harbor Analytics",
        slug="harbor",
        implementation_manager=manager,
        path=Path.PRODUCTION_ONLY,
        plan=Plan.GROWTH,
    )
    leo = make.UserFactory(full_name="Leo Fischer", email=HARBOR_ADMINISTRATOR)
    make.MembershipFactory(customer=customer, user=leo, role=Role.ADMIN)
    walk.rehearsal.package_install("harbor")
    connection = walk.rehearsal.connect(customer, "harbor", HARBOR_INTEGRATION)
    make.OutputSettingsFactory(customer=customer)
    make.EnvironmentSettingsFactory(customer=customer, environment="production")
    production_done(customer, leo, connection)
    renewed(connection)
    summary = summary_freeze(customer=customer, by=leo)
    summary.refresh_from_db()
    for side, by in ((Side.CUSTOMER, leo), (Side.VENDOR, manager)):
        sign(summary, side, by)
    client = signed_in(leo)
    for kind in ("json", "pdf"):
        assert client.get(reverse("go_live_record", args=[kind])).status_code == 200
    client.get(reverse("go_live_records_csv"))
    walk.pages(client)
    return connection


def test_rule_8_connecting_and_disconnecting_leaves_no_token(walk, priya):
    connection = connected(walk, priya)
    renewed(connection)
    walk.pages(priya.client, ("setup", "org_list", "activity"))
    walk.check_everything()
    disconnected(walk, priya)
    walk.check_everything()


@pytest.mark.servers
def test_rule_8_no_token_is_left_anywhere(
    walk, priya, customer, manager, operator, signed_in, monkeypatch
):
    walk.rehearsal.package_install("northwind-full")
    priya.client.get(reverse("signup", args=[priya.token]))
    failing_ways(walk, priya)
    connection = connected(walk, priya)
    walk.check("connected")

    tasks.org_facts_refresh.delay(connection.pk)
    tasks.connection_keep_alive.delay(connection.pk)
    renewed(connection)
    walk.pages(priya.client)
    run = run_sent(walk, customer, manager, connection)
    priya.client.get(reverse("test_run", args=[run.pk]))
    walk.check("a test run was sent")

    broken_pages(walk, priya, monkeypatch)
    walk.check("a mistake of ours")
    connection = connected(walk, priya)
    renewed(connection)
    walk.check("reconnected")

    live = went_live(walk, manager, signed_in)
    # The administrator ends our access; the next one to use it finds out, and people are mailed.
    mailed = len(mail.outbox)
    walk.rehearsal.control("harbor", "configuration", body={"name": "revoked-token"})
    tasks.connection_keep_alive.delay(live.pk)
    live.refresh_from_db()
    assert live.health == Health.NEEDS_RECONNECTING
    assert len(mail.outbox) > mailed
    walk.pages(priya.client)
    assert walk.desk(manager, {"integrations"}) >= 6
    assert walk.desk(operator, {"accounts", "integrations", "jobchanges", "portal"}) > 10
    walk.check("lost, and read at the desk")

    disconnected(walk, priya)
    walk.pages(priya.client)
    walk.check_everything()

    # The search had something to find, and somewhere to look.
    assert len(walk.leaks.names) > 30
    assert len(walk.watch.pages) > 100
    assert any("salesforce_call" in text for _, text in walk.watch.logs)
    assert any("urllib3" in text for _, text in walk.watch.logs)
    assert any("connection_keep_alive" in text for text in walk.watch.tasks)
