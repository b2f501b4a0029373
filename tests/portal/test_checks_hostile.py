"""Checks and the mirror against races, hostile answers of an org, and hostile forms."""

import datetime
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.utils import timezone

from integrations.checks.base import Finding, Item
from integrations.checks.registry import check_find
from integrations.checks.results import finding_store
from integrations.checks.services import check_run_end, check_runs_sweep
from integrations.models import CheckResult, CheckRun
from integrations.signals import check_run_ended
from jobchanges.gates import gate_reason, org_gate
from jobchanges.models import OrgOffer
from jobchanges.services import TestRunError, delivery_send_again
from jobchanges.services.erasing import customer_job_changes_forget
from jobchanges.signals import settings_saved
from portal.worksheet.package_xml import package_xml
from tests.factories import (
    CheckRunFactory,
    ConnectionFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    TestRunFactory,
    WaiverFactory,
    org_checked,
)

pytestmark = pytest.mark.django_db

RUNNING, WAITING, ENDED = CheckRun.State.RUNNING, CheckRun.State.WAITING, CheckRun.State.ENDED


def reason(connection):
    return gate_reason(org_gate, customer=connection.customer, environment=connection.environment)


def save_settings(connection):
    settings_saved.send(
        sender=None, customer=connection.customer, environment=connection.environment
    )


class TestSettingsSavedMeanwhile:
    """What was chosen decides what is asked: answers by the old choice open no gate."""

    @pytest.fixture
    def connection(self, customer):
        return ConnectionFactory(customer=customer, checked=True)

    @pytest.fixture
    def running(self, connection):
        return CheckRunFactory(
            epoch=connection.epoch,
            state=RUNNING,
            reason=CheckRun.Reason.ASKED,
            started_at=timezone.now(),
            ended_at=None,
        )

    def end(self, run):
        with transaction.atomic():
            assert check_run_end(run=CheckRun.objects.get(pk=run.pk), state=ENDED)

    def test_a_round_under_way_is_followed_by_one_that_knows_them(self, connection, running):
        save_settings(connection)
        self.end(running)
        (after,) = CheckRun.objects.filter(epoch=connection.epoch, ended_at=None)
        assert (after.state, after.reason) == (WAITING, CheckRun.Reason.SETTINGS)
        self.end(after)
        assert not CheckRun.objects.filter(epoch=connection.epoch, ended_at=None).exists()

    def test_until_then_nothing_may_be_sent(self, connection, running):
        assert reason(connection) == ""
        save_settings(connection)
        assert "is being checked now" in reason(connection)
        self.end(running)
        assert "is being checked now" in reason(connection)

    def test_a_round_that_waits_becomes_one_for_them(self, connection):
        CheckRunFactory(epoch=connection.epoch, state=WAITING, names=["campaign"], ended_at=None)
        save_settings(connection)
        (waiting,) = CheckRun.objects.filter(epoch=connection.epoch, ended_at=None)
        assert (waiting.reason, waiting.names) == (CheckRun.Reason.SETTINGS, [])
        assert "is being checked now" in reason(connection)


SCRIPT = "<script>alert('x')</script>"
RTL = "\u202eevil\u202c 🚀 علي"
# As much of a rule's message as a point quotes; and the most that Salesforce may ever say.
QUOTED, ENDLESS = "No. " * 40, "No. " * 1250


def hostile(name, n, outcome="warning", words=QUOTED):
    return Item(
        f"{name}.{n}.{SCRIPT}",
        outcome,
        f"{SCRIPT} {RTL} {n} {words}",
        f"{SCRIPT} {words}",
        "administrator",
        "/lightning/setup/PermSets/home",
    )


