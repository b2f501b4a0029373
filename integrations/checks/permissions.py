"""The permission list: what the vendor asks to be granted, as data with a version (domain, 5).

`permission_list.toml` holds the versions; this reads and checks the file, and joins a version with
what job changes really write.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from integrations.checks.base import CheckContext
from integrations.salesforce.ids import checked_name
from integrations.salesforce.manifest import MANIFESTS, PackageManifest

DEFAULT_VERSION = "V4"
FILE = Path(__file__).with_name("permission_list.toml")
# How the file calls the package's own object.
PACKAGE = "package"
RIGHTS = ("read", "create", "edit", "delete", "view_all", "modify_all")
# Where people and companies are searched before anything is written, whatever the settings.
_LOOKED_UP = ("Contact", "Lead", "Account")
_VERSION_KEYS = {"name", "source", "differences", "system", "marketing_user", "objects"}
_OBJECT_KEYS = {"rights", "write", "read", "package_fields", "only_for"}


@dataclass(frozen=True)
class ObjectRow:
    """What a version asks for on one object. `name` may be PACKAGE."""

    name: str
    rights: tuple[str, ...]
    write: frozenset[str]
    read: frozenset[str]
    package_fields: bool
    only_for: str

    def applies(self, context: CheckContext) -> bool:
        """Whether the settings make it necessary; yes while nothing is chosen."""
        return self.only_for != "campaign" or uses_campaign(context)


@dataclass(frozen=True)
class PermissionList:
    """One version of the vendor's list."""

    version: str
    name: str
    source: str
    differences: str
    system: tuple[str, ...]
    marketing_user: bool
    objects: Mapping[str, ObjectRow]


@dataclass(frozen=True)
class ObjectWants:
    """What is wanted on one object: by delivery, which fails without it, and by the list."""

    name: str
    rights: frozenset[str] = frozenset()
    creates: frozenset[str] = frozenset()  # fields filled on creating
    updates: frozenset[str] = frozenset()  # fields filled on what exists
    listed_rights: frozenset[str] = frozenset()
    listed_write: frozenset[str] = frozenset()
    listed_read: frozenset[str] = frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """Every field that is wanted on it."""
        return self.creates | self.updates | self.listed_write | self.listed_read


@dataclass
class _Gathered:
    rights: set[str] = field(default_factory=set)
    row: ObjectRow | None = None


def uses_campaign(context: CheckContext) -> bool:
    """Whether people are added to a campaign, or still may be: no settings are saved."""
    return bool(context.campaign_id or context.campaign_name or not context.record_mode)


@cache
def permission_lists() -> Mapping[str, PermissionList]:
    """All versions by their name, in the order of the file. ValueError for a file that is wrong."""
    return lists_from(tomllib.loads(FILE.read_text(encoding="utf-8")))


def permission_list(version: str) -> PermissionList:
    """The list of a customer; the newest where the stored name is not known any more."""
    return permission_lists().get(version) or permission_lists()[DEFAULT_VERSION]


def permission_list_choices() -> list[tuple[str, str]]:
    """Versions with their names, to choose from for a customer."""
    return [(version, found.name) for version, found in permission_lists().items()]


def lists_from(data: Mapping[str, Any]) -> Mapping[str, PermissionList]:
    """The versions of parsed TOML. ValueError, with the place, for what the file may not hold."""
    if set(data) != {"versions"} or DEFAULT_VERSION not in data["versions"]:
        raise ValueError(f"permission_list.toml: needs [versions], with {DEFAULT_VERSION}.")
    found: dict[str, PermissionList] = {}
    for version, given in data["versions"].items():
        known = dict(given)
        base = known.pop("same_as", None)
        if base is not None:
            if base not in found:
                raise ValueError(f"{version}: same_as names no version before it.")
            known = {**data["versions"][base], **known}
        _keys(version, known, _VERSION_KEYS, _VERSION_KEYS)
        found[version] = PermissionList(
            version=version,
            name=_words(version, known, "name"),
            source=_words(version, known, "source"),
            differences=_words(version, known, "differences"),
            system=_names(f"{version}.system", known["system"]),
            marketing_user=_truth(f"{version}.marketing_user", known["marketing_user"]),
            objects={
                name: _row(f"{version}.{name}", name, row) for name, row in known["objects"].items()
            },
        )
    return found


