"""The first day of an org: its users, and the customer's CRM records from the CSV files."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.config import ADMIN_PROFILE, API_PROFILE, OrgConfig, UserConfig
from integrations.rehearsal.schema import WITHOUT_PACKAGE
from integrations.rehearsal.store import Row, Space

DATA = Path(__file__).parent / "data"
FEW = {"Account": 2, "Contact": 3, "Lead": 0, "Campaign": 0}
MADE = "2025-06-02T08:00:00.000+0000"
PROFILES = {ADMIN_PROFILE: "Salesforce", "Standard User": "Salesforce", API_PROFILE: "Salesforce"}
LEAD_STATUSES = (
    "Open - Not Contacted",
    "Open",
    "Working",
    "Nurturing",
    "Disqualified",
    "Closed - Converted",
)


@lru_cache
def _read(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"crm-{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def fixed_id(prefix: str, number: int) -> str:
    """Ids of set-up records, the same in an org and its copies."""
    return ids.make(prefix, number, instance="7z")


def profile_id(name: str) -> str:
    """The id of a profile by name."""
    return fixed_id("00e", list(PROFILES).index(name) + 1)


def fill(config: OrgConfig, space: Space) -> None:
    """Fill an empty space; one that was filled before stays as it is."""
    if space.get("meta", "seeded"):
        return
    with space.transaction():
        admin = config.users[0].user_id
        _setup(config, space, admin)
        _users(config, space, admin)
        for name in ("Account", "Contact", "Lead", "Campaign"):
            rows = _read(f"{name.lower()}s")
            for source in rows if config.records == "crm" else rows[: FEW[name]]:
                put_record(space, name, _typed(name, source), admin)
        for campaign in space.rows("Campaign"):
            add_member_statuses(space, campaign["Id"], admin)
        space.put("meta", "seeded", {"value": True})
    space.keep_first_day()


def put_record(space: Space, name: str, values: Row, by: str, made: str = MADE) -> None:
    """Keep a record as seeded, with the audit fields filled in."""
    made = values.pop("CreatedDate", made)
    audit = {"CreatedDate": made, "LastModifiedDate": made, "SystemModstamp": made}
    who = {"CreatedById": by, "LastModifiedById": by}
    if name in ("Contact", "Lead", "User"):
        values["Name"] = person_name(values)
    space.put(name, values["Id"], {**values, **audit, **who})


def person_name(values: Row) -> str:
    """A person's full name as the platform puts it together."""
    return " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)


def add_member_statuses(space: Space, campaign_id: str, by: str, made: str = MADE) -> None:
    """The two statuses every new campaign begins with."""
    for order, label in enumerate(("Sent", "Responded"), start=1):
        key = ids.make("01Y", space.count_up("01Y", 62**4))
        values = {
            "Id": key,
            "CampaignId": campaign_id,
            "Label": label,
            "SortOrder": order,
            "IsDefault": order == 1,
            "HasResponded": order == 2,
        }
        put_record(space, "CampaignMemberStatus", values, by, made)


def _typed(name: str, source: dict[str, str]) -> Row:
    sobject = WITHOUT_PACKAGE[name.lower()]
    row: Row = {}
    for key, text in source.items():
        field = sobject.field(key)
        value: Any = text
        if not text or field is None:
            continue
        if field.type == "boolean":
            value = text == "true"
        elif field.type == "int":
            value = int(text)
        elif field.type == "datetime":
            value = f"{text}T09:00:00.000+0000"
        elif field.length:
            value = text[: field.length]
        row[field.name] = value
    if name in ("Account", "Contact", "Lead"):
        row.setdefault("CleanStatus", "Pending")
    return row


def _setup(config: OrgConfig, space: Space, admin: str) -> None:
    def put(name: str, **values: Any) -> None:
        put_record(space, name, values, admin, config.created)

    put(
        "Organization",
        Id=config.org_id,
        Name=config.name,
        Country=config.country,
        PrimaryContact=f"{config.users[0].first_name} {config.users[0].last_name}",
        DefaultLocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        TimeZoneSidKey="America/New_York",
        OrganizationType=config.edition,
        InstanceName=config.instance,
        IsSandbox=config.is_sandbox,
        TrialExpirationDate=config.trial_ends,
    )
    license_id = fixed_id("100", 1)
    put("UserLicense", Id=license_id, Name="Salesforce", LicenseDefinitionKey="SFDC")
    for name in PROFILES:
        key = profile_id(name)
        put("Profile", Id=key, Name=name, UserLicenseId=license_id, UserType="Standard")
    for number, name in enumerate(sorted({row["UserRole"] for row in _read("users")}), start=1):
        put("UserRole", Id=fixed_id("00E", number), Name=name)
    put(
        "Group",
        Id=fixed_id("00G", 1),
        Name="Inbound leads",
        DeveloperName="Inbound_leads",
        Type="Queue",
    )
    for number, label in enumerate(LEAD_STATUSES, start=1):
        put(
            "LeadStatus",
            Id=fixed_id("01J", number),
            MasterLabel=label,
            ApiName=label,
            SortOrder=number,
            IsDefault=number == 1,
            IsConverted=label == LEAD_STATUSES[-1],
        )


def _users(config: OrgConfig, space: Space, admin: str) -> None:
    roles = {row["Name"]: row["Id"] for row in space.rows("UserRole")}
    owners = [
        (
            UserConfig(
                row["Id"],
                f"{row['Username'].partition('@')[0]}@{config.domain}",
                row["FirstName"],
                row["LastName"],
                "Standard User",
            ),
            roles[row["UserRole"]],
            row["IsActive"] == "true",
        )
        for row in _read("users")
    ]
    for user, role, active in [*((user, None, True) for user in config.users), *owners]:
        email = user.username + (".invalid" if config.is_sandbox else "")
        values: Row = {
            "Id": user.user_id,
            "Username": user.username + config.username_suffix,
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "Email": email,
            "Alias": (user.first_name[:1] + user.last_name)[:8].lower(),
            "CommunityNickname": user.username.split("@")[0][:40],
            "IsActive": active,
            "UserRoleId": role,
            "ProfileId": profile_id(user.profile),
            "UserType": "Standard",
            "TimeZoneSidKey": "America/New_York",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "UserPermissionsMarketingUser": user.marketing_user,
        }
        put_record(space, "User", values, admin, config.created)
