"""Campaigns: the member statuses every one has, and what the configuration says is other."""

from __future__ import annotations

from integrations.rehearsal import ids
from integrations.rehearsal.config import CampaignChange, OrgConfig
from integrations.rehearsal.keeping import MADE, put_record
from integrations.rehearsal.store import Row, Space

# Under this key an org remembers campaigns as they were before the configuration changed them.
KIND, BEFORE = "meta", "campaigns_before"
STATUS = "CampaignMemberStatus"


def add_member_statuses(
    space: Space,
    campaign_id: str,
    by: str,
    made: str = MADE,
    labels: tuple[str, ...] = ("Sent", "Responded"),
) -> None:
    """The two statuses every new campaign begins with, or others; the first is the default."""
    for order, label in enumerate(labels, start=1):
        key = ids.make("01Y", space.count_up("01Y", 62**4))
        values = {
            "Id": key,
            "CampaignId": campaign_id,
            "Label": label,
            "SortOrder": order,
            "IsDefault": order == 1,
            "HasResponded": order == 2,
        }
        put_record(space, STATUS, values, by, made)


def tidy(space: Space, admin: str) -> None:
    """Member statuses for campaigns that came; none and no members for what went."""
    campaigns = {row["Id"] for row in space.rows("Campaign")}
    with_statuses = {row["CampaignId"] for row in space.rows(STATUS)}
    for key in sorted(campaigns - with_statuses):
        add_member_statuses(space, key, admin)
    for row in space.rows(STATUS):
        if row["CampaignId"] not in campaigns:
            space.drop(STATUS, row["Id"])
    for row in space.rows("CampaignMember"):
        people = (("Lead", row.get("LeadId")), ("Contact", row.get("ContactId")))
        here = any(key and space.get(name, key) for name, key in people)
        if row["CampaignId"] not in campaigns or not here:
            space.drop("CampaignMember", row["Id"])


def undo(space: Space) -> None:
    """Campaigns as they were before a configuration changed them."""
    before: Row = space.get(KIND, BEFORE) or {}
    for key, kept in before.items():
        _restore(space, key, kept)
    if before:
        space.drop(KIND, BEFORE)


def settle(config: OrgConfig, space: Space) -> None:
    """Campaigns as the configuration has them, from what `undo` left."""
    if not config.campaigns_changed:
        return
    admin = config.users[0].user_id
    remembered: Row = {}
    for row in space.rows("Campaign"):
        change = config.campaigns_changed.get(row["Name"])
        if change is not None:
            statuses = space.find(STATUS, "CampaignId", [row["Id"]])
            remembered[row["Id"]] = {"row": row, "statuses": list(statuses)}
            _change(space, row, change, admin)
    space.put(KIND, BEFORE, remembered)


def forget(space: Space) -> None:
    """The campaigns were replaced by others: what they were before is no longer of interest."""
    space.drop(KIND, BEFORE)


def _restore(space: Space, key: str, kept: Row) -> None:
    space.put("Campaign", key, kept["row"])
    for row in space.find(STATUS, "CampaignId", [key]):
        space.drop(STATUS, row["Id"])
    for row in kept["statuses"]:
        space.put(STATUS, row["Id"], row)


def _change(space: Space, row: Row, change: CampaignChange, admin: str) -> None:
    if change.missing:
        space.drop("Campaign", row["Id"])
        tidy(space, admin)
        return
    if change.active is not None:
        space.put("Campaign", row["Id"], {**row, "IsActive": change.active})
    if change.statuses:
        for status in space.find(STATUS, "CampaignId", [row["Id"]]):
            space.drop(STATUS, status["Id"])
        add_member_statuses(space, row["Id"], admin, labels=change.statuses)
