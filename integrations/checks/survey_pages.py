"""Page layouts and Lightning record pages: which there are, who sees them, what is on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from integrations.checks.answers import VIEW_SETUP, CannotAsk, LayoutFacts, PageFacts
from integrations.checks.survey_grants import profiles_asked, profiles_chosen, profiles_from
from integrations.checks.survey_names import ON_PAGES
from integrations.checks.survey_rights import described_asked, described_from
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.shapes import (
    mapping,
    named,
    reading,
    record_id,
    record_id_or_none,
    text,
)
from integrations.salesforce.soql import in_list
from integrations.salesforce.together import Read
from integrations.salesforce.tooling import page_layout_from, record_page_from

# Each carries its whole metadata; those that most people see come first.
MOST_LAYOUTS = 6  # of one object
MOST_PAGES = 4


def layouts_asked(asked: Round) -> Questions:
    """The layouts of an object, who is assigned to them, and then each for itself."""
    yield Question.query(
        "layouts",
        f"SELECT Id, Name, TableEnumOrId FROM Layout WHERE TableEnumOrId IN {in_list(ON_PAGES)}",
        tooling=True,
    )
    yield from profiles_asked(asked)
    if asked.settled("profiles"):
        among = profiles_chosen(asked)
        whose = f" AND ProfileId IN {in_list(among)}" if among is not None else ""
        yield Question.query(
            "layout_profiles",
            "SELECT LayoutId, ProfileId, RecordTypeId, TableEnumOrId FROM ProfileLayout "
            f"WHERE TableEnumOrId IN {in_list(ON_PAGES)}{whose}",
            tooling=True,
        )
    if asked.settled("layout_profiles", "profiles"):
        for row_id in _layouts_chosen(asked):
            yield Question(f"layout.{row_id}", Read.row("Layout", row_id))


def _layouts_chosen(asked: Round) -> dict[str, tuple[str, str]]:
    """Ids of the layouts to look at with object and name: of each object those most people see."""
    if not asked.known("layouts"):
        return {}
    seen_by = _assigned(asked) or {}
    users = _users(asked)
    by_object: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    with reading("Layout"):
        for row in asked.body("layouts"):
            row_id = record_id(row["Id"])
            people = sum(users.get(profile, 0) for profile in seen_by.get(row_id, ()))
            by_object[named(row["TableEnumOrId"])].append((-people, text(row["Name"]), row_id))
    return {
        row_id: (object_name, name)
        for object_name, found in by_object.items()
        for _, name, row_id in sorted(found)[:MOST_LAYOUTS]
    }


def _users(asked: Round) -> Mapping[str, int]:
    """Active users by profile; empty where the org does not say."""
    try:
        return {profile.profile_id: profile.users for profile in profiles_from(asked)}
    except (CannotAsk, SalesforceError):
        return {}


def _assigned(asked: Round) -> Mapping[str, frozenset[str]] | None:
    """Profiles by layout; None where the org does not say."""
    if not asked.known("layout_profiles"):
        return None
    found: defaultdict[str, set[str]] = defaultdict(set)
    with reading("ProfileLayout"):
        for row in asked.body("layout_profiles"):
            layout, profile = record_id_or_none(row["LayoutId"]), row.get("ProfileId")
            if profile:
                found[layout].add(record_id(profile))
    return {layout: frozenset(profiles) for layout, profiles in found.items()}


def layouts_from(asked: Round) -> Mapping[str, tuple[LayoutFacts, ...]]:
    """By object. The running user's own layout would prove nothing for others: CannotAsk."""
    asked.rows("layouts", VIEW_SETUP)
    assigned = _assigned(asked)
    found: dict[str, list[LayoutFacts]] = {name: [] for name in ON_PAGES}
    for row_id, (object_name, name) in _layouts_chosen(asked).items():
        row = asked.allowed(f"layout.{row_id}", VIEW_SETUP)
        with reading("Layout"):
            layout = page_layout_from(row_id, mapping(row["Metadata"]))
        profiles = None if assigned is None else assigned.get(row_id, frozenset())
        found.setdefault(object_name, []).append(
            LayoutFacts(object_name, row_id, name, layout, profiles)
        )
    return {name: tuple(layouts) for name, layouts in found.items()}


def record_pages_asked(asked: Round) -> Questions:
    """Lightning record pages, each for itself, and which one an object opens with."""
    yield Question.query(
        "record_pages",
        "SELECT Id, DeveloperName, MasterLabel, EntityDefinitionId FROM FlexiPage "
        f"WHERE Type = 'RecordPage' AND EntityDefinitionId IN {in_list(ON_PAGES)}",
        tooling=True,
    )
    yield from described_asked(asked, ON_PAGES)
    if asked.settled("record_pages", *(f"describe.{name}" for name in ON_PAGES)):
        for row_id in _pages_chosen(asked):
            yield Question(f"page.{row_id}", Read.row("FlexiPage", row_id))


def _pages_chosen(asked: Round) -> dict[str, Mapping[str, str]]:
    """Rows of the pages to look at by id: of each object the one it opens with, then by name."""
    if not asked.known("record_pages"):
        return {}
    opened = _opened_with(asked).values()
    by_object: defaultdict[str, list[tuple[bool, str, str]]] = defaultdict(list)
    rows: dict[str, Mapping[str, str]] = {}
    with reading("FlexiPage"):
        for row in asked.body("record_pages"):
            row_id = record_id(row["Id"])
            rows[row_id] = row
            order = (row_id not in opened, named(row["DeveloperName"]), row_id)
            by_object[named(row["EntityDefinitionId"])].append(order)
    return {
        row_id: rows[row_id]
        for found in by_object.values()
        for _, _, row_id in sorted(found)[:MOST_PAGES]
    }


def _opened_with(asked: Round) -> Mapping[str, str | None]:
    """By object the page that View opens on the desktop; None where the org does not say."""
    try:
        described = described_from(asked, ON_PAGES)
    except SalesforceError:
        return {}
    return {name: found.view_page_id for name, found in described.items()}


def record_pages_from(asked: Round) -> tuple[PageFacts, ...]:
    """Record pages with what is on them."""
    asked.rows("record_pages", VIEW_SETUP)
    opened = _opened_with(asked)
    found = []
    for row_id, row in _pages_chosen(asked).items():
        answer = asked.allowed(f"page.{row_id}", VIEW_SETUP)
        with reading("FlexiPage"):
            page = record_page_from(row_id, mapping(answer["Metadata"]))
            object_name = named(row["EntityDefinitionId"])
            default = opened.get(object_name)
            found.append(
                PageFacts(
                    page_id=row_id,
                    name=named(row["DeveloperName"]),
                    label=text(row.get("MasterLabel")),
                    object_name=object_name,
                    fields=page.fields,
                    components=page.components,
                    related_lists=page.related_lists,
                    org_default=None if default is None else default == row_id,
                )
            )
    return tuple(found)
