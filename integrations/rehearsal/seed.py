"""The first day of an org: its users, and the customer's CRM records from the CSV files."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from integrations.rehearsal import campaigns, ids, sampling
from integrations.rehearsal.config import SALES_PROFILE, CustomField, OrgConfig, UserConfig
from integrations.rehearsal.keeping import MADE, audited, put_record
from integrations.rehearsal.schema import WITHOUT_PACKAGE
from integrations.rehearsal.schema.setup_objects import SHARING
from integrations.rehearsal.store import Row, Space
from integrations.rehearsal.users import PROFILE_LICENSES

LEAD_STATUSES = (
    "Open - Not Contacted",
    "Open",
    "Working",
    "Nurturing",
    "Disqualified",
    "Closed - Converted",
)
LICENSE_DEFINITIONS = {"Salesforce": "SFDC", "Salesforce Integration": "SFDC_INTEGRATION"}
IN_DAYS = re.compile(r"in (\d{1,4}) days")


def fixed_id(prefix: str, number: int) -> str:
    """Ids of set-up records, the same in an org and its copies."""
    return ids.make(prefix, number, instance="7z")


def profile_id(name: str) -> str:
    """The id of a profile by name."""
    return fixed_id("00e", list(PROFILE_LICENSES).index(name) + 1)


def role_id(config: OrgConfig, name: str) -> str | None:
    """The id of a role by name; None for no role."""
    names = [role.name for role in config.roles]
    return fixed_id("00E", names.index(name) + 1) if name in names else None


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
            campaigns.add_member_statuses(space, campaign["Id"], admin)
        campaigns.settle(config, space)
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
                _keep(space, "User", {**known, **_rights(config, user)})
        for source in sampling.read_file("users"):
            known = space.get("User", source["Id"])
            if known:
                _keep(space, "User", {**known, "IsActive": _is_active(config, source)})
        for custom in config.custom_fields:
            if custom.filled:
                _fill_own_field(space, custom)
        campaigns.settle(config, space)


def _fill_own_field(space: Space, custom: CustomField) -> None:
    """What the customer's people have put into a field of their own."""
    for row, value in zip(space.rows(custom.sobject), cycle(custom.filled)):
        if value and custom.name not in row:
            space.put(custom.sobject, row["Id"], {**row, custom.name: value})


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
        **{f"Default{name}Access": level for name, level in sharing(config).items()},
    }


def sharing(config: OrgConfig) -> dict[str, str]:
    """Org-wide default sharing by object: public, unless the configuration says otherwise."""
    special = {"Contact": "ControlledByParent", "Lead": "ReadEditTransfer", "Campaign": "All"}
    return {name: config.sharing.get(name, special.get(name, "Edit")) for name in SHARING}


def _trial_end(text: str | None) -> str | None:
    """When a trial ends: a point in time as it is, or "in 30 days" counted from today."""
    found = IN_DAYS.fullmatch(text or "")
    if found is None:
        return text
    day = datetime.now(UTC).date() + timedelta(days=int(found[1]))
    return f"{day.isoformat()}T00:00:00.000+0000"


def _is_active(config: OrgConfig, row: sampling.Source) -> bool:
    """Whether a record owner of the CRM file is still there."""
    name = row["Username"].partition("@")[0]
    return row["IsActive"] == "true" and name not in config.inactive_users


def _rights(config: OrgConfig, user: UserConfig) -> Row:
    return {
        "IsActive": user.active,
        "UserRoleId": role_id(config, user.role),
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
        campaigns.tidy(space, admin)


def seeded(name: str, source: sampling.Source, by: str) -> Row:
    """A record of the CSV files as the first day has it."""
    return audited(name, _typed(name, source), by, MADE)


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
    licenses = {
        name: fixed_id("100", number)
        for number, name in enumerate(sorted(set(PROFILE_LICENSES.values())), start=1)
    }
    for name, key in licenses.items():
        definition = LICENSE_DEFINITIONS[name]
        put("UserLicense", Id=key, Name=name, LicenseDefinitionKey=definition)
    for name, license_name in PROFILE_LICENSES.items():
        key, licensed = profile_id(name), licenses[license_name]
        put("Profile", Id=key, Name=name, UserLicenseId=licensed, UserType="Standard")
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
    owners = [
        UserConfig(
            row["Id"],
            f"{row['Username'].partition('@')[0]}@{config.domain}",
            row["FirstName"],
            row["LastName"],
            SALES_PROFILE,
            active=_is_active(config, row),
            role=row["UserRole"],
        )
        for row in sampling.read_file("users")
    ]
    for user in (*config.users, *owners):
        email = user.username + (".invalid" if config.is_sandbox else "")
        values: Row = {
            "Id": user.user_id,
            "Username": user.username + config.username_suffix,
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "Email": email,
            "Alias": (user.first_name[:1] + user.last_name)[:8].lower(),
            "CommunityNickname": user.username.split("@")[0][:40],
            **_rights(config, user),
            "UserType": "Standard",
            "TimeZoneSidKey": "America/New_York",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
        }
        put_record(space, "User", values, admin, config.created)
