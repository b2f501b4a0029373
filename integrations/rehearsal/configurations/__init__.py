"""The configurations that can be laid on an org: one small TOML file each, read and checked here.

A file has `title`, `group` (its heading on the page), `what` (one sentence: how the org is then),
`expect` (what a person meets), `[org]` with fields of `OrgConfig`, `[users.integration]` and
`[users.admin]` with fields of `UserConfig` (and `permissions.add`, `permissions.remove`),
`actions` that are done once, and `sandbox_only`. Lists and tables of `[org]` are added to what
the org has; all else replaces it.
"""

from __future__ import annotations

import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER, OrgConfig, UserConfig

FOLDER = Path(__file__).parent
# The name of what was laid on an org without a file.
OWN = "own"
ACTIONS = ("refresh_sandbox", "steal_refresh_token", "revoke")
GROUPS = (
    "Signing in",
    "Kind of org",
    "Package and rights",
    "Rules and automation",
    "Layouts and mapping",
    "Limits and answers",
)
# Fields of `OrgConfig` that are one of a few words.
WORDS = {
    "connected_app": ("open", "not_installed", "blocked", "admin_approved", "external_not_found"),
    "package_security": ("all", "admins"),
    "records": ("crm", "few", "partial"),
    "sandbox_license": ("DEVELOPER", "DEVELOPER_PRO", "PARTIAL", "FULL"),
}
PEOPLE = {"integration": INTEGRATION_USER.user_id, "admin": ADMIN_USER.user_id}
# What makes an org the one it is: a configuration may not change it.
FIXED = frozenset({"key", "title", "environment", "org_id", "users", "sandbox_name", "sandbox_of"})
FIXED_FOR_USERS = frozenset({"user_id", "username", "permissions"})


class ConfigurationError(Exception):
    """A file cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Configuration:
    """One file, with its values as `OrgConfig` and `UserConfig` hold them."""

    name: str
    title: str
    group: str
    what: str
    expect: str
    org: Mapping[str, Any] = field(default_factory=dict)
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    sandbox_only: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it stays on an org; one of actions only is done and over."""
        return bool(self.org or self.users)


@cache
def known() -> Mapping[str, Configuration]:
    """All shipped configurations by name; read once. Raises ConfigurationError."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, Configuration]:
    """The configurations of a folder by name, in order of name. Raises ConfigurationError."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _read(path: Path) -> Configuration:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    return parse(path.stem, table, path.name)


def parse(name: str, table: Mapping[str, Any], file: str) -> Configuration:
    """A configuration from what its file says. Raises ConfigurationError."""
    hints = get_type_hints(Configuration)
    values: dict[str, Any] = {"name": name}
    for key, value in table.items():
        where = f"{file}: {key}"
        if key == "org":
            values[key] = _converted_fields(OrgConfig, value, where, FIXED)
        elif key == "users":
            values[key] = _people(value, where)
        elif key in hints and key != "name":
            values[key] = _converted(hints[key], value, where)
        else:
            raise ConfigurationError(f"{where} is not a key of a configuration")
    for key in ("title", "group", "what", "expect"):
        if not values.get(key):
            raise ConfigurationError(f"{file}: {key} is missing")
    if values["group"] not in GROUPS:
        raise ConfigurationError(f"{file}: group: {values['group']!r} is none of {GROUPS}")
    found = Configuration(**values)
    for action in found.actions:
        if action not in ACTIONS:
            raise ConfigurationError(f"{file}: actions: {action!r} is none of {ACTIONS}")
    if not found.lasts and not found.actions:
        raise ConfigurationError(f"{file}: org, users and actions are all empty")
    return found


def made_up(changes: Mapping[str, Any]) -> Configuration:
    """A configuration without a file: `org` and `users` as a file has them.

    For tests, and for what no file has, such as one certain field. Raises ConfigurationError.
    """
    closed = sorted(set(changes) - {"org", "users"})
    if closed:
        raise ConfigurationError(f"{OWN}: {closed[0]} is not a key of a configuration")
    words = {
        "title": "Something of its own",
        "group": GROUPS[0],
        "what": "What a test or a person asked for without a file.",
        "expect": "What was asked for.",
    }
    return parse(OWN, {**words, **changes}, OWN)


def _people(table: Any, where: str) -> dict[str, Mapping[str, Any]]:
    """Overrides of users by user id."""
    result: dict[str, Mapping[str, Any]] = {}
    for name, value in _table(table, where).items():
        if name not in PEOPLE:
            raise ConfigurationError(f"{where}.{name} is none of {tuple(PEOPLE)}")
        rest = dict(_table(value, f"{where}.{name}"))
        change = _table(rest.pop("permissions", {}), f"{where}.{name}.permissions")
        values = _converted_fields(UserConfig, rest, f"{where}.{name}", FIXED_FOR_USERS)
        for key, listed in change.items():
            at = f"{where}.{name}.permissions.{key}"
            if key not in ("add", "remove"):
                raise ConfigurationError(f"{at} is neither add nor remove")
            values[f"permissions_{key}"] = _converted(tuple[str, ...], listed, at)
        result[PEOPLE[name]] = values
    return result


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where} must be a table")
    return value


def _converted_fields(
    kind: type[Any], table: Any, where: str, closed: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The table's values as the dataclass holds them."""
    hints = get_type_hints(kind)
    result = {}
    for key, value in _table(table, where).items():
        if key not in hints or key in closed:
            raise ConfigurationError(f"{where}.{key} is not a field that can be set here")
        result[key] = _converted(hints[key], value, f"{where}.{key}")
        if kind is OrgConfig and key in WORDS and value not in WORDS[key]:
            raise ConfigurationError(f"{where}.{key}: {value!r} is none of {WORDS[key]}")
    return result


def _converted(hint: Any, value: Any, where: str) -> Any:
    """A TOML value as a field of type `hint` holds it. Raises ConfigurationError."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _converted(next(one for one in inner if one is not type(None)), value, where)
    if origin in (tuple, frozenset):
        return _converted_list(origin, inner, value, where)
    if origin is not None and issubclass(origin, Mapping):
        return {
            key: _converted(inner[1], one, f"{where}.{key}")
            for key, one in _table(value, where).items()
        }
    if is_dataclass(hint) and isinstance(hint, type):
        values = _converted_fields(hint, value, where)
        for needed in fields(hint):
            without = needed.default is MISSING and needed.default_factory is MISSING
            if without and needed.name not in values:
                raise ConfigurationError(f"{where}.{needed.name} is missing")
        return hint(**values)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ConfigurationError(f"{where} must be {_word(hint)}, not {value!r}")
    return value


def _converted_list(origin: Any, inner: tuple[Any, ...], value: Any, where: str) -> Any:
    if not isinstance(value, list):
        raise ConfigurationError(f"{where} must be a list, not {value!r}")
    if origin is tuple and inner[-1] is not Ellipsis and len(value) != len(inner):
        raise ConfigurationError(f"{where} must have {len(inner)} values")
    hints = [inner[0]] * len(value) if inner[-1] is Ellipsis or origin is frozenset else inner
    return origin(
        _converted(hint, one, f"{where}[{number}]")
        for number, (hint, one) in enumerate(zip(hints, value, strict=True))
    )


def _word(hint: Any) -> str:
    words = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
    return words.get(hint, str(hint))
