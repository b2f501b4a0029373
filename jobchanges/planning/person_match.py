"""Which record of the org is the person: at the new company, and at the old one.

Leads and contacts are looked through in every record mode (reference, section 7, "Duplicate
check"). A converted lead stands for the contact it became.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from jobchanges.planning.account_match import new_domain
from jobchanges.planning.likes import (
    any_fits,
    company_like_anywhere,
    company_likes,
    last_name_like,
)
from jobchanges.planning.names import (
    NameFit,
    company_similar,
    domain_of,
    email_domain,
    email_key,
    name_forms,
    person_key,
    person_name_compare,
    person_name_fits,
)
from jobchanges.planning.types import AccountFact, JobChangeData, PersonFact

Found = tuple[PersonFact | None, str]

_BECAME = " It was a lead that has been converted to this contact."
_ORDER = (
    "the closest name, a contact before a lead, one on the matched account before others, then "
    "the oldest"
)
_STRANGER = (
    "The {object} that came with the job change is somebody else in this org, so it was not used."
)


class People:
    """Candidate leads and contacts of one org, found by e-mail address and by name."""

    def __init__(self, people: Iterable[PersonFact]) -> None:
        self._by_id = {person.id: person for person in people}
        self._by_email: dict[str, list[PersonFact]] = defaultdict(list)
        # By the whole name, and by each form of the last one.
        self._by_name: dict[str, dict[str, PersonFact]] = defaultdict(dict)
        for person in self._by_id.values():
            if email := email_key(person.email):
                self._by_email[email].append(person)
            key = person_key(person.first_name, person.last_name)
            for name in {key, *name_forms(person.last_name)} - {""}:
                self._by_name[name][person.id] = person

    def get(self, record_id: str) -> PersonFact | None:
        """The record with this id, as it stands: a converted lead is not followed."""
        return self._by_id.get(record_id) if record_id else None

    def with_email(self, email: str) -> list[PersonFact]:
        """Records with this e-mail address, however it is written."""
        return self._by_email.get(email_key(email), []) if email else []

    def named(self, job_change: JobChangeData) -> list[tuple[NameFit, PersonFact]]:
        """Records with the person's name; case, accents, middle names and short forms apart."""
        first, last = job_change.first_name, job_change.last_name
        keys = {person_key(first, last), *name_forms(last)} - {""}
        found = {one.id: one for key in keys for one in self._by_name.get(key, {}).values()}
        like = last_name_like(last)
        fits = (
            (person_name_compare(first, last, one.first_name, one.last_name), one)
            for one in found.values()
            if like.fits(one.last_name)
        )
        return [(fit, one) for fit, one in fits if fit is not None]

    def current(self, person: PersonFact) -> PersonFact | None:
        """The record to write to: of a converted lead its contact, none if that is not visible."""
        if not person.converted:
            return person
        return self._by_id.get(person.converted_contact_id)


def person_match(job_change: JobChangeData, people: People, account: AccountFact | None) -> Found:
    """Find the person's record at the new company; say why, or that there is none.

    Rules, the first that holds for any record wins:
    1. the new e-mail address;
    2. the same name, and an e-mail address on the new company's domain;
    3. the same name, and the new company: its account, its website's domain, or its name;
    4. a short form of the first name, and an e-mail address on the new company's domain.
    A middle name that only one of them has does not count. Among several: the closest name,
    contact before lead, on the matched account before elsewhere, lowest id, which is the oldest.
    A promotion looks for the past record first.
    """
    if job_change.kind == "left":
        return None, ""
    if job_change.kind == "promotion":
        past, why = past_match(job_change, people)
        if past and not past.converted:
            return past, why
    if found := _first(people, job_change, people.with_email(job_change.new_email), account):
        return found[0], f"Person found by the new e-mail address.{found[1]}"
    named = people.named(job_change)
    same = [person for fit, person in named if fit is not NameFit.SHORT]
    short = [person for fit, person in named if fit is NameFit.SHORT]
    rules = (
        (_on_domain(job_change, same), "Person found by name and the new company’s e-mail domain."),
        (_at_company(job_change, same, account), "Person found by name and the new company."),
        (
            _on_domain(job_change, short),
            "Person found by a short form of the name and the new company’s e-mail domain.",
        ),
    )
    for fitting, why in rules:
        if found := _first(people, job_change, fitting, account):
            return found[0], f"{why}{_apart(job_change, found[0])}{found[1]}"
    return None, "No lead or contact of this person stands at the new company."


