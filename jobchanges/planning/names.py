"""Domains, company names and people's names in a form in which they can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache

import idna
import tldextract
from cleanco import basename
from rapidfuzz import fuzz, process

from jobchanges.planning.nicknames import is_short_form
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
# Written with one letter or with two, by whoever has no such key.
_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "æ": "ae", "ø": "oe", "œ": "oe"}
)


class NameFit(IntEnum):
    """How two names of a person agree, the closest first."""

    SAME = 0
    # One has a middle name, or its initial, more than the other.
    MIDDLE = 1
    # One first name is a short form of the other: Bob and Robert.
    SHORT = 2


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


def domain_spellings(domain: str) -> tuple[str, ...]:
    """A domain as it may stand in a record: in ASCII, and as people read it."""
    try:
        readable = idna.decode(domain) if "xn--" in domain else domain
    except idna.IDNAError:
        readable = domain
    return tuple(dict.fromkeys((domain, readable)))


def email_key(email: str) -> str:
    """An e-mail address as it is compared: people write it in capitals.

    What stands behind a plus is part of it: `dana+crm@acme.com` was made to be told from
    `dana@acme.com`, and no query finds the one by the other. Name and domain still do.
    """
    return email.strip().lower()


@lru_cache(maxsize=20_000)
def company_key(name: str) -> str:
    """A company's name without legal form, accents, marks and "the"; empty for none.

    A name without any letter or digit is its own key.
    """
    text = _plain(name)
    # Twice: "Acme Holdings, Inc. Ltd" has two.
    short = basename(basename(text)) or text
    words = _words(short.replace("&", " and "))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words) or _signs(text)


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


def keys_by_words(keys: Iterable[str]) -> dict[str, list[str]]:
    """Company keys by their words in alphabetical order, for `companies_similar`."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(" ".join(sorted(key.split())), []).append(key)
    return found


def companies_similar(key: str, keys: Mapping[str, list[str]]) -> list[str]:
    """Which of many company keys `company_similar` holds for; in one go."""
    if not key:
        return []
    words = " ".join(sorted(key.split()))
    near = [words] if words in keys else []
    if len(key) >= SHORTEST_SIMILAR:
        found = process.extract(
            words, keys.keys(), scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=None
        )
        near = [one for one, _score, _place in found]
    return [
        other
        for one in near
        for other in keys[one]
        if other == key or min(len(key), len(other)) >= SHORTEST_SIMILAR
    ]


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
    text = _plain(f"{first_name} {last_name}")
    return " ".join(sorted(_words(text))) or _signs(text)


def person_name_same(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Whether two full names are the same, accents, case and order apart."""
    key = person_key(first, last)
    return bool(key) and key == person_key(other_first, other_last)


@lru_cache(maxsize=20_000)
def name_forms(name: str) -> frozenset[str]:
    """A part of a person's name as it may be written: Müller, Muller and Mueller meet."""
    folded = unicodedata.normalize("NFC", name).casefold()
    spelled = (name, folded.translate(_TWO_LETTERS))
    plain = [_plain(one) for one in spelled]
    return frozenset(" ".join(_words(one)) or _signs(one) for one in plain) - {""}


def person_name_compare(first: str, last: str, other_first: str, other_last: str) -> NameFit | None:
    """How far two full names agree; None: not the same person by their names."""
    if person_name_same(first, last, other_first, other_last):
        return NameFit.SAME
    if not name_forms(last) & name_forms(other_last):
        return None
    pairs = [
        (one.split(), other.split())
        for one in name_forms(first)
        for other in name_forms(other_first)
    ]
    if any(one == other for one, other in pairs):
        return NameFit.SAME
    if any(_middle_only(*sorted(pair, key=len)) for pair in pairs):
        return NameFit.MIDDLE
    if any(one[0] != other[0] and is_short_form(one[0], other[0]) for one, other in pairs):
        return NameFit.SHORT
    return None


def _middle_only(shorter: list[str], longer: list[str]) -> bool:
    """Whether two first names differ by middle names that one leaves out or only begins."""
    if not shorter or shorter[0] != longer[0]:
        return False
    return all(
        one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
        for one, other in zip(shorter[1:], longer[1:], strict=False)
    )


def person_name_fits(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Whether a record found by its id may be this person: short forms and slips allowed."""
    if person_name_compare(first, last, other_first, other_last) is not None:
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


def _signs(text: str) -> str:
    """What is left of a name that has no words."""
    return "".join(text.split())


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
