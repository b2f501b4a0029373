"""Matching against an org that answers over HTTP, with the customer's own data in it."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.salesforce.client import Graph, Node, Record
from integrations.salesforce.manifest import USERGEM_1
from integrations.services import org_open
from jobchanges.matching import matches_ask
from jobchanges.plan_settings import PlanSettingsError, plan_settings_load
from jobchanges.planning import JobChangeData, plan_make
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
)
from tests.rehearsal_server import ADMINISTRATOR

pytestmark = pytest.mark.django_db
ORG = "northwind-full"
DATA = Path(__file__).resolve().parents[2] / "integrations" / "rehearsal" / "data"
JOB_CHANGES = Path(__file__).resolve().parents[2] / "portal" / "demo" / "data" / "job-changes.csv"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def ask(rehearsal, customer) -> Callable[..., Any]:
    """Ask the connected full-copy sandbox; answers the org, the settings and the matches."""
    rehearsal.package_install(ORG)
    connection = rehearsal.connect(customer, ORG)
    users = rehearsal.records(ORG, "User")
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(
        customer=customer, default_owner_id=next(user["Id"] for user in users if user["IsActive"])
    )

    def ask(*job_changes: JobChangeData):
        org = org_open(connection)
        settings = plan_settings_load(customer, "sandbox", org)
        before = org.calls
        matches = matches_ask(org, job_changes, settings)
        return settings, matches, org.calls - before

    return ask


def joined(**values: Any) -> JobChangeData:
    return JobChangeData(
        **{
            "key": "jc-1",
            "kind": "joined",
            "last_name": "Nobody",
            "first_name": "Nora",
            "detected_at": datetime.fromisoformat("2026-04-01T00:00:00+00:00"),
            **values,
        }
    )


def test_an_account_is_found_by_its_website_however_it_is_written(ask):
    account = next(row for row in rows("crm-accounts.csv") if row["Website"].startswith("www."))
    domain = account["Website"].removeprefix("www.").strip("/")
    _settings, matches, _calls = ask(
        joined(new_company_name="Another name", new_company_domain=domain)
    )
    assert matches["jc-1"].account.id == account["Id"]
    assert matches["jc-1"].account.owner_id == account["OwnerId"]


def test_an_account_without_a_website_is_found_by_its_name(ask):
    account = next(row for row in rows("crm-accounts.csv") if not row["Website"])
    _settings, matches, _calls = ask(joined(new_company_name=f"{account['Name']}, Inc."))
    assert matches["jc-1"].account.id == account["Id"]


def test_an_inactive_account_owner_is_known(ask):
    inactive = {row["Id"] for row in rows("crm-users.csv") if row["IsActive"] == "false"}
    account = next(
        row for row in rows("crm-accounts.csv") if row["OwnerId"] in inactive and row["Website"]
    )
    settings, matches, _calls = ask(joined(new_company_name=account["Name"]))
    assert matches["jc-1"].account.owner_active is False
    plan = plan_make(joined(new_company_name=account["Name"]), settings, matches["jc-1"])
    assert "inactive_owner" in plan.branches


def test_people_are_found_by_email_in_any_case_and_by_name_at_the_company(ask):
    contact = next(row for row in rows("crm-contacts.csv") if row["Email"] and row["FirstName"])
    account = next(row for row in rows("crm-accounts.csv") if row["Id"] == contact["AccountId"])
    by_email = joined(key="email", new_company_name="X Y Z", new_email=contact["Email"].upper())
    by_name = joined(
        key="name",
        first_name=contact["FirstName"],
        last_name=contact["LastName"],
        new_company_name=account["Name"],
    )
    _settings, matches, _calls = ask(by_email, by_name)
    assert matches["email"].person.id == contact["Id"]
    assert matches["name"].person.id == contact["Id"]
    assert matches["name"].person.values["LastName"] == contact["LastName"]


def test_a_past_id_of_somebody_else_is_not_used(ask):
    contact = rows("crm-contacts.csv")[0]
    _settings, matches, _calls = ask(
        joined(
            new_company_name="X Y Z",
            past_contact_id=contact["Id"],
            past_email="nora@nowhere.example",
        )
    )
    assert matches["jc-1"].past is None
    assert "somebody else in this org" in matches["jc-1"].past_why


@pytest.mark.parametrize("name", ["O'Brien\\", "') OR Name != ('", "100%_\n", "高橋", '"', "🚀"])
def test_wild_names_are_asked_for_as_they_are(ask, name):
    wild = joined(
        last_name=name,
        new_company_name=name,
        new_company_domain="x.example",
        new_email=f"{name}@x.example",
    )
    _settings, matches, _calls = ask(wild)
    assert matches["jc-1"].account is None
    assert matches["jc-1"].person is None


def test_a_member_of_the_campaign_is_known(ask, rehearsal, customer):
    contact = rows("crm-contacts.csv")[0]
    campaign = next(row for row in rehearsal.records(ORG, "Campaign") if row["IsActive"])
    customer.environment_settings.update(campaign_id=campaign["Id"])
    org = org_open(customer.connections.get())
    change = joined(new_company_name="X", new_email=contact["Email"], past_email="a@b.example")
    settings, matches, _calls = ask(change)
    assert matches["jc-1"].member_exists is False
    plan = plan_make(change, settings, matches["jc-1"])
    assert "campaign" in plan.branches
    member = plan.write("campaign_member")
    node = Node(
        method="POST",
        object_name="CampaignMember",
        record_id=None,
        reference="member",
        body=dict(member.fields),
        headers={},
    )
    assert org.graphs([Graph("g1", [node])])[0].successful
    assert ask(change)[1]["jc-1"].member_exists is True


def shipped() -> list[JobChangeData]:
    with JOB_CHANGES.open(encoding="utf-8", newline="") as file:
        found = []
        for row in csv.DictReader(file):
            values: dict[str, Any] = dict(row)
            values["key"] = values.pop("id")
            values["new_company_employees"] = int(row["new_company_employees"] or 0) or None
            for name in ("job_started_date", "role_started_date"):
                values[name] = date.fromisoformat(row[name]) if row[name] else None
            values["is_target_company"] = row["is_target_company"] == "true"
            values["detected_at"] = datetime.fromisoformat(row["detected_at"])
            found.append(JobChangeData(**values))
        return found


def test_ten_job_changes_are_matched_in_one_call_and_planned(ask):
    every = shipped()
    ten = [
        *[item for item in every if item.kind == "joined"][:7],
        *[item for item in every if item.kind == "left"][:2],
        next(item for item in every if item.kind == "promotion"),
    ]
    settings, matches, calls = ask(*ten)
    assert calls == 1
    for item in ten:
        past = item.past_contact_id or item.past_lead_id
        assert matches[item.key].past.id == past
        plan = plan_make(item, settings, matches[item.key])
        assert not plan.is_held, plan.held_reason


def test_a_thousand_job_changes_are_matched_in_fourteen_calls(ask, rehearsal, customer):
    campaign = next(row for row in rehearsal.records(ORG, "Campaign") if row["IsActive"])
    customer.environment_settings.update(campaign_id=campaign["Id"])
    thousand = shipped()[:1_000]
    ask(joined(new_company_name="X"))
    before = len(rehearsal.calls(ORG))
    matches = {}
    for start in range(0, 1_000, 300):
        matches |= ask(*thousand[start : start + 300])[1]
    assert len(rehearsal.calls(ORG)) - before <= 14
    for item in thousand:
        assert matches[item.key].past.id == (item.past_contact_id or item.past_lead_id)


WILD = [
    "O'Brien", "O\\'Brien", "back\\slash", "100%", "a_b", '"quoted"', "') OR Name != ('", "null",
    "NOT IN", "SELECT Id FROM User", "LIKE '%'", "高橋", "מיכל", "\u202eevil", "🚀 & Co", "+1=2&q",
    "Zoë#?", "Müller-Lüdenscheidt", "a+b@c",
]  # fmt: skip


def test_records_with_wild_names_are_found_by_exactly_these_names(ask, customer):
    org = org_open(customer.connections.get())
    said = {"Sforce-Duplicate-Rule-Header": "allowSave=true", "Sforce-Auto-Assign": "FALSE"}
    made = org.records_create(
        [
            Record(
                object_name="Lead",
                values={
                    "FirstName": "Nora",
                    "LastName": name,
                    "Company": f"{name} Works",
                    "Country": "Norway",
                },
            )
            for name in WILD
        ],
        headers=said,
    )
    assert all(row.success for row in made), made
    created = dict(zip(WILD, (row.record_id for row in made), strict=True))
    _settings, matches, _calls = ask(
        *(joined(key=name, last_name=name, new_company_name=f"{name} Works") for name in WILD)
    )
    for name in WILD:
        assert matches[name].person, name
        assert matches[name].person.id == created[name]


def test_accounts_with_wild_names_are_found_by_exactly_these_names(ask, customer):
    org = org_open(customer.connections.get())
    said = {"Sforce-Duplicate-Rule-Header": "allowSave=true", "Sforce-Auto-Assign": "FALSE"}
    made = org.records_create(
        [Record(object_name="Account", values={"Name": f"{name} Works"}) for name in WILD],
        headers=said,
    )
    assert all(row.success for row in made), made
    created = dict(zip(WILD, (row.record_id for row in made), strict=True))
    _settings, matches, _calls = ask(
        *(joined(key=name, new_company_name=f"{name} Works") for name in WILD)
    )
    for name in WILD:
        assert matches[name].account, name
        assert matches[name].account.id == created[name]


def test_what_lies_in_the_recycle_bin_is_not_found(ask, rehearsal):
    contact = next(row for row in rows("crm-contacts.csv") if row["Email"])
    change = joined(new_company_name="X", new_email=contact["Email"])
    assert ask(change)[1]["jc-1"].person.id == contact["Id"]
    gone = requests.delete(
        f"{rehearsal.url(ORG)}/services/data/v66.0/sobjects/Contact/{contact['Id']}",
        headers={"Authorization": f"Bearer {rehearsal.tokens(ORG, ADMINISTRATOR)['access_token']}"},
        timeout=30,
    )
    assert gone.status_code == 204, gone.text
    assert ask(change)[1]["jc-1"].person is None


def test_what_came_along_in_the_rows_is_known(ask, rehearsal):
    contact = next(row for row in rows("crm-contacts.csv") if row["Email"])
    account = next(row for row in rows("crm-accounts.csv") if row["Website"])
    settings, matches, _calls = ask(
        joined(new_email=contact["Email"], new_company_domain=account["Website"])
    )
    found = matches["jc-1"]
    stands = next(iter(rehearsal.records(ORG, "Contact", id=contact["Id"])))
    assert found.person.modified_at == stands["LastModifiedDate"]
    assert "LastModifiedDate" not in found.person.values
    assert found.users_active == {settings.default_owner_id: True}
    users = {row["Id"]: f"{row['FirstName']} {row['LastName']}" for row in rows("crm-users.csv")}
    assert found.names[found.account.owner_id] == users[account["OwnerId"]]


def test_describes_are_kept_until_asked_for_anew(ask, rehearsal, customer):
    ask(joined(new_company_name="X"))
    org = org_open(customer.connections.get())
    plan_settings_load(customer, "sandbox", org)
    assert org.calls == 0
    assert plan_settings_load(customer, "sandbox", org, fresh=True).manifest is USERGEM_1
    assert org.calls == 1


def test_an_org_without_the_package_cannot_be_planned_for(customer):
    ConnectionFactory(customer=customer, epoch__package_manifest="")
    with pytest.raises(PlanSettingsError, match="package was not found"):
        plan_settings_load(customer, "sandbox", None)


def test_an_org_that_is_not_connected_cannot_be_planned_for(customer):
    with pytest.raises(PlanSettingsError, match="not connected"):
        plan_settings_load(customer, "sandbox", None)
