"""What a customer has built for the other record modes, owners and the mapping of fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from werkzeug.http import http_date

from integrations.rehearsal.automation import AUTOMATED_PROCESS
from integrations.rehearsal.config import INTEGRATION_USER, Flow
from integrations.rehearsal.signin import SignIn
from tests.rehearsal.client import CALLBACK, pkce
from tests.rehearsal.local import LEAD, PORT, LocalOrg, Make, refusal

PACKAGE = {"package_version": "1.42", "package_security": "all"}
OBJECT = "UserGem__UserGem__c"
TEMPLATE = Flow(OBJECT, "UserGems_template", after_seconds=1, makes_person=True)
RECORD = {
    "UserGem__DeliveryKey__c": "jc-1:00D",
    "UserGem__PersonName__c": "Ana Lúcia Reis",
    "UserGem__NewCompany__c": "Acme",
    "UserGem__NewEmail__c": "ana@acme.example",
}
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def lay(org: LocalOrg, name: str) -> None:
    answer = org.send("POST", "/rehearsal/configuration", json={"name": name})
    assert answer.status_code == 200, answer.text


def test_the_customers_flow_makes_a_lead_where_no_account_is_known(local: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        org = local(**PACKAGE, flows=(TEMPLATE,))
        key = org.create(OBJECT, **RECORD)
        assert org.record(OBJECT, key)["UserGem__NewLead__c"] is None
        clock.shift(timedelta(seconds=1))
        record = org.record(OBJECT, key)
        lead = org.record("Lead", record["UserGem__NewLead__c"])
    assert (lead["FirstName"], lead["LastName"]) == ("Ana Lúcia", "Reis")
    assert (lead["Company"], lead["Email"]) == ("Acme", "ana@acme.example")
    assert lead["CreatedById"] == record["LastModifiedById"] == AUTOMATED_PROCESS


def test_the_customers_flow_makes_a_contact_where_the_account_is_known(local: Make) -> None:
    org = local(**PACKAGE, flows=(Flow(OBJECT, "Now", after_seconds=0, makes_person=True),))
    account = org.create("Account", Name="Acme")
    key = org.create(OBJECT, **RECORD, UserGem__NewAccount__c=account)
    record = org.record(OBJECT, key)
    contact = org.record("Contact", record["UserGem__NewContact__c"])
    assert (contact["Name"], contact["AccountId"]) == ("Ana Lúcia Reis", account)


def test_the_customers_flow_makes_nobody_twice(local: Make) -> None:
    org = local(**PACKAGE, flows=(Flow(OBJECT, "Now", after_seconds=0, makes_person=True),))
    lead = org.create("Lead", **LEAD)
    key = org.create(OBJECT, **RECORD, UserGem__NewLead__c=lead)
    left = {**RECORD, "UserGem__DeliveryKey__c": "jc-2:00D", "UserGem__NewCompany__c": None}
    for one in (key, org.create(OBJECT, **left)):
        assert org.record(OBJECT, one)["LastModifiedById"] != AUTOMATED_PROCESS
    assert len(org.org.space.rows("Lead")) == 1


def test_fields_of_the_customers_own_are_described_and_partly_filled(local: Make) -> None:
    org = local(records="crm")
    lay(org, "own-fields")
    _, account = org.describe("Account")
    assert account["SDR_Owner__c"]["referenceTo"] == ["User"]
    assert account["SDR_Owner__c"]["relationshipName"] == "SDR_Owner__r"
    _, lead = org.describe("Lead")
    assert lead["Matched_Account__c"]["referenceTo"] == ["Account"]
    assert lead["Lead_Grade__c"]["restrictedPicklist"] is True
    kinds = {"Region__c": "string", "Fit_Score__c": "double", "Is_Champion__c": "boolean"}
    assert {name: lead[name]["type"] for name in kinds} == kinds
    soql = "SELECT Id, SDR_Owner__r.IsActive FROM Account LIMIT 4"
    rows = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    sdrs = [row["SDR_Owner__r"] and row["SDR_Owner__r"]["IsActive"] for row in rows]
    assert sdrs == [True, None, True, False]


def test_a_lookup_of_the_customers_own_is_checked(local: Make) -> None:
    org = local()
    lay(org, "own-fields")
    account = org.create("Account", Name="Acme")
    lead = org.create("Lead", **LEAD, Matched_Account__c=account)
    assert org.record("Lead", lead)["Matched_Account__c"] == account
    answer = org.api("POST", "/sobjects/Lead", json={**LEAD, "Matched_Account__c": lead})
    assert refusal(answer)[1] == "MALFORMED_ID"


def test_an_org_may_not_look_at_conditions(local: Make) -> None:
    org = local()
    key = org.create("Lead", **LEAD)
    lay(org, "conditions-ignored")
    headers = {"If-Unmodified-Since": http_date(datetime(2020, 1, 1, tzinfo=UTC))}
    answer = org.api("PATCH", f"/sobjects/Lead/{key}", json={"Title": "x"}, headers=headers)
    assert answer.status_code == 204
    assert org.record("Lead", key)["Title"] == "x"


def test_without_rotation_a_refresh_token_stays_good(local: Make) -> None:
    org = local(token_rotation=False)
    client = next(c for c in org.world.settings.clients if c.environment == "sandbox")
    signin = SignIn(org.world)
    verifier, challenge = pkce()
    asked = {"redirect_uri": CALLBACK["sandbox"], "scope": "api refresh_token"}
    code = signin.issue_code(
        org.org, INTEGRATION_USER.user_id, client, {**asked, "code_challenge": challenge}
    )
    form = {"code": code, "redirect_uri": CALLBACK["sandbox"], "code_verifier": verifier}
    token = signin.exchange(client, PORT + 2, form)["refresh_token"]
    answers = [signin.refresh(client, PORT + 2, token, "/services/oauth2/token") for _ in range(2)]
    assert all("refresh_token" not in answer for answer in answers)
    assert len({answer["access_token"] for answer in answers}) == 2
    assert [key for key, _ in signin.space.items("refresh")] == [token]
