"""The customer's automation: Apex triggers that fail, assignment rules, flows that come later."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.rehearsal import ids, seed
from integrations.rehearsal.access import Access
from integrations.rehearsal.convert import to_stored
from integrations.rehearsal.errors import refuse
from integrations.rehearsal.flow_template import made_person
from integrations.rehearsal.keeping import put_record
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, now, stamp

# Flows run as this user of the platform's own, which nobody can sign in as.
AUTOMATED_PROCESS = seed.fixed_id("005", 62**4)
ASSIGNMENT_RULE = seed.fixed_id("01Q", 1)
WAITING = "flow_waiting"


def run_triggers(access: Access, sobject: SObject, moment: str) -> None:
    """Raise what the first failing trigger on `insert`, `update` or `delete` throws."""
    for trigger in access.org.config.triggers:
        if trigger.sobject == sobject.name and moment in trigger.on:
            message = (
                f"{trigger.name}: execution of After{moment.capitalize()}\n\n"
                f"caused by: {trigger.message}\n\nTrigger.{trigger.name}: line 12, column 1"
            )
            raise refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, [])


def assign(access: Access, sobject: SObject, row: Row, assignment: str) -> None:
    """The org's lead assignment rule sets the owner, unless `Sforce-Auto-Assign` says FALSE.

    The rule runs on new and on changed leads, as documented; without the header too. The header
    may name the rule by its id (`ASSIGNMENT_RULE`).
    """
    owner = access.org.config.auto_assign_owner
    if sobject.name != "Lead" or assignment == "false":
        return
    if ids.to18(assignment) not in (None, ASSIGNMENT_RULE):
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if owner:
        row["OwnerId"] = owner


def plan_flows(org: Org, sobject: SObject, row: Row) -> None:
    """Note what the org's flows will do to a new record; inside its transaction."""
    for flow in org.config.flows:
        if flow.sobject == sobject.name:
            created = datetime.fromisoformat(row["CreatedDate"])
            due = stamp(created + timedelta(seconds=flow.after_seconds))
            waiting = {"sobject": sobject.name, "id": row["Id"], "flow": flow.name, "due": due}
            org.space.put(WAITING, f"{row['Id']} {flow.name}", waiting)


def run_flows(org: Org) -> None:
    """Carry out what has become due; asked before each request, so that every reader sees it."""
    present = now()
    if not any(waiting["due"] <= present for _, waiting in org.space.items(WAITING)):
        return
    with org.space.transaction():
        for key, waiting in org.space.items(WAITING):
            if waiting["due"] <= present:
                org.space.drop(WAITING, key)
                _run_flow(org, waiting)


def _run_flow(org: Org, waiting: Row) -> None:
    sobject = org.schema.get(waiting["sobject"].lower())
    row = org.space.get(waiting["sobject"], waiting["id"])
    # A flow switched off in the meantime does nothing, nor does one whose record is gone.
    flow = next((item for item in org.config.flows if item.name == waiting["flow"]), None)
    if sobject is None or row is None or flow is None or row.get("IsDeleted"):
        return
    # Nothing can have changed since it was due: what is due runs before any request.
    moment = waiting["due"]
    field = sobject.field(flow.field)
    if flow.makes_person:
        changed = made_person(org, row, moment, AUTOMATED_PROCESS)
    elif field is not None:
        changed = {field.name: to_stored(field, flow.value)}
    else:
        changed = {}
    if not changed:
        return
    _add_automated_process(org)
    stamps = {"LastModifiedDate": moment, "LastModifiedById": AUTOMATED_PROCESS}
    changed = {**changed, **stamps, "SystemModstamp": moment}
    org.space.put(sobject.name, row["Id"], {**row, **changed})


def _add_automated_process(org: Org) -> None:
    if org.space.get("User", AUTOMATED_PROCESS):
        return
    values: Row = {
        "Id": AUTOMATED_PROCESS,
        "Username": f"autoproc@{org.config.org_id[:15].lower()}",
        "FirstName": "Automated",
        "LastName": "Process",
        "Email": f"autoproc@{org.config.org_id[:15].lower()}",
        "Alias": "autoproc",
        "CommunityNickname": "autoproc",
        "IsActive": False,
        "UserType": "AutomatedProcess",
    }
    put_record(org.space, "User", values, org.config.users[0].user_id)
