"""Two people, or a person and a worker, at the same moment: one thing happens, logged once."""

import threading

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from accounts.models import Event
from accounts.selectors import events_verify
from integrations import tasks as integration_tasks
from integrations.checks.base import Finding, Item
from integrations.checks.registry import check_find
from integrations.checks.results import finding_store
from integrations.checks.services import check_run_end
from integrations.models import CheckResult, CheckRun, ReportListing, TrackingReport
from integrations.reports.services import report_listing_ask, tracking_report_choose
from jobchanges import tasks as delivery_tasks
from jobchanges.models import OrgOffer
from jobchanges.services.offers import org_offer_ask
from jobchanges.signals import settings_saved
from portal.errors import StepError
from portal.mirror.comparing import comparison_make
from portal.mirror.waiving import difference_accept
from portal.models import Comparison, Waiver
from portal.services import point_accept, point_waive
from tests.factories import CheckRunFactory, ConnectionFactory, org_checked
from tests.portal.mirrors import baseline, compared, difference, snapshot
from tests.portal.situations import production_connect, sandbox_approved

pytestmark = pytest.mark.django_db(transaction=True)

FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")
WARNS = Item("Lead.private", "warning", "Leads are private in this org")


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    for task in (
        integration_tasks.check_run,
        integration_tasks.report_listing_ask,
        integration_tasks.tracking_report_ask,
        delivery_tasks.org_offer_ask,
    ):
        monkeypatch.setattr(task, "delay", lambda *_ids: None)


def at_once(*calls):
    """What each of these, done at the same moment, returned or raised."""
    start = threading.Barrier(len(calls))
    found = []

    def one(call):
        start.wait(timeout=30)
        try:
            found.append(call())
        except Exception as error:  # noqa: BLE001 (looked at by the test)
            found.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=one, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == len(calls)
    return found


def actions(customer):
    assert events_verify(customer) == []
    return list(Event.objects.filter(customer=customer).values_list("action", flat=True))


def test_a_point_waived_twice_is_waived_once(customer, manager):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, field_access=[FAILS])

    def waive():
        return point_waive(
            customer=customer,
            environment="sandbox",
            check="field_access",
            key=FAILS.key,
            reason="We send no titles.",
            by=manager,
        )

    found = at_once(*[waive] * 4)
    assert len({one.pk for one in found}) == 1
    assert actions(customer) == ["point.waived"]


def test_what_gets_worse_while_somebody_accepts_it_stays_open(customer, admin_person):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, field_access=[WARNS])
    run = CheckRunFactory(epoch=connection.epoch, state="running", lease_until=timezone.now())
    worse = Item(WARNS.key, "fail", "Leads are private, and nobody may write them")

    def accept():
        return point_accept(
            customer=customer,
            environment="sandbox",
            check="field_access",
            key=WARNS.key,
            reason="We know.",
            by=admin_person,
        )

    def answer():
        return finding_store(run, check_find("field_access"), Finding.of([worse], found="Worse."))

    found = at_once(accept, answer)
    assert not [
        one for one in found if isinstance(one, Exception) and not isinstance(one, StepError)
    ]
    result = CheckResult.objects.get(epoch=connection.epoch, name="field_access")
    assert result.outcome == "fail"
    assert not Waiver.objects.filter(subject_hash=worse.hash).exists()


def test_a_difference_accepted_twice_is_accepted_once(customer, admin_person):
    found = difference()
    compared(customer, found)

    def accept():
        return difference_accept(
            customer=customer,
            subject=f"difference:{found.kind}:{found.key}",
            seen=found.hash,
            reason="We keep it so.",
            by=admin_person,
        )

    kept = at_once(*[accept] * 4)
    assert len({one.pk for one in kept}) == 1
    assert actions(customer).count("mirror.difference_accepted") == 1


def test_the_orgs_compared_twice_are_logged_once(customer):
    baseline(sandbox_approved(customer).epoch)
    snapshot(production_connect(customer).epoch)
    before = len(actions(customer))
    at_once(*[lambda: comparison_make(customer=customer)] * 4)
    assert Comparison.objects.count() == 1
    assert actions(customer)[before:].count("mirror.compared") == 1


def test_settings_saved_while_the_round_ends_are_asked_for_once(customer):
    connection = ConnectionFactory(customer=customer, checked=True)
    run = CheckRunFactory(epoch=connection.epoch, state="running", lease_until=timezone.now())

    def end():
        with transaction.atomic():
            return check_run_end(run=CheckRun.objects.get(pk=run.pk), state="ended")

    def save():
        with transaction.atomic():
            settings_saved.send(sender=None, customer=customer, environment="sandbox")

    found = at_once(end, save, save)
    assert not [one for one in found if isinstance(one, Exception)], found
    (after,) = CheckRun.objects.filter(epoch=connection.epoch, ended_at=None)
    assert (after.state, after.reason) == ("waiting", "settings")
    actions(customer)


def test_reports_and_offers_asked_for_twice_are_one_row(customer, admin_person):
    connection = ConnectionFactory(customer=customer, environment="production")
    at_once(*[lambda: report_listing_ask(connection=connection)] * 4)
    at_once(*[lambda: org_offer_ask(connection=connection)] * 4)
    assert (ReportListing.objects.count(), OrgOffer.objects.count()) == (1, 1)
    ReportListing.objects.update(reports=[{"id": "00O000000000001AAA", "name": "A", "folder": "B"}])

    def choose():
        return tracking_report_choose(
            connection=connection, report_id="00O000000000001AAA", by=admin_person
        )

    chosen = at_once(*[choose] * 4)
    assert len({one.pk for one in chosen}) == 1
    assert TrackingReport.objects.count() == 1
    assert actions(customer).count("tracking_report.chosen") == 1
