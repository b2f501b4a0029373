"""Validation, duplicate and assignment rules as points; those likely to refuse us stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.checks.answers import DuplicateRuleFacts, ValidationRuleFacts
from integrations.checks.base import CheckContext, Item, Outcome, Who
from integrations.checks.firing import asked_for
from integrations.checks.written import (
    Described,
    counted,
    key_of,
    listed,
    object_label,
    records_word,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.setup_links import setup_path

# So many rules of one object get a point of their own; an org can have hundreds.
_POINTS_AN_OBJECT = 10
_MESSAGE_SHOWN = 160


def rules_points(
    rules: Sequence[ValidationRuleFacts],
    name: str,
    described: Described,
    context: CheckContext,
    *,
    created: bool,
) -> Iterator[Item]:
    """Those likely to refuse new records one by one, as far as can be read; the others together."""
    records = records_word(name, described)
    likely: list[tuple[str, Item]] = []
    others: list[str] = []
    for rule in rules:
        item = _likely(rule, described, context) if created else None
        if item is None:
            others.append(rule.name)
        else:
            likely.append((rule.name, item))
    yield from (item for _name, item in likely[:_POINTS_AN_OBJECT])
    if more := sorted(rule_name for rule_name, _item in likely[_POINTS_AN_OBJECT:]):
        yield _more(name, more, described)
    if others:
        yield Item(
            key_of(f"{name}.rules", others),
            Outcome.PASS,
            ngettext(
                "One validation rule is active on %(records)s whose message names nothing that we "
                "leave empty: %(names)s.",
                "%(number)s validation rules are active on %(records)s whose messages name nothing "
                "that we leave empty: %(names)s.",
                len(others),
            )
            % {
                "number": counted(len(others)),
                "records": records,
                "names": listed(sorted(others)),
            },
        )


def _more(name: str, rules: Sequence[str], described: Described) -> Item:
    words = {
        "number": counted(len(rules)),
        "records": records_word(name, described),
        "names": listed(rules),
        "object": object_label(name, described),
    }
    return Item(
        key_of(f"{name}.more_rules", rules),
        Outcome.WARNING,
        ngettext(
            "One more validation rule asks for what new %(records)s may not have: %(names)s.",
            "%(number)s more validation rules ask for what new %(records)s may not have: "
            "%(names)s.",
            len(rules),
        )
        % words,
        _("Object Manager, %(object)s, Validation Rules: exempt the integration user in each.")
        % words,
        Who.ADMINISTRATOR,
        setup_path(setup.VALIDATION_RULES, name),
    )


def _likely(rule: ValidationRuleFacts, described: Described, context: CheckContext) -> Item | None:
    """A rule that seems to ask for what our new records may not have."""
    asked = asked_for(rule, described.get(rule.object_name), context)
    words = {
        "rule": rule.name,
        "message": rule.message[:_MESSAGE_SHOWN] or _("without a message"),
        "records": records_word(rule.object_name, described),
        "fields": listed(asked.left_empty or asked.sometimes),
    }
    if asked.left_empty:
        sentence = _(
            "The validation rule %(rule)s is likely to refuse new %(records)s: “%(message)s” We "
            "leave %(fields)s empty."
        )
        fix = _(
            "Object Manager, %(object)s, Validation Rules, %(rule)s, Edit: exempt the "
            "integration user in the formula. Or tell your implementation manager what to write."
        )
    elif asked.sometimes:
        sentence = _(
            "The validation rule %(rule)s may refuse some new %(records)s: “%(message)s” Not every "
            "job change brings %(fields)s."
        )
        fix = _(
            "Object Manager, %(object)s, Validation Rules, %(rule)s, Edit: exempt the "
            "integration user in the formula. Or leave it: job changes it refuses are listed with "
            "its message."
        )
    else:
        return None
    label = object_label(rule.object_name, described)
    return Item(
        f"{rule.object_name}.rule.{rule.name}",
        Outcome.WARNING,
        sentence % words,
        fix % {"object": label, "rule": rule.name},
        Who.ADMINISTRATOR,
        setup_path(setup.VALIDATION_RULES, rule.object_name),
    )


# --- duplicate and assignment rules --------------------------------------------------------------


def duplicates_points(
    rules: Sequence[DuplicateRuleFacts], name: str, described: Described, context: CheckContext
) -> Iterator[Item]:
    """Whether a rule blocks or alerts is not told; an alert stops us too unless settings say so."""
    if not rules:
        return
    words = {
        "records": records_word(name, described),
        "names": listed(sorted(rule.label or rule.name for rule in rules)),
    }
    found = (
        ngettext(
            "A duplicate rule is active on %(records)s: %(names)s.",
            "Duplicate rules are active on %(records)s: %(names)s.",
            len(rules),
        )
        % words
    )
    if context.save_past_alerts:
        stops = _(
            "Where one only alerts, the record is saved, as the settings say; where one blocks, it "
            "is refused."
        )
    else:
        stops = _(
            "A record that looks like one already there is refused, also where the rule only "
            "alerts."
        )
    yield Item(
        key_of(f"{name}.duplicates", (rule.name for rule in rules)),
        Outcome.WARNING,
        f"{found} {stops}",
        _(
            "Duplicate Rules, the rule, Edit, Conditions: exempt the integration user. Or "
            "leave it: job changes it refuses are listed, and can be left out."
        ),
        Who.ADMINISTRATOR,
        setup.DUPLICATE_RULES,
    )


def assignment_points(rules: Sequence[str], context: CheckContext) -> Iterator[Item]:
    """Only leads are assigned; the rule runs where the settings say so and never else."""
    names = [name for name in rules if name]
    if context.run_assignment_rules and not names:
        yield Item(
            "Lead.assignment.none",
            Outcome.WARNING,
            _(
                "The settings let assignment rules choose the owner of new leads, but none is "
                "active: they keep the owner that the settings give them."
            ),
            _(
                "Lead Assignment Rules, the rule, Edit: tick Active, then Save. Or untick “Let the "
                "org’s assignment rules choose the owner of new leads” in the settings."
            ),
            Who.ADMINISTRATOR,
            setup.LEAD_RULES,
        )
    elif context.run_assignment_rules:
        yield Item(
            key_of("Lead.assignment", names),
            Outcome.WARNING,
            _(
                "The assignment rule “%(names)s” will choose the owner of every new lead, as the "
                "settings say, and may e-mail that owner."
            )
            % {"names": listed(sorted(names))},
            _(
                "Lead Assignment Rules: look at who gets our leads, and at the e-mail "
                "template of each entry. Or untick it in the settings."
            ),
            Who.ADMINISTRATOR,
            setup.LEAD_RULES,
        )
    elif names:
        yield Item(
            key_of("Lead.assignment.off", names),
            Outcome.PASS,
            _(
                "The assignment rule “%(names)s” is active for leads. The settings do not let it "
                "run, so new leads keep the owner that the settings give them."
            )
            % {"names": listed(sorted(names))},
        )
