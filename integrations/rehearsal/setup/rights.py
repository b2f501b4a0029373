"""Permission sets, what they grant, and the rights of the running user."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import STANDARD_USER, Access
from integrations.rehearsal.config import ADMIN_PROFILE, API_PROFILE
from integrations.rehearsal.errors import refuse
from integrations.rehearsal.object_rights import ACTIVITIES, RIGHTS
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.schema.package import NAMESPACE
from integrations.rehearsal.schema.setup_objects import PERMISSIONS
from integrations.rehearsal.setup.made import NO_ID, made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

# The hand-made set that gives an API-only user what its profile does not.
INTEGRATION_SET = "UserGems_Integration"
MOST_RECORDS = 200


@dataclass(frozen=True)
class Holder:
    """What grants rights: a profile's own permission set, or one made by hand."""

    set_id: str
    name: str
    label: str
    profile_id: str | None
    permissions: frozenset[str]
    # Whose eyes the data rights are seen with; None: it grants none.
    access: Access | None


def holders(org: Org) -> list[Holder]:
    """All permission sets of the org."""
    found = []
    for profile in org.space.rows("Profile"):
        name = profile["Name"]
        user = _somebody(org, profile["Id"])
        admin = name == ADMIN_PROFILE
        found.append(
            Holder(
                setup_id(org, "0PS", name),
                f"X{profile['Id'][:15]}",
                profile["Id"][:15],
                profile["Id"],
                frozenset(PERMISSIONS if admin else () if name == API_PROFILE else STANDARD_USER),
                Access(org, user) if user and name != API_PROFILE else None,
            )
        )
    user = next((row for key in _api_users(org) if (row := org.space.get("User", key))), None)
    if user:
        access = Access(org, user)
        label = "UserGems Integration"
        key = setup_id(org, "0PS", INTEGRATION_SET)
        found.append(Holder(key, INTEGRATION_SET, label, None, access.permissions, access))
    return found


def _somebody(org: Org, profile_id: str) -> Row | None:
    rows = org.space.rows("User")
    return next((row for row in rows if row.get("ProfileId") == profile_id), None)


def _api_users(org: Org) -> list[str]:
    return [user.user_id for user in org.config.users if user.profile != ADMIN_PROFILE]


def _permission_sets(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=holder.set_id,
            Name=holder.name,
            Label=holder.label,
            Type="Profile" if holder.profile_id else "Regular",
            IsCustom=holder.profile_id is None,
            IsOwnedByProfile=holder.profile_id is not None,
            ProfileId=holder.profile_id,
            **{f"Permissions{name}": name in holder.permissions for name in PERMISSIONS},
        )
        for holder in holders(org)
    ]


def _assignments(access: Access) -> list[Row]:
    org = access.org
    found = holders(org)
    by_profile = {holder.profile_id: holder for holder in found if holder.profile_id}
    own = next((holder for holder in found if holder.name == INTEGRATION_SET), None)
    api_users = set(_api_users(org))
    rows = []
    for user in org.space.rows("User"):
        given = [
            by_profile.get(str(user.get("ProfileId"))),
            own if user["Id"] in api_users else None,
        ]
        for holder in filter(None, given):
            row_id = setup_id(org, "0Pa", user["Id"], holder.set_id)
            values = {"PermissionSetId": holder.set_id, "AssigneeId": user["Id"], "IsActive": True}
            rows.append(made(org, Id=row_id, **values))
    return rows


def _data_objects(org: Org) -> Iterable[SObject]:
    return (item for item in org.schema.values() if item.layoutable)


def _field_permissions(access: Access) -> list[Row]:
    """One row for each field that a set lets its users see; hidden fields have none."""
    org = access.org
    rows = []
    for holder in holders(org):
        for sobject in _data_objects(org):
            if holder.access is None or holder.access.sobject(sobject.name) is None:
                continue
            for field in sobject.fields:
                # Required and system fields are always visible and have no rows.
                if not field.permissionable or field.required:
                    continue
                if not holder.access.readable(sobject, field):
                    continue
                name = f"{sobject.name}.{field.name}"
                rows.append(
                    made(
                        org,
                        Id=setup_id(org, "01k", holder.set_id, name),
                        ParentId=holder.set_id,
                        SobjectType=sobject.name,
                        Field=name,
                        PermissionsRead=True,
                        PermissionsEdit=holder.access.writable(sobject, field, "update"),
                    )
                )
    return rows


