"""The page of colleagues, as each of them sees it, and the mails that go out from it."""

import datetime
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, Membership
from accounts.services import colleague_end, signup_link_prove
from tests.factories import MembershipFactory, SignupLinkFactory, UserFactory
from tests.signing_in import Browser, code_request, code_type, codes_mailed

pytestmark = pytest.mark.django_db

LIST, INVITE, LEAVE = (
    "/people/colleagues/",
    "/people/colleagues/invite/",
    "/people/colleagues/leave/",
)
SAM = {"full_name": "Sam Admin", "email": "sam.admin@northwind.example", "role": "approver"}


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def page_of(person) -> str:
    return f"{LIST}{person.memberships.get().pk}/"


@pytest.fixture
def priya(admin_person, signed_in):
    return signed_in(admin_person)


def test_everybody_sees_who_has_access(priya, customer, reviewer, approver, signed_in):
    for browser in (priya, signed_in(reviewer)):
        page = text(browser.get(LIST))
        assert "Priya Shah" in page
        assert "ana.costa@northwind.example" in page
        assert "Reads and reviews everything, allows the production test, signs" in page
        assert "Not signed in yet" in page  # Ana
    assert "Invite a colleague" in text(priya.get(LIST))
    page = text(signed_in(reviewer).get(LIST))
    assert "Invite a colleague" not in page
    assert "An admin invites colleagues and gives roles: Priya Shah." in page


def test_says_since_when_and_who_invited(priya, customer, manager):
    link = SignupLinkFactory(customer=customer, email="ann@northwind.example")
    ann = UserFactory(full_name="Ann Lee", email="ann@northwind.example")
    signup_link_prove(link=link, user=ann)
    priya.post(INVITE, SAM)
    page = text(priya.get(LIST))
    assert "invited by Maya Rao" in page
    assert "invited by Priya Shah" in page


def test_who_had_access_is_named_apart(priya, reviewer):
    colleague_end(membership=reviewer.memberships.get(), by=reviewer)
    page = text(priya.get(LIST))
    assert "1 person had access before" in page
    assert page_of(reviewer) not in page


def test_queries_do_not_grow_with_the_people(priya, customer):
    def count() -> int:
        with CaptureQueriesContext(database) as queries:
            priya.get(LIST)
        return len(queries)

    priya.post(INVITE, SAM)
    before = count()
    for number in range(6):
        priya.post(INVITE, {**SAM, "email": f"sam{number}@northwind.example"})
    assert count() == before


class TestInviting:
    def test_a_colleague_gets_a_mail_and_signs_in_by_a_code(self, priya, customer):
        answer = priya.post(INVITE, SAM)
        membership = Membership.objects.get(user__email=SAM["email"])
        assert answer["Location"] == f"{LIST}#colleague-{membership.pk}"
        (message,) = mail.outbox
        assert message.to == [SAM["email"]]
        assert message.subject == (
            "Northwind Traders: Priya Shah invites you to set up UserGems together"
        )
        assert "Hello Sam," in message.body
        assert "Approver: Reads and reviews everything" in message.body
        assert message.body.count("http://testserver/") == 1
        assert "Sign in as sam.admin@northwind.example" in message.body
        assert "Approver" in message.alternatives[0][0]
        sam = Browser()
        code_request(sam, SAM["email"])
        code_type(sam, codes_mailed(SAM["email"])[-1])
        assert "Sam Admin" in text(sam.get(LIST))
        page = text(priya.get(LIST))
        assert "Invite again" not in page

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, priya, reviewer):
        answer = priya.post(INVITE, {**SAM, "email": "sam@elsewhere.example"})
        assert answer.status_code == 422
        assert "sam@elsewhere.example is not an address of Northwind Traders." in text(answer)
        assert 'value="Sam Admin"' in text(answer)
        answer = priya.post(INVITE, {**SAM, "email": reviewer.email})
        assert "Ravi Menon has access already, as reviewer." in text(answer)
        assert "Say who is invited." in text(priya.post(INVITE, {}))
        assert not mail.outbox

    def test_a_company_without_domains_learns_who_adds_them(self, priya, customer):
        customer.email_domains = []
        customer.save(update_fields=["email_domains"])
        assert "No e-mail domains are known yet" in text(priya.get(INVITE))
        assert "No e-mail domains of Northwind" in text(priya.post(INVITE, SAM))

    def test_a_mail_that_fails_is_told_and_can_be_sent_again(self, priya, monkeypatch):
        def fail(*_args, **_kwargs):
            raise smtplib.SMTPException("no")

        with monkeypatch.context() as broken:
            broken.setattr(EmailMultiAlternatives, "send", fail)
            priya.post(INVITE, SAM)
            assert "the mail could not be sent" in text(priya.get(LIST))
        membership = Membership.objects.get(user__email=SAM["email"])
        again = reverse("colleague_invite_again", args=[membership.pk])
        assert again in text(priya.get(LIST))
        priya.post(again)
        assert len(mail.outbox) == 1
        assert Event.objects.latest("pk").action == "membership.invited_again"

    def test_who_has_signed_in_is_not_invited_again(self, priya, reviewer):
        reviewer.last_login = timezone.now()
        reviewer.save(update_fields=["last_login"])
        priya.post(reverse("colleague_invite_again", args=[reviewer.memberships.get().pk]))
        assert "has signed in already" in text(priya.get(LIST))
        assert not mail.outbox

    def test_a_code_is_typed_before_the_form_is_filled_in(self, admin_person, signed_in):
        browser = signed_in(admin_person, fresh=False)
        for address in (INVITE, page_of(admin_person)):
            assert browser.get(address)["Location"].startswith("/people/sign-in/again/")
        assert browser.post(INVITE, SAM)["Location"].startswith("/people/sign-in/again/")
        assert not Membership.objects.filter(user__email=SAM["email"]).exists()
        browser.prove(admin_person, "code", email=admin_person.email)
        assert 'value="Sam Admin"' in text(browser.get(INVITE))
        assert 'value="Sam Admin"' not in text(browser.get(INVITE))

    def test_so_many_an_hour_and_no_more(self, priya, settings):
        settings.ACCOUNT_RATE_LIMITS = {"colleague_invite": "2/h/user"}
        answers = [
            priya.post(INVITE, {**SAM, "email": f"sam{n}@northwind.example"}).status_code
            for n in range(3)
        ]
        assert answers == [302, 302, 429]


