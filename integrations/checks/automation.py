"""What will fire: the org's own rules, triggers and flows that meet our records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.checks.answers import DuplicateRuleFacts, ValidationRuleFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.firing import (
    ALERT,
    OWNER,
    REFUSE,
    Firing,
    flow_firing,
    trigger_firing,
)
from integrations.checks.rules_that_fire import (
    assignment_points,
    duplicates_points,
    rules_points,
)
from integrations.checks.written import (
    Described,
    Refusals,
    counted,
    key_of,
    listed,
    objects_created,
    objects_written,
    records_word,
)
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class Automation(Check):
    """Which automation meets our records, and which of it may refuse them or alert people."""

    name = "automation"
    step = "test"
    needs = (
        "validation_rules",
        "triggers",
        "flows",
        "duplicate_rules",
        "assignment_rules",
        "described",
        "manifest",
    )
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Which of the org’s own rules, triggers and flows will meet our records?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "They run on our records as on everybody’s: they may refuse them, hand them to another "
            "owner or alert people. What a trigger or flow does is not read; what its name or "
            "message suggests is marked. E-mail alerts of workflow rules are not read either."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at what is active on the objects we write."""
        refusals = Refusals()
        described = survey.described
        manifest = refusals.answer(lambda: survey.manifest, None, _("the package"))
        written = objects_written(context, manifest)
        created = frozenset(objects_created(context, manifest))
        active = _Active.of(survey, refusals, created, own=manifest.namespace if manifest else "")
        items = refusals.items()
        for name in written:
            on = active.on(name)
            items += rules_points(on.rules, name, described, context, created=name in created)
            items += duplicates_points(on.duplicates, name, described, context)
            items += _runs(on.triggers, name, described, "trigger")
            items += _runs(on.flows, name, described, "flow")
        if "Lead" in created:
            assignments = refusals.rows(lambda: survey.assignment_rules, _("assignment rules"))
            items += assignment_points(assignments, context)
        whole = not refusals.missing_right
        return Finding.of(
            items,
            found=_found([active.on(name) for name in written], whole=whole),
            missing_right=refusals.missing_right,
        )


@dataclass(frozen=True)
class _Active:
    """What is active and meets our writes."""

    rules: tuple[ValidationRuleFacts, ...]
    duplicates: tuple[DuplicateRuleFacts, ...]
    triggers: tuple[Firing, ...]
    flows: tuple[Firing, ...]

    @classmethod
    def of(
        cls, survey: Survey, refusals: Refusals, created: frozenset[str], *, own: str
    ) -> _Active:
        """All that could be read, without the triggers of our own package."""
        triggers = refusals.rows(lambda: survey.triggers, _("Apex triggers"))
        flows = refusals.rows(lambda: survey.flows, _("flows"))
        others = [one for one in triggers if not own or one.namespace != own]
        return cls(
            rules=refusals.rows(lambda: survey.validation_rules, _("validation rules")),
            duplicates=refusals.rows(lambda: survey.duplicate_rules, _("duplicate rules")),
            triggers=tuple(filter(None, (trigger_firing(one, created) for one in others))),
            flows=tuple(filter(None, (flow_firing(one, created) for one in flows))),
        )

    def on(self, object_name: str) -> _Active:
        """That of one object."""
        return _Active(
            tuple(one for one in self.rules if one.object_name == object_name),
            tuple(one for one in self.duplicates if one.object_name == object_name),
            tuple(one for one in self.triggers if one.object_name == object_name),
            tuple(one for one in self.flows if one.object_name == object_name),
        )


# --- triggers and flows --------------------------------------------------------------------------


def _runs(firing: Sequence[Firing], name: str, described: Described, kind: str) -> Iterator[Item]:
    """By what their names suggest; of what packages bring and do not say, only the names."""
    records = records_word(name, described)
    likely = {
        REFUSE: _("refuse some of our records"),
        OWNER: _("change the owner"),
        ALERT: _("alert people"),
    }
    told = [one for one in firing if one.signs]
    for signs in dict.fromkeys(one.signs for one in told):
        does = listed([words for sign, words in likely.items() if sign in signs])
        found = [one for one in told if one.signs == signs]
        yield _run(
            f"{name}.{kind}.{'.'.join(sorted(signs))}",
            found,
            kind,
            records,
            ngettext(
                "By its name, it is likely to %(does)s.",
                "By their names, they are likely to %(does)s.",
                len(found),
            )
            % {"does": does},
        )
    unknown = [one for one in firing if not one.signs and not one.packaged]
    if unknown:
        told_not = ngettext(
            "What it does is not read here.",
            "What they do is not read here.",
            len(unknown),
        )
        yield _run(f"{name}.{kind}", unknown, kind, records, told_not)
    packaged = [one for one in firing if not one.signs and one.packaged]
    if packaged:
        yield Item(
            key_of(f"{name}.packaged", (one.shown for one in packaged)),
            Outcome.PASS,
            _("Triggers of installed packages run on the %(records)s we save: %(names)s.")
            % {"records": records, "names": listed(sorted(one.shown for one in packaged))},
        )


def _run(prefix: str, found: Sequence[Firing], kind: str, records: str, does: str) -> Item:
    """A point about triggers or flows of one object; `does` says what they seem to do."""
    shown = sorted({one.shown for one in found})
    words = {"records": records, "names": listed(shown)}
    if kind == "trigger":
        runs = ngettext(
            "The Apex trigger %(names)s runs on the %(records)s we save.",
            "The Apex triggers %(names)s run on the %(records)s we save.",
            len(shown),
        )
        fix, path = (
            _(
                "Apex Triggers, %(names)s: ask the author what it does with records of the "
                "integration user, and have that user exempted where it is not wanted."
            ),
            setup.APEX_TRIGGERS,
        )
    else:
        runs = ngettext(
            "The flow %(names)s runs on the %(records)s we save.",
            "The flows %(names)s run on the %(records)s we save.",
            len(shown),
        )
        fix, path = (
            _(
                "Flows, %(names)s: look at what it does, and exempt the integration user in its "
                "entry conditions where that is not wanted."
            ),
            setup.FLOWS,
        )
    return Item(
        key_of(prefix, shown),
        Outcome.WARNING,
        f"{runs % words} {does}",
        fix % words,
        Who.ADMINISTRATOR,
        path,
    )


def _found(active: Sequence[_Active], *, whole: bool) -> str:
    """How many of each, over all objects we write."""
    rules = sum(len(one.rules) for one in active)
    duplicates = sum(len(one.duplicates) for one in active)
    triggers = sum(len(one.triggers) for one in active)
    flows = sum(len(one.flows) for one in active)
    words = {
        ngettext("one validation rule", "%(number)s validation rules", rules): rules,
        ngettext("one duplicate rule", "%(number)s duplicate rules", duplicates): duplicates,
        ngettext("one Apex trigger", "%(number)s Apex triggers", triggers): triggers,
        ngettext("one flow", "%(number)s flows", flows): flows,
    }
    parts = [word % {"number": counted(number)} for word, number in words.items() if number]
    if not parts and whole:
        return _("No validation rule, duplicate rule, trigger or flow is active on what we write.")
    if not parts:
        return _("Nothing is active in what could be read.")
    found = _("Active on what we write: %(parts)s.") % {"parts": listed(parts)}
    return found if whole else _("%(found)s Not everything could be read.") % {"found": found}