def past_match(job_change: JobChangeData, people: People) -> Found:
    """Find the past record: by the ids that came with the job change, then by past e-mail.

    An id is used only if the record's name or e-mail fits: in a partial or refreshed sandbox it
    can be somebody else (write-protocol). A converted past lead gives its contact; if that
    contact is not visible, the lead itself, `converted`, which can be linked but not written.
    """
    words = ""
    for record_id, noun in (
        (job_change.past_contact_id, "contact"),
        (job_change.past_lead_id, "lead"),
    ):
        person = people.get(record_id)
        if person is None:
            continue
        if not _may_be(job_change, person):
            words = _STRANGER.format(object=noun) + " "
            continue
        current = people.current(person)
        if current is None:
            return person, f"Past record: the {noun} that came with the job change."
        became = _BECAME if current is not person else ""
        return current, f"Past record: the {noun} that came with the job change.{became}"
    if found := _first(people, job_change, people.with_email(job_change.past_email), None):
        return found[0], f"{words}Past record found by the past e-mail address.{found[1]}"
    return None, f"{words}No past record of this person was found in this org."


def _first(
    people: People,
    job_change: JobChangeData,
    fitting: Sequence[PersonFact],
    account: AccountFact | None,
) -> tuple[PersonFact, str] | None:
    """The best of equals, with words on conversion and on rivals."""
    current: dict[str, tuple[PersonFact, bool]] = {}
    for person in fitting:
        record = people.current(person)
        if record is not None:
            became = record is not person and current.get(record.id, (record, True))[1]
            current[record.id] = (record, became)
    if not current:
        return None
    ordered = sorted(
        current.values(),
        key=lambda item: (
            _name_rank(job_change, item[0]),
            item[0].object_name != "Contact",
            not (account and item[0].account_id == account.id),
            item[0].id,
        ),
    )
    person, became = ordered[0]
    words = _BECAME if became else ""
    if len(ordered) > 1:
        words += f" {len(ordered)} records fit: {_ORDER} was taken."
    return person, words


def _name_rank(job_change: JobChangeData, person: PersonFact) -> int:
    fit = person_name_compare(
        job_change.first_name, job_change.last_name, person.first_name, person.last_name
    )
    return len(NameFit) if fit is None else fit


def _apart(job_change: JobChangeData, person: PersonFact) -> str:
    """Which name the record has, where it is not quite the person's."""
    rank = _name_rank(job_change, person)
    return f" The record is named {person.name}." if rank else ""


def _may_be(job_change: JobChangeData, person: PersonFact) -> bool:
    return (
        _has_email(person, job_change.past_email)
        or _has_email(person, job_change.new_email)
        or person_name_fits(
            job_change.first_name, job_change.last_name, person.first_name, person.last_name
        )
    )


def _has_email(person: PersonFact, email: str) -> bool:
    return bool(email) and email_key(person.email) == email_key(email)


def _on_domain(job_change: JobChangeData, people: Iterable[PersonFact]) -> list[PersonFact]:
    domain = new_domain(job_change)
    return [one for one in people if domain and email_domain(one.email) == domain]


def _at_company(
    job_change: JobChangeData, people: Iterable[PersonFact], account: AccountFact | None
) -> list[PersonFact]:
    domain, name = new_domain(job_change), job_change.new_company_name
    likes = {"Contact": company_likes(name), "Lead": company_like_anywhere(name)}
    return [
        one
        for one in people
        if (account and one.account_id == account.id)
        or (domain and domain_of(one.account_website) == domain)
        or (company_similar(one.company, name) and any_fits(likes[one.object_name], one.company))
    ]
