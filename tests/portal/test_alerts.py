"""Before something is written: who gets records, what may alert, and who switches ours on."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from integrations.models import CheckResult
from portal.alerts import Firing, firing_of, notified_words, records_words
from portal.signoff.forecasting import _notified
from portal.signoff.sections import sections_of
from tests.factories import ConnectionFactory, SummaryFactory, org_checked
from tests.portal.checks_world import words
from tests.portal.live import went_live
from tests.portal.signing import frozen, production_done

pytestmark = pytest.mark.django_db
POINTS = {
    "Lead.flow.alert:Notify rep": "The flow Notify rep runs. It is likely to alert people.",
    "Lead.assignment:Regions": "The assignment rule Regions may e-mail that owner.",
    "Contact.trigger:Sync": "The Apex trigger Sync runs. What it does is not read here.",
    "Lead.packaged:LeanData": "Triggers of installed packages run: LeanData.",
    "Lead.flow.owner:Route": "The flow Route runs. It is likely to change the owner.",
    "Lead.assignment.off:Regions": "The assignment rule is active and does not run.",
    "Lead.rule.Region": "The validation rule Region may refuse new leads.",
}


def told(epoch, points=POINTS):
    org_checked(epoch)
    CheckResult.objects.filter(epoch=epoch, name="automation").update(
        found="Active on what we write: much.",
        items=[
            {"key": key, "sentence": words_, "outcome": "warning"} for key, words_ in points.items()
        ],
    )


def test_what_may_alert_people_is_told_from_what_refuses_or_reassigns(customer):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    assert firing_of(epoch) is None
    told(epoch)
    firing = firing_of(epoch)
    assert [one.split()[2] for one in firing.alerting] == ["Notify", "rule"]
    assert len(firing.unread) == 2
    assert len(firing.other) == 3
    assert Firing.from_json(firing.as_json()) == firing


def test_a_summary_of_before_calls_everything_unread():
    firing = Firing.from_json({"found": "Two.", "lines": ["A.", "B."], "asked_at": ""})
    assert (firing.alerting, firing.unread, firing.other) == ([], ["A.", "B."], [])


def test_counts_read_as_people_say_them():
    assert records_words({"leads": 1, "contacts": 12, "accounts": 0}) == "1 lead, 12 contacts"


def test_the_summary_names_owners_and_what_may_alert_them(customer, admin_person):
    production_done(customer, admin_person)
    told(customer.connections.get(environment="production").epoch)
    summary = frozen(customer, admin_person)
    section = next(one for one in sections_of(summary) if one.key == "alerts")
    rows = {row.label: row for row in section.rows}
    assert "Notify rep" in rows["Likely to alert people"].note
    assert "trigger Sync" in rows["May alert people"].note
    assert "Route" in rows["What may fire, by your org itself"].note
    assert "are off" in rows["From UserGems"].value
    assert any(label.endswith("receives") for label in rows)


def test_only_a_summary_made_with_notifications_on_says_so_in_what_is_signed(customer):
    summary = SummaryFactory(customer=customer)
    assert _notified(summary) == {}
    summary.customer.notifications_on_at = timezone.now()
    assert list(_notified(summary)) == ["notifications_on_at"]
    assert "on since" in notified_words(timezone.now())


class TestSwitch:
    @pytest.fixture
    def live(self, customer, admin_person):
        with time_machine.travel("2026-11-23 10:00Z", tick=False):
            went_live(customer, admin_person)
            yield customer

    def test_off_until_somebody_switches_them_on_and_each_switch_is_logged_once(
        self, live, approver, manager, signed_in
    ):
        browser = signed_in(approver)
        assert "Nobody hears from UserGems" in words(browser.get(reverse("sending")))
        for _time in range(2):
            browser.post(reverse("sending_notifications"), {"on": "yes"})
        live.refresh_from_db()
        assert live.notifications_on_at == timezone.now()
        assert "Switch them off" in words(browser.get(reverse("sending")))
        desk = reverse("admin:accounts_customer_sending_notifications", args=[live.pk])
        signed_in(manager).post(desk, {"on": "no"})
        live.refresh_from_db()
        assert live.notifications_on_at is None
        events = Event.objects.filter(action="notifications.switched").order_by("pk")
        assert [(one.actor, one.side, one.data["on"]) for one in events] == [
            (approver, "customer", True),
            (manager, "vendor", False),
        ]

    def test_before_go_live_nobody_switches_them_on(self, customer, approver, signed_in):
        answer = signed_in(approver).post(
            reverse("sending_notifications"), {"on": "yes"}, follow=True
        )
        assert "only when the first batch is through" in words(answer)
        customer.refresh_from_db()
        assert customer.notifications_on_at is None

    def test_a_reviewer_reads_and_does_not_switch(self, live, reviewer, signed_in):
        browser = signed_in(reviewer)
        assert "Switch them on" not in words(browser.get(reverse("sending")))
        assert browser.post(reverse("sending_notifications"), {"on": "yes"}).status_code == 403
