"""The demo's mailbox: mails as files, shown without signing in, in the demo only."""

import base64
import hashlib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import include, path

from portal.mail.mailbox import mails_list
from portal.urls import urlpatterns as portal_urlpatterns

urlpatterns = [*portal_urlpatterns, path("demo/mail/", include("portal.mail.urls"))]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEMO = True
    settings.DEMO_MAILBOX_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "portal.mail.mailbox.MailboxBackend"
    return settings.DEMO_MAILBOX_DIR


def send(subject: str = "Zoë’s code", text: str = "Type ABCD-EFGH.", html: str = "") -> None:
    message = EmailMultiAlternatives(subject, text, "a@usergems.example", ["b@northwind.example"])
    if html:
        message.attach_alternative(html, "text/html")
    with mail.get_connection("portal.mail.mailbox.MailboxBackend") as connection:
        connection.send_messages([message])


def text_of(response) -> str:
    return response.content.decode()


def test_a_mail_becomes_one_file_whose_name_tells_nothing(folder):
    send("../../etc/passwd")
    [file] = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.stem.replace("-", "").isalnum()


def test_what_was_sent_is_what_is_shown(folder, client):
    send(html="<p>Type <b>ABCD-EFGH</b>.</p>")
    [found] = mails_list()
    assert (found.subject, found.to, found.text.strip()) == (
        "Zoë’s code",
        "b@northwind.example",
        "Type ABCD-EFGH.",
    )
    assert "<b>ABCD-EFGH</b>" in found.html


def test_the_list_is_newest_first_and_needs_no_sign_in(folder, client):
    for number in range(3):
        send(f"Mail {number}")
    text = text_of(client.get("/demo/mail/"))
    assert text.index("Mail 2") < text.index("Mail 1") < text.index("Mail 0")


def test_the_page_says_that_it_belongs_to_the_demo(folder, client):
    text = text_of(client.get("/demo/mail/"))
    assert "outside the demo this page does not exist" in text
    assert "No mail yet" in text


def test_links_in_a_mail_can_be_clicked(folder, client):
    send(text="Open http://127.0.0.1:8000/signup/abc-DEF_123/ now")
    text = text_of(client.get(f"/demo/mail/{mails_list()[0].name}/"))
    assert 'href="http://127.0.0.1:8000/signup/abc-DEF_123/"' in text


def test_markup_in_the_text_of_a_mail_stays_text(folder, client):
    send("<script>alert(1)</script>", "<script>alert(2)</script>")
    for address in ("/demo/mail/", f"/demo/mail/{mails_list()[0].name}/"):
        assert "<script>alert" not in text_of(client.get(address))


def test_the_html_of_a_mail_is_locked_into_a_sandbox(folder, client):
    send(html='<p style="color:red;">Hello</p><script>alert(1)</script>')
    response = client.get(f"/demo/mail/{mails_list()[0].name}/html/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy
    assert "'unsafe-inline'" not in policy
    assert "'sha256-" in policy


def test_a_mails_own_colors_for_the_dark_are_allowed_by_their_hash(folder, client):
    send(html="<style>p { color: red }</style><p>Hello</p>")
    response = client.get(f"/demo/mail/{mails_list()[0].name}/html/")
    digest = base64.b64encode(hashlib.sha256(b"p { color: red }").digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]


def test_the_pages_around_it_keep_the_sites_policy(folder, client):
    send()
    for address in ("/demo/mail/", f"/demo/mail/{mails_list()[0].name}/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "style-src 'self'" in policy


@pytest.mark.parametrize("name", ["nothing", "..", "00000000000000000000-00000000"])
def test_a_mail_that_is_not_there_is_not_found(folder, client, name):
    for address in (f"/demo/mail/{name}/", f"/demo/mail/{name}/html/"):
        assert client.get(address).status_code == 404


def test_a_mail_without_html_has_no_html_page(folder, client):
    send()
    name = mails_list()[0].name
    assert client.get(f"/demo/mail/{name}/html/").status_code == 404
    assert "As a mail program shows it" not in text_of(client.get(f"/demo/mail/{name}/"))


def test_outside_the_demo_there_is_no_mailbox(folder, client, settings):
    send()
    name = mails_list()[0].name
    settings.DEMO = False
    for address in ("/demo/mail/", f"/demo/mail/{name}/", f"/demo/mail/{name}/html/"):
        assert client.get(address).status_code == 404


def test_nobody_can_send_anything_to_it(folder, client):
    assert client.post("/demo/mail/").status_code == 405
