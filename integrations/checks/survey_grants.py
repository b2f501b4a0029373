"""Who else may see what is delivered: grants, profiles and roles of the org's users."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from integrations.checks.answers import (
    VIEW_ROLES,
    VIEW_SETUP,
    CannotAsk,
    FieldGrant,
    ObjectGrant,
    ProfileUsers,
    Role,
)
from integrations.checks.survey_names import DESCRIBED, ON_PAGES, PACKAGE
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.shapes import (
    flag,
    mapping,
    named,
    number,
    reading,
    record_id,
    record_id_or_none,
    text,
)
from integrations.salesforce.soql import in_list

_PEOPLE = "IsActive = true AND UserType = 'Standard'"
_HELD = "(SELECT PermissionSetId FROM PermissionSetAssignment WHERE Assignee.IsActive = true)"


def object_grants_asked(_: Round) -> Questions:
    """What the permission sets of active users grant on the objects of the list."""
    yield Question.query(
        "object_grants",
        "SELECT ParentId, Parent.Label, Parent.Profile.Name, SobjectType, PermissionsCreate, "
        "PermissionsRead, PermissionsEdit, PermissionsDelete, PermissionsViewAllRecords, "
        "PermissionsModifyAllRecords FROM ObjectPermissions "
        f"WHERE SobjectType IN {in_list(DESCRIBED)} AND ParentId IN {_HELD}",
    )


def object_grants_from(asked: Round) -> tuple[ObjectGrant, ...]:
    """A row for each permission set and object. An org always has some: none means not shown."""
    rows = asked.rows("object_grants", VIEW_SETUP)
    if not rows:
        raise CannotAsk(VIEW_SETUP)
    with reading("ObjectPermissions"):
        return tuple(
            ObjectGrant(
                **_holder(row),
                object_name=named(row["SobjectType"]),
                create=flag(row["PermissionsCreate"]),
                read=flag(row["PermissionsRead"]),
                edit=flag(row["PermissionsEdit"]),
                delete=flag(row["PermissionsDelete"]),
                view_all=flag(row["PermissionsViewAllRecords"]),
                modify_all=flag(row["PermissionsModifyAllRecords"]),
            )
            for row in rows
        )


def _holder(row: Mapping[str, Any]) -> dict[str, str]:
    parent = mapping(row.get("Parent"))
    return {
        "set_id": record_id(row["ParentId"]),
        "label": text(parent.get("Label")),
        "profile": text(mapping(parent.get("Profile")).get("Name")),
    }


def field_grants_asked(_: Round) -> Questions:
    """The same for the package's fields."""
    objects = (*ON_PAGES, PACKAGE.object_name)
    fields = [f"{name}.{field}" for name in objects for field in sorted(PACKAGE.fields_on(name))]
    yield Question.query(
        "field_grants",
        "SELECT ParentId, Parent.Label, Parent.Profile.Name, Field, PermissionsRead, "
        f"PermissionsEdit FROM FieldPermissions WHERE SobjectType IN {in_list(objects)} "
        f"AND Field IN {in_list(fields)} AND ParentId IN {_HELD}",
    )


def field_grants_from(asked: Round) -> tuple[FieldGrant, ...]:
    """A row for each permission set and field that it shows."""
    rows = asked.rows("field_grants", VIEW_SETUP)
    with reading("FieldPermissions"):
        return tuple(
            FieldGrant(
                **_holder(row),
                field=named(row["Field"]),
                read=flag(row["PermissionsRead"]),
                edit=flag(row["PermissionsEdit"]),
            )
            for row in rows
        )


def profiles_asked(_: Round) -> Questions:
    """Profiles with their active users, and the permission sets that those have."""
    yield Question.query(
        "profiles",
        f"SELECT ProfileId, Profile.Name, COUNT(Id) users FROM User WHERE {_PEOPLE} "
        "GROUP BY ProfileId, Profile.Name",
    )
    yield Question.query(
        "profile_sets",
        "SELECT Assignee.ProfileId, PermissionSetId FROM PermissionSetAssignment "
        "WHERE Assignee.IsActive = true AND Assignee.UserType = 'Standard' "
        "GROUP BY Assignee.ProfileId, PermissionSetId",
    )


def profiles_from(asked: Round) -> tuple[ProfileUsers, ...]:
    """Profiles with active users, the most used first."""
    rows = asked.rows("profiles", VIEW_SETUP)
    sets: defaultdict[str, set[str]] = defaultdict(set)
    with reading("users by profile"):
        for row in asked.body("profile_sets") if asked.known("profile_sets") else ():
            sets[record_id_or_none(row["ProfileId"])].add(record_id(row["PermissionSetId"]))
        found = [
            ProfileUsers(
                profile_id=record_id(row["ProfileId"]),
                name=text(row.get("Name")),
                users=number(row["users"]),
                set_ids=frozenset(sets[record_id(row["ProfileId"])]),
            )
            for row in rows
            if row.get("ProfileId")
        ]
    return tuple(sorted(found, key=lambda one: (-one.users, one.name)))


def roles_asked(_: Round) -> Questions:
    """All roles, and how many active users each has."""
    yield Question.query("roles", "SELECT Id, Name, ParentRoleId FROM UserRole")
    yield Question.query(
        "role_users",
        f"SELECT UserRoleId, COUNT(Id) users FROM User WHERE {_PEOPLE} GROUP BY UserRoleId",
    )


def roles_from(asked: Round) -> tuple[Role, ...]:
    """All roles, with the number of their active users."""
    rows = asked.rows("roles", VIEW_ROLES)
    counted = asked.rows("role_users", VIEW_ROLES)
    with reading("roles"):
        users = {record_id_or_none(row["UserRoleId"]): number(row["users"]) for row in counted}
        return tuple(
            Role(
                role_id=record_id(row["Id"]),
                name=text(row.get("Name")),
                parent_id=record_id_or_none(row.get("ParentRoleId")),
                users=users.get(record_id(row["Id"]), 0),
            )
            for row in rows
        )
