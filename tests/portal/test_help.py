"""Help in place: each step explains itself, and staff may write it anew."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Path
from portal.help.rendering import HelpTextError, help_check, help_html
from portal.help.services import help_text_save, help_topics_ensure
from portal.help.topics import topic_of_step, topics
from portal.models import HelpText
from portal.steps import steps_for
from tests.factories import ConnectionFactory

ORG = "https://northwind.my.salesforce.com"


def row(topic):
    return HelpText.objects.get(topic=topic)


def page(topic):
    return reverse("admin:portal_helptext_change", args=[row(topic).pk])


@pytest.mark.parametrize("path", Path.values)
def test_every_step_of_both_paths_has_help(path):
    keys = [step.key for stage in steps_for(path) for step in stage.steps]
    assert [key for key in keys if topic_of_step(key) is None] == []


@pytest.mark.parametrize("key", topics())
def test_what_is_delivered_may_be_kept_as_it_is(key):
    help_check(str(topics()[key].body))


def test_links_lead_into_setup_of_the_readers_own_org():
    html = help_html("See [Page Layouts](setup:page_layouts:Contact).", ORG)
    assert f'href="{ORG}/lightning/setup/ObjectManager/Contact/PageLayouts/view"' in html
    assert 'rel="noopener noreferrer"' in html


def test_without_an_org_the_words_of_a_link_into_setup_stay():
    assert help_html("See [Page Layouts](setup:page_layouts:Contact).") == (
        "<p>See Page Layouts.</p>\n"
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://plain.example/",
        "//elsewhere.example",
        "setup:nowhere",
        "data:text/html,x",
        "https:///no-host",
    ],
)
def test_no_link_leads_anywhere_else(address):
    html = help_html(f"[words]({address})", ORG)
    assert "words" in html
    assert "<a" not in html


@given(st.text(max_size=200))
def test_whatever_is_written_no_other_tag_comes_out(text):
    html = help_html(text, ORG)
    inside = html
    for tag in ("p", "ol", "ul", "li", "strong", "em", "code"):
        inside = inside.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert "<" not in inside.replace("<ol start=", "")


def test_a_link_that_leads_nowhere_is_named_when_it_is_written():
    with pytest.raises(HelpTextError) as caught:
        help_check("[a](setup:nowhere) and [b](https://help.example/)")
    assert "setup:nowhere" in caught.value.sentences[0]
    assert len(caught.value.sentences) == 1


def test_the_open_step_explains_itself_with_links_into_the_org(signed_in, admin_person, customer):
    ConnectionFactory(customer=customer, epoch__instance_url=ORG)
    answer = signed_in(admin_person).get(reverse("setup"), {"step": "sandbox.layouts"})
    text = answer.content.decode()
    assert "How to show them" in text
    assert f"{ORG}/lightning/setup/ObjectManager/Account/PageLayouts/view" in text
    # Help of other steps is not loaded.
    assert "How to map them" not in text


def test_what_a_lead_writes_every_customer_reads(signed_in, lead, admin_person):
    browser = signed_in(lead)
    answer = browser.post(page("package"), {"body": "Ask **Dana** for the password."}, follow=True)
    assert "Ask <strong>Dana</strong>" in answer.content.decode()
    text = signed_in(admin_person).get(reverse("setup")).content.decode()
    assert "Ask <strong>Dana</strong> for the password." in text
    assert "Install for All Users</strong>" not in text
    assert LogEntry.objects.get().user == lead


def test_a_broken_link_keeps_what_was_written_and_says_where(signed_in, lead):
    answer = signed_in(lead).post(page("package"), {"body": "[Setup](setup:nowhere) first."})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "The link “setup:nowhere” leads nowhere." in text
    assert "[Setup](setup:nowhere) first." in text
    assert row("package").body == ""


def test_the_delivered_text_can_be_put_back(signed_in, lead):
    help_text_save(topic="package", body="Ours.", by=lead)
    browser = signed_in(lead)
    assert "Put the delivered text back" in browser.get(page("package")).content.decode()
    browser.post(reverse("admin:portal_helptext_restore", args=[row("package").pk]))
    assert row("package").body == ""


def test_saving_the_delivered_text_unchanged_keeps_following_it(lead):
    body = str(topics()["package"].body).replace("\n", "\r\n")
    assert help_text_save(topic="package", body=body, by=lead).body == ""


def test_a_manager_reads_the_texts_and_cannot_change_them(signed_in, manager):
    text = signed_in(manager).get(page("package")).content.decode()
    assert "Install for All Users" in text
    assert '<textarea name="body"' not in text


def test_the_list_shows_every_topic_and_who_wrote_it(signed_in, lead):
    help_text_save(topic="package", body="Ours.", by=lead)
    text = signed_in(lead).get(reverse("admin:portal_helptext_changelist")).content.decode()
    assert text.count("As delivered") == len(topics()) - 1
    assert "Written by us" in text


@pytest.mark.django_db
def test_topics_that_went_away_stay_only_where_somebody_wrote_them(lead):
    HelpText.objects.create(topic="gone.empty")
    HelpText.objects.create(topic="gone.written", body="Ours.")
    row("package").delete()
    help_topics_ensure()
    assert not HelpText.objects.filter(topic="gone.empty").exists()
    assert HelpText.objects.filter(topic="gone.written").exists()
    assert row("package").body == ""


@pytest.mark.django_db
def test_a_half_way_migration_without_its_table_goes_through():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE portal_helptext")
    help_topics_ensure()
