"""The package's fields on layouts that reps see, and on pages with Dynamic Forms."""

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.page_layouts import PageLayouts
from integrations.checks.survey_pages import MOST_LAYOUTS
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    ADMIN_PROFILE,
    DESCRIBED,
    LAYOUTS,
    PERSON_FIELDS,
    RECORD_PAGES,
    a_layout,
    a_page,
    asked,
    points,
    without_field,
)

CHECK = PageLayouts()
SOME = PERSON_FIELDS[2:]
FORMS = ("force:highlightsPanel", "UserGem:jobChange", "force:relatedListContainer")


def leads(*layouts):
    return {**LAYOUTS, "Lead": layouts}


def pages(*changed):
    names = {page.object_name for page in changed}
    return (*changed, *(page for page in RECORD_PAGES if page.object_name not in names))


def test_all_fields_pass():
    assert asked(CHECK).found == "2 of 2 layouts and pages show all UG fields."


def test_a_layout_without_any_fails_and_says_where_to_drag():
    finding = asked(CHECK, layouts=leads(a_layout("Lead", fields=())))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert "shows none of the UG fields" in item.sentence
    assert "Object Manager, Lead, Page Layouts, Lead Layout" in item.fix
    assert item.setup_path == "/lightning/setup/ObjectManager/Lead/PageLayouts/view"


def test_some_missing_warn_by_name():
    finding = asked(CHECK, layouts=leads(a_layout("Lead", fields=SOME)))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert item.key.endswith(":" + ",".join(PERSON_FIELDS[:2]))


def test_a_layout_that_only_administrators_see_does_not_count():
    admins = a_layout("Lead", name="Admin", fields=(), profile_ids=frozenset({ADMIN_PROFILE}))
    assert asked(CHECK, layouts=leads(*LAYOUTS["Lead"], admins)).outcome == "pass"


def test_without_knowing_who_sees_what_every_layout_counts():
    second = a_layout("Lead", name="Second", fields=(), profile_ids=None)
    assert asked(CHECK, layouts=leads(*LAYOUTS["Lead"], second)).outcome == "fail"


def test_a_default_page_with_dynamic_forms_is_looked_at_in_place_of_the_layout():
    page = a_page("Lead", components=FORMS, fields=("LastName", "Company"))
    finding = asked(CHECK, record_pages=pages(page))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert "Dynamic Forms" in item.sentence
    assert "Lightning Record Pages, Lead Record Page" in item.fix


def test_dynamic_forms_with_the_fields_pass_whatever_the_layout():
    page = a_page("Lead", components=FORMS, fields=("LastName", *PERSON_FIELDS))
    layouts = leads(a_layout("Lead", fields=()))
    assert asked(CHECK, record_pages=pages(page), layouts=layouts).outcome == "pass"


@pytest.mark.parametrize("known", [False, None])
def test_dynamic_forms_on_a_page_that_may_be_active_somewhere_warn(known):
    page = a_page("Lead", components=FORMS, fields=("LastName",), org_default=known)
    assert asked(CHECK, record_pages=pages(page)).outcome == "warning"


def test_no_layout_for_anybody_warns():
    finding = asked(CHECK, layouts=leads())
    assert finding.outcome == "warning"


def test_fields_hidden_from_the_integration_user_are_looked_for_all_the_same():
    described = without_field(DESCRIBED, "Lead", *PERSON_FIELDS)
    assert asked(CHECK, described=described).outcome == "pass"
    bare = leads(a_layout("Lead", fields=()))
    assert asked(CHECK, described=described, layouts=bare).outcome == "fail"


def test_layouts_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk) as refusal:
        asked(CHECK, layouts=CannotAsk(VIEW_SETUP))
    assert refusal.value.right == VIEW_SETUP


def test_without_the_package_there_is_nothing_to_look_at_yet():
    finding = asked(CHECK, manifest=None, package=PackageFacts(False))
    assert (finding.outcome, [item.key for item in finding.items]) == ("pass", ["not_looked_at"])
    assert "once the package is installed" in finding.found


def test_layouts_that_were_left_out_are_told_and_not_counted():
    many = [a_layout("Lead", name=f"Layout {n}") for n in range(MOST_LAYOUTS)]
    finding = asked(CHECK, layouts=leads(*many))
    said = [item.sentence for item in finding.items if item.key == "Lead.layouts.more"]
    assert finding.outcome == "pass"
    assert said == ["Of Lead, only the 6 page layouts that most people see were looked at."]
    assert finding.found == "7 of 7 layouts and pages show all UG fields."


def test_nothing_is_said_of_others_where_all_were_looked_at():
    keys = [item.key for item in asked(CHECK).items]
    assert not [key for key in keys if key.endswith(".more")]
