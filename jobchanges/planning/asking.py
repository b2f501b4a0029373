"""What to ask the org for many job changes at once: SOQL as text, nothing is sent here.

Queries are few and broad; which record fits is decided afterwards, by the matching rules. Every
value from data goes through `integrations.salesforce.soql`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as url_quote

from integrations.salesforce.ids import is_id
from integrations.salesforce.soql import escape, in_list, quote, quote_like
from jobchanges.planning.account_match import new_domain
from jobchanges.planning.names import company_words
from jobchanges.planning.types import FieldFacts, JobChangeData, PlanSettings
from jobchanges.planning.values import fields_read

# A query travels in an address, percent-encoded; what is longer is asked in several.
LONGEST = 12_000
IDS_A_QUERY = 200


@dataclass(frozen=True)
class Question:
    """One query and what its rows are: Account, Contact, Lead, User or CampaignMember."""

    object_name: str
    soql: str


def questions_first(job_changes: Sequence[JobChangeData], settings: PlanSettings) -> list[Question]:
    """Candidate accounts, contacts and leads for all job changes, and the default owner."""
    questions = [
        *_packed("Account", _account_columns(settings), _account_clauses(job_changes), settings),
        *_packed(
            "Contact",
            _contact_columns(settings),
            _each(job_changes, settings, _contact_clauses),
            settings,
        ),
        *_packed(
            "Lead", _lead_columns(settings), _each(job_changes, settings, _lead_clauses), settings
        ),
    ]
    if is_id(settings.default_owner_id, "005"):
        questions.append(
            Question(
                "User",
                select(["Id", "IsActive"], "User", f"Id = {quote(settings.default_owner_id)}"),
            )
        )
    return questions


def questions_second(
    contact_ids: Iterable[str], person_ids: Iterable[str], settings: PlanSettings
) -> list[Question]:
    """Contacts that converted leads became, and who of the candidates is a campaign member."""
    questions = []
    for chunk in _chunks(sorted(set(contact_ids))):
        clause = [f"Id IN {in_list(chunk)}"]
        questions += _packed("Contact", _contact_columns(settings), clause, settings)
    if not is_id(settings.campaign_id, "701") or "CampaignMember" not in settings.fields:
        return questions
    for chunk in _chunks(sorted(set(person_ids))):
        ids = in_list(chunk)
        questions.append(
            Question(
                "CampaignMember",
                select(
                    ["Id", "ContactId", "LeadId"],
                    "CampaignMember",
                    f"CampaignId = {quote(settings.campaign_id)} "
                    f"AND (ContactId IN {ids} OR LeadId IN {ids})",
                ),
            )
        )
    return questions


# --- columns: only what the connected user may see ---------------------------------------------


def _visible(settings: PlanSettings, object_name: str) -> Mapping[str, FieldFacts]:
    return settings.fields.get(object_name, {})


def _account_columns(settings: PlanSettings) -> list[str]:
    seen = _visible(settings, "Account")
    return [
        "Id",
        "Name",
        *(name for name in ("Website", "OwnerId") if name in seen),
        "Owner.IsActive",
    ]


def _contact_columns(settings: PlanSettings) -> list[str]:
    columns = ["Id", *fields_read(settings, "Contact")]
    if "AccountId" in _visible(settings, "Contact"):
        columns.append("AccountId")
        if "Account" in settings.fields:
            columns.append("Account.Name")
            if "Website" in _visible(settings, "Account"):
                columns.append("Account.Website")
    return columns


def _lead_columns(settings: PlanSettings) -> list[str]:
    seen = _visible(settings, "Lead")
    extra = [name for name in ("IsConverted", "ConvertedContactId") if name in seen]
    return ["Id", *fields_read(settings, "Lead"), *extra]


# --- conditions --------------------------------------------------------------------------------


def _account_clauses(job_changes: Sequence[JobChangeData]) -> list[str]:
    clauses = []
    for job_change in job_changes:
        if is_id(job_change.past_account_id, "001"):
            clauses.append(f"Id = {quote(job_change.past_account_id)}")
        if job_change.kind == "left":
            continue
        if domain := new_domain(job_change):
            clauses.append(f"Website LIKE {quote_like(domain, before='%')}")
        clauses += _name_clauses("Name", job_change.new_company_name)
    return clauses


def _contact_clauses(job_change: JobChangeData, settings: PlanSettings) -> list[str]:
    clauses = []
    if is_id(job_change.past_contact_id, "003"):
        clauses.append(f"Id = {quote(job_change.past_contact_id)}")
    clauses += _email_clauses(job_change, "Email" in _visible(settings, "Contact"))
    at_company = _domain_clauses(job_change, settings, "Contact")
    if "AccountId" in _visible(settings, "Contact") and "Account" in settings.fields:
        domain = new_domain(job_change)
        if domain and "Website" in _visible(settings, "Account"):
            at_company.append(f"Account.Website LIKE {quote_like(domain, before='%')}")
        at_company += _name_clauses("Account.Name", job_change.new_company_name)
    return clauses + _named(job_change, at_company)


def _lead_clauses(job_change: JobChangeData, settings: PlanSettings) -> list[str]:
    clauses = []
    if is_id(job_change.past_lead_id, "00Q"):
        clauses.append(f"Id = {quote(job_change.past_lead_id)}")
    clauses += _email_clauses(job_change, "Email" in _visible(settings, "Lead"))
    at_company = _domain_clauses(job_change, settings, "Lead")
    at_company += _name_clauses("Company", job_change.new_company_name)
    return clauses + _named(job_change, at_company)


def _email_clauses(job_change: JobChangeData, visible: bool) -> list[str]:
    emails = {email for email in (job_change.past_email, job_change.new_email) if email}
    return [f"Email = {quote(email)}" for email in sorted(emails)] if visible else []


def _domain_clauses(
    job_change: JobChangeData, settings: PlanSettings, object_name: str
) -> list[str]:
    domain = new_domain(job_change)
    if not domain or "Email" not in _visible(settings, object_name):
        return []
    return [f"Email LIKE {quote_like(f'@{domain}', before='%', after='')}"]


def _named(job_change: JobChangeData, at_company: list[str]) -> list[str]:
    """The same last name, narrowed to the new company: a last name alone may fit thousands."""
    if job_change.kind == "left" or not at_company:
        return []
    return [f"(LastName = {quote(job_change.last_name)} AND ({' OR '.join(at_company)}))"]


def _name_clauses(column: str, company_name: str) -> list[str]:
    """A company name's first words in their order, with anything between and behind them."""
    words = company_words(company_name)
    if not words:
        return []
    if len(words) == 1 and len(words[0]) < 3:
        return [f"{column} = {quote(company_name)}"]
    pattern = "%".join(_like(word) for word in words)
    return [f"{column} LIKE '{pattern}%'", f"{column} LIKE 'The {pattern}%'"]


