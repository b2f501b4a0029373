"""Lightning record pages: their components, fields by Dynamic Forms, and whether they are active.

Accounts, contacts and leads have one page each. The package's component is on those of contacts
and leads where the administrator put it (`components_off`), and a page is the org's default for
viewing a record unless nobody activated it (`pages_inactive`).
"""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.schema import SObject, package
from integrations.rehearsal.setup.made import made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

OBJECTS = ("Account", "Contact", "Lead")
DETAIL, HEADER = "force:detailPanel", "force:highlightsPanel"
LISTS = "force:relatedListContainer"
# Real describes write it so; setup files say "Large".
DESKTOP = "LARGE"


def _name(name: str) -> str:
    return f"{name}_Record_Page"


def page_id(org: Org, name: str) -> str:
    """The id of an object's record page in this org; the name is the same in every org."""
    return setup_id(org, "0M0", _name(name))


def overrides(org: Org, sobject: SObject) -> list[dict[str, Any]]:
    """`actionOverrides` of a describe: the page that is the org's default for viewing a record."""
    if sobject.name not in OBJECTS or sobject.name in org.config.pages_inactive:
        return []
    return [
        {
            "formFactor": DESKTOP,
            "isAvailableInTouch": False,
            "name": "View",
            "pageId": page_id(org, sobject.name),
            "url": None,
        }
    ]


def _rows(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=page_id(org, name),
            DeveloperName=_name(name),
            MasterLabel=_name(name).replace("_", " "),
            Type="RecordPage",
            EntityDefinitionId=name,
            FullName=_name(name),
            Metadata=lambda name=name: _metadata(org, name),
        )
        for name in OBJECTS
    ]


def _metadata(org: Org, name: str) -> dict[str, Any]:
    main = [_component(DETAIL)]
    fields = org.config.dynamic_forms.get(name)
    if fields is not None:
        main = [_field(shown) for shown in (*_standard_fields(org, name), *fields)]
    sidebar = [_component(LISTS)]
    if _has_component(org, name):
        sidebar.insert(0, _component(package.COMPONENT))
    return {
        "flexiPageRegions": [
            _region("header", [_component(HEADER)]),
            _region("main", main),
            _region("sidebar", sidebar),
        ],
        "masterLabel": _name(name).replace("_", " "),
        "sobjectType": name,
        "type": "RecordPage",
    }


def _has_component(org: Org, name: str) -> bool:
    where = package.COMPONENT_ON if org.package else ()
    return name in where and name not in org.config.components_off


def _standard_fields(org: Org, name: str) -> list[str]:
    return [
        field.name
        for field in org.schema[name.lower()].fields
        if not field.custom and field.createable and not field.compound and not field.system
    ]


def _region(name: str, instances: list[dict[str, Any]]) -> dict[str, Any]:
    return {"itemInstances": instances, "name": name, "type": "Region"}


def _component(name: str) -> dict[str, Any]:
    instance = {
        "componentInstanceProperties": [],
        "componentName": name,
        "identifier": name.replace(":", "_"),
    }
    return {"componentInstance": instance, "fieldInstance": None}


def _field(name: str) -> dict[str, Any]:
    instance = {
        "fieldInstanceProperties": [{"name": "uiBehavior", "value": "none"}],
        "fieldItem": f"Record.{name}",
        "identifier": f"Record{name}Field",
    }
    return {"componentInstance": None, "fieldInstance": instance}


MAKERS = {"FlexiPage": _rows}
