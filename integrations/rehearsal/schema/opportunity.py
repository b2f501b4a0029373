"""Opportunity: made when a lead is converted, read for reports."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import (
    READ_ONLY,
    SObject,
    area,
    audit_fields,
    check,
    date,
    deleted_field,
    lookup,
    number,
    pick,
    record_id,
    text,
)
from integrations.rehearsal.schema.people import SOURCES

STAGES = (
    "Prospecting|Qualification|Needs Analysis|Value Proposition|Proposal/Price Quote|"
    "Negotiation/Review|Closed Won|Closed Lost"
)

OPPORTUNITY = SObject(
    "Opportunity",
    "Opportunity",
    "Opportunities",
    "006",
    (
        record_id("Opportunity ID"),
        deleted_field(),
        lookup("AccountId", "Account ID", "Account", on_delete="cascade", children="Opportunities"),
        text("Name", "Name", 120, required=True, name_field=True),
        area("Description", "Description"),
        pick("StageName", "Stage", STAGES, required=True),
        number("Amount", "Amount", "currency"),
        number("Probability", "Probability (%)", "percent"),
        date("CloseDate", "Close Date", required=True),
        pick("Type", "Opportunity Type", "New Customer|Existing Customer"),
        pick("LeadSource", "Lead Source", SOURCES),
        check("IsClosed", "Closed", **READ_ONLY),
        check("IsWon", "Won", **READ_ONLY),
        lookup("CampaignId", "Campaign ID", "Campaign", children="Opportunities"),
        lookup("OwnerId", "Owner ID", "User", system=True, permissionable=False),
        *audit_fields(),
        date("LastActivityDate", "Last Activity", **READ_ONLY),
    ),
)
