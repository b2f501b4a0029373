"""Worlds of production and of going live (states.py has the others)."""

from collections.abc import Mapping
from typing import Any
from unittest import mock

from django.utils import timezone

from accounts.models import Environment
from integrations.models import ReportListing, TrackingReport
from jobchanges.models import Batch, OutputSettings, Side, TestRun
from jobchanges.services.schedules import schedule_look, schedule_stop
from portal.signoff import services
from tests import factories as make
from tests.browser.states import LONG, Names, Scene
from tests.portal import launch, live, mirrors, signing, situations
from tests.portal.test_allow_pages import plan

# --- production ---------------------------------------------------------------------------------


def orgs_compared(scene: Scene) -> Names:
    """Differences of every grade, one set aside, and drift since."""
    mirrors.compared(
        scene.customer,
        mirrors.BLOCKING,
        mirrors.difference(),
        mirrors.COSMETIC,
        drift=[mirrors.difference("Lead.Size__c:missing", names=("Lead.Size__c",))],
    )
    return {}


def reports_listed(scene: Scene) -> Names:
    """Chosen, to be chosen, and not readable."""
    connection = situations.production_connect(scene.customer)
    situations.sandbox_approved(scene.customer)
    make.PeopleSourceFactory(customer=scene.customer, kind="reports")
    ReportListing.objects.create(
        epoch=connection.epoch,
        asked_at=timezone.now(),
        answered_at=timezone.now(),
        reports=[
            {
                "id": f"00O5g0000000{number:02d}EAAA"[:18],
                "name": name,
                "folder": "UserGems tracking",
                "format": "Tabular",
                "last_run": "",
            }
            for number, name in enumerate(["Champions", LONG, "Leads from events"])
        ],
    )
    make.TrackingReportFactory(customer=scene.customer, epoch=connection.epoch, name="Champions")
    make.TrackingReportFactory(
        customer=scene.customer, epoch=connection.epoch, state=TrackingReport.State.ASKING,
        answered_at=None,
    )  # fmt: skip
    return {}


def production_offered(scene: Scene) -> Names:
    """The production test waits for its allowance."""
    situations.sandbox_approved(scene.customer)
    connection = situations.production_connect(scene.customer)
    make.org_checked(connection.epoch)
    now = timezone.now()
    run = make.TestRunFactory(
        customer=scene.customer,
        environment=Environment.PRODUCTION,
        epoch=connection.epoch,
        offered_at=now,
        planned_at=now,
    )
    for number in range(5):
        make.DeliveryFactory(
            test_run=run,
            position=number,
            job_change=make.JobChangeFactory(customer=scene.customer),
            plan=plan(number),
            plan_hash="a" * 64,
        )
    return {"run": run}


def production_allowed(scene: Scene) -> Names:
    """Everything before the sign-off is done."""
    situations.sandbox_approved(scene.customer)
    situations.production_ready(scene.customer)
    return {"run": TestRun.objects.get(customer=scene.customer, environment="production")}


# --- going live ---------------------------------------------------------------------------------


def summary_to_prepare(scene: Scene) -> Names:
    """Everything is tested; nothing is frozen yet."""
    signing.production_done(scene.customer, scene.admin_person)
    return {}


def summary_prepared(scene: Scene) -> Names:
    """Frozen, and the org is asked what the first batch would do."""
    signing.production_done(scene.customer, scene.admin_person)
    services.summary_freeze(customer=scene.customer, by=scene.admin_person)
    return {}


def summary_to_sign(scene: Scene) -> Names:
    """Foretold: both may sign."""
    make.JobChangeFactory.create_batch(3, customer=scene.customer)
    signing.production_done(scene.customer, scene.admin_person)
    signing.frozen(scene.customer, scene.admin_person)
    return {}


def signed_by_one(scene: Scene) -> Names:
    """UserGems signed; the customer has not."""
    signing.production_done(scene.customer, scene.admin_person)
    summary = signing.frozen(scene.customer, scene.admin_person)
    signing.sign(summary, Side.VENDOR, scene.manager)
    return {}


def signed_by_both(scene: Scene) -> Names:
    """To be released inside the window."""
    signing.production_done(scene.customer, scene.admin_person)
    signing.signed(scene.customer, scene.admin_person)
    return {}


def _batch(scene: Scene, counts: Mapping[Any, int], **values: Any) -> Names:
    epoch = launch.production_org(scene.customer)
    launch.both_tests_approved(scene.customer, epoch)
    summary = make.SummaryFactory(customer=scene.customer)
    launch.sign(summary, customer=scene.admin_person, vendor=scene.manager)
    return {"batch": launch.released(summary, epoch, counts, **values)}


def batch_on_its_way(scene: Scene) -> Names:
    """Half through, with exceptions."""
    return _batch(scene, launch.MIDDLE)


def batch_paused(scene: Scene) -> Names:
    """Paused by the customer."""
    return _batch(scene, launch.MIDDLE, state=Batch.State.PAUSED)


def batch_through(scene: Scene) -> Names:
    """The first batch has ended, with a few exceptions."""
    return _batch(scene, launch.THROUGH, state=Batch.State.ENDED, ended_at=timezone.now())


def _live(scene: Scene) -> None:
    with mock.patch("celery.app.task.Task.delay"):
        live.went_live(scene.customer, scene.admin_person)


def went_live(scene: Scene) -> Names:
    """Live; no regular batches yet."""
    _live(scene)
    return {}


def sends_daily(scene: Scene) -> Names:
    """Live, every day at six."""
    _live(scene)
    live.daily(scene.customer, scene.admin_person)
    make.JobChangeFactory.create_batch(3, customer=scene.customer)
    return {}


def sending_stopped(scene: Scene) -> Names:
    """Live, and stopped by UserGems."""
    sends_daily(scene)
    schedule_stop(
        customer=scene.customer, side="vendor", by=scene.manager, reason="A change until Friday."
    )
    return {}


def sending_held(scene: Scene) -> Names:
    """Live, and held: the settings are not what was signed."""
    sends_daily(scene)
    OutputSettings.objects.filter(customer=scene.customer).update(lead_source="Gems")
    schedule_look(customer=scene.customer)
    return {}
