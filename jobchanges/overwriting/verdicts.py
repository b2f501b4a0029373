"""Whether writing a field of an existing record was allowed by rule 6. Pure.

A plan is not believed: what counts is the before-image, the package's fields by the manifest of
that org, what we ourselves had written there before, and what the org said it stored.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import WriteRole
from jobchanges.selectors.values import same_value


class Verdict(StrEnum):
    """Why a field could be written, or that it could not."""

    WAS_EMPTY = "was_empty"
    PACKAGE_FIELD = "package_field"
    OPTED_IN = "opted_in"
    OURS = "ours"
    SAME = "same"
    NOT_KEPT = "not_kept"
    VIOLATION = "violation"


WORDS: Final = {
    Verdict.WAS_EMPTY: gettext_lazy("Was empty"),
    Verdict.PACKAGE_FIELD: gettext_lazy("Package field"),
    Verdict.OPTED_IN: gettext_lazy("Replaced as chosen"),
    Verdict.OURS: gettext_lazy("Held our own value"),
    Verdict.SAME: gettext_lazy("Held the same value"),
    Verdict.NOT_KEPT: gettext_lazy("Before-image not kept"),
    Verdict.VIOLATION: gettext_lazy("Violation"),
}
TINTS: Final = {Verdict.VIOLATION: "bad", Verdict.NOT_KEPT: "warn", Verdict.OPTED_IN: "warn"}


class Missing:
    """Stands for a before-image or a reading that there is none of; null is a value."""

    def __bool__(self) -> bool:
        """Nothing is there."""
        return False


MISSING: Final = Missing()


@dataclass(frozen=True, kw_only=True)
class FieldFacts:
    """What is known of one written field."""

    name: str
    sent: Any
    before: Any = MISSING
    stored: Any = MISSING
    role: str = ""
    package_fields: Collection[str] = frozenset()
    # Fields that the plan of the attempt says may be replaced on this record.
    replaces: Collection[str] = ()
    # What we had written into it before, and what the org made of that.
    our_values: Sequence[Any] = ()
    # The before-image went when its time was over, or with the person.
    not_kept: bool = False


def field_verdict(facts: FieldFacts) -> tuple[Verdict, str]:
    """The verdict on a field and, where it needs one, a sentence."""
    verdict, sentence = _verdict(facts)
    if facts.stored is MISSING or facts.before is MISSING:
        return verdict, sentence
    if same_value(facts.stored, facts.sent):
        return verdict, sentence
    if same_value(facts.stored, facts.before):
        return verdict, _joined(sentence, _("The org kept what stood there."))
    return verdict, _joined(
        sentence, _("The org stored neither what stood there nor what was sent.")
    )


def _verdict(facts: FieldFacts) -> tuple[Verdict, str]:
    if facts.name in facts.package_fields:
        return Verdict.PACKAGE_FIELD, ""
    if facts.before is MISSING:
        if facts.not_kept:
            return Verdict.NOT_KEPT, _("The before-image was deleted after its time: 180 days.")
        return Verdict.VIOLATION, _("Nothing says what stood there before.")
    if is_empty(facts.before):
        return Verdict.WAS_EMPTY, ""
    if same_value(facts.before, facts.sent):
        return Verdict.SAME, ""
    if any(same_value(facts.before, value) for value in facts.our_values if not is_empty(value)):
        return Verdict.OURS, _("A correction of what we had written.")
    if facts.name in facts.replaces:
        if facts.role == WriteRole.PAST_PERSON:
            return Verdict.OPTED_IN, _("The customer chose to have this field replaced.")
        return Verdict.VIOLATION, _("Only fields of the past record may be chosen for that.")
    return Verdict.VIOLATION, _("Something stood there, and nobody let us replace it.")


def is_empty(value: Any) -> bool:
    """Whether a field held nothing. A zero and an unticked box are something."""
    return value is None or value == ""


def _joined(*sentences: str) -> str:
    return " ".join(one for one in sentences if one)


@dataclass(frozen=True, kw_only=True)
class TouchedField:
    """One field of an existing record that we wrote. `MISSING` where nothing is known."""

    name: str
    before: Any
    sent: Any
    stored: Any
    settled: Any
    verdict: Verdict
    reason: str = ""
    now: Any = MISSING

    @property
    def word(self) -> str:
        """The verdict in words."""
        return str(WORDS[self.verdict])

    @property
    def tint(self) -> str:
        """The colour of its chip, beside the word."""
        return TINTS.get(self.verdict, "ok")


@dataclass(frozen=True, kw_only=True)
class Touched:
    """One write to a record that was there before."""

    write_id: int
    job_change: str
    org_id: str
    org_name: str
    epoch_id: int
    environment: str
    object_name: str
    record_id: str
    url: str
    role: str
    role_word: str | Promise
    attempt: int
    at: datetime | None
    fields: Sequence[TouchedField]
    note: str = ""
    ours: bool = False  # we created the record earlier
    names: Mapping[str, str] = field(default_factory=dict)  # behind the ids among the values

    @property
    def violations(self) -> list[TouchedField]:
        """The fields that should not have been written."""
        return [one for one in self.fields if one.verdict == Verdict.VIOLATION]


@dataclass
class Sums:
    """What was gone through."""

    writes: int = 0
    records: int = 0
    fields: int = 0
    by_verdict: Counter[str] = field(default_factory=Counter)
    without_fields: int = 0
    _last: tuple[str, str] = ("", "")

    def add(self, touched: Touched) -> None:
        """Count one; writes to one record come one after the other."""
        self.writes += 1
        self.records += (touched.org_id, touched.record_id) != self._last
        self._last = (touched.org_id, touched.record_id)
        self.fields += len(touched.fields)
        self.without_fields += not touched.fields
        self.by_verdict.update(str(one.verdict) for one in touched.fields)

    @property
    def violations(self) -> int:
        """How many fields should not have been written."""
        return self.by_verdict[Verdict.VIOLATION]

    @property
    def holds(self) -> bool:
        """Whether nothing was overwritten, as far as it is known."""
        return not self.violations

    @property
    def sentence(self) -> str:
        """What it comes to."""
        if not self.holds:
            return _("Fields were overwritten that should not have been.")
        if self.by_verdict[Verdict.OPTED_IN]:
            return _("Nothing was overwritten but what was chosen to be replaced.")
        return _("Nothing was overwritten.")

    @property
    def lines(self) -> list[tuple[str, str, int]]:
        """Verdict, its words and how many fields, those that occur."""
        return [
            (str(verdict), str(WORDS[verdict]), self.by_verdict[verdict])
            for verdict in Verdict
            if self.by_verdict[verdict]
        ]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "writes": self.writes,
            "records": self.records,
            "fields": self.fields,
            "writes_without_fields": self.without_fields,
            "verdicts": {str(one): self.by_verdict[one] for one in Verdict},
            "holds": self.holds,
        }