def object_rights(access: Access, sobject: SObject) -> dict[str, bool]:
    """What a user may do with an object's records; there is no sharing between users here."""
    found = access.rights(sobject)
    allowed = {
        "Create": access.may_create(sobject),
        "Edit": access.may_edit(sobject),
        "Delete": access.may_delete(sobject),
    }
    return {name: allowed.get(name, name in found) for name in RIGHTS.values()}


def _object_permissions(access: Access) -> list[Row]:
    """One row for each object that a set grants something on; activities have none."""
    org = access.org
    rows = []
    for holder in holders(org):
        for sobject in _data_objects(org):
            if sobject.name in ACTIVITIES:
                continue
            if holder.access is None or holder.access.sobject(sobject.name) is None:
                continue
            rights = object_rights(holder.access, sobject)
            rows.append(
                made(
                    org,
                    Id=setup_id(org, "110", holder.set_id, sobject.name),
                    ParentId=holder.set_id,
                    SobjectType=sobject.name,
                    **{f"Permissions{name}": granted for name, granted in rights.items()},
                )
            )
    return rows


def _own_permissions(access: Access) -> list[Row]:
    """One row, about the running user."""
    key = access.user["Id"]
    flags = {f"Permissions{name}": name in access.permissions for name in PERMISSIONS}
    return [{"Id": "0UP" + key[3:15] + ids.suffix("0UP" + key[3:15]), **flags}]


def _licenses(access: Access) -> list[Row]:
    org = access.org
    if not org.package:
        return []
    # -1: a licence for the whole site.
    values: dict[str, Any] = {"Status": "Active", "AllowedLicenses": -1, "UsedLicenses": 0}
    key = setup_id(org, "050", NAMESPACE)
    return [made(org, Id=key, NamespacePrefix=NAMESPACE, IsProvisioned=True, **values)]


def record_access(access: Access, user_ids: list[str], record_ids: list[str]) -> list[Row]:
    """UserRecordAccess: only for named users and at most 200 named records.

    Raises SalesforceError (MALFORMED_QUERY) if the query names none or too many; its wording is
    not confirmed.
    """
    if not user_ids or not record_ids or len(record_ids) > MOST_RECORDS:
        text = (
            "UserRecordAccess can only be queried for a UserId and at most "
            f"{MOST_RECORDS} RecordIds"
        )
        raise refuse("MALFORMED_QUERY", text)
    return [
        _record_access(access, user_id, record_id)
        for user_id in user_ids
        for record_id in record_ids
    ]


def _record_access(access: Access, user_id: str, record_id: str) -> Row:
    org = access.org
    user = org.space.get("User", user_id)
    found = next((item for item in org.schema.values() if item.key_prefix == record_id[:3]), None)
    record = org.space.get(found.name, record_id) if found else None
    rights = dict.fromkeys(("Read", "Edit", "Delete", "Transfer", "All"), False)
    if user and found and record and not record.get("IsDeleted"):
        theirs = Access(org, user)
        if theirs.sobject(found.name):
            given = object_rights(theirs, found)
            rights |= {name: given[name] for name in ("Read", "Edit", "Delete")}
            rights |= {"Transfer": given["Edit"], "All": theirs.is_admin}
    most = next((name for name in reversed(rights) if rights[name]), "None")
    flags = {f"Has{name}Access": granted for name, granted in rights.items()}
    values = {"UserId": user_id, "RecordId": record_id, "MaxAccessLevel": most}
    return {"Id": NO_ID, **values, **flags}


MAKERS = {
    "PermissionSet": _permission_sets,
    "PermissionSetAssignment": _assignments,
    "FieldPermissions": _field_permissions,
    "ObjectPermissions": _object_permissions,
    "UserPermissionAccess": _own_permissions,
    "PackageLicense": _licenses,
}
