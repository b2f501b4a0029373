"""What a sign-off covers of checks and of the mirror: outcomes and grades, with their waivers.

An answer that was never given is left out: a check that is new to the portal voids nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from accounts.hashing import content_hash
from accounts.models import Environment, User
from integrations.models import Outcome
from portal.checking.points import Judged, judged_of
from portal.mirror.lacking import comparison_now
from portal.mirror.standing import Standing, standing_of
from portal.models import Waiver
from portal.steps import Facts, StepStatus
from portal.steps.checked import CheckedStep, checked

PRODUCTION = Environment.PRODUCTION.value
# What is signed point by point: each of these was set aside or vouched for by somebody.
SIGNED_POINTS = {Outcome.FAIL, Outcome.CANNOT}


def answers_of(facts: Facts) -> dict[str, Any]:
    """The signed checks of production: the outcome, bad points, and what was set aside by whom."""
    return {
        one.check.name: {"outcome": str(one.outcome), "points": _points(one)}
        for one in judged_of(facts, PRODUCTION)
        if one.check.signed and not one.unanswered
    }


def _points(one: Judged) -> list[dict[str, Any]]:
    """Warnings only where they were accepted: more of the same kind is the same outcome."""
    return sorted(
        (
            {"point": point.subject, "outcome": str(point.item.outcome), **_said(point.waiver)}
            for point in one.points
            if point.waiver is not None or point.item.outcome in SIGNED_POINTS
        ),
        key=lambda found: str(found["point"]),
    )


def differences_signed(facts: Facts) -> list[dict[str, Any]]:
    """What differs between the orgs and matters: its grade, and who let it be."""
    standing = _standing(facts)
    if standing is None:
        return []
    return sorted(
        (
            {
                "point": point.subject,
                "grade": str(point.difference.grade),
                "hash": point.hash,
                **_said(point.waiver),
            }
            for point in (*standing.points, *standing.drift)
            if point.holds
        ),
        key=lambda found: str(found["point"]),
    )


def kinds_unknown(facts: Facts) -> list[str]:
    """The kinds that could not be compared."""
    standing = _standing(facts)
    return sorted(standing.unknown or {}) if standing else []


def is_compared(facts: Facts) -> bool:
    """Whether production was compared with the tested sandbox in all of the six kinds."""
    standing = _standing(facts)
    return standing is not None and not standing.unknown


def _standing(facts: Facts) -> Standing | None:
    comparison = comparison_now(facts)
    return standing_of(comparison, facts.waivers) if comparison else None


def _said(waiver: Waiver | None) -> dict[str, Any]:
    """Who set it aside, and why, by its hash; nothing where nobody did."""
    if waiver is None:
        return {}
    return {"by": waiver.by_id, "reason": content_hash(waiver.reason)}


def step_state(step: CheckedStep, facts: Facts) -> str:
    """How the step stands by the answers that there are: done, confirmed, open; "" without any."""
    found = checked(facts, step)
    known = replace(found, listed=found.answered)
    if not known.listed:
        return ""
    # What the step asks for besides, such as settings that are valid in this org.
    itself = step.find(replace(facts, checks={}), {}).status
    if step.name == "settings" and itself != StepStatus.DONE:
        return "open"
    if known.points(Outcome.FAIL):
        return "open"
    if known.cannot:
        return "confirmed" if known.confirmation else "open"
    return "done"


# --- the names and words behind it -----------------------------------------------------------


def said_shown(facts: Facts) -> tuple[dict[str, str], dict[str, str], dict[int, User]]:
    """By point: its sentence, and the reason for which it was set aside; and who did so."""
    sentences: dict[str, str] = {}
    reasons: dict[str, str] = {}
    people: dict[int, User] = {}

    def note(subject: str, sentence: str, waiver: Waiver | None) -> None:
        sentences[subject] = sentence
        if waiver is not None:
            reasons[subject] = waiver.reason
            people[waiver.by_id] = waiver.by

    for one in judged_of(facts, PRODUCTION):
        for point in one.points if one.check.signed and not one.unanswered else ():
            if point.waiver is not None or point.item.outcome in SIGNED_POINTS:
                note(point.subject, point.item.sentence, point.waiver)
    standing = _standing(facts)
    for difference in (*standing.points, *standing.drift) if standing else ():
        if difference.holds:
            note(difference.subject, difference.difference.sentence, difference.waiver)
    return sentences, reasons, people


def by_point(points: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Signed points by what they are called."""
    return {str(one["point"]): one for one in points}
