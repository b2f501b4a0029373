"""Custom fields: those of the package, the customer's own, and whatever else we write.

Existence, type, length and picklist values; what a create call has to fill; whether the lead
source is taken. Labels and help texts are nobody's concern here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.kinds.field_details import details_compare
from integrations.snapshots.kinds.picked_values import PICKLISTS, values_compare, values_take
from integrations.snapshots.pairing import Pair, changed

KIND = "custom_fields"
NEEDS = ("described", "defined_fields", "manifest", "package")


def take(taking: Taking) -> dict[str, Part]:
    """The parts of this kind."""
    objects: dict[str, Facts] = {}
    fields: dict[str, Facts] = {}
    required: dict[str, Facts] = {}
    values: dict[str, Facts] = {}
    for name in taking.objects:
        described = taking.described.get(name)
        if described is None:
            continue
        # Where nothing may be created (a matter of rights), no field is required either.
        objects[name] = {
            "all_told": name in taking.defined,
            "created": name in taking.created and described.createable,
        }
        for field in sorted(_wanted(taking, described)):
            fields[f"{name}.{field}"] = _facts(taking, described, field)
        required.update(_required_fields(taking, described))
        values.update(values_take(taking, described))
    return {"objects": objects, "fields": fields, "required": required, "values": values}


def _wanted(taking: Taking, described: ObjectDescribe) -> set[str]:
    name = described.name
    wanted = {*taking.package_fields(name), *taking.written_fields(name)}
    if name == "Account" and taking.context.contact_owner_field:
        # It is only read: it names the owner of new contacts.
        wanted.add(taking.context.contact_owner_field)
    if _is_own_object(taking, name):
        seen = {*described.fields, *taking.defined.get(name, ())}
        wanted.update(one for one in seen if one.endswith("__c") and not taking.is_package(one))
    return wanted


def _is_own_object(taking: Taking, name: str) -> bool:
    return taking.manifest is not None and name == taking.manifest.object_name


def _facts(taking: Taking, described: ObjectDescribe, field: str) -> Facts:
    own = field.endswith("__c") and not taking.is_package(field)
    found = described.fields.get(field)
    facts = {
        "there": taking.exists(described, field),
        "hidden": found is None,
        "label": found.label if found else field,
        "origin": "own" if own else "package" if taking.is_package(field) else "standard",
        # Whether the customer's own fields of that object are all taken, or those asked for.
        "found": own and _is_own_object(taking, described.name),
        "written": field in taking.written_fields(described.name),
        "essential": taking.is_essential(described.name, field),
    }
    return {**facts, **_shape(found)} if found else facts


def _required_fields(taking: Taking, described: ObjectDescribe) -> dict[str, Facts]:
    name = described.name
    if name not in taking.created:
        return {}
    context = taking.context
    return {
        f"{name}.{found.name}": {
            "label": found.label,
            "filled": found.name in context.fields_created.get(name, ()),
            "always": found.name in context.fields_always.get(name, ()),
        }
        for found in described.fields.values()
        if found.required
    }


def _shape(found: FieldDescribe) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": "formula" if found.calculated else found.type,
        "length": found.length,
        "digits": [found.precision, found.scale],
        "targets": sorted(found.reference_to),
        "restricted": found.restricted_picklist,
    }
    # Of a standard picklist only the value that we write counts (`values`).
    if found.custom and found.type in PICKLISTS:
        shape["values"] = sorted(found.picklist_values)
    return shape


def compare(pair: Pair) -> Iterator[Difference]:
    """What differs in fields."""
    yield from _existence(pair)
    for name, then, now in pair.in_both(KIND, "fields"):
        if then["there"] and now["there"] and not then["hidden"] and not now["hidden"]:
            yield from details_compare(pair, name, then, now)
    yield from _required(pair)
    yield from values_compare(pair)


@dataclass(frozen=True)
class _Lone:
    """A field that is on one side only."""

    name: str
    facts: Facts
    unsure: bool  # the other side may only hide it

    @property
    def group(self) -> str:
        """The package's fields of an object go together: one cause, one remedy."""
        return self.name.partition(".")[0] if self.facts["origin"] == "package" else self.name


