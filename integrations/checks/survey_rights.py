"""Who the connection is and what it may do: questions to an org, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from integrations.checks.answers import (
    VIEW_SETUP,
    CannotAsk,
    GrantingSet,
    OrganizationFacts,
    OwnerFacts,
    UserFacts,
)
from integrations.checks.survey_names import ADMINISTRATOR, DESCRIBED, RIGHTS, SHARED
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.describe import ObjectDescribe, object_from
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import is_id
from integrations.salesforce.shapes import (
    flag,
    items,
    mapping,
    odd,
    reading,
    record_id,
    record_id_or_none,
    text,
)
from integrations.salesforce.soql import in_list, quote
from integrations.salesforce.together import Read

_ORGANIZATION = "Id, Name, IsSandbox, OrganizationType, TrialExpirationDate, CreatedDate"
_SHARING = ", ".join(f"Default{name}Access" for name in SHARED)
_USER = "Id, Username, Name, IsActive, UserType, UserPermissionsMarketingUser"


def organization_asked(_: Round) -> Questions:
    """The row of Organization, with the default sharing of its objects."""
    before, after = f"SELECT {_ORGANIZATION}", " FROM Organization LIMIT 1"
    yield Question.query("organization", f"{before}, {_SHARING}{after}", instead=before + after)


def organization_from(asked: Round) -> OrganizationFacts:
    """The row of Organization."""
    rows = asked.rows("organization", VIEW_SETUP)
    if not rows:
        raise odd("Organization has no row")
    (row,) = rows
    with reading("Organization"):
        created = text(row.get("CreatedDate"))
        return OrganizationFacts(
            org_id=record_id(row["Id"]),
            name=text(row.get("Name")),
            is_sandbox=flag(row["IsSandbox"]),
            edition=text(row.get("OrganizationType")),
            trial_ends=text(row.get("TrialExpirationDate")),
            created=datetime.fromisoformat(created) if created else None,
            sharing={
                name: text(row[f"Default{name}Access"])
                for name in SHARED
                if row.get(f"Default{name}Access")
            },
        )


def _users_asked(asked: Round) -> Questions:
    """The rows of the running user, and of those whom the settings name."""
    named = (asked.context.default_owner_id, *(one for one, _name in asked.context.turns))
    # An odd id would spoil the whole question.
    ids = dict.fromkeys((asked.user_id, *(one for one in named if is_id(one, "005"))))
    after = f"FROM User WHERE Id IN {in_list(one[:15] for one in ids)}"
    yield Question.query(
        "users",
        f"SELECT {_USER}, UserRoleId, ProfileId, Profile.Name, Profile.UserLicense.Name {after}",
        instead=f"SELECT {_USER}, ProfileId, Profile.Name {after}",
    )


def user_asked(asked: Round) -> Questions:
    """Who the connection acts as, with licenses and what may stand in the way."""
    yield from _users_asked(asked)
    me = quote(asked.user_id)
    yield Question.query("login", f"SELECT UserId, IsFrozen FROM UserLogin WHERE UserId = {me}")
    yield Question.query(
        "set_licenses",
        "SELECT PermissionSetLicense.DeveloperName FROM PermissionSetLicenseAssign "
        f"WHERE AssigneeId = {me}",
    )
    yield from system_permissions_asked(asked)
    yield from _role_asked(asked)
    yield Question("userinfo", alone=lambda org: org.userinfo())


def _role_asked(asked: Round) -> Questions:
    """The name of the user's role, where the org shows which it is."""
    if asked.known("users") and (role := _user_row(asked, asked.user_id).get("UserRoleId")):
        yield Question.query("role", f"SELECT Id, Name FROM UserRole WHERE Id = {quote(role)}")


def user_from(asked: Round) -> UserFacts:
    """The running user, with what the org lets it know of itself."""
    row = _user_row(asked, asked.user_id)
    with reading("User"):
        profile = mapping(row.get("Profile"))
        return UserFacts(
            user_id=record_id(row["Id"]),
            username=text(row.get("Username")),
            name=text(row.get("Name")),
            active=flag(row["IsActive"]),
            frozen=_frozen(asked),
            profile=text(profile.get("Name")),
            license=text(mapping(profile.get("UserLicense")).get("Name")),
            role_id=record_id_or_none(row.get("UserRoleId")),
            role=_role(asked),
            marketing_user=flag(row.get("UserPermissionsMarketingUser")),
            administrator=_administrator(asked, text(profile.get("Name"))),
            app_installed=_app_installed(asked),
            set_licenses=_set_licenses(asked),
        )


def _user_row(asked: Round, user_id: str) -> Mapping[str, Any]:
    for row in asked.rows("users", VIEW_SETUP):
        if str(row.get("Id"))[:15] == user_id[:15]:
            return row
    raise odd("User has no row")


def _side_rows(asked: Round, key: str) -> list[Mapping[str, Any]] | None:
    """Rows that many orgs do not show; None there, and where this one question failed."""
    return items(asked.body(key)) if asked.known(key) else None


def _frozen(asked: Round) -> bool | None:
    rows = _side_rows(asked, "login")
    return flag(rows[0].get("IsFrozen")) if rows else None


