"""Matching: asks the org, in few calls, what a plan depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from jobchanges.plan_settings import PlanSettingsError, plan_settings_load
from jobchanges.planning.account_match import Accounts, account_match
from jobchanges.planning.asking import Question, questions_first, questions_second
from jobchanges.planning.names import company_similar, domain_of, email_domain
from jobchanges.planning.person_match import People, past_match, person_match
from jobchanges.planning.types import (
    AccountFact,
    JobChangeData,
    Matches,
    PersonFact,
    PlanSettings,
    Value,
)

__all__ = ["PlanSettingsError", "matches_ask", "plan_settings_load"]

QUERIES_A_CALL = 5
Row = dict[str, Any]


class Asks(Protocol):
    """What matching needs of `integrations.salesforce.Org`."""

    def queries(self, soqls: Sequence[str]) -> list[list[Row]]:
        """Answer at most five queries in one call, all pages."""


def matches_ask(
    org: Asks, job_changes: Sequence[JobChangeData], settings: PlanSettings
) -> dict[str, Matches]:
    """Find account, person, past record and membership for many job changes; key → matches.

    Two rounds: candidates first, then what only the candidates tell (contacts of converted
    leads, campaign members). For ten job changes each round is one call of up to five queries.
    Raises what the client raises; nothing is written.
    """
    rows = _answers(org, questions_first(job_changes, settings))
    accounts = [_account(row) for row in rows["Account"]]
    people = [
        *(_person("Contact", row, settings) for row in rows["Contact"]),
        *(_person("Lead", row, settings) for row in rows["Lead"]),
    ]
    became = {person.converted_contact_id for person in people if person.converted} - {""}
    known = {person.id for person in people}
    second = questions_second(
        became - known, known | became if settings.campaign_id else (), settings
    )
    more = _answers(org, second)
    people += [_person("Contact", row, settings) for row in more["Contact"]]
    members = {
        row.get("ContactId") or row.get("LeadId") or "" for row in more["CampaignMember"]
    } | {row.get("LeadId") or "" for row in more["CampaignMember"]}
    owner = next((bool(row.get("IsActive")) for row in rows["User"]), None)
    index = Accounts(accounts), People(people)
    return {
        job_change.key: _match(job_change, *index, members - {""}, owner)
        for job_change in job_changes
    }


def _match(
    job_change: JobChangeData,
    accounts: Accounts,
    people: People,
    members: set[str],
    owner_active: bool | None,
) -> Matches:
    account: AccountFact | None = None
    account_why = ""
    if job_change.kind == "joined":
        account, account_why = account_match(job_change, accounts)
    person, person_why = person_match(job_change, people, account)
    past, past_why = past_match(job_change, people)
    return Matches(
        account=account,
        account_why=account_why,
        person=person,
        person_why=person_why,
        past=past,
        past_why=past_why,
        past_account=_past_account(job_change, accounts),
        default_owner_active=owner_active,
        member_exists=bool(person and person.id in members),
    )


def _past_account(job_change: JobChangeData, accounts: Accounts) -> AccountFact | None:
    """The past account by its id, if its name or domain fits: ids can be somebody else's."""
    account = accounts.get(job_change.past_account_id)
    if account is None:
        return None
    domain = email_domain(job_change.past_email)
    fits = company_similar(account.name, job_change.past_company_name) or (
        bool(domain) and domain_of(account.website) == domain
    )
    return account if fits else None


def _answers(org: Asks, questions: Sequence[Question]) -> dict[str, list[Row]]:
    """Ask five questions a call; rows by object, each record once."""
    rows: dict[str, dict[str, Row]] = {
        name: {} for name in ("Account", "Contact", "Lead", "User", "CampaignMember")
    }
    for start in range(0, len(questions), QUERIES_A_CALL):
        asked = questions[start : start + QUERIES_A_CALL]
        answers = org.queries([question.soql for question in asked])
        for question, answer in zip(asked, answers, strict=True):
            rows[question.object_name].update({row["Id"]: row for row in answer})
    return {name: list(found.values()) for name, found in rows.items()}


def _account(row: Row) -> AccountFact:
    owner: Mapping[str, Any] = row.get("Owner") or {}
    return AccountFact(
        id=row["Id"],
        name=row.get("Name") or "",
        website=row.get("Website") or "",
        owner_id=row.get("OwnerId") or "",
        owner_active=bool(owner.get("IsActive")),
    )


def _person(object_name: str, row: Row, settings: PlanSettings) -> PersonFact:
    account: Mapping[str, Any] = row.get("Account") or {}
    values: dict[str, Value] = {
        name: value
        for name, value in row.items()
        if name in settings.fields.get(object_name, {}) and not isinstance(value, dict | list)
    }
    person = PersonFact(
        id=row["Id"],
        object_name=object_name,
        first_name=row.get("FirstName") or "",
        last_name=row.get("LastName") or "",
        email=row.get("Email") or "",
        company=(row.get("Company") if object_name == "Lead" else account.get("Name")) or "",
        account_id=row.get("AccountId") or "",
        account_website=account.get("Website") or "",
        values=values,
    )
    if object_name == "Lead" and row.get("IsConverted"):
        contact_id = row.get("ConvertedContactId") or ""
        return replace(person, converted=True, converted_contact_id=contact_id)
    return person
