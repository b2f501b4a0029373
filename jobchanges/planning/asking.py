"""What to ask the org for many job changes at once: SOQL as text, nothing is sent here.

Queries are few and broad; which record fits is decided afterwards, by the matching rules. Every
value from data goes through `integrations.salesforce.soql`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from integrations.salesforce.ids import is_id
from integrations.salesforce.soql import in_list, quote, quote_like
from jobchanges.planning.account_match import new_domain
from jobchanges.planning.likes import (
    Like,
    company_exact,
    company_like_anywhere,
    company_likes,
    last_name_like,
)
from jobchanges.planning.names import domain_spellings
from jobchanges.planning.owners import account_lookup, users_named
from jobchanges.planning.questions import Question, Term, listed, packed, select
from jobchanges.planning.types import AccountFact, FieldFacts, JobChangeData, PlanSettings
from jobchanges.planning.values import fields_read

__all__ = [
    "Question",
    "has_past_id",
    "questions_contacts",
    "questions_first",
    "questions_members",
    "questions_second",
    "select",
]

# Accounts of one company that are named by their ids; more are described again.
MOST_ACCOUNTS = 20
# Last names that share one condition; more would make it too long for a query of its own.
MOST_NAMES = 20


def questions_first(
    job_changes: Sequence[JobChangeData], settings: PlanSettings, *, at_once: bool = False
) -> list[Question]:
    """Candidate accounts; people by id and e-mail, leads by name; the users the settings name.

    `at_once`: also all that `questions_second` would ask, with the new company described where
    it would be named by the ids of its accounts: longer, but one call for a few job changes.
    """
    fields = settings.fields
    users = [one for one in users_named(settings) if is_id(one, "005")]
    contacts = _ids_and_emails("Contact", job_changes, settings, past_emails=at_once)
    if at_once:
        contacts += _named((item, _contact_described(item, settings)) for item in job_changes)
    leads = _ids_and_emails("Lead", job_changes, settings, past_emails=at_once)
    leads += _named((item, _lead_at_company(item, settings)) for item in job_changes)
    return [
        *packed("Account", _account_columns(settings), _account_terms(job_changes), fields),
        *packed("Contact", _contact_columns(settings), contacts, fields),
        *packed("Lead", _lead_columns(settings), leads, fields),
        *packed("User", ("Id", "Name", "IsActive"), _listed_ids(users), {"User": {}}),
    ]


def questions_second(
    job_changes: Sequence[JobChangeData],
    candidates: Mapping[str, Sequence[AccountFact]],
    without_past: Iterable[JobChangeData],
    settings: PlanSettings,
) -> list[Question]:
    """Contacts with the person's name at the new company; past records by e-mail address.

    `candidates`: by the job change's key, the accounts that may be the new company; they are
    named by their ids. `without_past`: whose past record no id has led to.
    """
    emails = sorted({item.past_email for item in without_past if has_past_id(item)} - {""})
    contacts = _listed_emails("Contact", emails, settings)
    contacts += _named(
        (item, _contact_at_company(item, candidates.get(item.key, ()), settings))
        for item in job_changes
    )
    leads = _listed_emails("Lead", emails, settings)
    return [
        *packed("Contact", _contact_columns(settings), contacts, settings.fields),
        *packed("Lead", _lead_columns(settings), leads, settings.fields),
    ]


def questions_contacts(contact_ids: Iterable[str], settings: PlanSettings) -> list[Question]:
    """Contacts by their ids: what converted leads became."""
    terms = _listed_ids(sorted(set(contact_ids)))
    return packed("Contact", _contact_columns(settings), terms, settings.fields)


def questions_members(person_ids: Iterable[str], settings: PlanSettings) -> list[Question]:
    """Who of these leads and contacts is a member of the campaign."""
    if not is_id(settings.campaign_id, "701"):
        return []
    terms = [
        Term(quote(one[:15]), "LeadId" if one.startswith("00Q") else "ContactId")
        for one in sorted(set(person_ids))
    ]
    return packed(
        "CampaignMember",
        ("Id", "ContactId", "LeadId"),
        terms,
        settings.fields,
        also=f"CampaignId={quote(settings.campaign_id)}",
    )


# --- columns: only what the connected user may see ---------------------------------------------


def _visible(settings: PlanSettings, object_name: str) -> Mapping[str, FieldFacts]:
    return settings.fields.get(object_name, {})


def _account_columns(settings: PlanSettings) -> list[str]:
    seen = _visible(settings, "Account")
    columns = ["Id", "Name", *(name for name in ("Website", "OwnerId") if name in seen)]
    columns += ["Owner.IsActive", "Owner.Name"]
    lookup = account_lookup(settings)
    if lookup:
        columns.append(lookup.name)
        if lookup.relationship:
            columns += [f"{lookup.relationship}.IsActive", f"{lookup.relationship}.Name"]
    return list(dict.fromkeys(columns))


def _contact_columns(settings: PlanSettings) -> list[str]:
    columns = ["Id", *fields_read(settings, "Contact"), *_modified(settings, "Contact")]
    if _by_account(settings):
        columns += ["AccountId", "Account.Name"]
        if "Website" in _visible(settings, "Account"):
            columns.append("Account.Website")
    elif "AccountId" in _visible(settings, "Contact"):
        columns.append("AccountId")
    return list(dict.fromkeys(columns))


def _lead_columns(settings: PlanSettings) -> list[str]:
    seen = _visible(settings, "Lead")
    extra = [name for name in ("IsConverted", "ConvertedContactId") if name in seen]
    columns = ["Id", *fields_read(settings, "Lead"), *_modified(settings, "Lead"), *extra]
    return list(dict.fromkeys(columns))


def _modified(settings: PlanSettings, object_name: str) -> list[str]:
    """When the before-image was true: an update may ask that nothing has happened since."""
    name = "LastModifiedDate"
    return [name] if name in _visible(settings, object_name) else []


def _by_account(settings: PlanSettings) -> bool:
    return "AccountId" in _visible(settings, "Contact") and "Account" in settings.fields


# --- conditions --------------------------------------------------------------------------------


def has_past_id(job_change: JobChangeData) -> bool:
    """Whether an id of the past lead or contact came along."""
    return is_id(job_change.past_contact_id, "003") or is_id(job_change.past_lead_id, "00Q")


def _account_terms(job_changes: Sequence[JobChangeData]) -> list[Term]:
    terms = []
    for job_change in job_changes:
        if is_id(job_change.past_account_id, "001"):
            terms += _listed_ids([job_change.past_account_id])
        if job_change.kind != "left":
            terms += _website_terms(job_change) + _name_terms(job_change.new_company_name)
    return terms


def _website_terms(job_change: JobChangeData) -> list[Term]:
    """The domain anywhere in the website; for ge.com, which is in orange.com too, set apart."""
    domain = new_domain(job_change)
    terms = []
    for one in domain_spellings(domain) if domain else ():
        apart = ("", "%.", "%/")
        narrow = " OR ".join(f"Website LIKE {quote_like(one, before=before)}" for before in apart)
        terms.append(Term(f"Website LIKE {quote_like(one, before='%')}", narrow=narrow))
    return terms


def _name_terms(company_name: str) -> list[Term]:
    narrow = f"Name IN {in_list(company_exact(company_name))}"
    return [Term(like.soql("Name"), narrow=narrow) for like in company_likes(company_name)]


def _ids_and_emails(
    object_name: str,
    job_changes: Sequence[JobChangeData],
    settings: PlanSettings,
    *,
    past_emails: bool,
) -> list[Term]:
    """By what came along; the past e-mail address, unless asked for, only where no id did."""
    prefix = {"Contact": "003", "Lead": "00Q"}[object_name]
    terms = []
    for job_change in job_changes:
        emails = {job_change.new_email}
        if past_emails or not has_past_id(job_change):
            emails.add(job_change.past_email)
        terms += _listed_emails(object_name, sorted(emails - {""}), settings)
        for one in (job_change.past_contact_id, job_change.past_lead_id):
            if is_id(one, prefix):
                terms += _listed_ids([one])
    return terms


def _listed_emails(object_name: str, emails: Iterable[str], settings: PlanSettings) -> list[Term]:
    return listed("Email", emails) if "Email" in _visible(settings, object_name) else []


def _listed_ids(ids: Iterable[str]) -> list[Term]:
    # 15 characters name the record; the other three only repeat their case.
    return listed("Id", [one[:15] for one in ids])


def _lead_at_company(job_change: JobChangeData, settings: PlanSettings) -> list[str]:
    seen = _visible(settings, "Lead")
    at_company = _on_domain("Email", job_change) if "Email" in seen else []
    if "Company" in seen:
        likes = company_like_anywhere(job_change.new_company_name)
        at_company += [like.soql("Company") for like in likes]
    return at_company


def _contact_at_company(
    job_change: JobChangeData, accounts: Sequence[AccountFact], settings: PlanSettings
) -> list[str]:
    if len(accounts) > MOST_ACCOUNTS or not _by_account(settings):
        return _contact_described(job_change, settings)
    at_company = _contact_on_domain(job_change, settings)
    if len(accounts) > 1:
        at_company.append(f"AccountId IN {in_list(one.id[:15] for one in accounts)}")
    elif accounts:
        at_company.append(f"AccountId={quote(accounts[0].id[:15])}")
    return at_company


def _contact_described(job_change: JobChangeData, settings: PlanSettings) -> list[str]:
    at_company = _contact_on_domain(job_change, settings)
    if _by_account(settings):
        if "Website" in _visible(settings, "Account"):
            at_company += _on_domain("Account.Website", job_change, after="%")
        likes = company_likes(job_change.new_company_name)
        at_company += [like.soql("Account.Name") for like in likes]
    return at_company


def _contact_on_domain(job_change: JobChangeData, settings: PlanSettings) -> list[str]:
    return _on_domain("Email", job_change) if "Email" in _visible(settings, "Contact") else []


def _on_domain(column: str, job_change: JobChangeData, *, after: str = "") -> list[str]:
    """The new company's domain in a website, or at the end of an e-mail address.

    Domains below it are found, too: people at mail.acme.com work for acme.com.
    """
    domain = new_domain(job_change)
    spellings = domain_spellings(domain) if domain else ()
    return [f"{column} LIKE {quote_like(one, before='%', after=after)}" for one in spellings]


def _named(wanted: Iterable[tuple[JobChangeData, list[str]]]) -> list[Term]:
    """The same last name, narrowed to the new company: a last name alone may fit thousands.

    People who join one company share its conditions.
    """
    joining: dict[str, list[Like]] = {}
    for job_change, at_company in wanted:
        if job_change.kind != "left" and at_company and job_change.last_name:
            like = last_name_like(job_change.last_name)
            joining.setdefault(" OR ".join(at_company), []).append(like)
    terms = []
    for where, names in joining.items():
        for start in range(0, len(names), MOST_NAMES):
            names_are = _any_name(names[start : start + MOST_NAMES])
            terms.append(Term(f"({names_are} AND ({where}))"))
    return terms


def _any_name(names: Sequence[Like]) -> str:
    exact = list(dict.fromkeys(like.exact for like in names if like.exact))
    conditions = [like.soql("LastName") for like in dict.fromkeys(names) if not like.exact]
    if len(exact) == 1:
        conditions.append(f"LastName={quote(exact[0])}")
    elif exact:
        conditions.append(f"LastName IN {in_list(exact)}")
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"
