"""A database with rows of before takes this version's migrations, and its rows say the same."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [
    ("accounts", "0001_initial"),
    ("integrations", "0003_facts_tried_at"),
    ("jobchanges", "0004_assignment_and_duplicate_choices"),
    ("portal", "0002_go_live"),
]


@pytest.fixture
def before(settings):
    """The models as they were; whatever happens, the newest schema is put back.

    Tests make their tables without migrations: those are taken for applied first.
    """
    settings.MIGRATION_MODULES = {}
    call_command("migrate", fake=True, verbosity=0)
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(newest)
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE django_migrations")


def migrated():
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate(newest)
    return MigrationExecutor(connection).loader.project_state(newest).apps


def test_waivers_and_sources_of_before_stand(before):
    user = before.get_model("accounts", "User").objects.create(email="im@usergems.example")
    customer = before.get_model("accounts", "Customer").objects.create(
        name="Northwind", slug="northwind", plan="enterprise"
    )
    link = before.get_model("integrations", "Connection").objects.create(
        customer=customer, environment="sandbox", connected_by=user, login_host="https://x.test"
    )
    epoch = before.get_model("integrations", "OrgEpoch").objects.create(
        connection=link, org_id="00D000000000001AAA", kind="sandbox", started_at=timezone.now()
    )
    waivers = before.get_model("portal", "Waiver").objects
    for place, values in enumerate(
        [
            {"step": "sandbox.lead_conversion", "epoch": epoch},
            {"step": "production.lead_conversion", "epoch": None},
            {"step": "sandbox.lead_conversion", "epoch": epoch, "withdrawn_at": timezone.now()},
        ]
    ):
        waivers.create(customer=customer, by=user, reason=f"Reason {place}", **values)
    before.get_model("portal", "PeopleSource").objects.create(
        customer=customer, kind="reports", chosen_by=user
    )
    now = migrated()
    kept = now.get_model("portal", "Waiver").objects.order_by("pk")
    assert [(one.subject, one.subject_hash, one.side) for one in kept] == [("", "", "vendor")] * 3
    assert [one.reason for one in kept] == ["Reason 0", "Reason 1", "Reason 2"]
    assert now.get_model("portal", "PeopleSource").objects.get().kind == "reports"
    assert now.get_model("accounts", "Customer").objects.get().permission_list == "V4"