class TestChanging:
    def test_a_new_role_is_mailed_to_the_person(self, priya, reviewer):
        priya.post(page_of(reviewer), {"role": "approver"})
        assert reviewer.memberships.get().role == "approver"
        (message,) = mail.outbox
        assert message.to == [reviewer.email]
        assert message.subject == "Northwind Traders: you are an approver now"
        assert "Priya Shah changed what you may do" in message.body
        assert "Ravi Menon is an approver now. A mail tells them." in text(priya.get(LIST))
        priya.post(page_of(reviewer), {"role": "approver"})
        assert len(mail.outbox) == 1

    def test_the_only_admin_reads_why_their_role_stays(self, priya, admin_person):
        assert "The only admin" in text(priya.get(page_of(admin_person)))
        answer = priya.post(page_of(admin_person), {"role": "reviewer"})
        assert answer.status_code == 422
        assert "Make another colleague an admin first." in text(answer)

    def test_ending_says_before_what_happens(self, priya, reviewer, signed_in):
        page = text(priya.get(page_of(reviewer)))
        assert "is signed out everywhere at once" in page
        ravi = signed_in(reviewer)
        priya.post(f"{page_of(reviewer)}end/")
        assert "Ravi Menon has no access any more" in text(priya.get(LIST))
        assert ravi.get("/").status_code == 302
        assert priya.get(page_of(reviewer)).status_code == 404
        assert not mail.outbox

    def test_people_of_another_company_do_not_exist(self, priya, stranger):
        for address in (page_of(stranger), f"{page_of(stranger)}end/"):
            assert priya.post(address, {"role": "admin"}).status_code == 404
        assert stranger.memberships.get().left_at is None

    def test_only_admins_change_anything(self, customer, reviewer, approver, signed_in):
        browser = signed_in(approver)
        for address in (INVITE, page_of(reviewer), f"{page_of(reviewer)}end/"):
            assert browser.post(address, {**SAM, "role": "admin"}).status_code == 403
        assert not Event.objects.exists()


class TestLeaving:
    def test_a_page_says_what_happens_and_then_it_happens(self, reviewer, admin_person, signed_in):
        browser = signed_in(reviewer)
        page = text(browser.get(LEAVE))
        assert "You are signed out everywhere at once" in page
        assert "An admin can invite you again: Priya Shah." in page
        answer = browser.post(LEAVE)
        assert answer.status_code == 200
        assert "You have left Northwind Traders" in text(answer)
        assert browser.get("/")["Location"].startswith("/people/sign-in/")
        assert reviewer.memberships.get().left_at is not None

    def test_the_only_admin_reads_what_to_do_first(self, priya, admin_person):
        assert "You are the only admin" in text(priya.get(LEAVE))
        assert priya.post(LEAVE).status_code == 422
        assert admin_person.memberships.get().left_at is None

    def test_another_company_of_theirs_is_kept(self, reviewer, other_customer, signed_in):
        other = MembershipFactory(customer=other_customer, user=reviewer, role="reviewer")
        mine = reviewer.memberships.exclude(pk=other.pk)
        mine.update(created_at=timezone.now() + datetime.timedelta(seconds=1))
        browser = signed_in(reviewer)
        assert "Your access to other companies stays" in text(browser.get(LEAVE))
        browser.post(LEAVE)
        assert list(reviewer.memberships.filter(left_at=None)) == [other]


class TestDesk:
    @pytest.fixture
    def desk(self, customer):
        return reverse("admin:accounts_customer_people", args=[customer.pk])

    def test_shows_who_has_access_and_who_may_sign(self, desk, admin_person, manager, signed_in):
        page = text(signed_in(manager).get(desk))
        assert "May sign for the company: Priya Shah." in page
        assert "Name somebody who may sign" not in page
        assert "Change<span" not in page

    def test_names_a_signer_where_nobody_may_sign(self, desk, reviewer, manager, signed_in):
        maya = signed_in(manager)
        assert "Nobody may sign for the company" in text(maya.get(desk))
        assert "Say who is named." in text(maya.post(desk, {}))
        answer = maya.post(desk, SAM)
        sam = Membership.objects.get(user__email=SAM["email"])
        assert answer["Location"] == f"{desk}#colleague-{sam.pk}"
        assert "Sam Admin is an approver now. A mail tells them." in text(maya.get(desk))
        (message,) = mail.outbox
        assert "Maya Rao of UserGems gave you access" in message.body

    def test_nobody_is_named_while_somebody_may_sign(self, desk, approver, manager, signed_in):
        answer = signed_in(manager).post(desk, SAM)
        assert answer.status_code == 422
        assert "may sign again" in text(answer)

    def test_naming_needs_a_fresh_second_factor(self, desk, manager, signed_in):
        answer = signed_in(manager, fresh=False).post(desk, SAM)
        assert answer["Location"].startswith("/people/staff/code/again/")
        assert not Membership.objects.exists()
