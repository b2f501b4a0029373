"""Describe answers, with the key set of real ones."""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.schema.fields import NUMBERS, SOAP_TYPES
from integrations.rehearsal.setup.record_pages import overrides
from integrations.rehearsal.setup.record_types import record_types

LONG_TEXT = 255


def field_describe(access: Access, sobject: SObject, field: Field) -> dict[str, Any]:
    """One field as its describe shows it to the running user."""
    kind = field.type
    long_text = kind == "textarea" and field.length > LONG_TEXT
    textual = SOAP_TYPES.get(kind, "xsd:string") == "xsd:string"
    plain = not long_text and kind != "address"
    return {
        "aggregatable": plain and kind != "boolean",
        "aiPredictionField": False,
        "autoNumber": bool(field.auto_number),
        "byteLength": field.length * 3 if textual else field.length,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": field.on_delete == "cascade",
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": None,
        "createable": access.writable(sobject, field, "create"),
        "custom": field.custom,
        "defaultValue": field.default if field.default is not None else _no_default(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type or ("plaintextarea" if kind == "textarea" else None),
        "filterable": not long_text,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": plain and kind not in ("datetime", "double", "currency", "percent"),
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.permissionable and not field.required,
        "picklistValues": [
            {
                "active": True,
                "defaultValue": entry == field.default,
                "label": entry,
                "validFor": None,
                "value": entry,
            }
            for entry in field.picklist
        ],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision if kind in NUMBERS else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": kind == "reference" and field.nillable,
        "soapType": SOAP_TYPES.get(kind, "xsd:string"),
        "sortable": plain,
        "type": kind,
        "unique": field.unique,
        "updateable": access.writable(sobject, field, "update"),
        "writeRequiresMasterRead": False,
    }


def _no_default(field: Field) -> Any:
    return False if field.type == "boolean" else None


def _urls(sobject: SObject, version: str, full: bool, base: str = "") -> dict[str, str]:
    path = f"/services/data/v{version}/sobjects/{sobject.name}"
    urls = {"rowTemplate": f"{path}/{{ID}}", "describe": f"{path}/describe", "sobject": path}
    if sobject.layoutable:
        urls |= {
            "compactLayouts": f"{path}/describe/compactLayouts",
            "layouts": f"{path}/describe/layouts",
        }
    if sobject.layoutable and sobject.searchable:
        urls |= {
            "approvalLayouts": f"{path}/describe/approvalLayouts",
            "listviews": f"{path}/listviews",
            "quickActions": f"{path}/quickActions",
        }
    if full:
        urls |= {
            "uiDetailTemplate": f"{base}/{{ID}}",
            "uiEditTemplate": f"{base}/{{ID}}/e",
            "uiNewRecord": f"{base}/{sobject.key_prefix}/e",
        }
    return urls


def _flags(access: Access, sobject: SObject) -> dict[str, Any]:
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": access.may_create(sobject),
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": access.may_delete(sobject),
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.name in ("Account", "Contact", "Lead"),
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": sobject.layoutable,
        "mergeable": sobject.name in ("Account", "Contact", "Lead"),
        "mruEnabled": sobject.layoutable,
        "name": sobject.name,
        "queryable": True,
        "replicateable": sobject.layoutable,
        "retrieveable": True,
        "searchable": sobject.searchable,
        "triggerable": sobject.createable,
        "undeletable": access.may_delete(sobject) and not sobject.hard_delete,
        "updateable": access.may_edit(sobject),
    }


def global_describe(access: Access, version: str) -> dict[str, Any]:
    """`GET /sobjects`: every object the user knows."""
    found = [
        {**_flags(access, item), "urls": _urls(item, version, False)} for item in access.sobjects()
    ]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found}


def sobject_summary(access: Access, sobject: SObject, version: str) -> dict[str, Any]:
    """`GET /sobjects/X`: the short description and recent items (none here)."""
    summary = {**_flags(access, sobject), "urls": _urls(sobject, version, True, access.org.url)}
    return {"objectDescribe": summary, "recentItems": []}


def full_describe(access: Access, sobject: SObject, version: str) -> dict[str, Any]:
    """`GET /sobjects/X/describe`: fields the user may not read are missing."""
    flags = _flags(access, sobject)
    layout = f"/services/data/v{version}/sobjects/{sobject.name}/describe/layouts/"
    return {
        "actionOverrides": overrides(access.org, sobject),
        **{name: flags[name] for name in flags if name < "compact"},
        "childRelationships": _children(access, sobject),
        "compactLayoutable": sobject.layoutable,
        **{name: flags[name] for name in flags if "compact" < name < "default"},
        "defaultImplementation": None,
        **{name: flags[name] for name in flags if "default" < name < "extended"},
        "extendedBy": None,
        "extendsInterfaces": None,
        "feedEnabled": flags["feedEnabled"],
        "fields": [
            field_describe(access, sobject, field)
            for field in sobject.fields
            if access.readable(sobject, field)
        ],
        "hasSubtypes": False,
        "implementedBy": None,
        "implementsInterfaces": None,
        **{name: flags[name] for name in flags if "is" < name < "listviewable"},
        "listviewable": None,
        "lookupLayoutable": None,
        **{name: flags[name] for name in flags if "lookup" < name < "named"},
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "queryable": True,
        "recordTypeInfos": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": kind.default,
                "developerName": kind.developer_name,
                "master": kind.master,
                "name": kind.label,
                "recordTypeId": kind.record_type_id,
                "urls": {"layout": layout + kind.record_type_id},
            }
            for kind in record_types(access.org, sobject)
        ],
        **{name: flags[name] for name in ("replicateable", "retrieveable")},
        "searchLayoutable": sobject.searchable,
        "searchable": sobject.searchable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {sobject.label_plural.lower()}", "name": "everything"},
            {"label": f"My {sobject.label_plural.lower()}", "name": "mine"},
        ],
        **{name: flags[name] for name in ("triggerable", "undeletable", "updateable")},
        "urls": _urls(sobject, version, True, access.org.url),
    }


def _children(access: Access, sobject: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": field.on_delete == "cascade",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.children,
            "restrictedDelete": False,
        }
        for child in access.sobjects()
        for field in child.fields
        if sobject.name in field.reference_to and access.readable(child, field)
    ]
