"""User permissions: what the integration user may do with what the list and delivery need.

Effective rights, however they were given; the license, Marketing User and the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.checks.permissions import permission_list, wants
from integrations.checks.rights import set_to_change
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Difference
from integrations.snapshots.kinds.field_rights import fields_compare
from integrations.snapshots.kinds.object_rights import objects_compare
from integrations.snapshots.kinds.user_flags import flags_compare
from integrations.snapshots.pairing import Pair

KIND = "user_permissions"
NEEDS = (
    "described",
    "defined_fields",
    "manifest",
    "system_permissions",
    "user",
    "permission_sets",
    "object_grants",
)


def take(taking: Taking) -> dict[str, Part]:
    """The parts of this kind."""
    parts: dict[str, Part] = {"objects": {}, "fields": {}}
    objects: dict[str, Facts] = {}
    fields: dict[str, Facts] = {}
    for wanted in wants(taking.context, taking.manifest):
        described = taking.described.get(wanted.name)
        objects[wanted.name] = {
            "rights": _object_rights(described),
            "delivery": sorted(wanted.rights),
            "listed": sorted(wanted.listed_rights),
        }
        if described is None:
            continue
        package = taking.package_fields(wanted.name)
        writes = wanted.creates | wanted.updates
        listed = wanted.listed_write | wanted.listed_read | package
        for field in sorted(writes | listed):
            if not taking.exists(described, field):
                continue
            wishes = {"read"}
            wishes |= {"create"} if field in wanted.creates | wanted.listed_write else set()
            wishes |= {"edit"} if field in wanted.updates | wanted.listed_write else set()
            fields[f"{wanted.name}.{field}"] = {
                **_field_facts(described.fields.get(field)),
                "wanted": sorted(wishes),
                "written": field in writes,
                "essential": taking.is_essential(wanted.name, field),
            }
    parts["objects"], parts["fields"] = objects, fields
    _flags(taking, parts)
    return parts


def _object_rights(described: ObjectDescribe | None) -> list[str]:
    if described is None:
        return []
    given = {
        "read": described.queryable,
        "create": described.createable,
        "edit": described.updateable,
        "delete": described.deletable,
    }
    return sorted(right for right, has in given.items() if has)


def _field_facts(found: FieldDescribe | None) -> dict[str, Any]:
    if found is None:
        return {"label": "", "rights": []}
    given = {"read": True, "create": found.createable, "edit": found.updateable}
    return {"label": found.label, "rights": sorted(one for one, has in given.items() if has)}


def _flags(taking: Taking, parts: dict[str, Part]) -> None:
    survey, listed = taking.survey, permission_list(taking.context.permission_list)
    has = taking.ask(f"{KIND}.system", lambda: survey.system_permissions)
    if has is not None:
        # A permission that the org does not know is missing in its answer, and taken as not told.
        parts["system"] = {name: {"has": has[name]} for name in listed.system if name in has}
    user = taking.ask(f"{KIND}.user", lambda: survey.user)
    if user is not None:
        facts: Facts = {
            "name": user.name,
            "username": user.username.lower(),
            "license": user.license,
            "set_licenses": None if user.set_licenses is None else sorted(user.set_licenses),
            "marketing_user": user.marketing_user,
            "set": set_to_change(survey),
        }
        parts["user"] = {"user": facts}
    sets = taking.ask(f"{KIND}.sets", lambda: survey.permission_sets)
    if sets is None:
        return
    parts["sets"] = {
        found.name: {"label": found.label}
        for found in sets
        if not found.profile and not found.namespace
    }
    grants = taking.ask(f"{KIND}.all_records", lambda: survey.object_grants)
    if grants is not None:
        own = {found.set_id for found in sets}
        mine = [grant for grant in grants if grant.set_id in own]
        parts["all_records"] = {
            name: {
                "view_all": any(g.view_all or g.modify_all for g in mine if g.object_name == name),
                "modify_all": any(g.modify_all for g in mine if g.object_name == name),
            }
            for name, facts in parts["objects"].items()
            if {"view_all", "modify_all"} & set(facts["listed"])
        }


def compare(pair: Pair) -> Iterator[Difference]:
    """Rights lost and gained, object by object, then the user."""
    yield from objects_compare(pair)
    yield from fields_compare(pair)
    yield from flags_compare(pair)
