"""Sending the open points of an org to a colleague, who signs in by code and asks again."""

import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from accounts.access import membership_current
from accounts.models import Event, Membership, Role, User
from accounts.selectors import events_verify
from integrations.checks.base import Item
from integrations.models import CheckRun
from portal.models import Waiver
from portal.wording import event_sentence
from tests.factories import (
    ConnectionFactory,
    MembershipFactory,
    StaffFactory,
    UserFactory,
    org_checked,
)
from tests.signing_in import Browser, code_request, code_type, codes_mailed

pytestmark = pytest.mark.django_db

SEND = "/checks/sandbox/send/"
SAM = {"full_name": "Sam Admin", "email": "sam.admin@northwind.example", "role": "reviewer"}
TITLE = Item(
    "Contact.fields.edit:Title",
    "fail",
    "Contact: Title is read-only for the integration user",
    "Permission Sets, UserGems Integration, Object Settings, Contacts: tick Edit Access on Title.",
    "administrator",
    "/lightning/setup/PermSets/home",
)
PRIVATE = Item("Lead", "warning", "Leads are private in this org", "Roles: move it up.")


@pytest.fixture
def epoch(customer, admin_person):
    epoch = ConnectionFactory(
        customer=customer,
        connected_by=admin_person,
        epoch__name="Northwind (full copy)",
        epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
    ).epoch
    org_checked(epoch, field_access=[TITLE], record_sharing=[PRIVATE])
    return epoch


@pytest.fixture
def priya(epoch, admin_person, signed_in):
    return signed_in(admin_person)


def text(answer) -> str:
    return answer.content.decode().replace("&#x27;", "'")


def test_the_form_shows_what_is_sent(priya):
    page = text(priya.get(SEND))
    assert "Send 2 points" in page
    assert TITLE.sentence in page
    assert "An address on northwind.example." in page


def test_the_colleague_gets_the_open_points_and_links_and_nothing_else(priya):
    answer = priya.post(SEND, SAM)
    assert answer["Location"] == "/checks/sandbox/"
    (message,) = mail.outbox
    assert message.to == ["sam.admin@northwind.example"]
    assert message.subject == "Northwind Traders: 2 points to look at in the Salesforce sandbox"
    assert "Hello Sam," in message.body
    assert "Priya Shah of Northwind Traders asks you" in message.body
    assert TITLE.sentence in message.body
    assert "As administrator: Permission Sets, UserGems Integration" in message.body
    assert "https://northwind--full.sandbox.my.salesforce.com/lightning/setup/PermSets" in (
        message.body
    )
    assert message.body.count("/checks/sandbox/") == 1
    assert "Sign in as sam.admin@northwind.example" in message.body
    html = message.alternatives[0][0]
    assert TITLE.sentence in html
    assert "This mail gave you access to the setup of Northwind Traders." in html


def test_what_was_accepted_is_not_sent(priya, admin_person):
    priya.post(
        "/checks/sandbox/accept/", {"point": "check:record_sharing:Lead", "reason": "All are."}
    )
    assert Waiver.objects.exists()
    priya.post(SEND, SAM)
    assert PRIVATE.sentence not in mail.outbox[0].body


def test_the_colleague_signs_in_by_code_and_asks_the_org_again(priya, epoch, monkeypatch):
    priya.post(SEND, SAM)
    CheckRun.objects.all().delete()
    sam = Browser()
    code_request(sam, SAM["email"], "/checks/sandbox/")
    answer = code_type(sam, codes_mailed(SAM["email"])[-1], "/checks/sandbox/")
    assert answer["Location"] == "/checks/sandbox/"
    assert TITLE.sentence in text(sam.get("/checks/sandbox/"))
    sam.post("/checks/sandbox/run/")
    assert CheckRun.objects.get().asked_by.email == SAM["email"]


def test_a_reviewer_is_given_no_more_than_that(priya, customer):
    priya.post(SEND, SAM)
    assert Membership.objects.get(user__email=SAM["email"]).role == Role.REVIEWER


def test_an_admin_may_be_named_but_nobody_who_signs(priya):
    priya.post(SEND, {**SAM, "role": "admin"})
    assert Membership.objects.get(user__email=SAM["email"]).role == Role.ADMIN
    answer = priya.post(SEND, {**SAM, "email": "ann@northwind.example", "role": "approver"})
    assert answer.status_code == 422
    assert not User.objects.filter(email="ann@northwind.example").exists()


def test_a_member_just_gets_the_mail_and_keeps_the_role(priya, approver):
    priya.post(SEND, {**SAM, "email": approver.email, "role": "admin"})
    assert Membership.objects.get(user=approver).role == Role.APPROVER
    assert mail.outbox[0].to == [approver.email]
    assert "gave you access" not in mail.outbox[0].body


