"""One's own settings: name, zone, mails, a booking link; and switching mails off by one click."""

import pytest
from django.core import signing
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from portal.mail.choices import (
    CHOOSABLE,
    SALT,
    choice_set,
    choices_of,
    unsubscribe_url,
    unsubscribing_find,
    wants,
)
from portal.models import BrowserZone, MailChoice, MailKind
from tests.signing_in import Browser

pytestmark = pytest.mark.django_db

ME = "/people/me/"
ALL = [kind.value for kind in CHOOSABLE]


def sent(**changes: object) -> dict[str, object]:
    return {"full_name": "Priya Shah", "time_zone": "", "mails": ALL} | changes


def test_a_person_changes_name_zone_and_mails(signed_in, admin_person):
    browser = signed_in(admin_person)
    data = sent(full_name="Priya  S. Shah", time_zone="Europe/Berlin", mails=["turn", "attention"])
    answer = browser.post(ME, data, follow=True)
    assert "Saved." in answer.content.decode()
    person = User.objects.get(pk=admin_person.pk)
    assert (person.full_name, person.time_zone) == ("Priya S. Shah", "Europe/Berlin")
    assert [kind for kind, is_on in choices_of(person).items() if is_on] == ["turn", "attention"]
    text = answer.content.decode()
    assert 'value="turn" id="id_mails_turn" checked' in text
    assert 'value="digest" id="id_mails_digest" aria' in text
    assert 'value="Europe/Berlin" selected' in text


def test_the_page_says_what_cannot_be_switched_off_and_why(signed_in, reviewer, manager):
    assert "Codes to sign in, invitations" in signed_in(reviewer).get(ME).content.decode()
    assert "its second factor" in signed_in(manager).get(ME).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"full_name": "  "}, "Say what people call you."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"mails": ["always"]}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_saved(
    signed_in, admin_person, change, words
):
    answer = signed_in(admin_person).post(ME, sent(**change))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.get(pk=admin_person.pk).time_zone == ""
    assert not MailChoice.objects.exists()


def test_only_staff_have_a_booking_link_and_it_is_a_safe_one(signed_in, admin_person, manager):
    link = "https://calendar.example/maya"
    signed_in(admin_person).post(ME, sent(booking_url=link))
    assert User.objects.get(pk=admin_person.pk).booking_url == ""
    browser = signed_in(manager)
    bad = browser.post(ME, sent(full_name="Maya Rao", booking_url="javascript:alert(1)"))
    assert "A booking link begins with https://" in bad.content.decode()
    assert escape("javascript:alert(1)") in bad.content.decode(), "what was typed survives"
    browser.post(ME, sent(full_name="Maya Rao", booking_url=link))
    assert User.objects.get(pk=manager.pk).booking_url == link


def test_a_zone_chosen_before_stays_to_be_chosen(signed_in, admin_person):
    User.objects.filter(pk=admin_person.pk).update(time_zone="Asia/Kolkata")
    User.objects.filter(pk=admin_person.pk).update(time_zone="America/Boise")
    text = signed_in(admin_person).get(ME).content.decode()
    assert 'value="America/Boise" selected' in text
    assert len(text.encode()) < 40_000


def test_signing_in_notes_the_zone_of_the_browser(client, admin_person, rf):
    from portal.mail.receivers import signed_in as noted

    request = rf.get("/")
    request.COOKIES["timezone"] = "Europe%2FLisbon"
    noted(request=request, user=admin_person)
    request.COOKIES["timezone"] = "../etc/passwd"
    noted(request=request, user=admin_person)
    assert BrowserZone.objects.get().name == "Europe/Lisbon"


def test_the_account_menu_and_the_desk_lead_there(signed_in, admin_person, manager):
    assert ME in signed_in(admin_person).get("/").content.decode()
    assert ME in signed_in(manager).get("/admin/").content.decode()


def test_nobody_reads_it_without_signing_in(client):
    assert client.get(ME).status_code == 302


# --- unsubscribing ----------------------------------------------------------------------------


@pytest.fixture
def address(admin_person) -> str:
    return unsubscribe_url(admin_person, MailKind.TURN).removeprefix("http://testserver")


def test_one_click_from_a_mail_program_needs_no_cookie_and_no_token(address, admin_person):
    program = Browser(enforce_csrf_checks=True)
    answer = program.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "You get no more of these" in answer.content.decode()
    assert not wants(admin_person, MailKind.TURN)
    assert wants(admin_person, MailKind.ATTENTION)
    program.post(address, {"List-Unsubscribe": "One-Click"})
    assert MailChoice.objects.count() == 1


def test_looking_at_the_address_only_asks(client, address, admin_person):
    text = client.get(address).content.decode()
    assert "Switch these mails off?" in text
    assert "When it is your turn" in text
    assert wants(admin_person, MailKind.TURN)


def test_it_can_be_taken_back_on_the_spot(client, address, admin_person):
    client.post(address)
    assert "You get these again" in client.post(address, {"again": "1"}).content.decode()
    assert wants(admin_person, MailKind.TURN)


def test_a_forged_or_stale_address_does_nothing(client, address, admin_person):
    forged = signing.dumps({"user": admin_person.pk, "kind": "turn"}, salt="another")
    always = signing.dumps({"user": admin_person.pk, "kind": "always"}, salt=SALT)
    broken = signing.dumps(["turn"], salt=SALT)
    for token in (forged, always, broken, address.split("/")[-2][:-2], "x"):
        answer = client.post(reverse("mail_unsubscribe", args=[token]))
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()
    User.objects.filter(pk=admin_person.pk).update(is_active=False)
    assert client.get(address).status_code == 404
    assert not MailChoice.objects.exists()


def test_what_is_always_sent_cannot_be_chosen(admin_person):
    with pytest.raises(ValueError, match="is not chosen"):
        choice_set(person=admin_person, kind=MailKind.ALWAYS, is_on=False)
    assert unsubscribing_find("nonsense") is None
    assert wants(admin_person, MailKind.ALWAYS)
