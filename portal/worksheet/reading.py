"""The worksheet of one customer: what every worksheet says, with what the tested sandbox holds."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.salesforce.setup_links import setup_url
from integrations.snapshots import worksheet as tested_sandbox
from integrations.snapshots.content import Content
from portal.mirror.lacking import comparison_now
from portal.mirror.standing import Standing, standing_of
from portal.steps import Facts
from portal.worksheet.known import known_parts
from portal.worksheet.parts import ByHand, Component, Name, Part, Worksheet


def worksheet_for(facts: Facts) -> Worksheet:
    """The six parts. One query for the tested sandbox's snapshot where there is one; no call.

    Before that (an older customer, a sandbox that is gone) it says what is known without it.
    """
    parts = known_parts(facts)
    baseline = facts.mirror.baseline
    if baseline is None:
        return Worksheet(parts)
    content = Content.from_json(baseline.content)
    tested = tested_sandbox.worksheet_of(content)
    comparison = comparison_now(facts)
    standing = standing_of(comparison, facts.waivers) if comparison is not None else None
    production = facts.epoch(Environment.PRODUCTION)
    host = production.instance_url if production else ""
    merged = [
        _merged(part, tested[part.key], host, standing, whole=not content.rights_missing(part.key))
        for part in parts
    ]
    return Worksheet(
        merged,
        taken_at=baseline.taken_at,
        compared_at=comparison.compared_at if comparison is not None else None,
    )


def _merged(
    part: Part,
    tested: tested_sandbox.WorksheetPart,
    host: str,
    standing: Standing | None,
    *,
    whole: bool,
) -> Part:
    """The part with the real components and things to do of the tested sandbox.

    What everybody is told stays beside it where the sandbox could not tell the whole, or said
    nothing.
    """
    said = [ByHand(one.sentence, setup_url(host, one.setup_path)) for one in tested.by_hand]
    if not whole or not (tested.components or said):
        found = _components(tested.components, part.key, standing)
        return replace(part, components=[*found, *part.components], by_hand=[*said, *part.by_hand])
    components = _components(tested.components, part.key, standing)
    if not components and part.key == "related_lists":
        # Each layout is listed once, with the fields it carries.
        components = [replace(one, names=()) for one in part.components]
    always = [line for line in part.by_hand if line.always]
    return replace(part, components=components, by_hand=[*said, *always])


def _components(
    found: Iterable[tested_sandbox.Component], kind: str, standing: Standing | None
) -> list[Component]:
    """By type, in the order in which the types come first."""
    groups: dict[str, list[Name]] = {}
    kinds: dict[str, tested_sandbox.Component] = {}
    for one in found:
        kinds.setdefault(one.metadata_type, one)
        pair = (one.metadata_type, one.name)
        groups.setdefault(one.metadata_type, []).append(
            Name(one.name, _alike(pair, kind, standing, whole=not one.in_change_set))
        )
    return [
        Component(
            kinds[metadata].type_label,
            names,
            note=""
            if kinds[metadata].in_change_set
            else _("In package.xml only: a change set does not take it."),
            metadata=metadata,
            tool_only=not kinds[metadata].in_change_set,
        )
        for metadata, names in groups.items()
    ]


def _alike(
    pair: tuple[str, str], kind: str, standing: Standing | None, *, whole: bool
) -> bool | None:
    """Whether production has it as it was tested; None where nobody knows, or somebody let it be.

    `whole`: the component is all there is of its kind, so that each difference is one of it.
    """
    if standing is None or kind in (standing.unknown or {}):
        return None
    about = [
        point
        for point in standing.points
        if point.holds
        and (pair in point.difference.change_set or (whole and point.difference.kind == kind))
    ]
    if any(point.is_open for point in about):
        return False
    return None if about else True