def test_a_member_with_another_address_gets_it_too(priya, customer):
    consultant = UserFactory(email="cora@consulting.example")
    MembershipFactory(customer=customer, user=consultant, role=Role.REVIEWER)
    priya.post(SEND, {**SAM, "email": "Cora@consulting.example"})
    assert mail.outbox[0].to == ["cora@consulting.example"]


def test_somebody_who_left_comes_back_by_name(priya, customer, reviewer):
    Membership.objects.filter(user=reviewer).update(left_at=customer.created_at, role=Role.ADMIN)
    priya.post(SEND, {**SAM, "email": reviewer.email})
    membership = Membership.objects.get(user=reviewer)
    assert (membership.left_at, membership.role) == (None, Role.REVIEWER)


@pytest.mark.parametrize("address", ["sam@gmail.example", "sam@northwind.example.evil.example"])
def test_another_domain_is_refused_with_a_sentence(priya, address):
    answer = priya.post(SEND, {**SAM, "email": address})
    assert answer.status_code == 422
    assert f"{address} is not an address of Northwind Traders." in text(answer)
    assert 'value="Sam Admin"' in text(answer)
    assert not mail.outbox
    assert not User.objects.filter(email=address).exists()


def test_a_company_without_domains_learns_who_adds_them(priya, customer):
    customer.email_domains = []
    customer.save(update_fields=["email_domains"])
    answer = priya.post(SEND, SAM)
    assert "No e-mail domains of Northwind Traders are known yet." in text(answer)
    assert not mail.outbox


def test_staff_get_no_membership(priya):
    StaffFactory(email="staff@northwind.example")
    answer = priya.post(SEND, {**SAM, "email": "staff@northwind.example"})
    assert answer.status_code == 422
    assert not Membership.objects.filter(user__email="staff@northwind.example").exists()


def test_an_account_that_is_switched_off_stays_so(priya):
    UserFactory(email="gone@northwind.example", is_active=False)
    assert priya.post(SEND, {**SAM, "email": "gone@northwind.example"}).status_code == 422
    assert not mail.outbox


def test_ones_own_address_is_told_apart(priya, admin_person):
    answer = priya.post(SEND, {**SAM, "email": admin_person.email})
    assert "That is your own address." in text(answer)


def test_nothing_open_is_nothing_to_send(priya, epoch):
    org_checked(epoch)
    assert priya.get(SEND)["Location"] == "/checks/sandbox/"
    assert priya.post(SEND, SAM).status_code == 302
    assert not mail.outbox
    assert not Membership.objects.filter(user__email=SAM["email"]).exists()


def test_the_log_says_it_without_an_address(priya, customer):
    priya.post(SEND, SAM)
    events = Event.objects.filter(customer=customer).order_by("sequence")
    assert [event.action for event in events][-2:] == ["membership.given", "checks.mailed"]
    assert "@" not in str([event.data for event in events])
    assert [event_sentence(event, {}) for event in events][-2:] == [
        "Priya Shah gave a colleague access to the portal",
        "Priya Shah sent the open points of the sandbox to a colleague",
    ]
    assert events_verify(customer) == []


def test_a_mail_server_that_fails_is_told_and_nothing_is_logged_as_sent(priya, monkeypatch):
    def fail(*_args, **_kwargs):
        raise smtplib.SMTPException("no")

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)
    priya.post(SEND, SAM)
    assert "the mail could not be sent" in text(priya.get("/checks/sandbox/"))
    assert not Event.objects.filter(action="checks.mailed").exists()


def test_a_hundred_mails_an_hour_are_too_many(priya, settings):
    settings.ACCOUNT_RATE_LIMITS = {"open_points_send": "3/h/user"}
    answers = [
        priya.post(SEND, {**SAM, "email": f"sam{n}@northwind.example"}).status_code
        for n in range(4)
    ]
    assert answers == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_only_admins_name_colleagues(epoch, reviewer, approver, signed_in):
    for person in (reviewer, approver):
        assert signed_in(person).get(SEND).status_code == 403
        assert signed_in(person).post(SEND, SAM).status_code == 403
    assert not mail.outbox


def test_who_works_for_two_companies_lands_at_the_one_that_wrote(priya, customer, rf):
    sam = UserFactory(email=SAM["email"])
    MembershipFactory(user=sam)
    priya.post(SEND, SAM)
    request = rf.get(reverse("setup"))
    request.user, request.session = sam, {}
    assert membership_current(request).customer == customer


def test_a_missing_right_is_named_once_with_everything_it_hides(priya, epoch):
    right = Item(
        "right.ViewSetup", "cannot", "“View Setup and Configuration” is missing.", "Tick it."
    )
    org_checked(epoch, rep_access=[right], page_layouts=[right])
    priya.post(SEND, SAM)
    (message,) = mail.outbox
    assert message.subject.startswith("Northwind Traders: 1 point to look at")
    assert message.body.count(right.sentence) == 1
    assert "Cannot be checked: Can your reps see what UserGems writes?" in message.body
    assert message.body.count("Cannot be checked:") == 2
