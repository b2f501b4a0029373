"""Which job changes must not be in flight together in one org (write-protocol, Groups). Pure."""

from typing import Protocol

from jobchanges.planning.names import company_key, domain_of, email_domain, email_key, person_key


class Conflicting(Protocol):
    """The attributes of a job change that decide whom it may meet."""

    first_name: str
    last_name: str
    linkedin_url: str
    past_email: str
    new_email: str
    past_company_name: str
    new_company_name: str
    new_company_domain: str
    new_company_website: str
    past_contact_id: str
    past_lead_id: str


def touch_keys(job_change: Conflicting) -> frozenset[str]:
    """Name what a job change touches: its new company, its person, its past records.

    Two job changes whose names meet wait for each other: so two people who join one new company
    make one account, and one person's moves happen in order.
    """
    keys = set(person_keys(job_change) | company_keys(job_change))
    # The first 15 characters name the record; the other three only repeat their case.
    keys.update(
        f"record:{record_id[:15]}"
        for record_id in (job_change.past_contact_id, job_change.past_lead_id)
        if record_id
    )
    return frozenset(keys)


def company_keys(job_change: Conflicting) -> frozenset[str]:
    """Name the new company: its domains, as given and of the new e-mail, and its name."""
    keys = {
        f"company-domain:{domain}"
        for domain in (
            domain_of(job_change.new_company_domain),
            domain_of(job_change.new_company_website),
            email_domain(job_change.new_email),
        )
        if domain
    }
    if company := company_key(job_change.new_company_name):
        keys.add(f"company-name:{company}")
    return frozenset(keys)


def person_keys(job_change: Conflicting) -> frozenset[str]:
    """Name the person: LinkedIn address, any e-mail, name with any past or new company."""
    keys = set()
    if page := linkedin_page(job_change.linkedin_url):
        keys.add(f"linkedin:{page}")
    keys.update(
        f"email:{email_key(email)}"
        for email in (job_change.past_email, job_change.new_email)
        if email.strip()
    )
    name = person_key(job_change.first_name, job_change.last_name)
    companies = (
        company_key(job_change.past_company_name),
        company_key(job_change.new_company_name),
    )
    keys.update(f"person:{name}|{company}" for company in companies if name and company)
    return frozenset(keys)


def linkedin_page(url: str) -> str:
    """What of a LinkedIn address names the person, however its beginning is written."""
    return url.strip().lower().split("?")[0].rstrip("/").split("linkedin.com/")[-1]
