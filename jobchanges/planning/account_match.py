"""Which account of the org is the new company (reference, section 7, "Account matching")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from jobchanges.planning.likes import any_fits, company_likes
from jobchanges.planning.names import (
    companies_similar,
    company_key,
    company_similarity,
    domain_of,
    domain_spellings,
    email_domain,
    keys_by_words,
)
from jobchanges.planning.types import AccountFact, JobChangeData


class Accounts:
    """Candidate accounts of one org, found by domain and by name without looking at each.

    Those that only another job change's question brought along are passed over.
    """

    def __init__(self, accounts: Iterable[AccountFact]) -> None:
        self._by_id = {account.id: account for account in accounts}
        self._by_domain: dict[str, list[AccountFact]] = defaultdict(list)
        self._by_key: dict[str, list[AccountFact]] = defaultdict(list)
        for account in self._by_id.values():
            if domain := domain_of(account.website):
                self._by_domain[domain].append(account)
            if key := company_key(account.name):
                self._by_key[key].append(account)
        self._by_sorted = keys_by_words(self._by_key)

    def get(self, record_id: str) -> AccountFact | None:
        """The account with this id."""
        return self._by_id.get(record_id)

    def on_domain(self, domain: str) -> list[AccountFact]:
        """Accounts with a website on this registrable domain."""
        spellings = domain_spellings(domain) if domain else ()
        return [
            account
            for account in self._by_domain.get(domain, ())
            if any(one in account.website.lower() for one in spellings)
        ]

    def named(self, name: str) -> list[AccountFact]:
        """Accounts with the same name, legal form, case and accents apart."""
        key = company_key(name)
        return _found_by_name(name, self._by_key.get(key, ())) if key else []

    def similar(self, name: str) -> list[AccountFact]:
        """Accounts with a similar name, the same one among them."""
        keys = companies_similar(company_key(name), self._by_sorted)
        likes = [account for key in keys for account in self._by_key[key]]
        return _found_by_name(name, likes)

    def candidates(self, job_change: JobChangeData) -> list[AccountFact]:
        """All that may be the new company, by domain or by name; in the order of their ids."""
        if job_change.kind == "left":
            return []
        found = self.on_domain(new_domain(job_change)) + self.similar(job_change.new_company_name)
        return sorted({account.id: account for account in found}.values(), key=lambda one: one.id)


def _found_by_name(name: str, accounts: Iterable[AccountFact]) -> list[AccountFact]:
    likes = company_likes(name)
    return [account for account in accounts if any_fits(likes, account.name)]


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
    if found := accounts.on_domain(domain):
        account = _best(name, found)
        why = f"Account matched by its website’s domain {domain}."
    elif found := accounts.named(name):
        account = _best(name, found)
        why = "Account matched by its name."
        site = domain_of(account.website)
        if site and domain:
            why = f"Account matched by its name; its website is on {site}, not on {domain}."
    elif found := [
        one for one in accounts.similar(name) if not (domain and domain_of(one.website))
    ]:
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
