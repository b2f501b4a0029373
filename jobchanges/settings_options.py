"""What the connected org offers to choose from for the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.soql import in_list
from jobchanges.planning.asking import select

# More than a person can look through; also what one `IN` takes.
MOST_CHOICES = 500
_NO_OBJECT = {"NOT_FOUND", "INVALID_TYPE"}


@dataclass(frozen=True)
class Choice:
    """Something in the org that can be chosen."""

    id: str
    name: str


@dataclass(frozen=True)
class CampaignChoice(Choice):
    """A campaign with its member statuses, the default one first."""

    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the connected org offers to choose from."""

    owners: tuple[Choice, ...]
    campaigns: tuple[CampaignChoice, ...]
    lead_sources: tuple[str, ...]
    # A restricted picklist takes nothing else than its values.
    lead_source_restricted: bool


def settings_options(org: Org) -> Options:
    """Ask the org for active users, active campaigns with member statuses, and lead sources.

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
    sources, restricted = lead_sources_ask(org)
    return Options(
        owners=tuple(
            Choice(row["Id"], f"{row.get('Name') or ''} ({row.get('Username') or ''})")
            for row in users
        ),
        campaigns=campaigns_ask(org),
        lead_sources=sources,
        lead_source_restricted=restricted,
    )


def lead_sources_ask(org: Org) -> tuple[tuple[str, ...], bool]:
    """Values of Lead Source and whether no others are accepted; hidden: none, not restricted."""
    field = org.describe("Lead").fields.get("LeadSource")
    if field is None:
        return (), False
    return field.picklist_values, field.restricted_picklist


def campaigns_ask(org: Org, where: str = "") -> tuple[CampaignChoice, ...]:
    """Active campaigns with their statuses; none when the connected user may not see them."""
    condition = f" AND {where}" if where else ""
    try:
        rows = org.query(
            select(
                ("Id", "Name"),
                "Campaign",
                f"IsActive = true{condition} ORDER BY Name LIMIT {MOST_CHOICES}",
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
