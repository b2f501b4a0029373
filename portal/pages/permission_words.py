"""A version of the permission list in words, as a person reads it in Setup."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.checks.permissions import PACKAGE, ObjectRow, permission_list
from integrations.checks.rights import whole_field

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")

RIGHTS = {
    "read": gettext_lazy("Read"),
    "create": gettext_lazy("Create"),
    "edit": gettext_lazy("Edit"),
    "delete": gettext_lazy("Delete"),
    "view_all": gettext_lazy("View All"),
    "modify_all": gettext_lazy("Modify All"),
}
SYSTEM = {
    "ApiEnabled": gettext_lazy("API Enabled"),
    "RunReports": gettext_lazy("Run Reports"),
    "ActivitiesAccess": gettext_lazy("Access Activities"),
    "ViewSetup": gettext_lazy("View Setup and Configuration"),
    "ViewRoles": gettext_lazy("View Roles and Role Hierarchy"),
    "ConvertLeads": gettext_lazy("Convert Leads"),
}
# Fields whose label is another than their API name taken apart.
FIELDS = {
    "ActivityDate": gettext_lazy("Due Date"),
    "IsClosed": gettext_lazy("Closed"),
    "NumberOfEmployees": gettext_lazy("Employees"),
    "StageName": gettext_lazy("Stage"),
    "WhoId": gettext_lazy("Name"),
}


@dataclass(frozen=True)
class PermissionLine:
    """One object, or the system permissions, and what is asked for."""

    name: str
    what: str


@dataclass(frozen=True)
class PermissionWords:
    """A version of the list: what it is called, how it differs, where it stands, its lines."""

    name: str
    differences: str
    source: str
    lines: list[PermissionLine]


def permission_words(version: str) -> PermissionWords:
    """The list of a customer in words; the newest where the version is not known any more."""
    listed = permission_list(version)
    lines = [PermissionLine(_object(row.name), _asked(row)) for row in listed.objects.values()]
    if PACKAGE not in listed.objects:
        # Written with every job change, whatever the list says (permissions.wants).
        words = _("Read, Create; edit on every field. Not on this list, but job changes write it")
        lines.append(PermissionLine(_object(PACKAGE), words))
    system = [str(SYSTEM.get(name) or _split(name)) for name in listed.system]
    if listed.marketing_user:
        system.append(_("Marketing User (a tick on the user)"))
    lines.append(PermissionLine(_("System permissions"), ", ".join(system)))
    return PermissionWords(listed.name, listed.differences, listed.source, lines)


def _object(name: str) -> str:
    return _("UserGems object") if name == PACKAGE else _split(name)


def _asked(row: ObjectRow) -> str:
    said = [", ".join(str(RIGHTS[right]) for right in row.rights)]
    if row.write:
        said.append(_("edit on %(fields)s") % {"fields": _fields(row.write)})
    if row.read:
        said.append(_("read on %(fields)s") % {"fields": _fields(row.read)})
    if row.package_fields:
        said.append(_("every field of the package"))
    if row.only_for:
        said.append(_("only if people are added to campaigns"))
    return "; ".join(said)


def _fields(names: Iterable[str]) -> str:
    words = {
        whole_field(name) or str(FIELDS.get(name) or _split(name.removesuffix("Id") or name))
        for name in names
    }
    return ", ".join(sorted(words))


def _split(name: str) -> str:
    """API names as words: "BillingPostalCode" as "Billing Postal Code"."""
    return _WORD.sub(" ", name)
