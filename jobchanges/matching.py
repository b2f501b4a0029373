"""Matching: asks the org, in few calls, what a plan depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from integrations.salesforce.ids import id18, is_id
from jobchanges.plan_settings import PlanSettingsError, plan_settings_load
from jobchanges.planning.account_match import Accounts, account_match
from jobchanges.planning.asking import (
    questions_contacts,
    questions_first,
    questions_members,
    questions_second,
)
from jobchanges.planning.names import company_similar, domain_of, email_domain
from jobchanges.planning.owners import account_lookup, users_named
from jobchanges.planning.person_match import People, past_match, person_match
from jobchanges.planning.questions import MOST_ROWS, Question
from jobchanges.planning.types import (
    AccountFact,
    FieldFacts,
    JobChangeData,
    Matches,
    PersonFact,
    PlanSettings,
    Value,
)
from jobchanges.planning.values import as_stored

__all__ = ["PlanSettingsError", "matches_ask", "plan_settings_load"]

logger = structlog.get_logger(__name__)
QUERIES_A_CALL = 5
# So many may have room in one call with all their questions; about 80 have.
FEW = 100
Row = dict[str, Any]


class Asks(Protocol):
    """What matching needs of `integrations.salesforce.Org`."""

    def queries(self, soqls: Sequence[str]) -> list[list[Row]]:
        """Answer at most five queries in one call, all pages."""


@dataclass
class Answers:
    """What the org has told so far, each record once."""

    accounts: dict[str, AccountFact] = field(default_factory=dict)
    people: dict[str, PersonFact] = field(default_factory=dict)
    users_active: dict[str, bool] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)


def matches_ask(
    org: Asks, job_changes: Sequence[JobChangeData], settings: PlanSettings
) -> dict[str, Matches]:
    """Find account, person, past record and membership for many job changes; key → matches.

    First what stands by itself: accounts, people by id and e-mail, leads by name. Then what only
    that tells: contacts at the accounts, past records by e-mail where no id led to one; a few job
    changes ask for all of this at once. And as long as people come up: contacts of converted
    leads, campaign members. The answer for a job change does not depend on the others. Raises
    what the client raises; nothing is written.
    """
    # What is too long for its field stands shortened in the org, and is looked for so.
    job_changes = [as_stored(item, settings) for item in job_changes]
    told = Answers()
    first = questions_first(job_changes, settings, at_once=len(job_changes) <= FEW)
    one_call = len(job_changes) <= FEW and len(first) <= QUERIES_A_CALL
    if len(job_changes) <= FEW and not one_call:
        first = questions_first(job_changes, settings)
    _ask(org, first, told, settings)
    accounts = Accounts(told.accounts.values())
    at = {item.key: _companies(item, accounts) for item in job_changes}
    matches = _match_all(job_changes, at, told, settings)
    questions = [] if one_call else _questions_second(job_changes, accounts, matches, settings)
    asked: set[str] = set()
    while questions := [*questions, *_questions_more(matches, told, asked, settings)]:
        _ask(org, questions, told, settings)
        questions = []
        matches = _match_all(job_changes, at, told, settings)
    return {
        key: replace(found, member_exists=bool(found.person and found.person.id in told.members))
        for key, found in matches.items()
    }


def _questions_second(
    job_changes: Sequence[JobChangeData],
    accounts: Accounts,
    matches: Mapping[str, Matches],
    settings: PlanSettings,
) -> list[Question]:
    return questions_second(
        job_changes,
        {item.key: accounts.candidates(item) for item in job_changes},
        [item for item in job_changes if matches[item.key].past is None],
        settings,
    )


def _questions_more(
    matches: Mapping[str, Matches], told: Answers, asked: set[str], settings: PlanSettings
) -> list[Question]:
    """What the people found so far lead to; `asked` grows by their ids."""
    people = told.people
    became = {one.converted_contact_id for one in people.values()} - {"", *people} - asked
    chosen = {found.person.id for found in matches.values() if found.person} | became
    members = questions_members(chosen - asked, settings)
    asked |= chosen
    return [*questions_contacts(became, settings), *members]


def _companies(job_change: JobChangeData, accounts: Accounts) -> Matches:
    """The accounts of a job change, its people left out."""
    account, account_why = None, ""
    if job_change.kind == "joined":
        account, account_why = account_match(job_change, accounts)
    past_account = _past_account(job_change, accounts)
    return Matches(account=account, account_why=account_why, past_account=past_account)


def _match_all(
    job_changes: Iterable[JobChangeData],
    at: Mapping[str, Matches],
    told: Answers,
    settings: PlanSettings,
) -> dict[str, Matches]:
    people = People(told.people.values())
    active = {
        named: told.users_active[id18(named)]
        for named in users_named(settings)
        if is_id(named) and id18(named) in told.users_active
    }
    matches = {}
    for job_change in job_changes:
        found = at[job_change.key]
        person, person_why = person_match(job_change, people, found.account)
        past, past_why = past_match(job_change, people)
        matches[job_change.key] = replace(
            found,
            person=person,
            person_why=person_why,
            past=past,
            past_why=past_why,
            default_owner_active=active.get(settings.default_owner_id),
            users_active=active,
            names=told.names,
        )
    return matches


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


def _ask(org: Asks, questions: Sequence[Question], told: Answers, settings: PlanSettings) -> None:
    """Ask five questions a call, whatever their objects.

    An answer that was cut off is asked for again in narrower questions, until each condition
    stands alone.
    """
    waiting = list(questions)
    lookup = account_lookup(settings)
    while waiting:
        asked, waiting = waiting[:QUERIES_A_CALL], waiting[QUERIES_A_CALL:]
        answers = org.queries([question.soql for question in asked])
        for question, rows in zip(asked, answers, strict=True):
            if len(rows) >= MOST_ROWS and (narrower := question.narrower()):
                waiting += narrower
                continue
            if len(rows) >= MOST_ROWS:
                logger.warning("match_cut_off", object=question.object_name, rows=len(rows))
            for row in rows:
                _tell(told, question.object_name, row, settings, lookup)


def _tell(
    told: Answers,
    object_name: str,
    row: Row,
    settings: PlanSettings,
    lookup: FieldFacts | None,
) -> None:
    record_id = row["Id"]
    if object_name == "Account":
        told.accounts[record_id] = _account(row, lookup, told.names)
    elif object_name == "User":
        told.users_active[record_id] = bool(row.get("IsActive"))
        told.names[record_id] = row.get("Name") or ""
    elif object_name == "CampaignMember":
        told.members |= {row.get("ContactId") or "", row.get("LeadId") or ""} - {""}
    else:
        told.people[record_id] = _person(object_name, row, settings)


def _account(row: Row, lookup: FieldFacts | None, names: dict[str, str]) -> AccountFact:
    owner: Mapping[str, Any] = row.get("Owner") or {}
    owner_id = row.get("OwnerId") or ""
    user: Mapping[str, Any] = (row.get(lookup.relationship) if lookup else None) or {}
    user_id = (row.get(lookup.name) if lookup else None) or ""
    for known, one in ((owner, owner_id), (user, user_id)):
        if one and known.get("Name"):
            names[one] = known["Name"]
    return AccountFact(
        id=row["Id"],
        name=row.get("Name") or "",
        website=row.get("Website") or "",
        owner_id=owner_id,
        owner_active=bool(owner.get("IsActive")),
        lookup_owner_id=user_id,
        lookup_owner_active=bool(user.get("IsActive")),
    )


def _person(object_name: str, row: Row, settings: PlanSettings) -> PersonFact:
    account: Mapping[str, Any] = row.get("Account") or {}
    values: dict[str, Value] = {
        name: value
        for name, value in row.items()
        if name in settings.fields.get(object_name, {})
        and name != "LastModifiedDate"
        and not isinstance(value, dict | list)
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
        modified_at=row.get("LastModifiedDate") or "",
        values=values,
    )
    if object_name == "Lead" and row.get("IsConverted"):
        contact_id = row.get("ConvertedContactId") or ""
        return replace(person, converted=True, converted_contact_id=contact_id)
    return person
