"""What the customer built that can spoil a test: rules, triggers, flows."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.automation import ASSIGNMENT_RULE
from integrations.rehearsal.config import Flow, Trigger, ValidationRule
from integrations.rehearsal.setup.made import KEY, NO_ID, entity, made, setup_id
from integrations.rehearsal.store import Row

API_VERSION = 66.0


def _validation_rules(access: Access) -> list[Row]:
    org = access.org

    def row(rule: ValidationRule) -> Row:
        return made(
            org,
            Id=setup_id(org, "03d", rule.sobject, rule.name),
            ValidationName=rule.name,
            EntityDefinitionId=entity(org, rule.sobject),
            Active=True,
            ErrorMessage=rule.message,
            FullName=f"{rule.sobject}.{rule.name}",
            Metadata=lambda: {
                "active": True,
                "description": None,
                "errorConditionFormula": _formula(rule),
                "errorDisplayField": None,
                "errorMessage": rule.message,
                "shouldEvaluateInAllDataModes": None,
                "urls": None,
            },
        )

    return [row(rule) for rule in org.config.validation_rules]


def _formula(rule: ValidationRule) -> str:
    parts = [f"ISBLANK({name})" for name in rule.blank]
    if rule.when:
        parts.append(f'{rule.when[0]} = "{rule.when[1]}"')
    if rule.on == ("insert",):
        parts.append("ISNEW()")
    return parts[0] if len(parts) == 1 else f"AND({', '.join(parts)})"


def _triggers(access: Access) -> list[Row]:
    org = access.org

    def row(trigger: Trigger) -> Row:
        usage: dict[str, Any] = {
            "UsageAfterInsert": "insert" in trigger.on,
            "UsageAfterUpdate": "update" in trigger.on,
        }
        return made(
            org,
            Id=setup_id(org, "01q", trigger.name),
            Name=trigger.name,
            TableEnumOrId=entity(org, trigger.sobject),
            EntityDefinitionId=entity(org, trigger.sobject),
            Status="Active",
            ApiVersion=API_VERSION,
            **usage,
        )

    return [row(trigger) for trigger in org.config.triggers]


def _label(flow: Flow) -> str:
    return flow.name.replace("_", " ")


def _flows(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=setup_id(org, "301", flow.name),
            DefinitionId=setup_id(org, "300", flow.name),
            MasterLabel=_label(flow),
            VersionNumber=1,
            Status="Active",
            ProcessType="AutoLaunchedFlow",
        )
        for flow in org.config.flows
    ]


def _flow_definitions(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=setup_id(org, "300", flow.name),
            DeveloperName=flow.name,
            MasterLabel=_label(flow),
            ActiveVersionId=setup_id(org, "301", flow.name),
            LatestVersionId=setup_id(org, "301", flow.name),
        )
        for flow in org.config.flows
    ]


def _flow_views(access: Access) -> list[Row]:
    org = access.org

    def row(flow: Flow) -> Row:
        found = org.schema.get(flow.sobject.lower())
        key = setup_id(org, "300", flow.name)
        return {
            KEY: key,
            "Id": NO_ID,
            "DurableId": key,
            "ApiName": flow.name,
            "Label": _label(flow),
            "ProcessType": "AutoLaunchedFlow",
            "TriggerType": "RecordAfterSave",
            "RecordTriggerType": "Create",
            "TriggerObjectOrEventLabel": found.label if found else flow.sobject,
            "TriggerObjectOrEventId": entity(org, flow.sobject),
            "ActiveVersionId": setup_id(org, "301", flow.name),
            "IsActive": True,
        }

    return [row(flow) for flow in org.config.flows]


def _duplicate_rules(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=setup_id(org, "0Bm", rule.sobject),
            DeveloperName=f"Standard_{rule.sobject}_Duplicate_Rule",
            MasterLabel=f"Standard {rule.sobject} Duplicate Rule",
            SobjectType=rule.sobject,
            SobjectSubtype="None",
            IsActive=True,
        )
        for rule in org.config.duplicate_rules
    ]


def _assignment_rules(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=ASSIGNMENT_RULE,
            Name="Lead assignment",
            SobjectType="Lead",
            Active=bool(org.config.auto_assign_owner),
        )
    ]


MAKERS = {
    "ValidationRule": _validation_rules,
    "ApexTrigger": _triggers,
    "Flow": _flows,
    "FlowDefinition": _flow_definitions,
    "FlowDefinitionView": _flow_views,
    "DuplicateRule": _duplicate_rules,
    "AssignmentRule": _assignment_rules,
}
