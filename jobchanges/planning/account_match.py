"""Which account of the org is the new company (reference, section 7, "Account matching")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from jobchanges.planning.names import (
    company_key,
    company_similar,
    company_similarity,
    domain_of,
    email_domain,
)
from jobchanges.planning.types import AccountFact, JobChangeData


class Accounts:
    """Candidate accounts of one org, found by domain and by name without looking at each."""

    def __init__(self, accounts: Iterable[AccountFact]) -> None:
        self.by_id = {account.id: account for account in accounts}
        self.by_domain: dict[str, list[AccountFact]] = defaultdict(list)
        self.by_key: dict[str, list[AccountFact]] = defaultdict(list)
        for account in self.by_id.values():
            if domain := domain_of(account.website):
                self.by_domain[domain].append(account)
            if key := company_key(account.name):
                self.by_key[key].append(account)

    def get(self, record_id: str) -> AccountFact | None:
        """The account with this id."""
        return self.by_id.get(record_id)

    def similar(self, name: str, domain: str) -> list[AccountFact]:
        """Accounts with a similar name; of those with another known domain, none."""
        return [
            account
            for accounts in self.by_key.values()
            if company_similar(name, accounts[0].name)
            for account in accounts
            if not (domain and domain_of(account.website))
        ]


def new_domain(job_change: JobChangeData) -> str:
    """The new company's registrable domain: as given, of its website, or of the new e-mail."""
    return (
        domain_of(job_change.new_company_domain)
        or domain_of(job_change.new_company_website)
        or email_domain(job_change.new_email)
    )


def account_match(job_change: JobChangeData, accounts: Accounts) -> tuple[AccountFact | None, str]:
    """Find the new company among candidate accounts; say why, or that none fits.

    Rules, the first that holds for any account wins:
    1. the website's registrable domain is the new company's;
    2. the same name, legal form, case and accents apart;
    3. a similar name, when not both domains are known (two known, different domains are two
       companies unless the name is the very same).
    Among several: the closest name, then the lowest id, which is the oldest record.
    """
    name, domain = job_change.new_company_name, new_domain(job_change)
    if not name and not domain:
        return None, ""
    key = company_key(name)
    if domain and (found := accounts.by_domain.get(domain)):
        account = _best(name, found)
        why = f"Account matched by its website’s domain {domain}."
    elif key and (found := accounts.by_key.get(key)):
        account = _best(name, found)
        why = "Account matched by its name."
        site = domain_of(account.website)
        if site and domain:
            why = f"Account matched by its name; its website is on {site}, not on {domain}."
    elif found := accounts.similar(name, domain):
        account = _best(name, found)
        similarity = company_similarity(name, account.name)
        why = f"Account matched by a similar name ({similarity:.0f} of 100)."
    else:
        return None, "No account of this org fits the new company."
    if len(found) > 1:
        why += f" {len(found)} accounts fit: the closest name, then the oldest was taken."
    return account, why


def _best(name: str, accounts: Iterable[AccountFact]) -> AccountFact:
    return min(accounts, key=lambda account: (-company_similarity(name, account.name), account.id))
