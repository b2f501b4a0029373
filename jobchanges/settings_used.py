"""Which of the choices matter under a record mode, and what of one org a signature covers."""

from __future__ import annotations

from typing import Any

from jobchanges.models import (
    EnvironmentSettings,
    LeadOwnerRule,
    OutputSettings,
    OwnerRule,
    RecordMode,
)

_NO_LEADS = {RecordMode.ALWAYS_CONTACT, RecordMode.FLOW_TEMPLATE}
_NO_CONTACTS = {RecordMode.ALWAYS_LEAD, RecordMode.FLOW_TEMPLATE}


def leads_made(record_mode: str) -> bool:
    """Whether leads are created in this mode."""
    return record_mode not in _NO_LEADS


def contacts_made(record_mode: str) -> bool:
    """Whether contacts are created in this mode."""
    return record_mode not in _NO_CONTACTS


def turns_used(record_mode: str, contact_owner_rule: str, lead_owner_rule: str) -> bool:
    """Whether anybody takes turns: a rule says so, for records that this mode creates."""
    return (contacts_made(record_mode) and contact_owner_rule == OwnerRule.ROUND_ROBIN) or (
        leads_made(record_mode) and lead_owner_rule == LeadOwnerRule.ROUND_ROBIN
    )


def takes_turns(output: OutputSettings | None) -> bool:
    """`turns_used` of saved choices."""
    return output is not None and turns_used(
        output.record_mode, output.contact_owner_rule, output.lead_owner_rule
    )


def turns_signed(output: OutputSettings | None, chosen: EnvironmentSettings) -> dict[str, Any]:
    """Ids of the people in turn, as an approval and the go-live summary hash them.

    Nothing where no rule asks for them: what was signed before they existed stays valid.
    """
    if not takes_turns(output):
        return {}
    return {"round_robin": [str(one["id"]) for one in chosen.round_robin]}
