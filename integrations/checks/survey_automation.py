"""What fires when a record is saved, and what becomes of a lead: questions and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.checks.answers import (
    METADATA,
    VIEW_SETUP,
    CannotAsk,
    DuplicateRuleFacts,
    FlowFacts,
    TriggerFacts,
    ValidationRuleFacts,
)
from integrations.checks.survey_names import PACKAGE, WRITTEN
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.metadata import LEAD_MAPPING_QUERY, LeadMapping, lead_mapping_from
from integrations.salesforce.shapes import flag, mapping, named, reading, record_id, text
from integrations.salesforce.soql import in_list
from integrations.salesforce.together import Read

# Columns of ApexTrigger to what people call them.
_EVENTS = {
    "UsageBeforeInsert": "before insert",
    "UsageAfterInsert": "after insert",
    "UsageBeforeUpdate": "before update",
    "UsageAfterUpdate": "after update",
    "UsageBeforeDelete": "before delete",
    "UsageAfterDelete": "after delete",
    "UsageAfterUndelete": "after undelete",
}
_PACKAGE_DESCRIBED = f"describe.{PACKAGE.object_name}"
_WHEN = {
    "Create": "when a record is created",
    "Update": "when a record is updated",
    "CreateAndUpdate": "when a record is created or updated",
    "Delete": "when a record is deleted",
}


def validation_rules_asked(_: Round) -> Questions:
    """Active validation rules on what we write."""
    yield Question.query(
        "validation_rules",
        "SELECT Id, ValidationName, ErrorMessage, ErrorDisplayField, "
        "EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true "
        f"AND EntityDefinition.QualifiedApiName IN {in_list(WRITTEN)}",
        tooling=True,
    )


def validation_rules_from(asked: Round) -> tuple[ValidationRuleFacts, ...]:
    """Active validation rules on what we write."""
    with reading("ValidationRule"):
        return tuple(
            ValidationRuleFacts(
                rule_id=record_id(row["Id"]),
                object_name=_entity(row),
                name=text(row.get("ValidationName")),
                message=text(row.get("ErrorMessage")),
                field=text(row.get("ErrorDisplayField")),
            )
            for row in asked.rows("validation_rules", VIEW_SETUP)
        )


def _entity(row: Mapping[str, Any]) -> str:
    return named(mapping(row.get("EntityDefinition")).get("QualifiedApiName"))


def triggers_asked(_: Round) -> Questions:
    """Active Apex triggers on what we write."""
    yield Question.query(
        "triggers",
        f"SELECT Name, NamespacePrefix, TableEnumOrId, {', '.join(_EVENTS)} FROM ApexTrigger "
        f"WHERE Status = 'Active' AND TableEnumOrId IN {in_list(WRITTEN)}",
        tooling=True,
    )


def triggers_from(asked: Round) -> tuple[TriggerFacts, ...]:
    """Active triggers with the moments at which they run."""
    with reading("ApexTrigger"):
        return tuple(
            TriggerFacts(
                object_name=named(row["TableEnumOrId"]),
                name=text(row.get("Name")),
                namespace=text(row.get("NamespacePrefix")),
                events=tuple(said for column, said in _EVENTS.items() if flag(row.get(column))),
            )
            for row in asked.rows("triggers", VIEW_SETUP)
        )


def flows_asked(_: Round) -> Questions:
    """Active flows that a saved record starts, and what the package's object is called."""
    yield Question(_PACKAGE_DESCRIBED, Read.describe(PACKAGE.object_name))
    yield Question.query(
        "flows",
        "SELECT ApiName, Label, TriggerType, RecordTriggerType, TriggerObjectOrEventId, "
        "TriggerObjectOrEventLabel FROM FlowDefinitionView WHERE IsActive = true "
        "AND TriggerType IN ('RecordBeforeSave','RecordAfterSave')",
        tooling=True,
    )


def flows_from(asked: Round) -> tuple[FlowFacts, ...]:
    """Flows on what we write; standard objects bear their API name as their id.

    A custom object bears an id of the org there, so that of the package is known by its label.
    """
    found = []
    known = asked.known(_PACKAGE_DESCRIBED)
    package_label = text(asked.body(_PACKAGE_DESCRIBED).get("label")) if known else ""
    with reading("FlowDefinitionView"):
        for row in asked.rows("flows", VIEW_SETUP):
            object_name = text(row.get("TriggerObjectOrEventId"))
            label = text(row.get("TriggerObjectOrEventLabel"))
            if object_name not in WRITTEN and package_label and label == package_label:
                object_name = PACKAGE.object_name
            if object_name in WRITTEN:
                saved = text(row.get("RecordTriggerType"))
                name, called = text(row.get("ApiName")), text(row.get("Label"))
                found.append(FlowFacts(object_name, name, called, _WHEN.get(saved, saved)))
    return tuple(found)


def duplicate_rules_asked(_: Round) -> Questions:
    """Active duplicate rules."""
    yield Question.query(
        "duplicate_rules",
        "SELECT DeveloperName, MasterLabel, SobjectType FROM DuplicateRule WHERE IsActive = true",
    )


def duplicate_rules_from(asked: Round) -> tuple[DuplicateRuleFacts, ...]:
    """Active duplicate rules on what we write."""
    with reading("DuplicateRule"):
        return tuple(
            DuplicateRuleFacts(
                named(row["SobjectType"]), text(row.get("DeveloperName")), text(row["MasterLabel"])
            )
            for row in asked.rows("duplicate_rules", VIEW_SETUP)
            if row["SobjectType"] in WRITTEN
        )


def assignment_rules_asked(_: Round) -> Questions:
    """The active assignment rule for leads."""
    yield Question.query(
        "assignment_rules",
        "SELECT Name FROM AssignmentRule WHERE Active = true AND SobjectType = 'Lead'",
    )


def assignment_rules_from(asked: Round) -> tuple[str, ...]:
    """Names of the active assignment rules for leads; an org has one at most."""
    with reading("AssignmentRule"):
        return tuple(text(row["Name"]) for row in asked.rows("assignment_rules", VIEW_SETUP))


def lead_mapping_asked(asked: Round) -> Questions:
    """The lead conversion mapping: by Tooling, and where that is refused by the Metadata API."""
    yield Question.query("lead_mapping", LEAD_MAPPING_QUERY, tooling=True)
    if asked.refused("lead_mapping"):
        yield Question("lead_mapping_soap", alone=lambda org: org.lead_mapping_by_metadata_api())


def lead_mapping_from_org(asked: Round) -> LeadMapping:
    """What becomes of custom lead fields at conversion; empty where nobody mapped any."""
    if not asked.refused("lead_mapping"):
        return lead_mapping_from(asked.body("lead_mapping"))
    found = asked.body("lead_mapping_soap")
    if not isinstance(found, LeadMapping):
        raise CannotAsk(METADATA)
    return found
