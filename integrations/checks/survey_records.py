"""Records: how many, which of ours, whom an e-mail would reach; campaign and limits."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.checks.answers import (
    READ_CAMPAIGNS,
    READ_RECORDS,
    VIEW_SETUP,
    CampaignFacts,
    RecordCount,
)
from integrations.checks.survey_names import COUNTED
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.client import ApiUsage
from integrations.salesforce.ids import is_id
from integrations.salesforce.shapes import flag, mapping, number, reading, record_id, text
from integrations.salesforce.soql import in_list, quote
from integrations.salesforce.together import Read

# Records of waiting job changes that are looked for, of each object.
MOST_IDS = 500
_MASKED = ("Lead", "Contact")
# Ends of addresses that reach nobody: what sandboxes append, and what masking tools write.
_MASKS = ("%.invalid", "%@example.com", "%@example.org", "%@example.net")


def limits_asked(_: Round) -> Questions:
    """Storage, and with its head the calls of the day."""
    yield Question("limits", alone=lambda org: org.limits())


def storage_from(asked: Round) -> int | None:
    """Megabytes of data storage; None where the org does not say (no View Setup)."""
    return _storage(asked, "Max")


def storage_left_from(asked: Round) -> int | None:
    """Megabytes of data storage that are left; None where the org does not say."""
    return _storage(asked, "Remaining")


def _storage(asked: Round, key: str) -> int | None:
    found = asked.allowed("limits", VIEW_SETUP)
    with reading("limits"):
        size = mapping(found.get("DataStorageMB")).get(key)
        return None if size is None else number(size)


def usage_from(asked: Round) -> ApiUsage | None:
    """The calls of the org's day, from the newest answer. Raises what kept it from answering."""
    asked.or_none("limits")
    return asked.org.usage


def record_counts_asked(_: Round) -> Questions:
    """About how many records there are."""
    yield Question("record_counts", alone=lambda org: org.record_counts(COUNTED))


def record_counts_from(asked: Round) -> Mapping[str, int]:
    """By object."""
    found: Mapping[str, int] = asked.allowed("record_counts", VIEW_SETUP)
    return found


def campaign_asked(asked: Round) -> Questions:
    """The chosen campaign: by its id, or by its name where it was chosen in the other org."""
    context = asked.context
    if context.campaign_id:
        wanted = quote(context.campaign_id[:15])
        where, members = f"Id = {wanted}", f"CampaignId = {wanted}"
    elif context.campaign_name:
        wanted = quote(context.campaign_name)
        where, members = f"Name = {wanted}", f"Campaign.Name = {wanted}"
    else:
        return
    yield Question.query(
        "campaign", f"SELECT Id, Name, IsActive FROM Campaign WHERE {where} LIMIT 2"
    )
    yield Question.query(
        "campaign_statuses",
        f"SELECT CampaignId, Label, IsDefault FROM CampaignMemberStatus WHERE {members} "
        "ORDER BY SortOrder",
    )


def campaign_from(asked: Round) -> CampaignFacts | None:
    """The chosen campaign; None where none was chosen, it is not there, or there are several."""
    context = asked.context
    if not (context.campaign_id or context.campaign_name):
        return None
    rows = asked.rows("campaign", READ_CAMPAIGNS)
    if len(rows) != 1:
        return None
    with reading("Campaign"):
        campaign_id = record_id(rows[0]["Id"])
        statuses = [
            (not flag(row.get("IsDefault")), text(row["Label"]))
            for row in asked.rows("campaign_statuses", READ_CAMPAIGNS)
            if record_id(row["CampaignId"]) == campaign_id
        ]
        return CampaignFacts(
            campaign_id=campaign_id,
            name=text(rows[0].get("Name")),
            active=flag(rows[0].get("IsActive")),
            statuses=tuple(label for _, label in sorted(statuses, key=lambda one: one[0])),
        )


def existing_ids_asked(asked: Round) -> Questions:
    """Which of the past records of waiting job changes are in this org."""
    for name, ids in _looked_for(asked).items():
        if ids:
            wanted = in_list(ids)
            yield Question.query(f"existing.{name}", f"SELECT Id FROM {name} WHERE Id IN {wanted}")


def _looked_for(asked: Round) -> Mapping[str, list[str]]:
    context = asked.context
    ids = {
        "Contact": context.past_contact_ids,
        "Lead": context.past_lead_ids,
        "Account": context.past_account_ids,
    }
    return {name: [one[:15] for one in of if is_id(one)][:MOST_IDS] for name, of in ids.items()}


def existing_ids_from(asked: Round) -> frozenset[str]:
    """Ids of those that are in this org."""
    with reading("past records"):
        return frozenset(
            record_id(row["Id"])
            for name, ids in _looked_for(asked).items()
            if ids
            for row in asked.rows(f"existing.{name}", READ_RECORDS)
        )


def emails_asked(asked: Round) -> Questions:
    """How many e-mail addresses there are, and how many would reach people; sandbox only."""
    if not asked.context.is_sandbox:
        return
    for name in _MASKED:
        question = f"SELECT COUNT(Id) n FROM {name} WHERE Email != null"
        masked = "".join(f" AND (NOT Email LIKE '{end}')" for end in _MASKS)
        # A copy with millions of people takes its time.
        yield Question(f"emails.{name}", Read.query(question, slow=True))
        yield Question(f"unmasked.{name}", Read.query(question + masked, slow=True))


def emails_from(asked: Round) -> Mapping[str, RecordCount]:
    """By object; empty for a production."""
    if not asked.context.is_sandbox:
        return {}
    return {
        name: RecordCount(_count(asked, f"emails.{name}"), _count(asked, f"unmasked.{name}"))
        for name in _MASKED
    }


def _count(asked: Round, key: str) -> int:
    rows = asked.rows(key, READ_RECORDS)
    with reading("count"):
        return number(rows[0]["n"])
