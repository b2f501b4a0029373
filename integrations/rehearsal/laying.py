"""Laying configurations on an org, taking them away, and the actions that are done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.rehearsal import campaigns, configure, installing, refreshing, seed
from integrations.rehearsal.config import OrgConfig
from integrations.rehearsal.configurations import (
    OWN,
    Configuration,
    ConfigurationError,
    known,
    made_up,
)
from integrations.rehearsal.refreshing import CannotLayError
from integrations.rehearsal.signin import SignIn
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, now

ACTIONS: dict[str, Callable[[SignIn, Org], None]] = {
    "refresh_sandbox": refreshing.refresh_sandbox,
    "steal_refresh_token": SignIn.steal_refresh_tokens,
    "revoke": SignIn.revoke_approvals,
}
PACKAGE_FIELDS = frozenset({"package_version", "package_security"})


def lay_on(signin: SignIn, org: Org, name: str) -> None:
    """Lay a configuration on an org, or do once what it is there for. Raises CannotLayError."""
    found = known().get(name)
    if found is None:
        raise CannotLayError(f"There is no configuration named {name}.")
    if found.sandbox_only and not org.base.is_sandbox:
        raise CannotLayError(f"“{found.title}” is for sandboxes, and {org.base.title} is none.")
    if found.lasts:
        _lay(org, found)
    for action in found.actions:
        ACTIONS[action](signin, org)


def lay_own(org: Org, changes: dict[str, Any]) -> None:
    """Lay changes on an org that no file has, instead of such ones before. Raises CannotLayError.

    `changes`: `org` and `users` as a file has them.
    """
    try:
        found = made_up(changes)
    except ConfigurationError as error:
        raise CannotLayError(str(error)) from error
    _lay(org, found, changes)


def take_away(org: Org, name: str | None = None) -> None:
    """Take one configuration away, or all. Raises CannotLayError if that one does not lie here."""
    if name is not None and name not in configure.names(org.space):
        raise CannotLayError(f"{name} does not lie on {org.base.title}.")
    with org.space.transaction():
        before = org.config
        row = dict(org.space.get(configure.KIND, configure.LAID_ON) or {"names": []})
        row["names"] = [one for one in row["names"] if name not in (None, one)]
        if name in (None, OWN):
            row.pop(OWN, None)
        org.space.put(configure.KIND, configure.LAID_ON, row)
        if not any(_is_about_package(one) for one in org.configurations):
            _put_package_back(org)
        _settle(org, before)


def _lay(org: Org, added: Configuration, own: dict[str, Any] | None = None) -> None:
    """One configuration more, with the records that depend on it."""
    with org.space.transaction():
        before = org.config
        row = dict(org.space.get(configure.KIND, configure.LAID_ON) or {"names": []})
        if own is None:
            row["names"] = [*(one for one in row["names"] if one != added.name), added.name]
        else:
            row[OWN] = own
        org.space.put(configure.KIND, configure.LAID_ON, row)
        if _is_about_package(added):
            _change_package(org)
        _settle(org, before)


def _settle(org: Org, before: OrgConfig) -> None:
    campaigns.undo(org.space)
    seed.change_records(org.space, before.records, org.config)
    seed.settle(org.config, org.space)


def _is_about_package(one: Configuration) -> bool:
    return bool(PACKAGE_FIELDS & set(one.org))


def _change_package(org: Org) -> None:
    """The package as the configuration has it; what there was before is remembered."""
    row = org.space.get(configure.KIND, configure.LAID_ON) or {}
    before = row.get("package_before", org.package)
    _set_package(org, org.config.package_version, org.config.package_security)
    changed = {**row, "package_before": before, "package_set": org.package}
    org.space.put(configure.KIND, configure.LAID_ON, changed)


def _put_package_back(org: Org) -> None:
    """The package as it was before, unless somebody has changed it since."""
    row: Row = dict(org.space.get(configure.KIND, configure.LAID_ON) or {})
    if "package_before" not in row:
        return
    before, set_to = row.pop("package_before"), row.pop("package_set")
    org.space.put(configure.KIND, configure.LAID_ON, row)
    if org.package == set_to:
        version = installing.version_by_id(before["version_id"]) if before else None
        _set_package(org, version, before["security"] if before else "")


def _set_package(org: Org, version: str | None, security: str) -> None:
    if version:
        by = org.base.users[0].user_id
        installing.install(org.space, installing.version_named(version), security, by, now())
    elif org.package:
        installing.uninstall(org.space)
