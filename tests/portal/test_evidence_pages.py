"""The evidence and security pages, as each side reads them."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Event
from integrations.salesforce.manifest import USERGEM_1
from portal.evidence import making
from portal.models import EvidencePack
from portal.security.facts import SCOPES, security_sections
from tests.factories import EventFactory, OutputSettingsFactory
from tests.portal.checks_world import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(customer, admin_person, monkeypatch):
    monkeypatch.setattr(making, "pack_pdf", lambda *_given: b"%PDF-1.7 typeset")
    EventFactory(customer=customer, by=admin_person, side="customer")
    pack = making.pack_ask(customer=customer, side="customer", by=admin_person)
    assert making.pack_make(pack.pk)
    pack.refresh_from_db()
    return pack


@pytest.fixture
def woken(monkeypatch):
    from portal import tasks

    told = []
    monkeypatch.setattr(tasks.evidence_make, "delay", told.append)
    return told


def test_a_pack_is_asked_for_made_in_the_background_and_taken(
    signed_in, admin_person, customer, woken, django_capture_on_commit_callbacks
):
    browser = signed_in(admin_person)
    assert "No pack was made yet" in words(browser.get(reverse("evidence")))
    with django_capture_on_commit_callbacks(execute=True):
        asked = browser.post(reverse("evidence_make"), follow=True)
    assert "Being made" in words(asked)
    assert 'hx-trigger="every 2s"' in asked.content.decode()
    pack = EvidencePack.objects.get()
    assert woken == [pack.pk]
    assert making.pack_make(pack.pk)
    pack.refresh_from_db()
    shown = browser.get(reverse("evidence_list"))
    assert "hx-trigger" not in shown.content.decode()
    assert pack.json_sha256 in words(shown)
    taken = browser.get(reverse("evidence_json", args=[pack.pk]))
    assert taken.content == making.pack_file(pack, "json")
    assert taken["Content-Disposition"].startswith('attachment; filename="northwind-evidence-')
    assert browser.get(reverse("evidence_pdf", args=[pack.pk])).content[:5] == b"%PDF-"
    assert b"def seals_verify" in browser.get(reverse("evidence_script")).content


def test_the_desk_has_the_same_packs(signed_in, manager, customer, made):
    browser = signed_in(manager)
    page = browser.get(reverse("admin:accounts_customer_evidence", args=[customer.pk]))
    assert made.json_sha256 in words(page)
    address = reverse("admin:accounts_customer_evidence_pdf", args=[customer.pk, made.pk])
    assert browser.get(address).content[:5] == b"%PDF-"


def test_a_pack_whose_files_went_keeps_its_hashes_and_says_why(signed_in, admin_person, made):
    EventFactory(customer=made.customer, action="job_changes.erased", by=None, side="system")
    assert making.evidence_files_purge() == 1
    browser = signed_in(admin_person)
    shown = words(browser.get(reverse("evidence")))
    assert "Its files are not kept any more" in shown
    assert made.pdf_sha256 in shown
    assert browser.get(reverse("evidence_json", args=[made.pk])).status_code == 404


def test_the_log_says_that_a_pack_was_made(made):
    event = Event.objects.get(action="evidence.made")
    assert event.side == "customer"
    assert set(event.data) == {"pack", "events", "head", "json_sha256", "pdf_sha256"}


# --- security ------------------------------------------------------------------------------------


def test_anybody_may_read_what_holds_for_everybody_and_no_name(customer, admin_person):
    page = Client().get(reverse("security"))
    shown = words(page)
    assert "refresh_token" in shown
    assert "How to take it back" in shown
    for private in (customer.name, admin_person.email, customer.implementation_manager.email):
        assert private not in page.content.decode()
    assert Client().get(reverse("security_pdf")).content[:5] == b"%PDF-"


def test_the_customers_people_read_who_can_see_their_data(signed_in, reviewer, admin_person):
    shown = words(signed_in(reviewer).get(reverse("security")))
    assert admin_person.email in shown
    assert "Maya Rao" in shown


def test_the_page_says_the_settings_in_force(settings, customer):
    settings.RETENTION_LINK_DAYS = 17
    settings.OUTGOING_ADDRESSES = ["192.0.2.7"]
    OutputSettingsFactory(customer=customer, record_mode="always_lead")
    said = {one.key: str(one.blocks) for one in security_sections(customer)}
    assert "17 days after their end" in said["retention"]
    assert "192.0.2.7" in said["addresses"]
    assert "refresh token" in said["encryption"]
    assert "LeadSource" in said["written"]
    assert USERGEM_1.object_name in said["written"]
    assert set(SCOPES) >= set(settings.SALESFORCE_SCOPES)
