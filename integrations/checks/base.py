"""What a check is, what it is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from integrations.models import Outcome

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

__all__ = [
    "NOT_LOOKED_AT",
    "Check",
    "CheckContext",
    "Finding",
    "Item",
    "Outcome",
    "Who",
    "not_looked_at",
    "once_settings_chosen",
]


class Who(StrEnum):
    """Who can mend a point: each fix says as whom (product.md, section 5)."""

    ADMINISTRATOR = "administrator"
    INTEGRATION_USER = "integration_user"
    MANAGER = "manager"  # the vendor's implementation manager
    NOBODY = ""


# An org's own words stand in these, and a page shows many of them: longer ones are cut.
LONGEST_SENTENCE = 700
LONGEST_FIX = 500


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


@dataclass(frozen=True)
class Item:
    """One point of a finding. `key` names it within its check and never changes with the words.

    `outcome` is pass, warning, fail or cannot. `sentence` says what is so, `fix` the click path as
    Salesforce people say it, `setup_path` a place in Setup (`salesforce.setup_links`).
    """

    key: str
    outcome: str
    sentence: str
    fix: str = ""
    who: str = Who.NOBODY
    setup_path: str = ""

    def as_json(self) -> dict[str, str]:
        """As a result keeps it."""
        return {
            "key": self.key,
            "outcome": str(self.outcome),
            "sentence": _short(self.sentence, LONGEST_SENTENCE),
            "fix": _short(self.fix, LONGEST_FIX),
            "who": str(self.who),
            "setup_path": self.setup_path,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Item:
        """The item of a stored result."""
        names = ("key", "outcome", "sentence", "fix", "who", "setup_path")
        return cls(**{name: str(stored.get(name, "")) for name in names})

    @property
    def hash(self) -> str:
        """What exactly is waived or accepted: the point and how bad it is, not its wording."""
        return content_hash({"key": self.key, "outcome": str(self.outcome)})


# From the worst to the best, for the outcome of a whole check.
_WORST_FIRST = (Outcome.FAIL, Outcome.CANNOT, Outcome.WARNING, Outcome.PASS)


@dataclass(frozen=True)
class Finding:
    """The answer of one check: one line, and points. `items` may hold passes worth showing."""

    outcome: Outcome
    found: str
    items: Sequence[Item] = ()
    missing_right: str = ""

    @classmethod
    def of(cls, items: Sequence[Item], *, found: str, missing_right: str = "") -> Finding:
        """With the outcome of the worst item; pass where there is none."""
        listed = sorted(items, key=lambda item: _WORST_FIRST.index(Outcome(item.outcome)))
        worst = Outcome(listed[0].outcome) if listed else Outcome.PASS
        return cls(worst, found, tuple(listed), missing_right)


# The key of the one point of a check that had nothing to look at.
NOT_LOOKED_AT = "not_looked_at"


def not_looked_at(sentence: str) -> Finding:
    """The answer of a check that does not apply: nothing was looked at, so nothing is right."""
    return Finding(Outcome.PASS, sentence, (Item(NOT_LOOKED_AT, Outcome.PASS, sentence),))


def once_settings_chosen() -> str:
    """Why a check of the settings looks at nothing yet."""
    return _("Looked at once the settings are chosen.")


@dataclass(frozen=True)
class CheckContext:
    """What checks need from the floors above, as plain data (identity-and-state, Checks).

    Ids are 18 characters long and of this org. Empty texts: not chosen yet.
    """

    environment: str  # "sandbox" or "production"
    permission_list: str = "V4"
    record_mode: str = ""  # jobchanges.models.RecordMode; "" while no settings are saved
    lead_source: str = ""
    contact_owner_rule: str = ""
    default_owner_id: str = ""
    default_owner_name: str = ""
    campaign_id: str = ""
    campaign_name: str = ""
    campaign_status: str = ""
    run_assignment_rules: bool = False
    save_past_alerts: bool = False
    # Who takes turns where an owner rule says so: (user id, name), in their order.
    turns: Sequence[tuple[str, str]] = ()
    # The lookup to a user on Account that names the owner of new contacts; it is only read.
    contact_owner_field: str = ""
    # Fields that plans fill, by object: on creating, and on changing what exists.
    fields_created: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields_updated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Of `fields_created`, those that no plan leaves out; an object that is missing: not known.
    fields_always: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Texts that plans write, by "Lead.LeadSource": looked for in restricted picklists.
    values_written: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Of fields that the customer had filled besides, by "Contact.Status__c": the types of fields,
    # as describe calls them, that take what goes in.
    types_written: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Waiting job changes: their past records, at most a few hundred of each.
    waiting: int = 0
    past_contact_ids: Sequence[str] = ()
    past_lead_ids: Sequence[str] = ()
    past_account_ids: Sequence[str] = ()
    # The same ids by job change: its past contact or lead, and its past account.
    past_records: Sequence[tuple[str, ...]] = ()
    # About how many API calls a first batch would cost.
    calls_needed: int = 0
    # The org as it was confirmed when it was connected.
    connected_org_id: str = ""
    # Production only: the org that was tested, and record counts there, where known.
    tested_org_id: str = ""
    tested_org_name: str = ""
    # Production only: whether its own list of sandboxes named the tested one when it was
    # connected: "proven", "unknown" (`guard.parent_verdict`), or "" where nothing was tested.
    tested_parent: str = ""

    @property
    def is_sandbox(self) -> bool:
        """Whether the sandbox is asked."""
        return self.environment == "sandbox"

    @property
    def makes_leads(self) -> bool:
        """Whether the settings can make leads; yes while nothing is chosen."""
        return self.record_mode not in ("always_contact", "flow_template")

    @property
    def makes_contacts(self) -> bool:
        """Whether the settings can make contacts; yes while nothing is chosen."""
        return self.record_mode not in ("always_lead", "flow_template")

    @property
    def leaves_it_to_a_flow(self) -> bool:
        """Whether only the package's record is written, and a flow of the org does the rest."""
        return self.record_mode == "flow_template"


class Check:
    """One question to an org. Subclasses are stateless; `run` raises nothing for a bad org.

    `run` lets `CannotAsk` and SalesforceError of the survey pass: the runner turns them into
    *cannot* with the missing right, and *error*.
    """

    # Its name everywhere: in results, addresses, waivers.
    name: ClassVar[str]
    # The step it belongs to, without the environment: "permissions", "layouts", "test", ….
    step: ClassVar[str]
    # Attributes of the survey it reads; asked for together with those of the other checks.
    needs: ClassVar[tuple[str, ...]]
    # In which environments it is asked.
    environments: ClassVar[tuple[str, ...]] = ("sandbox", "production")
    # Whether the go-live summary covers it: what changes by itself from hour to hour is not signed.
    signed: ClassVar[bool] = True
    # Whether a person may vouch for it by hand where the org cannot be asked: in steps where
    # somebody confirms. What has no such step holds nobody up.
    by_hand: ClassVar[bool] = True

    @property
    def question(self) -> str:
        """What is asked, as a line: "May the integration user write every field we fill?"."""
        raise LookupError(f"{type(self).__name__} has no question.")

    @property
    def why(self) -> str:
        """Why it matters, in a sentence or two."""
        raise LookupError(f"{type(self).__name__} does not say why it matters.")

    def applies(self, context: CheckContext) -> bool:
        """Whether there is anything to ask, by the settings; otherwise it passes unasked."""
        return True

    def not_needed(self, context: CheckContext) -> str:
        """What is shown where it does not apply."""
        return ""

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the org's answers."""
        raise LookupError(f"{type(self).__name__} asks nothing.")
