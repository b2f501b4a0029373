"""The queries of the platform reference (its section 4), as they stand there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from integrations.rehearsal.config import INTEGRATION_USER, RecordType
from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server
from tests.rehearsal.local import LocalOrg, Make, refusal
from tests.rehearsal.setup_queries import ask, query

USER = INTEGRATION_USER.user_id
NORMAL = [
    "SELECT NamespacePrefix, Status, AllowedLicenses, UsedLicenses, ExpirationDate "
    "FROM PackageLicense WHERE NamespacePrefix='UserGem'",
    "SELECT Id, Name, InstanceName, IsSandbox, OrganizationType, TrialExpirationDate, "
    "NamespacePrefix, CreatedDate FROM Organization",
    "SELECT Id, Username, Profile.Name, Profile.UserLicense.Name, UserPermissionsMarketingUser, "
    f"IsActive, LanguageLocaleKey, TimeZoneSidKey FROM User WHERE Id='{USER}'",
    "SELECT PermissionsApiEnabled, PermissionsConvertLeads, PermissionsViewSetup, "
    "PermissionsModifyAllData, PermissionsViewAllData FROM UserPermissionAccess",
    "SELECT PermissionSet.Name, PermissionSet.NamespacePrefix, PermissionSetGroupId "
    f"FROM PermissionSetAssignment WHERE AssigneeId='{USER}'",
    "SELECT Parent.Name, Parent.IsOwnedByProfile, Parent.Profile.Name, Field, PermissionsRead, "
    "PermissionsEdit FROM FieldPermissions "
    "WHERE SobjectType='Lead' AND Field='Lead.UserGem__Persona__c'",
    "SELECT PermissionsCreate, PermissionsRead, PermissionsEdit, PermissionsDelete, "
    "PermissionsViewAllRecords, PermissionsModifyAllRecords FROM ObjectPermissions "
    "WHERE SobjectType='UserGem__UserGem__c'",
    "SELECT Id, DeveloperName, Name, SobjectType, IsActive, NamespacePrefix FROM RecordType",
    "SELECT Id, Name, IsActive, Status, Type, StartDate, OwnerId FROM Campaign "
    "WHERE Name IN ('Gems')",
    "SELECT Label, IsDefault, HasResponded, CampaignId FROM CampaignMemberStatus",
    "SELECT Id, ApiName, MasterLabel FROM LeadStatus WHERE IsConverted=true",
    "SELECT Id, Name, DeveloperName, FolderName, Format, LastRunDate FROM Report",
    "SELECT Id, DeveloperName, IsActive FROM DuplicateRule WHERE SobjectType='Lead'",
    "SELECT Id, Name, Active FROM AssignmentRule",
]
TOOLING = [
    "SELECT Id, SubscriberPackageId, SubscriberPackage.NamespacePrefix, SubscriberPackage.Name, "
    "SubscriberPackageVersion.Id, SubscriberPackageVersion.Name, "
    "SubscriberPackageVersion.MajorVersion, SubscriberPackageVersion.MinorVersion, "
    "SubscriberPackageVersion.PatchVersion, SubscriberPackageVersion.BuildNumber, "
    "SubscriberPackageVersion.IsBeta FROM InstalledSubscriberPackage",
    "SELECT QualifiedApiName FROM FieldDefinition WHERE "
    "EntityDefinition.QualifiedApiName='Lead' AND QualifiedApiName='UserGem__Persona__c'",
    "SELECT Id, DeveloperName, NamespacePrefix, TableEnumOrId FROM CustomField",
    "SELECT Id, Name, NamespacePrefix, EntityDefinitionId, LayoutType, TableEnumOrId FROM Layout "
    "WHERE EntityDefinitionId='Lead'",
    "SELECT LayoutId, ProfileId, RecordTypeId, TableEnumOrId FROM ProfileLayout",
    "SELECT Id, DeveloperName, MasterLabel, Type, EntityDefinitionId, NamespacePrefix "
    "FROM FlexiPage WHERE Type='RecordPage'",
    "SELECT Id, Metadata FROM LeadConvertSettings",
]
PRODUCTION = [
    "SELECT Id, SandboxName, LicenseType, TemplateId, HistoryDays, Description FROM SandboxInfo",
    "SELECT Id, SandboxInfoId, SandboxName, SandboxOrganization, LicenseType, Status, "
    "CopyProgress, StartDate, EndDate FROM SandboxProcess",
]


@pytest.fixture
def org(local: Make) -> LocalOrg:
    found = local(package_version="1.42", record_types=(RecordType("Lead", "Sales", "Sales"),))
    found.create("Campaign", Name="Gems")
    return found


def test_each_answers_with_the_columns_asked_for(org: LocalOrg) -> None:
    for tooling, asked in ((False, NORMAL), (True, TOOLING)):
        for soql in asked:
            answer = ask(org, soql, tooling)
            assert answer.status_code == 200, f"{soql}\n{answer.text}"
            columns = soql.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
            wanted = {column.partition(".")[0] for column in columns}
            for record in answer.get_json()["records"]:
                assert set(record) - {"attributes"} == wanted, soql


def test_all_have_something_to_show_in_a_healthy_org(org: LocalOrg) -> None:
    empty = [soql for soql in NORMAL if not query(org, soql)]
    assert [soql.partition(" FROM ")[2].split()[0] for soql in empty] == ["DuplicateRule"]
    assert [soql for soql in TOOLING if not query(org, soql, tooling=True)] == []


@pytest.mark.parametrize("soql", PRODUCTION)
def test_a_production_answers_those_about_sandboxes(server: Server, soql: str) -> None:
    assert server.production().get("/tooling/query", q=soql).json()["totalSize"] == 2


def test_a_long_tooling_answer_comes_in_pages(full: OrgClient) -> None:
    soql = "SELECT QualifiedApiName FROM FieldDefinition"
    headers = {"Sforce-Query-Options": "batchSize=200"}
    answer = full.call("GET", "/tooling/query", params={"q": soql}, headers=headers).json()
    assert (answer["size"], answer["done"]) == (200, False)
    assert answer["nextRecordsUrl"].endswith(answer["queryLocator"])
    found = list(answer["records"])
    while not answer["done"]:
        answer = full.call("GET", answer["nextRecordsUrl"]).json()
        found += answer["records"]
    assert len(found) == answer["totalSize"]
    assert answer["queryLocator"] is None


def test_the_address_of_a_set_up_record_leads_to_it(org: LocalOrg) -> None:
    [record] = query(
        org,
        "SELECT Id FROM Layout WHERE EntityDefinitionId='Lead' AND Name='Lead Layout'",
        tooling=True,
    )
    found = org.send("GET", record["attributes"]["url"]).get_json()
    assert (found["Id"], found["FullName"]) == (record["Id"], "Lead-Lead Layout")
    assert found["Metadata"]["layoutSections"]


@pytest.mark.parametrize(
    "rest",
    ["ORDER BY Metadata", "WHERE Metadata = 'x'", "WHERE Metadata != null"],
)
def test_metadata_can_be_shown_only(org: LocalOrg, rest: str) -> None:
    answer = ask(org, f"SELECT Id FROM Layout {rest}", tooling=True)
    assert answer.status_code == 400
    assert answer.get_json()[0]["errorCode"] in ("MALFORMED_QUERY", "INVALID_FIELD")


def test_a_cursor_lives_for_two_days(local: Make) -> None:
    org = local(package_version="1.42")
    headers = {"Sforce-Query-Options": "batchSize=200"}
    soql = "SELECT QualifiedApiName FROM FieldDefinition"
    first = org.api("GET", "/tooling/query", query_string={"q": soql}, headers=headers)
    following = first.get_json()["nextRecordsUrl"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, hours=23)):
        org.sign_in()
        assert org.send("GET", following).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2, hours=1)):
        org.sign_in()
        assert refusal(org.send("GET", following))[:2] == (400, "INVALID_QUERY_LOCATOR")
