"""All objects an org knows, with and without the managed package."""

from __future__ import annotations

from dataclasses import replace

from integrations.rehearsal.schema import (
    package,
    report_objects,
    rights_objects,
    setup_objects,
    tooling_objects,
)
from integrations.rehearsal.schema.activities import EVENT, OPPORTUNITY_CONTACT_ROLE, TASK
from integrations.rehearsal.schema.campaigns import (
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    CAMPAIGN_MEMBER_STATUS,
)
from integrations.rehearsal.schema.fields import Field, SObject
from integrations.rehearsal.schema.opportunity import OPPORTUNITY
from integrations.rehearsal.schema.people import ACCOUNT, CONTACT, LEAD

__all__ = ["WITHOUT_PACKAGE", "WITH_PACKAGE", "Field", "SObject", "key_prefixes"]

_STANDARD = (
    ACCOUNT,
    CONTACT,
    LEAD,
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    CAMPAIGN_MEMBER_STATUS,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    TASK,
    EVENT,
    *(
        item
        for module in (setup_objects, rights_objects, tooling_objects, report_objects)
        for item in vars(module).values()
        if isinstance(item, SObject)
    ),
)


def _extend(item: SObject) -> SObject:
    added = package.FIELDS.get(item.name, ())
    if not added:
        return item
    return replace(item, fields=(*item.fields, *added), by_lower={}, by_relationship={})


WITHOUT_PACKAGE: dict[str, SObject] = {item.name.lower(): item for item in _STANDARD}
WITH_PACKAGE: dict[str, SObject] = {
    item.name.lower(): item for item in (*map(_extend, _STANDARD), package.USERGEM)
}


def key_prefixes() -> dict[str, SObject]:
    """Key prefix of a record id → object, with the package's object among them."""
    return {item.key_prefix: item for item in WITH_PACKAGE.values() if item.key_prefix}
