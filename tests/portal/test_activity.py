"""The activity page, and words for every action that is recorded."""

import ast
from pathlib import Path

import pytest
from django.urls import reverse

from portal.wording import SENTENCES
from tests.factories import EventFactory

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "integrations", "jobchanges", "portal")
RECORDERS = {"event_record", "_event", "_link_make", "batch_event", "run_event"}


@pytest.fixture
def activity(client):
    def read(person, page=""):
        client.force_login(person)
        return client.get(reverse("activity") + page).content.decode()

    return read


def actions_recorded():
    """Every action that the code hands to a recorder of events."""
    found = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "rehearsal" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in RECORDERS:
                    values = [*node.args, *(keyword.value for keyword in node.keywords)]
                    found |= {
                        value.value
                        for value in values
                        if isinstance(value, ast.Constant)
                        and isinstance(value.value, str)
                        and "." in value.value
                    }
    return found


def _name(func):
    return getattr(func, "id", getattr(func, "attr", ""))


def test_every_action_that_is_recorded_has_words():
    recorded = actions_recorded()
    assert {"step.confirmed", "connection.established", "test_run.sent"} <= recorded
    assert recorded - set(SENTENCES) == set()


@pytest.mark.django_db
def test_every_sentence_can_be_read(activity, customer, admin_person):
    for action in SENTENCES:
        EventFactory(
            customer=customer,
            action=action,
            by=admin_person,
            side="customer",
            environment="sandbox",
            data={
                "step": "sandbox.permissions",
                "number": 2,
                "verdict": "right",
                "code": "declined",
                "role": "admin",
            },
        )
    text = "".join(activity(admin_person, f"?page={n}") for n in range(1, len(SENTENCES) // 50 + 2))
    assert [action for action in SENTENCES if action in text] == []
    assert "%(" not in text


@pytest.mark.django_db
class TestPage:
    def test_a_program_that_handed_job_changes_in_is_named(self, activity, customer, admin_person):
        EventFactory(
            customer=customer, action="job_changes.imported", side="system", data={"client": "ours"}
        )
        assert "The program ours handed job changes in" in activity(admin_person)

    def test_a_no_to_the_org_says_so(self, activity, customer, admin_person):
        EventFactory(
            customer=customer,
            action="connection.refused",
            by=None,
            side="system",
            environment="sandbox",
            data={"code": "declined"},
        )
        text = activity(admin_person)
        assert "was refused: the person said that it was another org or user" in text

    def test_says_who_did_what(self, activity, customer, admin_person):
        EventFactory(
            customer=customer,
            action="step.confirmed",
            by=admin_person,
            side="customer",
            data={"step": "sandbox.permissions"},
        )
        assert (
            "Priya Shah confirmed “Give the integration user its permissions”, not checked"
            in activity(admin_person)
        )

    def test_the_newest_stands_first(self, activity, customer, admin_person):
        EventFactory(customer=customer, action="connection.established", by=admin_person)
        EventFactory(customer=customer, action="connection.lost", environment="sandbox")
        text = activity(admin_person)
        assert text.index("stopped working") < text.index("connected the org")

    def test_nothing_yet_is_said(self, activity, admin_person):
        assert "Nothing has happened yet" in activity(admin_person)

    def test_long_histories_have_pages(self, activity, customer, admin_person):
        for _number in range(51):
            EventFactory(customer=customer, action="connection.lost")
        assert "1 to 50 of 51" in activity(admin_person)
        assert "51 to 51 of 51" in activity(admin_person, "?page=2")

    def test_a_stranger_reads_nothing_of_it(self, activity, customer, admin_person, stranger):
        EventFactory(customer=customer, action="connection.lost")
        assert "stopped working" not in activity(stranger)

    def test_staff_and_people_without_a_company_find_nothing(self, client, manager):
        client.force_login(manager)
        assert client.get(reverse("activity")).status_code == 404
