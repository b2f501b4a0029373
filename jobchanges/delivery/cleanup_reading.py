"""Looking at the records of a sandbox test before anything is removed: themselves, what stands on
them, what was merged into them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils.translation import gettext as _

from integrations.salesforce.client import ObjectDescribe
from integrations.salesforce.ids import id18
from integrations.salesforce.soql import in_list
from integrations.salesforce.together import MOST, Read
from jobchanges.delivery.cleanup_rules import AUDIT, CONVERTED
from jobchanges.delivery.context import Visit
from jobchanges.delivery.states import call_may_start
from jobchanges.models import RecordWrite

logger = structlog.get_logger(__name__)

# Files and notes that somebody put on a record.
_KEPT_WITH_IT = (
    ("ContentDocumentLink", "LinkedEntityId"),
    ("Attachment", "ParentId"),
    ("Note", "ParentId"),
)
# What of others may stand on a record that a test created; deleting it would take them along, or
# empty their lookups. Salesforce has more such relations than anybody lists: objects of the
# customer's own, and custom lookups, are asked for besides (`_relations`).
STANDARD: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Case", "AccountId"),
        ("Contract", "AccountId"),
        ("Order", "AccountId"),
        ("Asset", "AccountId"),
        ("Account", "ParentId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
        *_KEPT_WITH_IT,
    ),
    "Contact": (
        ("CampaignMember", "ContactId"),
        ("OpportunityContactRole", "ContactId"),
        ("Case", "ContactId"),
        ("Contact", "ReportsToId"),
        ("Task", "WhoId"),
        ("Event", "WhoId"),
        *_KEPT_WITH_IT,
    ),
    "Lead": (
        ("CampaignMember", "LeadId"),
        ("Task", "WhoId"),
        ("Event", "WhoId"),
        *_KEPT_WITH_IT,
    ),
}
# An org's flows log these in the name of whoever saved the record: ours, when we saved it.
ACTIVITIES = ("Task", "Event")
_WITH_LOOKUPS = frozenset({"Account", "Contact", "Lead", "Opportunity", "Case"})
MOST_RELATIONS = 40
# The user may not see such records, or they cannot be asked for by this field.
_NOT_SEEN = frozenset(
    {
        "INVALID_TYPE",
        "INVALID_FIELD",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "MALFORMED_QUERY",
        "NOT_FOUND",
    }
)


@dataclass(frozen=True)
class Hanging:
    """Records that stand on one of ours, by object: their ids."""

    by_object: Mapping[str, Collection[str]]

    def beside(self, known: Collection[str]) -> str:
        """What stands there beside the records known, as a sentence; "" for nothing."""
        counts = Counter(
            {
                name: len([one for one in ids if one not in known])
                for name, ids in self.by_object.items()
            }
        )
        found = [f"{name} ({count})" for name, count in sorted(counts.items()) if count]
        if not found:
            return ""
        return _("Other records stand on it: %(records)s.") % {"records": ", ".join(found)}


def describes_ask(visit: Visit, names: Iterable[str]) -> dict[str, ObjectDescribe]:
    """The objects as the connected user has them now; one that is hidden is missing."""
    call_may_start()
    return visit.org.describes(sorted(set(names)))


def rows_ask(
    visit: Visit, writes: Sequence[RecordWrite], described: Mapping[str, ObjectDescribe]
) -> dict[str, dict[str, Any]]:
    """The records of these writes as they stand, by 18-character id; what is gone is missing.

    Up to 1,000 in one call: what we wrote of each, who created and who edited it last.
    """
    wanted: dict[str, tuple[set[str], set[str]]] = {}
    for write in writes:
        known = described.get(write.object_name)
        if known is None:
            continue
        ids, fields = wanted.setdefault(write.object_name, (set(), set()))
        ids.add(write.record_id)
        fields.update(
            name
            for name in (*write.sent, *(write.stored or {}), *AUDIT, *CONVERTED)
            if name in known.fields
        )
    if not wanted:
        return {}
    call_may_start()
    return visit.org.records_get(
        [(name, sorted(ids), sorted(fields)) for name, (ids, fields) in sorted(wanted.items())]
    )


def hanging_ask(
    visit: Visit, ids: Mapping[str, Sequence[str]], described: Mapping[str, ObjectDescribe]
) -> dict[str, Hanging]:
    """What stands on accounts, contacts and leads, by their id; five relations a call.

    Only what the connected user sees. Raises what the client raises.
    """
    relations = [
        (child, lookup, parents)
        for name, parents in sorted(ids.items())
        if parents and name in described
        for child, lookup in _relations(described[name])
    ]
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for start in range(0, len(relations), MOST["query"]):
        part = relations[start : start + MOST["query"]]
        # Names out of the org's own describe; ids are quoted by in_list.
        reads = [
            Read.query(
                f"SELECT {_columns(child, lookup)} FROM {child} "  # noqa: S608
                f"WHERE {lookup} IN {in_list(parents)}"
            )
            for child, lookup, parents in part
        ]
        call_may_start()
        for (child, lookup, _parents), reply in zip(
            part, visit.org.read_together(reads), strict=True
        ):
            if reply.error is not None:
                if reply.error.code not in _NOT_SEEN:
                    raise reply.error
                logger.info("children_not_seen", child=child, code=reply.error.code)
                continue
            for row in reply.body:
                automatic = child in ACTIVITIES and _is(row.get("CreatedById"), visit.epoch.user_id)
                if not automatic and row.get(lookup):
                    found[id18(row[lookup])][child].add(id18(row["Id"]))
    return {parent: Hanging(dict(children)) for parent, children in found.items()}


def merged_ask(
    visit: Visit, ids: Mapping[str, Sequence[str]], described: Mapping[str, ObjectDescribe]
) -> set[str]:
    """Which of the records somebody merged others into; a call for each object that can be."""
    found: set[str] = set()
    for name, masters in sorted(ids.items()):
        if not masters or name not in described or "MasterRecordId" not in described[name].fields:
            continue
        # The object's name is one of ours; ids are quoted by in_list.
        soql = f"SELECT Id, MasterRecordId FROM {name} WHERE MasterRecordId IN "  # noqa: S608
        call_may_start()
        rows = visit.org.query_all(soql + in_list(masters), deleted=True)
        found |= {id18(row["MasterRecordId"]) for row in rows if row.get("MasterRecordId")}
    return found


def _columns(child: str, lookup: str) -> str:
    names = ["Id", lookup, *(["CreatedById"] if child in ACTIVITIES else [])]
    return ", ".join(names)


def _relations(described: ObjectDescribe) -> list[tuple[str, str]]:
    """Lookups to this object that are asked about, those only that the org has: the standard ones,
    and those of custom objects and fields, the package's among them."""
    there = {(item.object_name, item.field) for item in described.child_relationships}
    standard = [pair for pair in STANDARD.get(described.name, ()) if pair in there]
    others = sorted(
        pair
        for pair in there - set(standard)
        if pair[0].endswith("__c") or (pair[0] in _WITH_LOOKUPS and pair[1].endswith("__c"))
    )
    return [*standard, *others][:MOST_RELATIONS]


def _is(left: Any, right: str) -> bool:
    return bool(right) and str(left or "")[:15] == right[:15]
