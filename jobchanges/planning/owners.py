"""Who owns a created record. Each answer is (user id, words, whether somebody was inactive).

An empty id means that nobody can own it: the words are then the reason to hold.
"""

from __future__ import annotations

from jobchanges.planning.types import Matches, PlanSettings

Owner = tuple[str, str, bool]


def default_owner(settings: PlanSettings, matches: Matches) -> Owner:
    """The default owner of the settings, if active."""
    if not settings.default_owner_id:
        return "", "No default owner is chosen for this org. Choose one in the settings.", False
    if matches.default_owner_active is None:
        return "", "The default owner is not a user of this org. Choose one in the settings.", False
    if not matches.default_owner_active:
        return (
            "",
            "The default owner is inactive in this org. Choose another one in the settings.",
            True,
        )
    return settings.default_owner_id, "", False


def contact_owner(settings: PlanSettings, matches: Matches) -> Owner:
    """The owner of a created contact: after the rule, the account's owner or the default one."""
    account = matches.account
    if settings.contact_owner_rule != "account_owner" or account is None:
        return default_owner(settings, matches)
    if account.owner_id and account.owner_active:
        return account.owner_id, "Owned by the owner of the account.", False
    owner_id, words, _inactive = default_owner(settings, matches)
    if not owner_id:
        return owner_id, words, True
    return owner_id, "The owner of the account is inactive, so the default owner gets it.", True