class TestWhatAnOrgSays:
    """Words of an org are data: shown as they are, folded where they are many."""

    @pytest.fixture
    def connection(self, customer):
        connection = ConnectionFactory(
            customer=customer,
            checked=True,
            epoch__name=f"Northwind {SCRIPT}",
            epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
        )
        org_checked(
            connection.epoch,
            automation=[hostile("a", n) for n in range(300)],
            field_access=[hostile("f", n, "fail") for n in range(300)],
            page_layouts=[hostile("l", n, "cannot") for n in range(100)],
        )
        return connection

    @pytest.mark.parametrize(
        "address",
        [
            "/checks/sandbox/",
            "/checks/sandbox/?check=automation",
            "/checks/sandbox/list/",
            "/checks/sandbox/send/",
            "/?step=sandbox.permissions",
            "/?step=sandbox.layouts",
            "/?step=sandbox.test",
            "/",
        ],
    )
    def test_pages_stay_small_and_harmless(self, connection, signed_in, admin_person, address):
        page = signed_in(admin_person).get(address).content
        assert SCRIPT.encode() not in page
        assert len(page) < 40_000, len(page)

    def test_words_without_end_are_cut(self, connection, signed_in, admin_person):
        endless = [hostile("a", n, words=ENDLESS) for n in range(300)]
        run = CheckRunFactory(epoch=connection.epoch, state=RUNNING)
        found = Finding.of(endless, found=endless[0].sentence)
        finding_store(run, check_find("automation"), found)
        page = signed_in(admin_person).get("/checks/sandbox/").content
        assert len(page) < 80_000
        kept = CheckResult.objects.get(epoch=connection.epoch, name="automation")
        assert max(len(item["sentence"]) for item in kept.items) == 700
        assert kept.items[0]["sentence"].endswith("…")

    def test_the_desk_too(self, connection, signed_in, manager):
        browser = signed_in(manager)
        pk = connection.customer_id
        for address in (f"/admin/accounts/customer/{pk}/checks/sandbox/",):
            page = browser.get(address).content
            assert SCRIPT.encode() not in page
            assert len(page) < 60_000, len(page)

    def test_the_mail_too(self, connection, signed_in, admin_person, mailoutbox):
        answer = signed_in(admin_person).post(
            "/checks/sandbox/send/",
            {"full_name": "Ann <b>\nX", "email": "ann@northwind.example", "role": "reviewer"},
        )
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        (mail,) = mailoutbox
        assert "\n" not in mail.subject
        for text in (mail.body, *(part[0] for part in mail.alternatives)):
            assert len(text) < 102_000, len(text)
        assert SCRIPT not in mail.alternatives[0][0]


class TestForms:
    @pytest.fixture
    def connection(self, customer):
        connection = ConnectionFactory(customer=customer, checked=True)
        org_checked(connection.epoch, automation=[hostile("a", 1)])
        return connection

    @pytest.mark.parametrize(
        "point", ["", "x", "check:automation:" + "k" * 5000, "check:no:x", "\u202e"]
    )
    @pytest.mark.parametrize("way", ["point", "withdraw"])
    def test_points_that_are_none(self, connection, signed_in, admin_person, point, way):
        answer = signed_in(admin_person).post(
            "/checks/sandbox/accept/", {way: point, "reason": "So."}
        )
        assert answer.status_code in {302, 422}

    def test_long_reasons(self, connection, signed_in, admin_person):
        subject = f"check:automation:{hostile('a', 1).key}"
        answer = signed_in(admin_person).post(
            "/checks/sandbox/accept/", {"point": subject, "reason": "x" * 100_000}, follow=True
        )
        assert answer.status_code == 200
        assert len(answer.content) < 40_000

    @pytest.mark.parametrize("word", ["Sandbox", "staging", "sandbox%00", "..", "é"])
    def test_environments_that_are_none(self, connection, signed_in, admin_person, word):
        browser = signed_in(admin_person)
        assert browser.get(f"/checks/{word}/").status_code in {400, 404}
        assert browser.post(f"/checks/{word}/run/").status_code in {400, 404}

    @pytest.mark.parametrize("name", ["nothing", "../x", "k" * 4000, "org_kind "])
    def test_checks_that_are_none(self, connection, signed_in, admin_person, name):
        browser = signed_in(admin_person)
        assert browser.post("/checks/sandbox/run/", {"name": name}).status_code == 404
        assert browser.post("/checks/sandbox/run/", {"step": name}).status_code == 404
        assert browser.get("/checks/sandbox/", {"check": name}).status_code == 200


ODD = [
    "a & b",
    "<x>",
    "q\"'",
    "tab\there",
    "bell\x07",
    "form\x0cfeed",
    "\ufffe",
    RTL,
    "]]>",
    "a\nb",
    "é裕樹",
]


def test_odd_names_make_a_well_formed_manifest():
    text = package_xml([("Layout", name) for name in ODD], version="66.0")
    root = ElementTree.fromstring(text.encode())
    assert len(root.findall(".//{*}members")) == len(ODD)


def test_what_holds_in_both_orgs_has_the_other_one_asked_too(customer):
    sandbox = ConnectionFactory(customer=customer, checked=True)
    production = ConnectionFactory(customer=customer, environment="production", checked=True)
    own = EnvironmentSettingsFactory(
        customer=customer, environment="production", validated_at=timezone.now()
    )
    save_settings(sandbox)
    assert reason(production) == "", "only the sandbox's own choices were changed"
    CheckRun.objects.update(state=ENDED, ended_at=timezone.now())
    type(own).objects.update(validated_at=None)
    save_settings(sandbox)
    assert "is being checked now" in reason(production)


