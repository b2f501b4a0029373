"""Rows that no table keeps: ids and audit fields for what follows from an org's configuration."""

from __future__ import annotations

import hashlib
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.schema.package import NAMESPACE
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

# Rows without an id of their own all have this one; `KEY` holds what their address names.
NO_ID = "000000000000000AAA"
KEY = "_key"


def setup_id(org: Org, prefix: str, *names: str) -> str:
    """An id that is always the same in one org, and another in every other org."""
    seed = "|".join((org.config.org_id, prefix, *names)).encode()
    number = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % 62**8
    return ids.make(prefix, number, instance=org.config.org_id[3:5])


def made(org: Org, **values: Any) -> Row:
    """A set-up row with the audit fields of a record that was made when the org was."""
    moment, by = org.config.created, org.config.users[0].user_id
    return {
        **values,
        "CreatedDate": moment,
        "CreatedById": by,
        "LastModifiedDate": moment,
        "LastModifiedById": by,
        "SystemModstamp": moment,
    }


def durable_id(org: Org, sobject: SObject) -> str:
    """How other set-up rows name an object: its API name, or 15 characters for a custom one."""
    return setup_id(org, "01I", sobject.name)[:15] if sobject.custom else sobject.name


def entity(org: Org, name: str) -> str:
    """As `durable_id`, by API name; the name itself where the org has no such object."""
    found = org.schema.get(name.lower())
    return durable_id(org, found) if found else name


def split_name(name: str) -> tuple[str | None, str]:
    """Namespace and developer name of an API name: `UserGem__X__c` → `UserGem`, `X`."""
    bare = name.removesuffix("__c")
    prefix = NAMESPACE + "__"
    return (NAMESPACE, bare.removeprefix(prefix)) if bare.startswith(prefix) else (None, bare)