def _existence(pair: Pair) -> Iterator[Difference]:
    groups: dict[tuple[str, Change], list[_Lone]] = {}
    for change, lone in _lone_fields(pair):
        groups.setdefault((lone.group, change), []).append(lone)
    for (group, change), found in groups.items():
        yield _exists_difference(pair, group, change, found)


def _lone_fields(pair: Pair) -> Iterator[tuple[Change, _Lone]]:
    told_then, told_now = pair.part(KIND, "objects")
    for name, then, now in pair.entries(KIND, "fields"):
        object_name, _dot, field = name.partition(".")
        if pair.goes_with_package(field):
            continue
        # An object hidden on one side is a matter of rights; what nobody asked for is no matter.
        if object_name not in told_then or object_name not in told_now:
            continue
        if not (then and now) and not (then or now)["found"]:
            continue
        there_then = _there(then, told_then[object_name])
        there_now = _there(now, told_now[object_name])
        if bool(there_then) != bool(there_now):
            change = changed(there_then, there_now)
            unsure = None in (there_then, there_now)
            yield change, _Lone(name, then if there_then else now, unsure)


def _there(facts: Facts, told: Facts) -> bool | None:
    """Whether the field is there; None where it may be hidden."""
    if facts:
        return bool(facts["there"]) if facts["there"] is not None else None
    return False if told["all_told"] else None


def _exists_difference(pair: Pair, group: str, change: Change, found: list[_Lone]) -> Difference:
    object_name = group.partition(".")[0]
    names = tuple(lone.name for lone in found)
    own = found[0].facts["origin"] == "own"
    missing = change == Change.MISSING
    grade = Grade.COSMETIC
    if missing:
        essential = any(lone.facts["essential"] for lone in found)
        grade = Grade.BLOCKS if essential else Grade.CHANGES
    words = _("%(object)s has %(fields)s %(here)s, not %(there)s.")
    if any(lone.unsure for lone in found):
        words = _(
            "%(object)s has %(fields)s %(here)s; %(there)s not, or hidden from the integration "
            "user."
        )
    fix = _("Install the same version of the UserGems package: it brings these fields.")
    if own:
        fix = _("Put the field into the change set, or make it anew: same API name, same type.")
    return pair.difference(
        KIND,
        f"{group}:fields",
        grade,
        change,
        pair.say(
            words,
            fields=listed([lone.facts["label"] for lone in found]),
            object=pair.object_label(object_name),
            **pair.side(change),
        ),
        fix=fix if missing else "",
        setup_path=setup_path(setup_links.FIELDS if own else setup_links.PACKAGES, object_name),
        names=names,
        change_set=tuple(("CustomField", name) for name in names) if missing and own else (),
    )


def _required(pair: Pair) -> Iterator[Difference]:
    told_then, told_now = pair.part(KIND, "objects")
    for name, then, now in pair.entries(KIND, "required"):
        object_name = name.partition(".")[0]
        told = (told_then.get(object_name, {}), told_now.get(object_name, {}))
        if (then and now) or not all(side.get("created") for side in told):
            continue
        change = changed(then, now)
        # What is required only now refuses our records; what no longer is does no harm.
        stricter = change == Change.EXTRA and not now["always"]
        words = _("%(field)s is required on %(object)s %(here)s, not %(there)s.")
        if stricter and now["filled"]:
            words = _(
                "%(field)s is required on %(object)s %(here)s, not %(there)s. UserGems fills it "
                "only where the value is known."
            )
        fix = _(
            "Object Manager, %(object)s, Fields & Relationships, %(field)s, Edit: give it a "
            "default value, or untick “Always require a value in this field in order to save a "
            "record”."
        )
        label = pair.object_label(object_name)
        yield pair.difference(
            KIND,
            f"{name}:required",
            Grade.BLOCKS if stricter else Grade.COSMETIC,
            change,
            pair.say(words, field=(then or now)["label"], object=label, **pair.side(change)),
            fix=fix % {"object": label, "field": (then or now)["label"]} if stricter else "",
            setup_path=setup_path(setup_links.FIELDS, object_name),
            names=(name,),
        )
