"""Page layouts, Lightning pages and related lists of two orgs."""

from dataclasses import replace

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.survey_pages import MOST_LAYOUTS, MOST_PAGES
from integrations.snapshots.comparison import Change, Grade, compare, unknown
from tests.integrations.checks.surveys import (
    COMPONENT,
    DESCRIBED,
    GEM_LOOKUPS,
    LAYOUTS,
    PERSON_FIELDS,
    RECORD_PAGES,
    SALES_PROFILE,
    a_layout,
    a_page,
    without_field,
)
from tests.integrations.snapshots.looking import in_production, in_sandbox, production, sandbox

PANELS = ("force:highlightsPanel", "force:detailPanel")
CONTAINER = "force:relatedListContainer"


def layouts(**changes):
    """All layouts, with these in place of an object's own."""
    return {**LAYOUTS, **{name: tuple(found) for name, found in changes.items()}}


def pages(changed):
    """All record pages, with this one in place of its object's."""
    return tuple(changed if page.name == changed.name else page for page in RECORD_PAGES)


# --- layouts ------------------------------------------------------------------------------


def test_a_field_that_the_layout_lacks_changes_what_reps_see():
    found = in_production(layouts=layouts(Lead=[a_layout("Lead", fields=tuple(PERSON_FIELDS)[1:])]))
    assert (found.kind, found.grade, found.change) == (
        "page_layouts",
        Grade.CHANGES,
        Change.MISSING,
    )
    assert found.sentence.startswith("The page layout “Lead Layout” of Lead shows UG - ")
    assert found.sentence.endswith("in the sandbox, not in production.")
    assert found.change_set == (("Layout", "Lead-Lead Layout"),)


def test_a_field_that_only_productions_layout_has_does_no_harm():
    fewer = layouts(Lead=[a_layout("Lead", fields=tuple(PERSON_FIELDS)[1:])])
    found = in_sandbox(layouts=fewer)
    assert (found.grade, found.change, found.fix) == (Grade.COSMETIC, Change.EXTRA, "")


def test_a_field_that_production_does_not_have_is_told_once():
    described = without_field(DESCRIBED, "Lead", "UserGem__Persona__c")
    left = tuple(name for name in PERSON_FIELDS if name != "UserGem__Persona__c")
    found = in_production(
        described=described,
        defined_fields={name: frozenset(one.fields) for name, one in described.items()},
        layouts=layouts(Lead=[a_layout("Lead", fields=left)]),
    )
    assert found.kind == "custom_fields"


def test_a_field_in_another_section_is_cosmetic():
    moved = a_layout("Lead")
    first, ours = moved.layout.sections
    sections = (first, replace(ours, heading="Additional Information"))
    changed = replace(moved, layout=replace(moved.layout, sections=sections))
    found = in_production(
        layouts=layouts(Lead=[changed]),
    )
    assert found.grade == Grade.COSMETIC
    assert "in “Additional Information” in production, in “UserGems” in the sandbox" in (
        found.sentence
    )


def test_a_layout_that_production_lacks_is_to_be_moved_and_assigned():
    both = [a_layout("Lead"), replace(a_layout("Lead", name="Sales"), name="Lead (Sales) Layout")]
    found = in_sandbox(layouts=layouts(Lead=both))
    assert found.grade == Grade.CHANGES
    assert found.change_set == (("Layout", "Lead-Lead %28Sales%29 Layout"),)
    assert "assign it to the profiles" in found.by_hand


def test_a_layout_without_anything_of_ours_is_nobodys_concern():
    other = a_layout("Lead", name="Partner Layout", fields=(), lists=())
    assert compare(sandbox(layouts=layouts(Lead=[*LAYOUTS["Lead"], other])), production()) == []


def test_a_layout_that_nobody_is_assigned_to_changes_what_reps_see():
    found = in_production(layouts=layouts(Lead=[a_layout("Lead", profile_ids=frozenset())]))
    assert found.grade == Grade.CHANGES
    assert "to none in production" in found.sentence


