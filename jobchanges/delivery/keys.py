"""Asking the org what became of job changes, by the delivery key (write-protocol, The key)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.manifest import PackageManifest
from integrations.salesforce.soql import chunked_in, quote
from jobchanges.delivery.context import Visit
from jobchanges.delivery.states import call_may_start
from jobchanges.models import WriteRole
from jobchanges.planning.types import Plan

QUERIES_A_CALL = 5


@dataclass(frozen=True)
class Found:
    """The package's record of one delivery: proof that it was written, and by which attempt."""

    record_id: str
    attempt_number: int
    lookups: Mapping[str, str]  # our names ("new_contact") → record ids


def keys_find(visit: Visit, keys: Sequence[str]) -> dict[str, Found]:
    """Which of the keys are in the org. Raises what the client raises: then nothing is known."""
    shape = visit.settings.manifest
    names = ["Id", shape.key_field, shape.attempt_field, *shape.lookups.values()]
    columns = ", ".join(dict.fromkeys(names))
    # Names of the manifest, which is ours; the keys are quoted by chunked_in.
    before = f"SELECT {columns} FROM {shape.object_name} WHERE {shape.key_field}"  # noqa: S608
    rows = _ask(visit, chunked_in(before, keys))
    # The comparison in the org may ignore case; the key does not.
    wanted = set(keys)
    return {
        row[shape.key_field]: _found(row, shape)
        for row in rows
        if row.get(shape.key_field) in wanted
    }


def members_find(
    visit: Visit, found: Mapping[str, Found], plans: Mapping[str, Plan]
) -> dict[str, str]:
    """Campaign members that the plans created, by key: the package's record does not name them.

    Asked for in the campaign of the plan: the settings may name another one by now.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for key, record in found.items():
        write = plans[key].write(WriteRole.CAMPAIGN_MEMBER) if key in plans else None
        person = record.lookups.get("new_contact") or record.lookups.get("new_lead")
        if write and person:
            wanted[key] = (str(write.fields.get("CampaignId", "")), person)
    queries = []
    for campaign in sorted({campaign for campaign, _person in wanted.values() if campaign}):
        people = sorted({person for named, person in wanted.values() if named == campaign})
        after = f" AND CampaignId = {quote(campaign)}"
        for link, prefix in (("ContactId", "003"), ("LeadId", "00Q")):
            # Names of ours; ids are quoted by chunked_in.
            before = f"SELECT Id, CampaignId, {link} FROM CampaignMember WHERE {link}"  # noqa: S608
            mine = [person for person in people if person.startswith(prefix)]
            queries += chunked_in(before, mine, after)
    members = {
        (row.get("CampaignId"), row.get("ContactId") or row.get("LeadId")): row["Id"]
        for row in _ask(visit, queries)
    }
    return {key: members[pair] for key, pair in wanted.items() if pair in members}


def record_ids_of(plan: Plan, found: Found, member_id: str = "") -> dict[str, str]:
    """The ids of the plan's records, by role, as the package's record and the plan name them."""
    ids: dict[str, str] = {}
    for write in plan.writes:
        if write.record_id:
            ids[write.role] = write.record_id
        elif write.role == WriteRole.PERSON:
            ids[write.role] = found.lookups.get(f"new_{write.object_name.lower()}", "")
        elif write.role == WriteRole.ACCOUNT:
            ids[write.role] = found.lookups.get("new_account", "")
        elif write.role == WriteRole.CAMPAIGN_MEMBER:
            ids[write.role] = member_id
        elif write.role == WriteRole.PACKAGE:
            ids[write.role] = found.record_id
    return {role: record_id for role, record_id in ids.items() if record_id}


def _ask(visit: Visit, queries: Sequence[str]) -> list[dict[str, Any]]:
    call_may_start()
    rows: list[dict[str, Any]] = []
    for start in range(0, len(queries), QUERIES_A_CALL):
        for answer in visit.org.queries(queries[start : start + QUERIES_A_CALL]):
            rows += answer
    return rows


def _found(row: Mapping[str, Any], shape: PackageManifest) -> Found:
    return Found(
        record_id=row["Id"],
        attempt_number=int(row.get(shape.attempt_field) or 0),
        lookups={name: row[field] for name, field in shape.lookups.items() if row.get(field)},
    )
