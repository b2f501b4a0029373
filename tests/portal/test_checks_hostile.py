"""Checks and the mirror against races, hostile answers of an org, and hostile forms."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.utils import timezone

from integrations.checks.base import Item
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_end
from integrations.models import CheckResult, CheckRun
from jobchanges.gates import gate_reason, org_gate
from jobchanges.signals import settings_saved
from portal.worksheet.package_xml import package_xml
from tests.factories import ConnectionFactory, CheckRunFactory, org_checked

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
        org_checked(connection.epoch, automation=endless)
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
