"""Object rights as data: what the integration user's permission set and the sales profile grant.

A healthy org follows the vendor's permission list (contact-tracking 5.1, version V4, with the
package's object as the versions before named it). Activities have none: they hang on the system
permissions Access Activities, Edit Tasks and Edit Events.
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.rehearsal.schema import SObject
from integrations.rehearsal.schema.package import USERGEM

RIGHTS = {
    "C": "Create",
    "R": "Read",
    "E": "Edit",
    "D": "Delete",
    "V": "ViewAllRecords",
    "M": "ModifyAllRecords",
}
ALL = frozenset(RIGHTS.values())
ACTIVITIES = {"Task": "EditTask", "Event": "EditEvent"}
INTEGRATION: Mapping[str, str] = {
    "Account": "CRE",
    "Contact": "CRE",
    "Lead": "CRE",
    "Campaign": "CREV",
    "CampaignMember": "CRE",
    "Opportunity": "R",
    "OpportunityContactRole": "R",
    USERGEM.name: "CREDVM",
}
SALES: Mapping[str, str] = {
    "Account": "CRE",
    "Contact": "CRED",
    "Lead": "CRED",
    "Campaign": "R",
    "CampaignMember": "CRED",
    "Opportunity": "CRED",
    "OpportunityContactRole": "CRED",
    USERGEM.name: "CRE",
}


def granted(
    sobject: SObject,
    table: Mapping[str, str],
    permissions: frozenset[str],
    extra: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The rights on an object's records by name, such as `ViewAllRecords`.

    `extra`: rights beyond the table, as "Lead.Delete" or "*.Delete". Whoever has Modify All Data
    or View All Data has it on every object.
    """
    if sobject.name in ACTIVITIES:
        letters = "CRED" if ACTIVITIES[sobject.name] in permissions else "R"
    else:
        # What no list names, such as a campaign's member statuses, follows its parent.
        letters = table.get(sobject.name, "CRED")
    found = {RIGHTS[letter] for letter in letters}
    found |= {name for name in ALL if extra & {f"{sobject.name}.{name}", f"*.{name}"}}
    if "ModifyAllData" in permissions:
        found |= ALL
    if "ViewAllData" in permissions:
        found |= {"Read", "ViewAllRecords"}
    return frozenset(found)