class TestRoundsThatDied:
    @pytest.fixture
    def dead(self):
        return [
            CheckRunFactory(
                epoch=ConnectionFactory().epoch,
                state=RUNNING,
                lease_until=timezone.now() - datetime.timedelta(minutes=1),
            )
            for _each in range(3)
        ]

    def test_one_that_cannot_be_ended_holds_up_no_other(self, dead):
        def stumble(run, **_kwargs):
            if run.pk == dead[1].pk:
                raise ZeroDivisionError

        check_run_ended.connect(stumble)
        try:
            check_runs_sweep()
        finally:
            check_run_ended.disconnect(stumble)
        assert [run.pk for run in CheckRun.objects.filter(ended_at=None)] == [dead[1].pk]


class TestSendingAgain:
    @pytest.fixture
    def refused(self, customer):
        """Makes a refused job change of an org in which a check fails."""

        def make(environment):
            connection = ConnectionFactory(customer=customer, environment=environment)
            hour_ago = timezone.now() - datetime.timedelta(hours=1)
            org_checked(connection.epoch, at=hour_ago, field_access="fail")
            run = TestRunFactory(
                customer=customer,
                environment=environment,
                epoch=connection.epoch,
                state="review",
            )
            return DeliveryFactory(test_run=run, state="refused")

        return make

    def test_to_production_a_failing_check_holds_it(self, refused, manager):
        delivery = refused("production")
        with pytest.raises(TestRunError, match="A check of production fails"):
            delivery_send_again(delivery=delivery, by=manager)
        org_checked(delivery.epoch)
        delivery_send_again(delivery=delivery, by=manager)

    def test_to_the_sandbox_what_was_corrected_is_tried_at_once(self, refused, manager):
        again = delivery_send_again(delivery=refused("sandbox"), by=manager)
        assert again.state == "waiting"


def test_asking_an_org_without_end_is_refused(customer, signed_in, admin_person, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"checks_run": "3/h/user"}
    ConnectionFactory(customer=customer, checked=True)
    browser = signed_in(admin_person)
    found = [browser.post("/checks/sandbox/run/").status_code for _each in range(4)]
    assert found == [302, 302, 302, 429]


def test_forgetting_a_customer_forgets_the_users_of_its_orgs(customer):
    epoch = ConnectionFactory(customer=customer).epoch
    kept = ConnectionFactory().epoch
    for one in (epoch, kept):
        OrgOffer.objects.create(epoch=one, options={"owners": [{"name": "Amy Brown"}]})
    with transaction.atomic():
        customer_job_changes_forget(customer=customer)
    assert [one.epoch for one in OrgOffer.objects.all()] == [kept]


def test_forgetting_a_customer_forgets_the_names_of_those_who_take_turns(customer):
    turns = [{"id": "005000000000001AAA", "name": "Amy Brown"}]
    own = EnvironmentSettingsFactory(customer=customer, round_robin=turns)
    with transaction.atomic():
        customer_job_changes_forget(customer=customer)
    own.refresh_from_db()
    assert own.round_robin == [{"id": "005000000000001AAA", "name": ""}]


def test_losing_the_connection_opens_no_gate_that_a_failing_check_held(customer, manager):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, field_access="fail")
    assert "A check of the sandbox fails" in reason(connection)
    type(connection).objects.update(health="needs_reconnecting")
    rounds = CheckRun.objects.count()
    assert "A check of the sandbox fails" in reason(connection)
    assert CheckRun.objects.count() == rounds, "nobody can be asked"


def test_very_many_points_set_aside_keep_the_page_small(customer, signed_in, admin_person, manager):
    connection = ConnectionFactory(customer=customer, checked=True)
    items = [Item(f"k{n}", "warning", f"Warning {n} of this org.", "Look.") for n in range(60)]
    org_checked(connection.epoch, automation=items)
    for item in items:
        WaiverFactory(
            customer=customer,
            epoch=connection.epoch,
            step="sandbox.test",
            subject=f"check:automation:{item.key}",
            subject_hash=item.hash,
            by=manager,
            reason="Because of this and that. " * 11,
        )
    browser = signed_in(admin_person)
    page = browser.get("/checks/sandbox/").content
    assert b"54 more set aside" in page
    assert len(page) < 40_000
    assert b"Warning 20 of this org." in browser.get("/checks/sandbox/?check=automation").content
