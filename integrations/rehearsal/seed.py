"""The first day of an org: its users, and the customer's CRM records from the CSV files."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.rehearsal import ids, sampling
from integrations.rehearsal.config import ADMIN_PROFILE, API_PROFILE, OrgConfig, UserConfig
from integrations.rehearsal.schema import WITHOUT_PACKAGE
from integrations.rehearsal.store import Row, Space

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
IN_DAYS = re.compile(r"in (\d{1,4}) days")


def fixed_id(prefix: str, number: int) -> str:
    """Ids of set-up records, the same in an org and its copies."""
    return ids.make(prefix, number, instance="7z")


def profile_id(name: str) -> str:
    """The id of a profile by name."""
    return fixed_id("00e", list(PROFILES).index(name) + 1)


def fill(config: OrgConfig, space: Space) -> bool:
    """Fill an empty space; one that was filled before stays as it is. Whether it was empty."""
    if space.get("meta", "seeded"):
        return False
    with space.transaction():
        admin = config.users[0].user_id
        _setup(config, space, admin)
        _users(config, space, admin)
        for name, rows in sampling.sources(config.records).items():
            for source in rows:
                space.put(name, source["Id"], seeded(name, source, admin))
        for campaign in space.rows("Campaign"):
            add_member_statuses(space, campaign["Id"], admin)
        space.put("meta", "seeded", {"value": True})
    return True


def settle(config: OrgConfig, space: Space) -> None:
    """What the org says of itself and its set-up users, as the configuration now has it."""
    with space.transaction():
        for row in space.rows("Organization"):
            if row["Id"] != config.org_id:
                space.drop("Organization", row["Id"])
            _keep(space, "Organization", {**row, **organization(config)})
        for user in config.users:
            known = space.get("User", user.user_id)
            if known:
                _keep(space, "User", {**known, **_rights(user)})


def _keep(space: Space, name: str, row: Row) -> None:
    # A row that says the same stays the same: a reset then has nothing to put back.
    if space.get(name, row["Id"]) != row:
        space.put(name, row["Id"], row)


def organization(config: OrgConfig) -> Row:
    """The fields of the org's one `Organization` record that its configuration decides."""
    return {
        "Id": config.org_id,
        "Name": config.name,
        "Country": config.country,
        "OrganizationType": config.edition,
        "InstanceName": config.instance,
        "IsSandbox": config.is_sandbox,
        "TrialExpirationDate": _trial_end(config.trial_ends),
        "CreatedDate": config.created,
    }


def _trial_end(text: str | None) -> str | None:
    """When a trial ends: a point in time as it is, or "in 30 days" counted from today."""
    found = IN_DAYS.fullmatch(text or "")
    if found is None:
        return text
    day = datetime.now(UTC).date() + timedelta(days=int(found[1]))
    return f"{day.isoformat()}T00:00:00.000+0000"


def _rights(user: UserConfig) -> Row:
    return {
        "IsActive": user.active,
        "ProfileId": profile_id(user.profile),
        "UserPermissionsMarketingUser": user.marketing_user,
    }


def change_records(space: Space, before: str, config: OrgConfig) -> None:
    """Other CRM records than `before`; what is the same in both, or was made since, stays."""
    if before == config.records:
        return
    admin = config.users[0].user_id
    old, new = sampling.sources(before), sampling.sources(config.records)
    with space.transaction():
        for name in sampling.OBJECTS:
            had = {row["Id"]: row for row in old[name]}
            wanted = {row["Id"]: row for row in new[name]}
            for key in had.keys() - wanted.keys():
                space.drop(name, key)
            for key, source in wanted.items():
                if had.get(key) != source:
                    space.put(name, key, seeded(name, source, admin))
        tidy_campaigns(space, admin)


def tidy_campaigns(space: Space, admin: str) -> None:
    """Member statuses for campaigns that came; none and no members for what went."""
    campaigns = {row["Id"] for row in space.rows("Campaign")}
    with_statuses = {row["CampaignId"] for row in space.rows("CampaignMemberStatus")}
    for key in sorted(campaigns - with_statuses):
        add_member_statuses(space, key, admin)
    for row in space.rows("CampaignMemberStatus"):
        if row["CampaignId"] not in campaigns:
            space.drop("CampaignMemberStatus", row["Id"])
    for row in space.rows("CampaignMember"):
        people = (("Lead", row.get("LeadId")), ("Contact", row.get("ContactId")))
        here = any(key and space.get(name, key) for name, key in people)
        if row["CampaignId"] not in campaigns or not here:
            space.drop("CampaignMember", row["Id"])


def put_record(space: Space, name: str, values: Row, by: str, made: str = MADE) -> None:
    """Keep a record as seeded, with the audit fields filled in."""
    space.put(name, values["Id"], _audited(name, values, by, made))


def seeded(name: str, source: sampling.Source, by: str) -> Row:
    """A record of the CSV files as the first day has it."""
    return _audited(name, _typed(name, source), by, MADE)


def _audited(name: str, values: Row, by: str, made: str) -> Row:
    made = values.pop("CreatedDate", made)
    if name in ("Contact", "Lead", "User"):
        values["Name"] = person_name(values)
    return {
        **values,
        **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), made),
        **dict.fromkeys(("CreatedById", "LastModifiedById"), by),
    }


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


def _typed(name: str, source: sampling.Source) -> Row:
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
        **organization(config),
        PrimaryContact=f"{config.users[0].first_name} {config.users[0].last_name}",
        DefaultLocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        TimeZoneSidKey="America/New_York",
    )
    license_id = fixed_id("100", 1)
    put("UserLicense", Id=license_id, Name="Salesforce", LicenseDefinitionKey="SFDC")
    for name in PROFILES:
        key = profile_id(name)
        put("Profile", Id=key, Name=name, UserLicenseId=license_id, UserType="Standard")
    roles = sorted({row["UserRole"] for row in sampling.read_file("users")})
    for number, name in enumerate(roles, start=1):
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
        for row in sampling.read_file("users")
    ]
    for user, role, active in [*((user, None, user.active) for user in config.users), *owners]:
        email = user.username + (".invalid" if config.is_sandbox else "")
        values: Row = {
            "Id": user.user_id,
            "Username": user.username + config.username_suffix,
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "Email": email,
            "Alias": (user.first_name[:1] + user.last_name)[:8].lower(),
            "CommunityNickname": user.username.split("@")[0][:40],
            **_rights(user),
            "IsActive": active,
            "UserRoleId": role,
            "UserType": "Standard",
            "TimeZoneSidKey": "America/New_York",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
        }
        put_record(space, "User", values, admin, config.created)
