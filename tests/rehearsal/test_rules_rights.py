"""What a user without a right may not do, and how the describe says so beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER
from tests.rehearsal.local import LEAD, Make, node, refusal, row

HIDDEN = {"hidden_fields": frozenset({"Lead.Phone"})}
READ_ONLY = {"read_only_fields": frozenset({"Lead.Title"})}


def test_without_the_create_right_the_describe_says_so_and_a_create_is_refused(local: Make) -> None:
    org = local(no_create=frozenset({"Lead"}))
    whole, fields = org.describe("Lead")
    assert (whole["createable"], whole["updateable"]) == (False, True)
    assert (fields["Title"]["createable"], fields["Title"]["updateable"]) == (False, True)
    assert refusal(org.api("POST", "/sobjects/Lead", json=LEAD)) == (
        400,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be inserted: Lead",
    )


def test_the_global_describe_knows_the_missing_right_too(local: Make) -> None:
    org = local(no_create=frozenset({"Lead"}), no_edit=frozenset({"Account"}))
    found = {item["name"]: item for item in org.api("GET", "/sobjects").get_json()["sobjects"]}
    assert [found["Lead"]["createable"], found["Lead"]["updateable"]] == [False, True]
    assert [found["Account"]["createable"], found["Account"]["updateable"]] == [True, False]


def test_without_the_edit_right_a_change_is_refused_but_a_create_is_not(local: Make) -> None:
    org = local(no_edit=frozenset({"Lead"}))
    whole, fields = org.describe("Lead")
    assert (whole["createable"], whole["updateable"]) == (True, False)
    assert fields["Title"]["updateable"] is False
    key = org.create("Lead", **LEAD)
    refused = org.api("PATCH", f"/sobjects/Lead/{key}", json={"Title": "CTO"})
    text = "insufficient access rights on object id"
    assert refusal(refused) == (400, "INSUFFICIENT_ACCESS_OR_READONLY", text)
    assert refused.get_json()[0]["fields"] == []


def test_administrators_keep_their_rights(local: Make) -> None:
    org = local(no_create=frozenset({"Lead"}), no_edit=frozenset({"Lead"}), **HIDDEN, **READ_ONLY)
    org.sign_in(ADMIN_USER.user_id)
    key = org.create("Lead", **LEAD, Phone="1", Title="CTO")
    assert org.api("PATCH", f"/sobjects/Lead/{key}", json={"Title": "CEO"}).status_code == 204


def test_a_missing_right_fails_its_row_of_a_collection_and_its_graph_only(local: Make) -> None:
    org = local(no_create=frozenset({"Lead"}))
    records = [row("Account", Name="A"), row("Lead", **LEAD)]
    good, bad = org.api("POST", "/composite/sobjects", json={"records": records}).get_json()
    assert good["success"] is True
    assert bad["errors"][0]["statusCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    graphs = [
        {"graphId": name, "compositeRequest": [node("n", "POST", f"/sobjects/{name}", body)]}
        for name, body in (("Lead", LEAD), ("Account", {"Name": "B"}))
    ]
    answer = org.api("POST", "/composite/graph", json={"graphs": graphs}).get_json()["graphs"]
    assert [item["isSuccessful"] for item in answer] == [False, True]


def test_a_hidden_field_is_as_good_as_absent(local: Make) -> None:
    org = local(**HIDDEN)
    assert "Phone" not in org.describe("Lead")[1]
    refused = org.api("POST", "/sobjects/Lead", json={**LEAD, "Phone": "1"})
    text = "No such column 'Phone' on sobject of type Lead"
    assert refusal(refused) == (400, "INVALID_FIELD", text)
    assert "Phone" not in org.record("Lead", org.create("Lead", **LEAD))


def test_a_read_only_field_can_be_seen_and_not_set(local: Make) -> None:
    org = local(**READ_ONLY)
    title = org.describe("Lead")[1]["Title"]
    assert (title["createable"], title["updateable"]) == (False, False)
    refused = org.api("POST", "/sobjects/Lead", json={**LEAD, "Title": "CTO"})
    assert refusal(refused)[:2] == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert refused.get_json()[0]["fields"] == ["Title"]


def test_only_marketing_users_create_campaigns_but_others_may_add_members(local: Make) -> None:
    user = replace(INTEGRATION_USER, marketing_user=False)
    org = local(users=(ADMIN_USER, user))
    assert org.describe("Campaign")[0]["createable"] is False
    assert refusal(org.api("POST", "/sobjects/Campaign", json={"Name": "C"})) == (
        400,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be inserted: Campaign",
    )
    org.sign_in(ADMIN_USER.user_id)
    campaign = org.create("Campaign", Name="C")
    org.sign_in(user.user_id)
    org.create("CampaignMember", CampaignId=campaign, LeadId=org.create("Lead", **LEAD))


def test_a_user_who_may_not_use_the_api_is_told_so(local: Make) -> None:
    org = local(removed_permissions=frozenset({"ApiEnabled"}))
    text = "API is disabled for this User"
    assert refusal(org.api("GET", "/limits")) == (403, "API_CURRENTLY_DISABLED", text)


@pytest.mark.parametrize("user", [ADMIN_USER, INTEGRATION_USER])
def test_a_removed_permission_is_gone_for_everybody(local: Make, user: object) -> None:
    org = local(removed_permissions=frozenset({"ViewSetup"}))
    org.sign_in(getattr(user, "user_id", ""))
    soql = "SELECT PermissionsViewSetup, PermissionsApiEnabled FROM UserPermissionAccess"
    found = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"][0]
    assert (found["PermissionsViewSetup"], found["PermissionsApiEnabled"]) == (False, True)
