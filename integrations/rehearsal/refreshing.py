"""Refreshing a sandbox: a new org at the same address, copied from production as it is now."""

from __future__ import annotations

from integrations.rehearsal import campaigns, configure, ids, sampling, seed
from integrations.rehearsal.schema import package
from integrations.rehearsal.schema.variations import RECORD_TYPE_FIELD
from integrations.rehearsal.setup.record_types import record_type_id
from integrations.rehearsal.signin import SignIn
from integrations.rehearsal.store import Row, Space
from integrations.rehearsal.world import Org, now

# What each org has of its own; everything else comes from production.
OWN = frozenset({"meta", "Organization"})
COUNTERS = "counter"
EVERYTHING, SET_UP_ONLY = "crm", "DEVELOPER"
MADE_BY_US = frozenset({package.USERGEM.name, "CampaignMember", "CampaignMemberStatus"})
Copy = dict[str, dict[str, Row]]


class CannotLayError(Exception):
    """What was asked does not fit this org; the message is a sentence."""


def refresh_sandbox(signin: SignIn, org: Org) -> None:
    """A new org id; what was made in the sandbox, and who was signed in to it, is gone.

    Configurations that lie on the sandbox stay. Raises CannotLayError without a production.
    """
    orgs = signin.world.orgs.values()
    production = next((one for one in orgs if one.base.key == org.base.sandbox_of), None)
    if production is None:
        raise CannotLayError(f"{org.base.title} has no production here.")
    copied = _copied(production, org)
    signin.forget(org)
    with org.space.transaction():
        _become_another(org)
        # Not before: the ids of record types are the new org's.
        _use_own_record_types(copied, production, org)
        _replace(org.space, copied)
        if production.package:
            row = {**production.package, "installed_at": org.config.created}
            org.space.put("meta", "package", row)
        else:
            org.space.drop("meta", "package")
        campaigns.forget(org.space)
        seed.settle(org.config, org.space)
        campaigns.tidy(org.space, org.config.users[0].user_id)


def _become_another(org: Org) -> None:
    row = org.space.get(configure.KIND, configure.REFRESHED) or {"times": 0}
    times = row["times"] + 1
    # The number of the refresh stands in the middle of the id, which has zeros there at first.
    value = f"{org.base.org_id[:5]}{times:04d}{org.base.org_id[9:15]}"
    values = {
        "times": times,
        "org_id": value + ids.suffix(value),
        # The platform places the new org where there is room.
        "instance": f"USA{60 + times}S",
        "created": now(),
    }
    org.space.put(configure.KIND, configure.REFRESHED, values)


def _copied(production: Org, org: Org) -> Copy:
    """Production's rows by kind and id, as this kind of sandbox gets them.

    Records and the counters of their ids; no jobs that run, no flows that wait.
    """
    objects = {sobject.name for sobject in production.schema.values()} - OWN
    with production.space.lock:
        rows: Copy = {
            name: dict(production.space.items(name))
            for name in production.space.kinds()
            if name in objects or name == COUNTERS
        }
    if org.config.records != EVERYTHING:
        for name, sources in sampling.sources(org.config.records).items():
            rows[name] = _sampled(name, sources, rows.get(name, {}), org)
    if org.config.sandbox_license == SET_UP_ONLY:
        for name in MADE_BY_US:
            rows.pop(name, None)
    rows["User"] = {key: _masked(org, row) for key, row in rows["User"].items()}
    return rows


def _sampled(
    name: str, sources: tuple[sampling.Source, ...], there: dict[str, Row], org: Org
) -> dict[str, Row]:
    """The sample's rows as production has them now; who is a stranger there stays one."""
    production = {row["Id"]: row for row in sampling.sources(EVERYTHING)[name]}
    admin = org.config.users[0].user_id
    result = {}
    for source in sources:
        key = source["Id"]
        if source != production[key]:
            result[key] = seed.seeded(name, source, admin)
        elif key in there:
            result[key] = there[key]
    return result


def _record_type_ids(org: Org) -> dict[str, dict[str, str]]:
    """The ids of an org's record types by object and developer name."""
    found: dict[str, dict[str, str]] = {}
    for one in org.config.record_types:
        key = record_type_id(org, one.sobject, one.developer_name)
        found.setdefault(one.sobject, {})[one.developer_name] = key
    return found


def _use_own_record_types(copied: Copy, production: Org, org: Org) -> None:
    for kind, theirs in _record_type_ids(production).items():
        ours = _record_type_ids(org).get(kind, {})
        own_id = {key: ours.get(name) for name, key in theirs.items()}
        copied[kind] = {key: _typed(row, own_id) for key, row in copied.get(kind, {}).items()}


def _typed(row: Row, own_id: dict[str, str | None]) -> Row:
    """A row with the sandbox's own record type of the same name; none if it has none so named."""
    if row.get(RECORD_TYPE_FIELD) not in own_id:
        return row
    return {**row, RECORD_TYPE_FIELD: own_id[row[RECORD_TYPE_FIELD]]}


def _masked(org: Org, row: Row) -> Row:
    """A user with the sandbox's name behind the username, and an e-mail that goes nowhere."""
    username = row["Username"] + org.base.username_suffix
    return {**row, "Username": username, "Email": row["Email"] + ".invalid"}


def _replace(space: Space, copied: Copy) -> None:
    """The space's records are the copied ones; rows that say the same are left alone."""
    for name in sorted({*space.kinds(), *copied} - OWN):
        wanted = copied.get(name, {})
        for key, row in space.items(name):
            if key not in wanted:
                space.drop(name, key)
            elif row != wanted[key]:
                space.put(name, key, wanted[key])
        for key, row in wanted.items():
            if space.get(name, key) is None:
                space.put(name, key, row)
