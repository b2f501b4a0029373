"""Asking for reports when things go wrong: a slow worker, an answer nobody thought of."""

import datetime

import pytest
from django.utils import timezone

from integrations.models import ReportListing, TrackingReport
from integrations.reports import asking
from integrations.reports.asking import asks_left_over, report_listing_work, tracking_report_work
from integrations.salesforce.reports import ReportName
from tests.factories import ConnectionFactory, TrackingReportFactory

pytestmark = pytest.mark.django_db

LATER = timezone.now() + datetime.timedelta(days=1)


@pytest.fixture
def production(customer):
    return ConnectionFactory(customer=customer, environment="production")


@pytest.fixture
def org(monkeypatch):
    """An org that does what the test says when it is asked."""

    class Asked:
        then = staticmethod(list)

        def reports(self):
            return self.then()

        def report_describe(self, _report_id):
            return self.then()

        def close(self):
            """Nothing is open."""

    made = Asked()
    monkeypatch.setattr(asking, "org_open", lambda *_args, **_named: made)
    return made


def broken():
    raise KeyError("an answer of another form")


def test_a_list_that_fails_for_our_own_mistake_is_not_asked_for_for_ever(production, org):
    ReportListing.objects.create(epoch=production.epoch)
    org.then = broken
    report_listing_work(epoch_pk=production.epoch_id)
    listing = ReportListing.objects.get()
    assert "a mistake of ours" in listing.error
    assert asks_left_over(LATER) == ([], [])


def test_a_report_that_fails_for_our_own_mistake_is_not_asked_for_for_ever(production, org):
    report = TrackingReportFactory(
        customer=production.customer, epoch=production.epoch, answered_at=None
    )
    org.then = broken
    tracking_report_work(report_pk=report.pk)
    report.refresh_from_db()
    assert report.state == TrackingReport.State.ATTENTION
    assert "a mistake of ours" in report.problems[0]["sentence"]
    assert asks_left_over(LATER) == ([], [])


def test_a_worker_that_was_too_slow_does_not_replace_a_newer_list(production, org):
    ReportListing.objects.create(epoch=production.epoch)

    def overtaken():
        newer = [{"id": "00O000000000001AAA", "name": "Newer", "folder": "", "format": "TABULAR"}]
        ReportListing.objects.update(reports=newer, lease_until=None, answered_at=timezone.now())
        return [ReportName("00O000000000002AAA", "Older", "", "", "TABULAR", "")]

    org.then = overtaken
    report_listing_work(epoch_pk=production.epoch_id)
    assert [one["name"] for one in ReportListing.objects.get().reports] == ["Newer"]


def test_a_worker_that_was_too_slow_does_not_spoil_a_report_that_was_read(production, org):
    report = TrackingReportFactory(
        customer=production.customer, epoch=production.epoch, answered_at=None
    )

    def overtaken():
        TrackingReport.objects.update(
            lease_until=None, answered_at=timezone.now(), state=TrackingReport.State.READY
        )
        raise asking.ReportError("The org did not answer.")

    org.then = overtaken
    tracking_report_work(report_pk=report.pk)
    report.refresh_from_db()
    assert (report.state, report.problems) == (TrackingReport.State.READY, [])
