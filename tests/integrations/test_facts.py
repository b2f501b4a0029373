"""What an org says about itself: unknown is never missing, and asking costs few calls."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations import tasks
from integrations.models import CheckRun, Connection, Health, OrgCallSlot, OrgEpoch
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.services import facts, org_facts_refresh
from integrations.services.facts import (
    newest_version,
    package_ask,
    temporary_permission_ask,
    user_ask,
)
from tests.factories import ConnectionFactory
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


def test_a_package_that_was_installed_meanwhile_has_the_org_asked_about_everything(
    rehearsal, customer
):
    connection = connect(rehearsal, customer)
    ask(connection)
    assert not CheckRun.objects.exists()
    rehearsal.package_install("northwind-full")
    for _sweep in range(2):
        ask(connection)
    run = CheckRun.objects.get()
    assert (run.epoch, run.names, run.asked_by) == (connection.epoch, [], None)


def test_asking_costs_at_most_eight_calls(rehearsal, customer):
    rehearsal.package_install("northwind-full")
    connection = connect(rehearsal, customer)
    ask(connection)
    assert len(rehearsal.calls("northwind-full")) <= 8


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


def test_an_administrator_proves_it_even_without_the_list():
    assert package_ask(WithoutTheList(), sees_everything=True).installed is False


class User:
    """An org whose running user reads like this; an error is raised."""

    def __init__(self, row):
        self.row = row

    def running_user(self):
        if isinstance(self.row, SalesforceError):
            raise self.row
        return self.row


@pytest.mark.parametrize(
    ("row", "administrator"),
    [
        ({"Profile": {"Name": "System Administrator"}}, True),
        ({"Profile": {"Name": "Sales"}}, False),
        ({"Profile": {"Name": "System Administrator"}, "IsAdministrator": False}, False),
        ({"Profile": None}, None),
        (SalesforceError("INVALID_FIELD"), None),
    ],
)
def test_an_administrator_is_known_by_profile_where_the_org_does_not_say_more(row, administrator):
    assert user_ask(User(row)).is_administrator is administrator


def test_an_org_that_does_not_answer_is_not_taken_for_one_that_does_not_tell():
    silent = SalesforceError("SERVER_UNAVAILABLE")
    with pytest.raises(SalesforceError):
        user_ask(User(silent))

    class Silent:
        def query(self, _soql):
            raise silent

    with pytest.raises(SalesforceError):
        temporary_permission_ask(Silent())


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


def test_what_was_known_stays_when_it_cannot_be_asked_any_more(rehearsal, customer, monkeypatch):
    rehearsal.package_install("northwind-full")
    known = {"package_version": "1.42", "app_installed": True, "user_is_administrator": True}
    connection = connect(rehearsal, customer, **known)
    monkeypatch.setattr(facts, "user_ask", lambda org: facts.UserFacts())
    monkeypatch.setattr(Org, "package_version", lambda org, namespace: None)
    epoch = ask(connection)
    assert epoch.package_installed is True
    assert {name: getattr(epoch, name) for name in known} == known


def test_asking_gives_its_place_among_the_orgs_calls_back(rehearsal, customer):
    ask(connect(rehearsal, customer))
    assert set(OrgCallSlot.objects.values_list("holder", flat=True)) == {""}


@pytest.mark.parametrize("health", [Health.NEEDS_RECONNECTING, Health.DISCONNECTED])
def test_a_connection_that_is_not_live_is_not_asked_and_keeps_its_facts(customer, health):
    connection = ConnectionFactory(customer=customer, health=health, epoch__facts_error="")
    assert ask(connection).facts_error == ""


def test_an_org_that_was_replaced_while_it_was_asked_is_history(rehearsal, customer, monkeypatch):
    connection = connect(rehearsal, customer)
    asked = facts._ask

    def meanwhile(*given):
        answer = asked(*given)
        OrgEpoch.objects.update(ended_at=timezone.now())
        return answer

    monkeypatch.setattr(facts, "_ask", meanwhile)
    epoch = ask(connection)
    assert epoch.facts_at is None
    assert epoch.package_installed is None


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


# --- the API version --------------------------------------------------------------------------


def test_the_newest_version_of_the_org_is_kept(rehearsal, customer):
    epoch = ask(connect(rehearsal, customer))
    assert epoch.newest_api_version == "68.0"
    assert epoch.facts_error == ""


def test_a_version_the_org_does_not_offer_is_said_and_is_ours(
    rehearsal, customer, settings, signed_in, admin_person, manager, caplog
):
    settings.SALESFORCE_API_VERSION = "69.0"
    connection = connect(rehearsal, customer)
    calls = len(rehearsal.calls("northwind-full"))
    epoch = ask(connection)
    assert len(rehearsal.calls("northwind-full")) == calls, "nothing is asked in a wrong version"
    assert epoch.newest_api_version == "68.0"
    assert epoch.facts_at is None
    assert "does not offer" in epoch.facts_error
    assert "api_version_not_offered" in caplog.text
    page = signed_in(admin_person).get(reverse("org_list")).content.decode()
    assert "does not offer" in page
    desk = signed_in(manager).get(
        reverse("admin:integrations_connection_change", args=[connection.pk])
    )
    assert "we use 69.0; the org’s newest is 68.0" in desk.content.decode()
    assert "does not offer" in desk.content.decode()


def test_an_org_on_an_older_release_is_told_apart_and_found_right_once_it_moved_on(
    rehearsal, customer
):
    connection = connect(rehearsal, customer)
    rehearsal.configure("northwind-full", "old-api-versions")
    epoch = ask(connection)
    assert epoch.newest_api_version == "65.0"
    assert "does not offer" in epoch.facts_error
    rehearsal.control("northwind-full", "configuration", "DELETE")
    epoch = ask(connection)
    assert (epoch.newest_api_version, epoch.facts_error) == ("68.0", "")


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        (["9.0", "66.0", "100.0"], "100.0"),
        (["66.0", "beta", "6e1", "", "nan"], "66.0"),
        ([], ""),
    ],
)
def test_the_newest_version_is_the_highest_number(versions, newest):
    assert newest_version(versions) == newest


# --- the temporary permission -----------------------------------------------------------------


class Rights:
    """An org that knows some columns of UserPermissionAccess."""

    def __init__(self, **known):
        self.known = known

    def query(self, soql):
        column = soql.split()[1]
        if column not in self.known:
            raise SalesforceError("INVALID_FIELD", f"No such column '{column}'")
        return [{column: self.known[column]}]


APPROVE, ANY_CLIENT = "PermissionsApproveUninstalledConnectedApps", "PermissionsUseAnyApiClient"


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({APPROVE: True, ANY_CLIENT: False}, True),
        ({APPROVE: False, ANY_CLIENT: True}, True),
        ({ANY_CLIENT: True}, True),
        ({APPROVE: False, ANY_CLIENT: False}, False),
        ({APPROVE: False}, None),
        ({APPROVE: "yes", ANY_CLIENT: False}, None),
        ({}, None),
    ],
)
def test_a_column_the_org_does_not_know_is_unknown_and_never_a_no(known, answer):
    assert temporary_permission_ask(Rights(**known)) is answer


def test_who_still_has_the_temporary_permission_is_reminded(
    rehearsal, customer, signed_in, admin_person
):
    connection = connect(rehearsal, customer, username=ADMINISTRATOR)
    assert ask(connection).has_temporary_permission is True
    OrgEpoch.objects.update(user_is_administrator=False)
    page = signed_in(admin_person).get(reverse("org_list")).content.decode()
    assert "Approve Uninstalled Connected Apps" in page
    assert f"{connection.epoch.instance_url}/lightning/setup/PermSets/home" in page


@pytest.mark.parametrize(
    "needed",
    [
        {"app_installed": False},
        {"app_installed": None},
        {"user_is_administrator": True},
        {"has_temporary_permission": None},
    ],
)
def test_nobody_is_told_to_take_away_what_is_needed_or_not_known(
    customer, signed_in, admin_person, needed
):
    can_go = {"app_installed": True, "has_temporary_permission": True} | needed
    ConnectionFactory(
        customer=customer, **{f"epoch__{name}": value for name, value in can_go.items()}
    )
    page = signed_in(admin_person).get(reverse("org_list")).content.decode()
    assert "Approve Uninstalled Connected Apps" not in page


def test_a_task_for_a_connection_that_is_gone_does_nothing(db):
    tasks.org_facts_refresh(12345)
    tasks.connection_keep_alive(12345)


def age(epoch, *, minutes):
    """So long ago it was asked, and answered."""
    epoch.facts_at = epoch.facts_tried_at = timezone.now() - datetime.timedelta(minutes=minutes)
    epoch.save(update_fields=["facts_at", "facts_tried_at"])
