"""Values that we write into picklists: the lead source above all, and whether they are taken.

The rest of a standard picklist is nobody's concern here.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.describe import ObjectDescribe
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair

KIND = "custom_fields"
PICKLISTS = frozenset({"picklist", "multipicklist", "combobox"})
LEAD_SOURCE = "LeadSource"


def values_take(taking: Taking, described: ObjectDescribe) -> dict[str, Facts]:
    """For each picklist that we write, which of our values it offers and which it lacks."""
    found: dict[str, Facts] = {}
    for field in described.fields.values():
        name = f"{described.name}.{field.name}"
        written = set(taking.context.values_written.get(name, ()))
        if field.name == LEAD_SOURCE and field.name in taking.written_fields(described.name):
            written |= {taking.context.lead_source} - {""}
        # The status of a member belongs to its campaign (`campaigns`).
        if written and field.type in PICKLISTS and described.name != "CampaignMember":
            found[name] = {
                "label": field.label,
                "restricted": field.restricted_picklist,
                "offered": sorted(written & set(field.picklist_values)),
                "lacking": sorted(written - set(field.picklist_values)),
            }
    return found


def values_compare(pair: Pair) -> Iterator[Difference]:
    """Values that one side takes and the other leaves empty; and a lead source nobody can choose.

    Only values that were asked for on both sides are looked at.
    """
    for name, then, now in pair.in_both(KIND, "values"):
        asked = _asked(then) & _asked(now)
        lost = asked & _taken(then) - _taken(now)
        gained = asked & _taken(now) - _taken(then)
        if lost:
            yield _difference(pair, name, Change.MISSING, lost, now, left_empty=True)
        if gained:
            yield _difference(pair, name, Change.EXTRA, gained, now, left_empty=True)
        if not name.endswith(f".{LEAD_SOURCE}"):
            continue
        shown_then, shown_now = set(then["offered"]), set(now["offered"])
        # Taken on both sides, though not on both sides' list.
        both = asked & _taken(then) & _taken(now)
        if gone := both & shown_then - shown_now:
            yield _difference(pair, name, Change.MISSING, gone, now, left_empty=False)
        if new := both & shown_now - shown_then:
            yield _difference(pair, name, Change.EXTRA, new, now, left_empty=False)


def _asked(facts: Facts) -> set[str]:
    return {*facts["offered"], *facts["lacking"]}


def _taken(facts: Facts) -> set[str]:
    """An unrestricted picklist takes every text through the API."""
    return set(facts["offered"]) if facts["restricted"] else _asked(facts)


def _difference(
    pair: Pair, name: str, change: Change, values: set[str], now: Facts, *, left_empty: bool
) -> Difference:
    object_name = name.partition(".")[0]
    missing = change == Change.MISSING
    words = _("%(field)s on %(object)s lists %(values)s %(here)s, not %(there)s.")
    if left_empty:
        words = _(
            "%(field)s on %(object)s takes %(values)s %(here)s; %(there)s it stays empty: a "
            "restricted picklist without that value."
        )
    fix = _(
        "Object Manager, %(object)s, Fields & Relationships, %(field)s: New, %(values)s, in every "
        "record type."
    )
    said = {
        "field": now["label"],
        "object": pair.object_label(object_name),
        "values": listed([f"“{value}”" for value in sorted(values)]),
    }
    return pair.difference(
        KIND,
        f"{name}:{'value' if left_empty else 'list'}",
        Grade.CHANGES if missing and left_empty else Grade.COSMETIC,
        change,
        pair.say(words, **said, **pair.side(change)),
        fix=fix % said if missing else "",
        setup_path=setup_path(setup_links.FIELDS, object_name),
        names=(name, *sorted(values)),
        by_hand=fix % said if missing else "",
    )
