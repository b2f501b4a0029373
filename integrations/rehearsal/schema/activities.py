"""Tasks, events and the roles of contacts on opportunities: what the permission list names."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import (
    READ_ONLY,
    Field,
    SObject,
    area,
    audit_fields,
    check,
    date,
    deleted_field,
    lookup,
    moment,
    pick,
    record_id,
    text,
    whole,
)


def _whom_and_what() -> tuple[Field, ...]:
    return (
        lookup("WhoId", "Name ID", "Contact|Lead", permissionable=False),
        lookup("WhatId", "Related To ID", "Account|Opportunity|Campaign", permissionable=False),
    )


def _owner() -> Field:
    return lookup("OwnerId", "Assigned To ID", "User", system=True, permissionable=False)


TASK = SObject(
    "Task",
    "Task",
    "Tasks",
    "00T",
    (
        record_id("Activity ID"),
        deleted_field(),
        *_whom_and_what(),
        pick("Subject", "Subject", "Call|Email|Send Letter|Send Quote|Other"),
        date("ActivityDate", "Due Date Only"),
        pick(
            "Status",
            "Status",
            "Not Started|In Progress|Completed|Waiting on someone else|Deferred",
            required=True,
            default="Not Started",
            permissionable=False,
        ),
        pick("Priority", "Priority", "High|Normal|Low", required=True, default="Normal",
             permissionable=False),
        area("Description", "Description"),
        _owner(),
        check("IsClosed", "Closed", **READ_ONLY),
        *audit_fields(),
    ),
    right="ActivitiesAccess",
)  # fmt: skip
EVENT = SObject(
    "Event",
    "Event",
    "Events",
    "00U",
    (
        record_id("Activity ID"),
        deleted_field(),
        *_whom_and_what(),
        pick("Subject", "Subject", "Call|Email|Meeting|Send Letter/Quote|Other"),
        text("Location", "Location", 255),
        date("ActivityDate", "Due Date Only"),
        moment("ActivityDateTime", "Due Date Time"),
        whole("DurationInMinutes", "Duration"),
        area("Description", "Description"),
        _owner(),
        *audit_fields(),
    ),
    right="ActivitiesAccess",
)
OPPORTUNITY_CONTACT_ROLE = SObject(
    "OpportunityContactRole",
    "Opportunity Contact Role",
    "Opportunity Contact Role",
    "00K",
    (
        record_id("Contact Role ID"),
        deleted_field(),
        lookup(
            "OpportunityId",
            "Opportunity ID",
            "Opportunity",
            required=True,
            updateable=False,
            permissionable=False,
            on_delete="cascade",
            children="OpportunityContactRoles",
        ),
        lookup(
            "ContactId",
            "Contact ID",
            "Contact",
            required=True,
            permissionable=False,
            on_delete="cascade",
            children="OpportunityContactRoles",
        ),
        pick("Role", "Role", "Business User|Decision Maker|Evaluator|Influencer|Other"),
        check("IsPrimary", "Primary"),
        *audit_fields(),
    ),
    searchable=False,
)