def wants(context: CheckContext, manifest: PackageManifest | None) -> list[ObjectWants]:
    """What is wanted on each object: by what plans read and write, and by the customer's version.

    Whoever is added to a campaign needs Read on it, or Salesforce refuses the member.

    Without a manifest (no package installed) its object and fields are left out, also those that
    plans would fill.
    """
    listed = permission_list(context.permission_list)
    gathered: dict[str, _Gathered] = {}
    for name in (*_LOOKED_UP, *(["Campaign"] if context.campaign_id else [])):
        gathered.setdefault(name, _Gathered()).rights.add("read")
    for right, written in (("create", context.fields_created), ("edit", context.fields_updated)):
        for name in _known(written, manifest):
            gathered.setdefault(name, _Gathered()).rights.update({"read", right})
    if manifest is not None and manifest.object_name:
        gathered.setdefault(manifest.object_name, _Gathered()).rights.update({"read", "create"})
    for row in listed.objects.values():
        if row.name == PACKAGE and not (manifest and manifest.object_name):
            continue
        if row.applies(context):
            gathered.setdefault(_api_name(row.name, manifest), _Gathered()).row = row
    return [_wants_of(name, found, context, manifest) for name, found in gathered.items()]


def _wants_of(
    name: str, found: _Gathered, context: CheckContext, manifest: PackageManifest | None
) -> ObjectWants:
    row = found.row
    creates = _known(context.fields_created.get(name, frozenset()), manifest)
    own = manifest.fields_on(name) if manifest else frozenset()
    if manifest and name == manifest.object_name:
        creates = creates | own
    return ObjectWants(
        name=name,
        rights=frozenset(found.rights),
        creates=creates,
        updates=_known(context.fields_updated.get(name, frozenset()), manifest),
        listed_rights=frozenset(row.rights) if row else frozenset(),
        listed_write=(row.write | (own if row.package_fields else frozenset()))
        if row
        else frozenset(),
        listed_read=row.read if row else frozenset(),
    )


def _known(names: Iterable[str], manifest: PackageManifest | None) -> frozenset[str]:
    """Without the package's names where there is no package: its own check says that."""
    if manifest is not None:
        return frozenset(names)
    ours = tuple(found.prefix for found in MANIFESTS.values())
    return frozenset(name for name in names if not name.startswith(ours))


def _api_name(name: str, manifest: PackageManifest | None) -> str:
    return manifest.object_name if name == PACKAGE and manifest else name


# --- reading the file ----------------------------------------------------------------------------


def _row(place: str, name: str, given: Mapping[str, Any]) -> ObjectRow:
    _keys(place, given, _OBJECT_KEYS, {"rights"})
    checked_name(name)
    rights = tuple(given["rights"])
    if not set(rights) <= set(RIGHTS) or "read" not in rights:
        raise ValueError(f"{place}: rights are some of {', '.join(RIGHTS)}, and read.")
    write, read = (
        frozenset(_names(f"{place}.{key}", given.get(key, []))) for key in ("write", "read")
    )
    if write & read:
        raise ValueError(f"{place}: {', '.join(sorted(write & read))} in both write and read.")
    if write and not {"create", "edit"} & set(rights):
        raise ValueError(f"{place}: fields to write on an object that is only read.")
    only_for = given.get("only_for", "")
    if only_for not in ("", "campaign"):
        raise ValueError(f"{place}: only_for is campaign or missing.")
    own = _truth(f"{place}.package_fields", given.get("package_fields", False))
    return ObjectRow(name, rights, write, read, own, only_for)


def _keys(place: str, given: Mapping[str, Any], allowed: set[str], needed: set[str]) -> None:
    odd = (set(given) - allowed) | (needed - set(given))
    if odd:
        raise ValueError(f"{place}: unknown or missing: {', '.join(sorted(odd))}.")


def _words(place: str, given: Mapping[str, Any], key: str) -> str:
    if not isinstance(given[key], str) or not given[key].strip():
        raise ValueError(f"{place}.{key}: words are missing.")
    return str(given[key])


def _truth(place: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{place}: true or false.")
    return value


def _names(place: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{place}: a list of API names.")
    if len(set(value)) != len(value):
        raise ValueError(f"{place}: a name stands twice.")
    return tuple(checked_name(name) for name in value)
