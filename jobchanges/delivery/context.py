"""What a worker carries through one visit to an org, and the words for what it finds there."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from accounts.models import Customer
from integrations.models import Connection, OrgEpoch
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import is_id
from jobchanges.delivery.states import call_may_start
from jobchanges.models import Attempt, EnvironmentSettings
from jobchanges.plan_settings import choices_load
from jobchanges.planning.types import Matches, Plan, PlanSettings

logger = structlog.get_logger(__name__)

# Objects whose records have a name to show instead of their id, by key prefix.
NAMED = {
    "005": "User",
    "00G": "Group",
    "001": "Account",
    "003": "Contact",
    "00Q": "Lead",
    "701": "Campaign",
    "012": "RecordType",
}

# Worth showing on a created record though we do not always send them.
EXTRA_FIELDS = ("OwnerId", "Status", "RecordTypeId")


@dataclass
class Visit:
    """One worker in one org: the client, the settings, and who holds the claims."""

    connection: Connection
    epoch: OrgEpoch
    org: Org
    settings: PlanSettings
    holder: str
    names: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    # Written and not yet read back, since when (`gathered`), and how many got an answer.
    unread: list[Attempt] = field(default_factory=list)
    unread_since: float | None = None
    answered: int = 0
    graphs: int = 0
    graph_calls: int = 0

    @property
    def customer(self) -> Customer:
        """Whose org it is."""
        return self.connection.customer

    def has_current_choices(self) -> bool:
        """Whether where job changes go is still chosen as it was when the visit began."""
        chosen = choices_load(self.customer, self.connection.environment)
        return all(getattr(self.settings, name) == value for name, value in chosen.items())


def display_of(visit: Visit, plan: Plan) -> dict[str, Any]:
    """Labels of the plan's fields and names of its ids, as they are now."""
    labels: dict[str, dict[str, str]] = {}
    for write in plan.writes:
        facts = visit.settings.fields.get(write.object_name, {})
        known = labels.setdefault(write.object_name, {})
        for name in {*write.fields, *extra_fields(visit.settings, write.object_name)}:
            if name in facts and facts[name].label:
                known[name] = facts[name].label
    return {
        "labels": labels,
        "names": {one: visit.names[one] for one in ids_of(plan) if one in visit.names},
    }


def extra_fields(settings: PlanSettings, object_name: str) -> list[str]:
    """Fields worth showing on a created record though we do not always send them."""
    visible = settings.fields.get(object_name, {})
    return [name for name in extra_names(settings, object_name) if name in visible]


def extra_names(settings: PlanSettings, object_name: str) -> tuple[str, ...]:
    """What an org may fill in by itself: owner, status, type; on the package's record its lookups,
    such as the lead that the customer's own flow made of it."""
    if object_name != settings.manifest.object_name:
        return EXTRA_FIELDS
    return (*EXTRA_FIELDS, *settings.manifest.lookups.values())


def names_from_matches(visit: Visit, matches: Iterable[Matches]) -> None:
    """Remember the names of what matching found."""
    for found in matches:
        visit.names.update(found.names)
        for account in (found.account, found.past_account):
            if account:
                visit.names[account.id] = account.name
        for person in (found.person, found.past):
            if person:
                visit.names[person.id] = person.name


def names_from_settings(visit: Visit) -> None:
    """Remember the names of the chosen owner, the people in turn and the campaign."""
    chosen = EnvironmentSettings.objects.filter(
        customer=visit.customer, environment=visit.connection.environment
    ).first()
    if chosen:
        visit.names.update(
            {
                one: name
                for one, name in (
                    (chosen.default_owner_id, chosen.default_owner_name),
                    (chosen.campaign_id, chosen.campaign_name),
                    *((each["id"], each["name"]) for each in chosen.round_robin),
                )
                if one and name
            }
        )


def names_ask(visit: Visit, ids: Iterable[str]) -> None:
    """Ask the org, in one call, for the names behind ids that are not known yet.

    A name is a courtesy: when the org does not say, the id is shown.
    """
    by_object: dict[str, set[str]] = {}
    for one in ids:
        if one not in visit.names and is_id(one) and one[:3] in NAMED:
            by_object.setdefault(NAMED[one[:3]], set()).add(one)
    if not by_object:
        return
    call_may_start()
    try:
        found = visit.org.records_get(
            [(name, sorted(wanted), ["Name"]) for name, wanted in sorted(by_object.items())]
        )
    except SalesforceError as error:
        logger.info("names_not_read", org=visit.epoch.org_id, code=error.code)
        return
    visit.names.update({one: str(row["Name"]) for one, row in found.items() if row.get("Name")})


def ids_of(plan: Plan) -> set[str]:
    """Every record id that stands in a field of the plan."""
    return {
        value
        for write in plan.writes
        for value in write.fields.values()
        if isinstance(value, str) and is_id(value) and value[:3] in NAMED
    }


def ids_in(values: Mapping[str, Any]) -> set[str]:
    """Every record id among a record's values."""
    return {
        value
        for value in values.values()
        if isinstance(value, str) and is_id(value) and value[:3] in NAMED
    }