def _set_licenses(asked: Round) -> tuple[str, ...] | None:
    rows = _side_rows(asked, "set_licenses")
    if rows is None:
        return None
    names = (text(mapping(row.get("PermissionSetLicense")).get("DeveloperName")) for row in rows)
    return tuple(sorted(filter(None, names)))


def _role(asked: Round) -> str:
    rows = _side_rows(asked, "role")
    return text(rows[0].get("Name")) if rows else ""


def _administrator(asked: Round, profile: str) -> bool | None:
    """Whether they see everything; by the profile where the org does not say."""
    try:
        modifies_all = system_permissions_from(asked).get("ModifyAllData")
    except (CannotAsk, SalesforceError):
        modifies_all = None
    if modifies_all is None and profile:
        return profile == ADMINISTRATOR
    return modifies_all


def _app_installed(asked: Round) -> bool | None:
    found = asked.body("userinfo").get("is_app_installed") if asked.known("userinfo") else None
    return found if isinstance(found, bool) else None


def owner_asked(asked: Round) -> Questions:
    """The owner whom the settings name."""
    if asked.context.default_owner_id:
        yield from _users_asked(asked)


def owner_from(asked: Round) -> OwnerFacts | None:
    """The owner whom the settings name; None where there is none, or it is not in this org."""
    wanted = asked.context.default_owner_id
    return _named_user(asked, wanted) if wanted else None


def turn_owners_asked(asked: Round) -> Questions:
    """The people in turn of the settings."""
    if asked.context.turns:
        yield from _users_asked(asked)


def turn_owners_from(asked: Round) -> Mapping[str, OwnerFacts]:
    """Those of them who are in this org, by id as the settings have it."""
    found = {one: _named_user(asked, one) for one, _name in asked.context.turns}
    return {one: owner for one, owner in found.items() if owner is not None}


def _named_user(asked: Round, wanted: str) -> OwnerFacts | None:
    for row in asked.rows("users", VIEW_SETUP):
        if str(row.get("Id"))[:15] == wanted[:15]:
            with reading("User"):
                name, username = text(row.get("Name")), text(row.get("Username"))
                return OwnerFacts(record_id(row["Id"]), name, username, flag(row["IsActive"]))
    return None


def system_permissions_asked(asked: Round) -> Questions:
    """First which there are, because an unknown column spoils a whole query."""
    yield Question("rights_known", Read.describe("UserPermissionAccess"))
    if asked.known("rights_known"):
        known = {field.get("name") for field in asked.body("rights_known").get("fields") or ()}
        columns = [f"Permissions{name}" for name in RIGHTS if f"Permissions{name}" in known]
        if columns:
            yield Question.query("rights", f"SELECT {', '.join(columns)} FROM UserPermissionAccess")


def system_permissions_from(asked: Round) -> Mapping[str, bool]:
    """By name without "Permissions"; what the org does not know is missing."""
    if not asked.known("rights_known"):
        asked.allowed("rights_known", VIEW_SETUP)
    if not asked.settled("rights"):
        return {}
    rows = asked.rows("rights", VIEW_SETUP)
    if not rows:
        raise odd("UserPermissionAccess has no row")
    return {
        name.removeprefix("Permissions"): value
        for name, value in rows[0].items()
        if name.startswith("Permissions") and isinstance(value, bool)
    }


def permission_sets_asked(asked: Round) -> Questions:
    """The permission sets of the running user, the profile's own among them."""
    yield Question.query(
        "permission_sets",
        "SELECT PermissionSetId, PermissionSet.Name, PermissionSet.Label, "
        "PermissionSet.NamespacePrefix, PermissionSet.IsOwnedByProfile, PermissionSet.Profile.Name "
        f"FROM PermissionSetAssignment WHERE AssigneeId = {quote(asked.user_id)}",
    )


def permission_sets_from(asked: Round) -> tuple[GrantingSet, ...]:
    """The permission sets of the running user; the one behind the profile bears its name."""
    found = []
    with reading("PermissionSetAssignment"):
        for row in asked.rows("permission_sets", VIEW_SETUP):
            given = mapping(row.get("PermissionSet"))
            found.append(
                GrantingSet(
                    set_id=record_id(row["PermissionSetId"]),
                    name=text(given.get("Name")),
                    label=text(given.get("Label")),
                    profile=text(mapping(given.get("Profile")).get("Name"))
                    if given.get("IsOwnedByProfile")
                    else "",
                    namespace=text(given.get("NamespacePrefix")),
                )
            )
    return tuple(found)


def described_asked(_: Round, names: Iterable[str] = DESCRIBED) -> Questions:
    """The objects that the permission list names."""
    for name in names:
        yield Question(f"describe.{name}", Read.describe(name))


def described_from(asked: Round, names: Iterable[str] = DESCRIBED) -> Mapping[str, ObjectDescribe]:
    """The objects that the running user sees. Raises SalesforceError where the org did not say."""
    found = {}
    for name in names:
        body = asked.or_none(f"describe.{name}")
        if body is not None:
            found[name] = object_from(body, name)
    return found
