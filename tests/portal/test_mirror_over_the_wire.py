"""The mirror from the approval on, with rehearsal orgs: asked, compared, changed, asked again."""

import datetime

import pytest
from django.utils import timezone

from integrations.checks.running import check_run_work
from integrations.models import CheckRun, Snapshot
from jobchanges.models import RecordMode, TestRun
from jobchanges.signals import test_run_approved as run_approved
from portal.mirror.asking import mirror_ask
from portal.models import Comparison
from portal.steps import StepStatus
from tests.factories import EnvironmentSettingsFactory, OutputSettingsFactory
from tests.portal.situations import FOUR, run_in, shown
from tests.rehearsal.plants import CAMPAIGN, PLANTS, merged

pytestmark = pytest.mark.django_db

MIRROR = "production.mirror"
# In both orgs.
CAMPAIGN_ID, OWNER_ID = "7017z000000000AAAQ", "0057z000000001jAAA"


@pytest.fixture
def orgs(rehearsal, customer):
    """The full copy with its approved test, and production, with the same settings."""
    for org in ("northwind-full", "northwind"):
        rehearsal.package_install(org)
    sandbox, production = rehearsal.connect(customer), rehearsal.connect(customer, "northwind")
    OutputSettingsFactory(customer=customer, record_mode=RecordMode.CONTACT_IF_ACCOUNT)
    for connection in (sandbox, production):
        EnvironmentSettingsFactory(
            customer=customer,
            environment=connection.environment,
            default_owner_id=OWNER_ID,
            default_owner_name="Amy Brown",
            campaign_id=CAMPAIGN_ID,
            campaign_name=CAMPAIGN,
            campaign_status="Responded",
            validated_org_id=connection.epoch.org_id,
        )
    run_in(customer, sandbox, state=TestRun.State.APPROVED, deliveries=FOUR)
    return sandbox, production


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Let workers take every run that waits."""

    def all_runs():
        for run in CheckRun.objects.filter(ended_at=None):
            with django_capture_on_commit_callbacks(execute=True):
                check_run_work(run_pk=run.pk)
            run.refresh_from_db()
            assert run.state == CheckRun.State.ENDED, run.error

    return all_runs


@pytest.fixture
def compared(customer, orgs, admin_person, work):
    """The test was approved, production asked: both are alike."""
    run_approved.send(TestRun, test_run=TestRun.objects.get())
    mirror_ask(customer=customer, by=admin_person)
    work()
    return orgs


def ask_again(customer, person, time_machine, work, minutes):
    """Press "Compare again" some time later."""
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=minutes))
    mirror_ask(customer=customer, by=person)
    work()


def test_a_healthy_pair_is_done_without_a_person_s_word(customer, compared):
    assert Snapshot.objects.filter(purpose="baseline").count() == 1
    step = shown(customer, MIRROR)
    assert step.sentence.startswith("Nothing that matters differs · compared")
    assert step.status == StepStatus.DONE
    assert Comparison.objects.get().unknown == {}


def test_what_changes_in_either_org_afterwards_opens_it_and_changing_it_back_closes_it(
    rehearsal, customer, compared, admin_person, time_machine, work
):
    required = next(plant for plant in PLANTS if plant.name == "required")
    unmapped = next(plant for plant in PLANTS if plant.name == "unmapped")
    rehearsal.configure("northwind", **merged([required]))
    rehearsal.configure("northwind-full", **merged([unmapped]))
    ask_again(customer, admin_person, time_machine, work, 5)
    step = shown(customer, MIRROR)
    assert step.status == StepStatus.ATTENTION
    sentences = [point.difference.sentence for point in step.detail["new"]]
    assert len(sentences) == 2
    assert "Region is required on Lead in production, not in the sandbox." in sentences[0]
    assert step.detail["open"][1].drift
    for org in ("northwind", "northwind-full"):
        rehearsal.configure_back(org)
    ask_again(customer, admin_person, time_machine, work, 10)
    assert shown(customer, MIRROR).status == StepStatus.DONE
