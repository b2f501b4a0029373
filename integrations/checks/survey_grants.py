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
from integrations.salesforce.soql import in_list, quote

_PEOPLE = "IsActive = true AND UserType = 'Standard'"
# An org can have hundreds of profiles: their rights would take many calls, and more than a person
# reads. Looked at are those that most people have.
MOST_PROFILES = 25


def profiles_chosen(asked: Round) -> list[str] | None:
    """Ids of the profiles that are looked at, where there are others; None for all of them."""
    if not asked.known("profiles"):
        return None
    with reading("users by profile"):
        counted = sorted(
            (-number(row["users"]), record_id(row["ProfileId"]))
            for row in asked.body("profiles")
            if row.get("ProfileId")
        )
    if len(counted) <= MOST_PROFILES:
        return None
    return [profile_id for _users, profile_id in counted[:MOST_PROFILES]]


def _held(asked: Round) -> str:
    """The permission sets of active users: of those profiles, and of the running user."""
    whose = "Assignee.IsActive = true"
    among = profiles_chosen(asked)
    if among is not None:
        whose += (
            f" AND (Assignee.ProfileId IN {in_list(among)} OR AssigneeId = {quote(asked.user_id)})"
        )
    return f"(SELECT PermissionSetId FROM PermissionSetAssignment WHERE {whose})"


def object_grants_asked(asked: Round) -> Questions:
    """What the permission sets of active users grant on the objects of the list."""
    yield _profiles_counted()
    if not asked.settled("profiles"):
        return
    yield Question.query(
        "object_grants",
        "SELECT ParentId, Parent.Label, Parent.Profile.Name, SobjectType, PermissionsCreate, "
        "PermissionsRead, PermissionsEdit, PermissionsDelete, PermissionsViewAllRecords, "
        "PermissionsModifyAllRecords FROM ObjectPermissions "
        f"WHERE SobjectType IN {in_list(DESCRIBED)} AND ParentId IN {_held(asked)}",
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


def field_grants_asked(asked: Round) -> Questions:
    """The same for the package's fields."""
    yield _profiles_counted()
    if not asked.settled("profiles"):
        return
    objects = (*ON_PAGES, PACKAGE.object_name)
    fields = [f"{name}.{field}" for name in objects for field in sorted(PACKAGE.fields_on(name))]
    yield Question.query(
        "field_grants",
        "SELECT ParentId, Parent.Label, Parent.Profile.Name, Field, PermissionsRead, "
        f"PermissionsEdit FROM FieldPermissions WHERE SobjectType IN {in_list(objects)} "
        f"AND Field IN {in_list(fields)} AND ParentId IN {_held(asked)}",
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


def _profiles_counted() -> Question:
    return Question.query(
        "profiles",
        f"SELECT ProfileId, Profile.Name, COUNT(Id) users FROM User WHERE {_PEOPLE} "
        "GROUP BY ProfileId, Profile.Name",
    )


def profiles_asked(asked: Round) -> Questions:
    """Profiles with their active users, and the permission sets that those have."""
    yield _profiles_counted()
    yield _profile_sets("profile_sets")
    among = profiles_chosen(asked)
    if among is not None and asked.settled("profile_sets") and not asked.known("profile_sets"):
        # An aggregate has one answer of 2,000 rows and no second page: refused as a whole.
        yield _profile_sets("profile_sets_chosen", f"AND Assignee.ProfileId IN {in_list(among)} ")


def _profile_sets(key: str, whose: str = "") -> Question:
    return Question.query(
        key,
        "SELECT Assignee.ProfileId, PermissionSetId FROM PermissionSetAssignment "
        f"WHERE Assignee.IsActive = true AND Assignee.UserType = 'Standard' {whose}"
        "GROUP BY Assignee.ProfileId, PermissionSetId",
    )


def profiles_from(asked: Round) -> tuple[ProfileUsers, ...]:
    """Profiles with active users, the most used first; at most `MOST_PROFILES`."""
    rows = asked.rows("profiles", VIEW_SETUP)
    sets: defaultdict[str, set[str]] = defaultdict(set)
    with reading("users by profile"):
        keys = ("profile_sets", "profile_sets_chosen")
        known = next((asked.body(key) for key in keys if asked.known(key)), ())
        for row in known:
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
    chosen = profiles_chosen(asked)
    if chosen is not None:
        found = [one for one in found if one.profile_id in chosen]
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