def test_other_profiles_are_nobodys_concern():
    others = layouts(Lead=[a_layout("Lead", profile_ids=frozenset({SALES_PROFILE}))])
    assert compare(sandbox(), production(layouts=others)) == []


def test_assignments_that_the_org_does_not_tell_are_not_called_equal():
    untold = production(layouts=layouts(Lead=[a_layout("Lead", profile_ids=None)]))
    assert compare(sandbox(), untold) == []
    assert unknown(sandbox(), untold) == {
        "page_layouts": "Who sees which page layout: the org does not say in production."
    }


def test_a_layout_among_more_than_are_read_is_not_called_missing():
    many = [a_layout("Lead", name=f"Lead {n} Layout") for n in range(MOST_LAYOUTS)]
    there = sandbox(layouts=layouts(Lead=[a_layout("Lead", name="Old Layout"), *many[1:]]))
    now = production(layouts=layouts(Lead=many))
    assert compare(there, now) == []
    assert "“Old Layout” of Lead" in unknown(there, now)["page_layouts"]


def test_a_page_among_more_than_are_read_is_not_called_missing():
    many = tuple(a_page("Lead", name=f"Page_{n}", components=PANELS) for n in range(MOST_PAGES))
    there = sandbox(record_pages=(*RECORD_PAGES[1:], *many[1:], RECORD_PAGES[0]))
    now = production(record_pages=(*RECORD_PAGES[1:], *many))
    assert compare(there, now) == []
    assert "“Lead Record Page” of Lead" in unknown(there, now)["page_layouts"]


# --- Lightning pages ----------------------------------------------------------------------


def test_a_page_without_the_component_changes_what_reps_see():
    bare = a_page("Lead", components=(*PANELS, CONTAINER))
    found = in_production(record_pages=pages(bare))
    assert (found.kind, found.grade) == ("page_layouts", Grade.CHANGES)
    assert found.sentence == (
        "The Lightning page “Lead Record Page” of Lead carries the UserGems component in the "
        "sandbox, not in production."
    )
    assert found.change_set == (("FlexiPage", "Lead_Record_Page"),)
    assert "Activation" in found.by_hand


def test_a_page_that_production_lacks_is_one_difference():
    left = tuple(page for page in RECORD_PAGES if page.object_name != "Lead")
    found = in_production(record_pages=left)
    assert "is there in the sandbox, not in production" in found.sentence


def test_a_page_without_anything_of_ours_is_nobodys_concern():
    left = tuple(page for page in RECORD_PAGES if page.object_name != "Account")
    assert compare(sandbox(), production(record_pages=left)) == []


def test_a_page_that_is_not_activated_changes_what_reps_see():
    found = in_production(record_pages=pages(a_page("Lead", org_default=False)))
    assert (found.grade, found.change_set) == (Grade.CHANGES, ())
    assert "is the default for Lead in the sandbox, not in production" in found.sentence
    assert "Assign as Org Default" in found.by_hand


def test_an_activation_that_the_org_does_not_tell_is_not_called_equal():
    untold = production(record_pages=pages(a_page("Lead", org_default=None)))
    assert compare(sandbox(), untold) == []
    assert unknown(sandbox(), untold) == {
        "page_layouts": "Activation of Lightning pages: the org does not say in production."
    }


def test_dynamic_forms_that_leave_fields_out_hide_them_from_reps():
    own = a_page(
        "Lead",
        fields=("Name", "UserGem__Persona__c"),
        components=("force:highlightsPanel", COMPONENT, CONTAINER),
    )
    found = in_production(record_pages=pages(own))
    assert found.grade == Grade.CHANGES
    other = in_sandbox(record_pages=pages(own))
    assert (other.grade, other.change) == (Grade.COSMETIC, Change.EXTRA)
    assert set(found.names) == set(PERSON_FIELDS) - {"UserGem__Persona__c"}
    assert "With Dynamic Forms a page shows its own fields" in found.sentence