def _like(word: str) -> str:
    return escape(word).replace("%", "\\%").replace("_", "\\_")


# --- packing -----------------------------------------------------------------------------------


def _each(
    job_changes: Sequence[JobChangeData],
    settings: PlanSettings,
    clauses_of: Callable[[JobChangeData, PlanSettings], list[str]],
) -> list[str]:
    return [clause for item in job_changes for clause in clauses_of(item, settings)]


def select(columns: Sequence[str], object_name: str, where: str) -> str:
    """A query from its parts; values in `where` have been through `quote` before."""
    return " ".join(("SELECT", ", ".join(columns), "FROM", object_name, "WHERE", where))


def _packed(
    object_name: str, columns: Sequence[str], clauses: Iterable[str], settings: PlanSettings
) -> list[Question]:
    """As few queries as the clauses fit into; none for an object the user may not see."""
    if object_name not in settings.fields:
        return []
    head = select(columns, object_name, "")
    questions: list[Question] = []
    waiting: list[str] = []
    length = frame = len(head)
    for clause in dict.fromkeys(clauses):
        size = len(url_quote(clause)) + len(" OR ")
        if waiting and length + size > LONGEST:
            questions.append(Question(object_name, head + " OR ".join(waiting)))
            waiting, length = [], frame
        waiting.append(clause)
        length += size
    if waiting:
        questions.append(Question(object_name, head + " OR ".join(waiting)))
    return questions


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + IDS_A_QUERY] for start in range(0, len(values), IDS_A_QUERY)]
