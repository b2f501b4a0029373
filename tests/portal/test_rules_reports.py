"""Rule 5: a report is never read from a sandbox. Not in the UI, not in the code."""

import io
import tokenize
from pathlib import Path

import pytest

from integrations.services import org_facts_refresh
from jobchanges import services
from jobchanges.models import Delivery, JobChange
from portal.steps import journey_for

SETTINGS = "/settings/?environment=sandbox"
ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "integrations", "jobchanges", "portal")
# The doors of Salesforce behind which reports are (REST and the old page).
THE_MODULE = ROOT / "integrations" / "salesforce" / "reports.py"
REPORT_DOORS = ("/analytics", "analytics/", "FROM Report")


def strings_of(source: str):
    """Every string of a module that is not a docstring of prose: literals, f-strings too."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and not token.string.startswith(('"""', "'''")):
            yield token.string


def test_rule_5_one_module_knows_the_address_of_a_report_and_asks_in_production_only():
    found = [
        f"{file.relative_to(ROOT)}: {string}"
        for app in APPS
        for file in sorted((ROOT / app).rglob("*.py"))
        # The rehearsal is the other side: what answers, not what asks. That reports.py refuses
        # everywhere but in production is held by tests/salesforce/test_reports.py.
        if "rehearsal" not in file.parts and file != THE_MODULE
        for string in strings_of(file.read_text())
        if any(door in string for door in REPORT_DOORS)
    ]
    assert found == []
    assert any(door in THE_MODULE.read_text() for door in REPORT_DOORS)


@pytest.mark.django_db(transaction=True)
def test_rule_5_nothing_reads_a_report_from_a_sandbox(
    rehearsal, customer, manager, admin_person, settings, signed_in
):
    """The sandbox stage from connecting to the approved test, and what the org was asked for."""
    settings.DELIVERY_SETTLE_SECONDS = 0
    settings.CELERY_TASK_ALWAYS_EAGER = True
    rehearsal.package_install("northwind-full")
    org_facts_refresh(connection=rehearsal.connect(customer))
    priya, maya = signed_in(admin_person), signed_in(manager)
    page = priya.get(SETTINGS).context["form"]
    chosen = page.initial | {
        "default_owner_id": page.fields["default_owner_id"].choices[1][0],
        "campaign": page.fields["campaign"].choices[1][1][0][0],
    }
    # A browser sends nothing for a box that is not ticked.
    answer = priya.post(SETTINGS, {name: one for name, one in chosen.items() if one is not False})
    assert answer.status_code == 302, answer.context["form"].errors
    for step in ("sandbox.permissions", "sandbox.layouts", "sandbox.lead_conversion"):
        priya.post(f"/steps/{step}/confirm/", {"agree": "yes"})
    file = ROOT / "portal" / "demo" / "data" / "job-changes.csv"
    rows = b"".join(file.read_bytes().splitlines(keepends=True)[:30])
    services.imports_read(customer=customer, file_name=file.name, content=rows, by=manager)
    picked = list(JobChange.objects.filter(customer=customer).order_by("detected_at")[:6])
    run = services.test_run_create(
        customer=customer, environment="sandbox", job_changes=picked, by=manager
    )
    run.refresh_from_db()
    services.test_run_send(test_run=run, by=manager)
    for delivery in run.deliveries.filter(state=Delivery.State.DELIVERED):
        for side, by in (("customer", admin_person), ("vendor", manager)):
            services.review_record(delivery=delivery, side=side, verdict="right", by=by)
    for side, by in (("customer", admin_person), ("vendor", manager)):
        services.test_run_approve(test_run=run, side=side, by=by)
    for address in ("/", "/orgs/", SETTINGS, f"/test-runs/{run.pk}/", "/worksheet/"):
        assert priya.get(address).status_code == 200
    assert maya.get(f"/admin/accounts/customer/{customer.pk}/change/").status_code == 200
    priya.post("/people-source/", {"kind": "file"})
    asked = [call["path"].lower() for call in rehearsal.calls("northwind-full")]
    assert journey_for(customer).stage.key == "production"
    assert len(asked) > 10
    assert [path for path in asked if "analytics" in path or "report" in path] == []