def test_dynamic_forms_with_all_fields_are_no_difference():
    own = a_page(
        "Lead",
        fields=("Name", *PERSON_FIELDS),
        components=("force:highlightsPanel", COMPONENT, CONTAINER),
    )
    assert compare(sandbox(), production(record_pages=pages(own))) == []


# --- related lists ------------------------------------------------------------------------


def test_a_related_list_that_the_layout_lacks_changes_what_reps_see():
    fewer = layouts(Contact=[a_layout("Contact", lists=GEM_LOOKUPS["Contact"][:1])])
    found = in_production(layouts=fewer)
    assert (found.kind, found.grade) == ("related_lists", Grade.CHANGES)
    assert found.names == GEM_LOOKUPS["Contact"][1:]
    assert found.sentence == (
        "The page layout “Contact Layout” of Contact has the related list of UserGems (UG - New "
        "Contact) in the sandbox, not in production."
    )
    assert found.change_set == (("Layout", "Contact-Contact Layout"),)


def test_other_columns_are_cosmetic():
    shown = a_layout("Contact")
    lists = tuple(replace(one, columns=("Name", "Owner")) for one in shown.layout.related_lists)
    changed = replace(shown, layout=replace(shown.layout, related_lists=lists))
    found = in_production(layouts=layouts(Contact=[changed]))
    assert (found.kind, found.grade) == ("related_lists", Grade.COSMETIC)


def test_lists_of_a_missing_layout_are_told_with_the_layout():
    both = [a_layout("Lead"), a_layout("Lead", name="Other Layout", fields=())]
    found = in_sandbox(layouts=layouts(Lead=both))
    assert found.kind == "page_layouts"


def test_a_page_that_no_longer_shows_related_lists_changes_what_reps_see():
    bare = a_page("Contact", components=(*PANELS, COMPONENT))
    found = in_production(record_pages=pages(bare))
    assert (found.kind, found.grade) == ("related_lists", Grade.CHANGES)


def test_a_single_related_list_beside_all_of_them_is_cosmetic():
    single = a_page("Contact", related_lists=("UserGem__PastUserGems__r", "CampaignMembers"))
    found = in_sandbox(record_pages=pages(single))
    assert (found.kind, found.grade) == ("related_lists", Grade.COSMETIC)
    assert found.names == ("UserGem__PastUserGems__r",)


def test_a_single_related_list_that_is_missing_changes_what_reps_see():
    bare = (*PANELS, COMPONENT)
    single = a_page("Contact", components=bare, related_lists=("UserGem__PastUserGems__r",))
    none = a_page("Contact", components=bare)
    found = compare(sandbox(record_pages=pages(single)), production(record_pages=pages(none)))
    assert [one.grade for one in found] == [Grade.CHANGES]


# --- rights -------------------------------------------------------------------------------


def test_without_view_setup_layouts_and_lists_are_not_compared_and_it_is_said():
    hidden = {"layouts": CannotAsk(VIEW_SETUP), "record_pages": CannotAsk(VIEW_SETUP)}
    low = production(**hidden)
    assert compare(sandbox(), low) == []
    said = unknown(sandbox(), low)
    assert said["page_layouts"] == (
        "Page layouts, Lightning pages: the integration user lacks “View Setup and "
        "Configuration” in production."
    )
    assert set(said) == {"page_layouts", "related_lists"}


def test_where_only_pages_are_readable_they_are_compared():
    low = production(
        layouts=CannotAsk(VIEW_SETUP), record_pages=pages(a_page("Lead", org_default=False))
    )
    assert [one.key for one in compare(sandbox(), low)] == [
        "Lead.Lead_Record_Page:activation:missing"
    ]
    assert "Page layouts" in unknown(sandbox(), low)["page_layouts"]
