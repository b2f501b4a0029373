"""Record types: the master every object has, and those of the org's configuration."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.rehearsal.access import Access
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.setup.made import made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

MASTER = "012000000000000AAA"


@dataclass(frozen=True)
class RecordTypeInfo:
    """A record type of an object in an org; the master has a fixed id."""

    record_type_id: str
    developer_name: str
    label: str
    default: bool
    master: bool = False


def record_type_id(org: Org, sobject: str, developer_name: str) -> str:
    """The id in this org; ids differ between orgs, names do not."""
    return setup_id(org, "012", sobject, developer_name)


def record_types(org: Org, sobject: SObject) -> list[RecordTypeInfo]:
    """The customer's record types of an object in their order, the master last."""
    own = [item for item in org.config.record_types if item.sobject == sobject.name]
    chosen = next((item for item in own if item.default), None)
    found = [
        RecordTypeInfo(
            record_type_id(org, sobject.name, item.developer_name),
            item.developer_name,
            item.label,
            item is chosen,
        )
        for item in own
    ]
    return [*found, RecordTypeInfo(MASTER, "Master", "Master", chosen is None, master=True)]


def _rows(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=record_type_id(org, item.sobject, item.developer_name),
            Name=item.label,
            DeveloperName=item.developer_name,
            SobjectType=item.sobject,
            IsActive=True,
        )
        for item in org.config.record_types
    ]


MAKERS = {"RecordType": _rows}
