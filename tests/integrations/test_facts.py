"""What an org says about itself: unknown is never missing, and asking costs few calls."""

import datetime

import pytest
from django.utils import timezone

from integrations import tasks
from integrations.models import Connection, OrgEpoch
from integrations.services import org_facts_refresh
from integrations.services.facts import package_ask
from tests.rehearsal_server import ADMINISTRATOR

pytestmark = pytest.mark.django_db

UNKNOWN = {
    "package_installed": None,
    "package_version": "",
    "package_manifest": "",
    "app_installed": None,
    "facts_at": None,
}


def connect(rehearsal, customer, **changes):
    connection = rehearsal.connect(customer, **(UNKNOWN | changes))
    return Connection.objects.select_related("epoch").get(pk=connection.pk)


def ask(connection):
    org_facts_refresh(connection=connection)
    return OrgEpoch.objects.get(pk=connection.epoch_id)


def test_an_installed_package_is_found_with_version_and_manifest(rehearsal, customer):
    rehearsal.package_install("northwind-full")
    epoch = ask(connect(rehearsal, customer))
    assert epoch.package_installed is True
    assert epoch.package_manifest == "usergem-1"
    assert epoch.package_version
    assert epoch.app_installed is True
    assert epoch.facts_at is not None
    assert epoch.facts_error == ""


def test_asking_costs_at_most_six_calls(rehearsal, customer):
    rehearsal.package_install("northwind-full")
    connection = connect(rehearsal, customer)
    ask(connection)
    assert len(rehearsal.calls("northwind-full")) <= 6


def test_a_package_that_is_not_in_the_orgs_list_is_missing(rehearsal, customer):
    epoch = ask(connect(rehearsal, customer))
    assert epoch.package_installed is False
    assert epoch.facts_error == ""


class WithoutTheList:
    """An org whose integration user lacks Download AppExchange Packages."""

    def object_names(self):
        return {"Account", "Contact", "Lead"}

    def package_version(self, namespace):
        return None


def test_an_integration_user_that_sees_nothing_does_not_prove_a_missing_package():
    facts = package_ask(WithoutTheList(), sees_everything=False)
    assert facts.installed is None
    assert "sees nothing of the package" in facts.error


def test_an_administrator_that_sees_nothing_does(rehearsal, customer):
    epoch = ask(connect(rehearsal, customer, username=ADMINISTRATOR))
    assert epoch.package_installed is False
    assert epoch.user_is_administrator is True
    assert epoch.facts_error == ""


def test_a_package_for_admins_only_is_told_apart(rehearsal, customer):
    rehearsal.package_install("northwind-full", "admins")
    epoch = ask(connect(rehearsal, customer))
    assert epoch.package_installed is not False
    assert epoch.facts_error


def test_what_was_known_stays_when_the_org_does_not_answer(rehearsal, customer):
    before = timezone.now() - datetime.timedelta(days=1)
    connection = connect(
        rehearsal, customer, package_installed=True, package_version="1.42", facts_at=before
    )
    rehearsal.fault("http_503_html", times=9, path="/services/data/")
    epoch = ask(connection)
    assert epoch.package_installed is True
    assert epoch.package_version == "1.42"
    assert epoch.facts_at == before
    assert epoch.facts_error
    assert "503" not in epoch.facts_error
    connection.refresh_from_db()
    assert connection.is_live


def test_usage_of_the_api_is_kept(rehearsal, customer):
    connection = connect(rehearsal, customer)
    ask(connection)
    connection.refresh_from_db()
    assert connection.api_calls_limit == 5_000_000
    assert connection.api_calls_used > 0


def test_the_sweep_asks_again_until_the_package_is_found(rehearsal, customer):
    connection = connect(rehearsal, customer)
    tasks.connections_sweep()
    epoch = connection.epoch
    epoch.refresh_from_db()
    assert epoch.package_installed is False

    rehearsal.package_install("northwind-full")
    tasks.connections_sweep()
    epoch.refresh_from_db()
    assert epoch.package_installed is False, "asked less than five minutes ago"

    age(epoch, minutes=6)
    tasks.connections_sweep()
    epoch.refresh_from_db()
    assert epoch.package_installed is True

    age(epoch, minutes=6)
    asked = epoch.facts_at
    tasks.connections_sweep()
    epoch.refresh_from_db()
    assert epoch.facts_at == asked


def test_a_task_for_a_connection_that_is_gone_does_nothing(db):
    tasks.org_facts_refresh(12345)
    tasks.connection_keep_alive(12345)


def age(epoch, *, minutes):
    epoch.facts_at = timezone.now() - datetime.timedelta(minutes=minutes)
    epoch.save(update_fields=["facts_at"])
