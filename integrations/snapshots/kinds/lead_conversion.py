"""Lead conversion: which field takes each of the package's lead fields (tracking facts, 8).

The map of the standard fields is fixed, and none of our business. Fields of the customer's own
that we write on leads are among those looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair

KIND = "lead_conversion"
NEEDS = ("lead_mapping", "manifest")


def take(taking: Taking) -> dict[str, Part]:
    """`UserGem__Persona__c>Contact` → the field it goes to."""
    mapping = taking.ask(f"{KIND}.pairs", lambda: taking.survey.lead_mapping)
    if mapping is None:
        return {}
    ours = taking.written_fields("Lead")
    pairs: dict[str, Facts] = {
        f"{mapped.lead_field}>{mapped.object_name}": {"to": mapped.field}
        for mapped in mapping.fields
        if taking.is_package(mapped.lead_field) or mapped.lead_field in ours
    }
    return {"pairs": pairs}


def compare(pair: Pair) -> Iterator[Difference]:
    """Unmapped fields of an object together, and each that goes elsewhere."""
    alone: dict[tuple[str, Change], dict[str, str]] = {}
    for name, then, now in pair.entries(KIND, "pairs"):
        lead_field, _arrow, target = name.partition(">")
        if pair.is_gone("Lead", lead_field) or pair.is_gone(target, (then or now)["to"]):
            continue
        if not now or not then:
            change = Change.EXTRA if now else Change.MISSING
            alone.setdefault((target, change), {})[lead_field] = (then or now)["to"]
        elif then["to"] != now["to"]:
            yield _elsewhere(pair, lead_field, target, then["to"], now["to"])
    for (target, change), fields in sorted(alone.items()):
        yield _unmapped(pair, target, change, fields)


def _where() -> str:
    return _("Object Manager, Lead, Fields & Relationships, Map Lead Fields, %(object)s tab: ")


def _unmapped(pair: Pair, target: str, change: Change, fields: dict[str, str]) -> Difference:
    label = pair.object_label(target)
    missing = change == Change.MISSING
    said = {
        "object": label,
        "fields": listed([pair.field_label("Lead", field) for field in sorted(fields)]),
    }
    words = _("Lead conversion takes %(fields)s over to the %(object)s %(here)s, not %(there)s.")
    if missing:
        words = _(
            "Lead conversion takes %(fields)s over to the %(object)s %(here)s; %(there)s the value "
            "is lost."
        )
    fix = _("map %(fields)s to the same name, then Save.")
    if any(source != goal for source, goal in fields.items()):
        fix = _("map %(pairs)s, then Save.")
    said["pairs"] = ", ".join(f"{one} → {goal}" for one, goal in sorted(fields.items()))
    return pair.difference(
        KIND,
        f"{target}:unmapped",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(words, **said, **pair.side(change)),
        fix=(_where() + fix) % said if missing else "",
        setup_path=setup_path(setup_links.FIELDS, "Lead"),
        names=tuple(sorted(fields)),
        by_hand=(_where() + fix) % said if missing else "",
    )


def _elsewhere(pair: Pair, lead_field: str, target: str, then: str, now: str) -> Difference:
    said = {
        "field": pair.field_label("Lead", lead_field),
        "object": pair.object_label(target),
        "old": pair.field_label(target, then),
        "new": pair.field_label(target, now),
    }
    fix = (_where() + _("map %(field)s to %(old)s, then Save.")) % said
    return pair.difference(
        KIND,
        f"{lead_field}>{target}:target",
        Grade.CHANGES,
        Change.DIFFERENT,
        pair.say(
            _(
                "Lead conversion takes %(field)s to %(new)s of the %(object)s %(now)s, to %(old)s "
                "%(then)s."
            ),
            **said,
        ),
        fix=fix,
        setup_path=setup_path(setup_links.FIELDS, "Lead"),
        names=(lead_field,),
        then=then,
        now=now,
        by_hand=fix,
    )
