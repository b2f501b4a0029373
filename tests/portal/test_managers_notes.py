"""Internal notes and holding, on the desk."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, CustomerNote, Event
from accounts.selectors import events_verify
from accounts.services import NoteError, note_add, note_change, note_remove
from accounts.services.notes import notes_purge

pytestmark = pytest.mark.django_db


def at(customer, name):
    return reverse(f"admin:accounts_customer_{name}", args=[customer.pk])


def actions(customer):
    found = Event.objects.filter(customer=customer).order_by("sequence")
    return list(found.values_list("action", flat=True))


# Notes --------------------------------------------------------------------------------------


def test_a_note_stands_on_the_customer_s_page_and_never_on_the_customer_s_own(
    customer, manager, admin_person, signed_in
):
    maya = signed_in(manager)
    maya.post(at(customer, "notes"), {"text": "Legal is slow: call Priya on Mondays."})
    assert "call Priya on Mondays" in maya.get(at(customer, "change")).content.decode()
    for place in ("setup", "activity"):
        page = signed_in(admin_person).get(reverse(place)).content.decode()
        assert "call Priya" not in page
    event = Event.objects.get(action="note.added")
    assert event.data == {"note": CustomerNote.objects.get().pk}, "no text in the log"


def test_only_the_author_changes_a_note_and_a_lead_may_remove_it(
    customer, manager, lead, signed_in
):
    note = note_add(customer=customer, text="First thoughts", by=manager)
    lena = signed_in(lead)
    answer = lena.post(at(customer, "notes"), {"note": note.pk, "text": "Mine now"})
    assert answer.status_code == 422
    assert "Only the author changes a note" in answer.content.decode()
    signed_in(manager).post(at(customer, "notes"), {"note": note.pk, "text": "Second thoughts"})
    lena.post(at(customer, "notes"), {"note": note.pk, "remove": "1"})
    note.refresh_from_db()
    assert (note.text, note.removed_by) == ("Second thoughts", lead)
    page = lena.get(at(customer, "notes")).content.decode()
    assert "removed by Lena" in page
    assert "Second thoughts" not in page
    assert actions(customer) == ["note.added", "note.changed", "note.removed"]
    assert not events_verify(customer)


def test_whose_note_it_is_stays_so_when_the_customer_is_given_on(customer, manager, other_manager):
    note = note_add(customer=customer, text="Call Tom", by=manager)
    customer.implementation_manager = other_manager
    customer.save(update_fields=["implementation_manager"])
    with pytest.raises(NoteError, match="the staff who manage"):
        note_remove(note=note, by=manager)
    with pytest.raises(NoteError, match="the author or a lead"):
        note_remove(note=note, by=other_manager)
    customer.implementation_manager = manager
    customer.save(update_fields=["implementation_manager"])
    assert [note_remove(note=note, by=manager) for _twice in range(2)] == [True, False]
    with pytest.raises(NoteError, match="while it stands"):
        note_change(note=note, text="Else", by=manager)
    assert actions(customer) == ["note.added", "note.removed"]


def test_an_empty_note_is_refused_in_words(customer, manager, signed_in):
    answer = signed_in(manager).post(at(customer, "notes"), {"text": "  "})
    assert answer.status_code == 422
    assert "Write something first" in answer.content.decode()
    assert not CustomerNote.objects.exists()


def test_notes_are_for_the_staff_of_the_customer(
    customer, other_customer, other_manager, manager, admin_person, signed_in
):
    assert signed_in(other_manager).get(at(customer, "notes")).status_code == 404
    note = note_add(customer=other_customer, text="Theirs", by=other_manager)
    mixed = signed_in(manager).post(at(customer, "notes"), {"note": note.pk, "text": "x"})
    assert mixed.status_code == 404
    with pytest.raises(NoteError):
        note_add(customer=customer, text="Hello", by=admin_person)


def test_removed_notes_lose_their_text_and_an_erased_address_goes(customer, manager):
    note_add(customer=customer, text="Ask Tom.Berg@northwind.example first", by=manager)
    gone = note_add(customer=customer, text="Old", by=manager)
    CustomerNote.objects.filter(pk=gone.pk).update(removed_at=timezone.now() - timedelta(days=31))
    assert notes_purge(removed_before=timezone.now() - timedelta(days=30)) == 1
    call_command("erase_person", customer=customer.slug, email="tom.berg@northwind.example")
    texts = set(CustomerNote.objects.values_list("text", flat=True))
    assert texts == {"", "Ask […] first"}


# Holding ------------------------------------------------------------------------------------


def test_holding_asks_why_and_both_sides_read_it(customer, manager, admin_person, signed_in):
    maya = signed_in(manager)
    page = maya.get(at(customer, "hold")).content.decode()
    assert "No batch is released and no regular batch is sent." in page
    refused = maya.post(at(customer, "hold"), {"reason": "  "})
    assert refused.status_code == 422
    assert "Say why: both sides read it." in refused.content.decode()
    maya.post(at(customer, "hold"), {"reason": "Change freeze until January."})
    for browser, place in ((maya, at(customer, "change")), (signed_in(admin_person), "/")):
        assert "Change freeze until January." in browser.get(place).content.decode()
    assert actions(customer) == ["customer.held"]


def test_letting_it_go_on_is_said_once(customer, manager, signed_in):
    Customer.objects.filter(pk=customer.pk).update(hold_reason="Audit")
    maya = signed_in(manager)
    maya.post(at(customer, "hold"), {"lift": "1"})
    page = maya.post(at(customer, "hold"), {"lift": "1"}, follow=True).content.decode()
    assert "was not on hold any more" in page
    assert Customer.objects.get(pk=customer.pk).hold_reason == ""
    assert actions(customer) == ["customer.hold_lifted"]
