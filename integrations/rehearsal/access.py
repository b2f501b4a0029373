"""What the running user may see and do: object rights and field-level security."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.rehearsal import object_rights
from integrations.rehearsal.config import ADMIN_PROFILE
from integrations.rehearsal.faults import Fault
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.schema.setup_objects import PERMISSIONS
from integrations.rehearsal.seed import profile_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

STANDARD_USER = (
    "ApiEnabled",
    "RunReports",
    "ActivitiesAccess",
    "EditTask",
    "EditEvent",
    "ConvertLeads",
)
# Set on a user who may not use a browser; no administrator has it.
API_ONLY = "ApiUserOnly"


class Access:
    """The rights of one user in one org, as they are at this moment."""

    def __init__(self, org: Org, user: Row, facts: Mapping[str, str] | None = None) -> None:
        """`facts` are path and method of the request, by which faults are matched."""
        self.org = org
        # Asked for each field of a describe, and the same for the whole request.
        self._config = config = org.config
        self._facts = {**(facts or {}), "org": config.key}
        self.user = user
        self.is_admin = user.get("ProfileId") == profile_id(ADMIN_PROFILE)
        configured = {item.user_id: item for item in config.users}.get(user["Id"])
        self._is_rep = configured is None and not self.is_admin
        package = org.package
        self._package_hidden = bool(package and package["security"] == "admins") or (
            self._is_rep and config.reps_without_access
        )
        granted = frozenset(configured.permissions if configured else STANDARD_USER)
        if configured and configured.api_only:
            granted |= {API_ONLY}
        if configured and not self.is_admin:
            granted |= config.extra_permissions
        if self.is_admin:
            granted = frozenset(PERMISSIONS) - {API_ONLY}
        self.permissions = granted - config.removed_permissions
        self._rights: dict[str, frozenset[str]] = {}
        self.is_marketing_user = bool(user.get("UserPermissionsMarketingUser")) and (
            configured is None or configured.marketing_user
        )

    def sobject(self, name: str, tooling: bool = False) -> SObject | None:
        """An object this user knows, by API name in any case; None if absent or hidden."""
        return self._known(self.org.schema.get(name.lower()), tooling)

    def _known(self, found: SObject | None, tooling: bool = False) -> SObject | None:
        if found is None or (found.tooling != tooling and not found.both_apis):
            return None
        if found.right and found.right not in self.permissions:
            return None
        if found.production_only and self._config.is_sandbox:
            return None
        if not self.is_admin and found.name in self._config.hidden_objects:
            return None
        if found.package and not self.is_admin and self._package_hidden:
            return None
        return found

    def sobjects(self) -> list[SObject]:
        """All objects of the normal API this user knows."""
        found = (self._known(item) for item in self.org.schema.values())
        return sorted((item for item in found if item), key=lambda item: item.name)

    def fault(self, kind: str, **facts: str) -> Fault | None:
        """A waiting fault of this kind that fits the request; it is used up once."""
        return self.org.faults.take((kind,), **self._facts, **facts)

    def rights(self, sobject: SObject) -> frozenset[str]:
        """The user's rights on an object's records: Create, Read, Edit, Delete, ViewAllRecords …"""
        found = self._rights.get(sobject.name)
        if found is None:
            found = self._rights[sobject.name] = self._found_rights(sobject)
        return found

    def _found_rights(self, sobject: SObject) -> frozenset[str]:
        if self.is_admin:
            found = object_rights.ALL
        elif self._is_rep:
            found = object_rights.granted(sobject, object_rights.SALES, self.permissions)
        else:
            table, extra = object_rights.INTEGRATION, self._config.extra_rights
            found = object_rights.granted(sobject, table, self.permissions, extra)
        if not self.is_admin and sobject.name in self._config.no_create:
            found -= {"Create"}
        if not self.is_admin and sobject.name in self._config.no_edit:
            found -= {"Edit", "Delete"}
        if sobject.name == "Campaign" and not self.is_marketing_user:
            found -= {"Create"}
        if self._is_rep and self._config.reps_read_only and sobject.package:
            found &= {"Read"}
        return found

    def may_create(self, sobject: SObject) -> bool:
        """Whether the user has the Create right on the object."""
        return sobject.createable and "Create" in self.rights(sobject)

    def may_edit(self, sobject: SObject) -> bool:
        """Whether the user has the Edit right on the object."""
        return sobject.updateable and "Edit" in self.rights(sobject)

    def may_delete(self, sobject: SObject) -> bool:
        """Whether the user has the Delete right on the object."""
        return sobject.deletable and "Delete" in self.rights(sobject)

    def readable(self, sobject: SObject, field: Field) -> bool:
        """Whether field-level security lets the user see the field."""
        if self.is_admin:
            return True
        if f"{sobject.name}.{field.name}" in self._config.hidden_fields:
            return False
        return not (self._package_hidden and _is_packages(field) and sobject.package is None)

    def field(self, sobject: SObject, name: str) -> Field | None:
        """A field this user may read, by API name in any case; None if absent or hidden."""
        found = sobject.field(name)
        return found if found and self.readable(sobject, found) else None

    def relationship(self, sobject: SObject, name: str) -> Field | None:
        """The reference behind a relationship's name, such as `Owner`."""
        found = sobject.by_relationship.get(name.lower())
        return found if found and self.readable(sobject, found) else None

    def writable(self, sobject: SObject, field: Field, operation: str) -> bool:
        """Whether the field may be set on `create` or `update`."""
        if operation == "create":
            allowed = field.createable or field.name == "OwnerId"
            allowed = allowed and self.may_create(sobject)
        else:
            allowed = field.updateable or field.name == "OwnerId"
            allowed = allowed and self.may_edit(sobject)
        if self._is_rep and self._config.reps_read_only and _is_packages(field):
            return False
        full_name = f"{sobject.name}.{field.name}"
        return allowed and (self.is_admin or full_name not in self._config.read_only_fields)


def _is_packages(field: Field) -> bool:
    """Whether a package brought the field: its name has a namespace."""
    return field.custom and "__" in field.name[:-3]
