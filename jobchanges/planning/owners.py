"""Who owns a created record: by the customer's rule, never somebody inactive.

An answer without an id means that nobody can own it: its words are then the reason to hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from jobchanges.planning.mapping import owner_field_problem
from jobchanges.planning.types import FieldFacts, JobChangeData, Matches, PlanSettings


@dataclass(frozen=True)
class Owner:
    """A user id, why it is this one in words, and whether somebody inactive was passed over."""

    id: str
    words: str = ""
    inactive: bool = False

    def after(self, skipped: str, *, inactive: bool) -> Owner:
        """The same owner, chosen after somebody else was passed over; `skipped` says who, why."""
        words = f"{skipped} {self.words}".strip() if self.id else self.words
        return Owner(self.id, words, inactive or self.inactive)


def users_named(settings: PlanSettings) -> list[str]:
    """Users of the settings who may come to own a record, each once: matching asks after them."""
    rules = (settings.contact_owner_rule, settings.lead_owner_rule)
    turns = settings.round_robin if "round_robin" in rules else ()
    return list(dict.fromkeys(filter(None, (settings.default_owner_id, *turns))))


def account_lookup(settings: PlanSettings) -> FieldFacts | None:
    """The account's lookup that names the owner of its contacts; None where none is to be read."""
    if settings.contact_owner_rule != "account_lookup" or not settings.contact_owner_field:
        return None
    facts = settings.fields.get("Account", {}).get(settings.contact_owner_field)
    return None if owner_field_problem(facts) else facts


def default_owner(settings: PlanSettings, matches: Matches) -> Owner:
    """The default owner of the settings, if active."""
    if not settings.default_owner_id:
        return Owner("", "No default owner is chosen for this org. Choose one in the settings.")
    if matches.default_owner_active is None:
        return Owner("", "The default owner is not a user of this org. Choose one in the settings.")
    if not matches.default_owner_active:
        return Owner(
            "",
            "The default owner is inactive in this org. Choose another one in the settings.",
            inactive=True,
        )
    name = matches.names.get(settings.default_owner_id, "")
    return Owner(settings.default_owner_id, f"Owned by the default owner, {name}." if name else "")


def contact_owner(settings: PlanSettings, matches: Matches, job_change: JobChangeData) -> Owner:
    """The owner of a created contact, after the rule; who cannot own it gives way, with words."""
    if settings.contact_owner_rule == "round_robin":
        return _in_turn(settings, matches, job_change)
    if settings.contact_owner_rule == "account_lookup":
        return _named_on_account(settings, matches)
    if settings.contact_owner_rule == "account_owner":
        return _account_owner(settings, matches)
    return default_owner(settings, matches)


def lead_owner(settings: PlanSettings, matches: Matches, job_change: JobChangeData) -> Owner:
    """The owner of a created lead; the org's assignment rules may still choose another."""
    if settings.lead_owner_rule == "round_robin":
        return _in_turn(settings, matches, job_change)
    return default_owner(settings, matches)


def _to_default(settings: PlanSettings, matches: Matches, because: str, *, inactive: bool) -> Owner:
    """The default owner in somebody's place, by name where the org said it."""
    name = matches.names.get(settings.default_owner_id, "")
    whom = f"the default owner, {name}," if name else "the default owner"
    owner = default_owner(settings, matches)
    if not owner.id:
        return owner.after("", inactive=inactive)
    return Owner(owner.id, f"{because}, so {whom} gets it.", inactive)


def _account_owner(settings: PlanSettings, matches: Matches) -> Owner:
    account = matches.account
    if account is None:
        return default_owner(settings, matches)
    if account.owner_id and account.owner_active:
        name = matches.names.get(account.owner_id, "")
        words = f"Owned by {name}, the owner of the account." if name else ""
        return Owner(account.owner_id, words or "Owned by the owner of the account.")
    because = "The owner of the account is inactive"
    return _to_default(settings, matches, because, inactive=True)


def _named_on_account(settings: PlanSettings, matches: Matches) -> Owner:
    """The user in the account's lookup; else the account's owner; else the default one."""
    account = matches.account
    if account is None:
        return default_owner(settings, matches)
    facts = account_lookup(settings)
    label = (facts and facts.label) or settings.contact_owner_field
    if facts is None:
        words = f"The account’s field {label} cannot be read as a lookup to a user."
        return _account_owner(settings, matches).after(words, inactive=False)
    if not account.lookup_owner_id:
        words = f"The account names nobody in its field {label}."
        return _account_owner(settings, matches).after(words, inactive=False)
    if not account.lookup_owner_active:
        words = f"The user named in the account’s field {label} is inactive."
        return _account_owner(settings, matches).after(words, inactive=True)
    name = matches.names.get(account.lookup_owner_id, "")
    whom = f"{name}, the user" if name else "the user"
    return Owner(account.lookup_owner_id, f"Owned by {whom} named in the account’s {label}.")


def _in_turn(settings: PlanSettings, matches: Matches, job_change: JobChangeData) -> Owner:
    """The first active of the list, from this job change's turn on; else the default owner.

    The turn comes with the job change, so every plan of it chooses the same person while the
    list stands.
    """
    people = settings.round_robin
    start = job_change.turn % len(people) if people else 0
    for passed, user_id in enumerate((*people[start:], *people[:start])):
        if not matches.users_active.get(user_id):
            continue
        place = (start + passed) % len(people) + 1
        name = matches.names.get(user_id, "")
        words = f"Owned by {name}, number" if name else "Owned by number"
        words += f" {place} of the {len(people)} people who take turns."
        if passed == 0:
            return Owner(user_id, words)
        first = matches.names.get(people[start], "")
        whose = f"Whose turn it was, {first}," if first else "Whose turn it was"
        skipped = (
            f"{whose} is inactive or no user of this org, so the next one gets it."
            if passed == 1
            else f"The {passed} people before them are inactive or no users of this org."
        )
        return Owner(user_id, words).after(skipped, inactive=True)
    if not people:
        because = "Nobody is chosen to take turns in this org"
        return _to_default(settings, matches, because, inactive=False)
    because = "Nobody of those who take turns is an active user"
    return _to_default(settings, matches, because, inactive=True)
