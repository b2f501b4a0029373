"""Domains, company names and people's names in a form in which they can be compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna
import tldextract
from cleanco import basename
from rapidfuzz import fuzz

from jobchanges.planning.shared_hosts import SHARED

# The list that comes with the library; nothing is downloaded or cached on disk. Private entries
# count: two customers of one website builder are two companies.
_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_WORD = re.compile(r"[^\W_]+")
# Names closer than this are the same company, spelled differently.
SIMILAR = 92.0
# Short names are close to too many others.
SHORTEST_SIMILAR = 6


@lru_cache(maxsize=20_000)
def domain_of(address: str) -> str:
    """The registrable domain of a website or host, in ASCII; empty for none or a shared one.

    `https://www.jobs.acme.co.uk/x` → `acme.co.uk`. Where no entry of the public-suffix list
    fits, its default rule holds: the last label is the suffix (data/README.md).
    """
    text = address.strip().lower().rstrip(".")
    if not text or any(character.isspace() for character in text):
        return ""
    try:
        found = _extract(text)
    except ValueError:
        return ""
    if found.suffix:
        domain = f"{found.domain}.{found.suffix}" if found.domain else ""
    else:
        labels = f"{found.subdomain}.{found.domain}".strip(".").split(".")
        domain = ".".join(labels[-2:]) if len(labels) > 1 else ""
        if found.ipv4 or found.ipv6:
            return ""
    try:
        domain = idna.encode(domain, uts46=True).decode() if domain else ""
    except idna.IDNAError:
        return ""
    return domain if _HOST.fullmatch(domain) and domain not in SHARED else ""


def email_domain(email: str) -> str:
    """The registrable domain of an e-mail address; empty for free mail and for no address."""
    _local, at, host = email.strip().rpartition("@")
    return domain_of(host) if at and "/" not in host else ""


def email_key(email: str) -> str:
    """An e-mail address as it is compared: people write it in capitals."""
    return email.strip().casefold()


@lru_cache(maxsize=20_000)
def company_key(name: str) -> str:
    """A company's name without legal form, accents, marks and "the"; empty for none."""
    text = _plain(name)
    # Twice: "Acme Holdings, Inc. Ltd" has two.
    short = basename(basename(text)) or text
    words = _words(short.replace("&", " and "))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


def company_similarity(one: str, other: str) -> float:
    """0 to 100: how alike two company names are, whatever the order of their words."""
    first, second = company_key(one), company_key(other)
    if not first or not second:
        return 0.0
    return 100.0 if first == second else min(99.9, fuzz.token_sort_ratio(first, second))


def company_similar(one: str, other: str) -> bool:
    """Whether two names mean the same company, spelling apart."""
    if min(len(company_key(one)), len(company_key(other))) < SHORTEST_SIMILAR:
        return company_similarity(one, other) == 100.0
    return company_similarity(one, other) >= SIMILAR


def company_words(name: str) -> list[str]:
    """The first words of a company's name as they are written, for a search in the org."""
    short = basename(name) or name
    words: list[str] = _WORD.findall(short)
    if len(words) > 1 and words[0].casefold() == "the":
        words = words[1:]
    return words[:3]


@lru_cache(maxsize=20_000)
def person_key(first_name: str, last_name: str) -> str:
    """A person's name as it is compared; the order of its parts does not matter."""
    return " ".join(sorted(_words(_plain(f"{first_name} {last_name}"))))


def person_name_same(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Whether two full names are the same, accents, case and order apart."""
    key = person_key(first, last)
    return bool(key) and key == person_key(other_first, other_last)


def person_name_fits(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Whether a record found by its id may be this person: short forms and slips allowed."""
    if person_name_same(first, last, other_first, other_last):
        return True
    one, other = _plain(first), _plain(other_first)
    if _plain(last) == _plain(other_last) and (
        not one or not other or one.startswith(other) or other.startswith(one)
    ):
        return bool(_plain(last))
    return fuzz.ratio(person_key(first, last), person_key(other_first, other_last)) >= 90


def _words(text: str) -> list[str]:
    # An apostrophe or a point inside a word separates nothing: Lowe's = Lowes, U.S. = US.
    words: list[str] = _WORD.findall(re.sub(r"['’‘`´.]", "", text))
    return words


def _plain(text: str) -> str:
    """Case folded, width and ligatures unified, accents of Latin letters dropped."""
    kept = ""
    base_is_latin = False
    for character in unicodedata.normalize("NFKD", text.casefold()):
        if unicodedata.combining(character):
            if base_is_latin:
                continue
        else:
            base_is_latin = unicodedata.name(character, "").startswith("LATIN")
        kept += character
    return " ".join(unicodedata.normalize("NFC", kept).split())
