"""What the connected org offers to choose from for the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

from integrations.salesforce.client import Org
from integrations.salesforce.describe import ObjectDescribe
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.soql import in_list
from jobchanges.planning.asking import select
from jobchanges.settings_fields import (
    OBJECTS,
    FieldChoice,
    Fields,
    fields_from_json,
    fields_offered,
)

# More than a person can look through; also what one `IN` takes.
MOST_CHOICES = 500
_NO_OBJECT = {"NOT_FOUND", "INVALID_TYPE"}


@dataclass(frozen=True)
class Choice:
    """Something in the org that can be chosen."""

    id: str
    name: str


@dataclass(frozen=True)
class OwnerChoice(Choice):
    """A user; `name` is what tells them apart, `person` what they are called."""

    person: str = ""


@dataclass(frozen=True)
class CampaignChoice(Choice):
    """A campaign with its member statuses, the default one first."""

    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the connected org offers to choose from."""

    owners: tuple[OwnerChoice, ...]
    campaigns: tuple[CampaignChoice, ...]
    lead_sources: tuple[str, ...]
    # A restricted picklist takes nothing else than its values.
    lead_source_restricted: bool
    # By object; see `settings_fields.fields_offered`.
    fields: Fields = field(default_factory=dict)

    # What was added last to a stored offer.
    NEWEST: ClassVar[str] = "fields"

    def as_json(self) -> dict[str, Any]:
        """As an `OrgOffer` keeps it."""
        offered = {name: [one.as_json() for one in some] for name, some in self.fields.items()}
        return {**asdict(replace(self, fields={})), "fields": offered}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Options:
        """The options of a stored offer."""
        return cls(
            owners=tuple(OwnerChoice(**one) for one in stored["owners"]),
            campaigns=tuple(
                CampaignChoice(**{**one, "statuses": tuple(one["statuses"])})
                for one in stored["campaigns"]
            ),
            lead_sources=tuple(stored["lead_sources"]),
            lead_source_restricted=bool(stored["lead_source_restricted"]),
            fields=fields_from_json(stored["fields"]),
        )

    @classmethod
    def is_whole(cls, stored: Mapping[str, Any]) -> bool:
        """Whether a stored offer has all that is offered today; an older one is asked anew."""
        return cls.NEWEST in stored

    def field_of(self, object_name: str, name: str) -> FieldChoice | None:
        """A field of the org by its API name."""
        return next((one for one in self.fields.get(object_name, ()) if one.name == name), None)

    def owner(self, user_id: str) -> OwnerChoice | None:
        """An active user of the org by id."""
        return next((one for one in self.owners if one.id == user_id), None)

    def campaign(self, campaign_id: str) -> CampaignChoice | None:
        """An active campaign by id."""
        return next((one for one in self.campaigns if one.id == campaign_id), None)

    @property
    def all_owners(self) -> bool:
        """Whether these are all active users; an org may have more than anybody looks through."""
        return len(self.owners) < MOST_CHOICES

    @property
    def all_campaigns(self) -> bool:
        """Whether these are all active campaigns."""
        return len(self.campaigns) < MOST_CHOICES


def settings_options(org: Org) -> Options:
    """Ask the org for active users, active campaigns with member statuses, lead sources, fields.

    At most four calls. An org whose campaigns the connected user may not see offers none.
    Raises SalesforceError.
    """
    users = org.query(
        select(
            ("Id", "Name", "Username"),
            "User",
            f"IsActive = true AND UserType = 'Standard' ORDER BY Name LIMIT {MOST_CHOICES}",
        )
    )
    described = org.describes(OBJECTS)
    sources, restricted = _lead_sources(described.get("Lead"))
    return Options(
        owners=tuple(
            OwnerChoice(
                row["Id"],
                f"{row.get('Name') or ''} ({row.get('Username') or ''})",
                person=row.get("Name") or "",
            )
            for row in users
        ),
        campaigns=_campaigns(org),
        lead_sources=sources,
        lead_source_restricted=restricted,
        fields=fields_offered(described),
    )


def _lead_sources(lead: ObjectDescribe | None) -> tuple[tuple[str, ...], bool]:
    """Values of Lead Source and whether no others are accepted; hidden: none, not restricted."""
    source = lead.fields.get("LeadSource") if lead else None
    if source is None:
        return (), False
    return source.picklist_values, source.restricted_picklist


def _campaigns(org: Org) -> tuple[CampaignChoice, ...]:
    """Active campaigns with their statuses; none when the connected user may not see them."""
    try:
        rows = org.query(
            select(
                ("Id", "Name"),
                "Campaign",
                f"IsActive = true ORDER BY Name LIMIT {MOST_CHOICES}",
            )
        )
        if not rows:
            return ()
        ids = in_list(row["Id"] for row in rows)
        statuses = org.query(
            select(
                ("Id", "CampaignId", "Label", "IsDefault", "SortOrder"),
                "CampaignMemberStatus",
                f"CampaignId IN {ids} ORDER BY SortOrder",
            )
        )
    except SalesforceError as error:
        if error.code not in _NO_OBJECT:
            raise
        return ()
    return tuple(
        CampaignChoice(row["Id"], row.get("Name") or "", _statuses(row["Id"], statuses))
        for row in rows
    )


def _statuses(campaign_id: str, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    own = [row for row in rows if row.get("CampaignId") == campaign_id and row.get("Label")]
    own.sort(key=lambda row: not row.get("IsDefault"))
    return tuple(row["Label"] for row in own)
