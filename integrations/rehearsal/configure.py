"""What an org is at this moment: its base, a sandbox refresh, and the configurations laid on it.

Kept in the org's own space, so that it survives a restart and goes with a reset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from integrations.rehearsal.config import OrgConfig, UserConfig
from integrations.rehearsal.configurations import OWN, Configuration, known, made_up
from integrations.rehearsal.store import Row, Space

KIND = "meta"
LAID_ON = "configurations"
REFRESHED = "refreshed"


def lying(space: Space) -> list[Configuration]:
    """The configurations that lie on an org, in the order they came; one without a file last."""
    row = space.get(KIND, LAID_ON) or {"names": []}
    found = [known()[name] for name in row["names"] if name in known()]
    return [*found, made_up(row[OWN])] if row.get(OWN) else found


def names(space: Space) -> tuple[str, ...]:
    """The names of the configurations that lie on an org."""
    return tuple(one.name for one in lying(space))


def rows(space: Space) -> tuple[Row | None, Row | None]:
    """What the present configuration depends on; unchanged as long as these are the same rows."""
    return space.get(KIND, LAID_ON), space.get(KIND, REFRESHED)


def present(base: OrgConfig, space: Space) -> OrgConfig:
    """The org as it is now."""
    refreshed = space.get(KIND, REFRESHED)
    if refreshed:
        changed = ("org_id", "instance", "created")
        base = replace(base, **{name: refreshed[name] for name in changed})
    return laid_on(base, lying(space))


def laid_on(base: OrgConfig, configurations: Iterable[Configuration]) -> OrgConfig:
    """An org with configurations laid on, one after the other."""
    for one in configurations:
        values = {name: _joined(getattr(base, name), value) for name, value in one.org.items()}
        users = tuple(_changed(user, one.users.get(user.user_id, {})) for user in base.users)
        base = replace(base, **values, users=users)
    return base


def _joined(before: Any, value: Any) -> Any:
    """Lists and tables grow; all else is replaced."""
    if isinstance(value, tuple):
        return (*before, *(one for one in value if one not in before))
    if isinstance(value, frozenset):
        return before | value
    return {**before, **value} if isinstance(value, Mapping) else value


def _changed(user: UserConfig, values: Mapping[str, Any]) -> UserConfig:
    added = values.get("permissions_add", ())
    removed = values.get("permissions_remove", ())
    kept = [name for name in dict.fromkeys((*user.permissions, *added)) if name not in removed]
    plain = {k: v for k, v in values.items() if k not in ("permissions_add", "permissions_remove")}
    return replace(user, permissions=tuple(kept), **plain)
