"""The component, and whether its page is active."""

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.lightning_pages import LightningPages
from integrations.checks.survey_pages import MOST_PAGES
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import RECORD_PAGES, a_page, asked, points

CHECK = LightningPages()
BARE = ("force:detailPanel",)


def pages(*changed):
    names = {page.object_name for page in changed}
    return (*changed, *(page for page in RECORD_PAGES if page.object_name not in names))


def test_on_the_default_pages_of_both_it_passes():
    assert asked(CHECK).found == "The component is on the default page of 2 of 2 objects."


def test_on_no_page_it_fails():
    finding = asked(CHECK, record_pages=pages(a_page("Contact", components=BARE)))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert "No Lightning page of Contacts" in item.sentence
    assert "Activation" in item.fix


def test_without_any_page_it_fails_for_both():
    assert len(points(asked(CHECK, record_pages=()), "fail")) == 2


def test_accounts_need_no_component():
    assert asked(CHECK, record_pages=pages(a_page("Account", components=BARE))).outcome == "pass"


def test_a_page_that_is_not_the_default_cannot_be_told_and_may_be_confirmed():
    finding = asked(CHECK, record_pages=pages(a_page("Lead", org_default=False)))
    (item,) = points(finding)
    assert finding.outcome == "cannot"
    assert "not the default of the org" in item.sentence
    assert "confirm that by hand" in item.fix


def test_another_default_page_is_named():
    plain = a_page("Lead", name="Plain", label="Plain Lead Page", components=BARE)
    finding = asked(CHECK, record_pages=pages(a_page("Lead", org_default=False), plain))
    (item,) = points(finding, "cannot")
    assert "the default of the org is Plain Lead Page" in item.sentence


def test_an_org_that_does_not_tell_activation_says_so():
    finding = asked(CHECK, record_pages=pages(a_page("Lead", org_default=None)))
    (item,) = points(finding, "cannot")
    assert "cannot be read in this org" in item.sentence


def test_pages_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk):
        asked(CHECK, record_pages=CannotAsk(VIEW_SETUP))


def test_without_the_package_there_is_nothing_to_look_at_yet():
    finding = asked(CHECK, manifest=None, package=PackageFacts(False))
    assert (finding.outcome, [item.key for item in finding.items]) == ("pass", ["not_looked_at"])
    assert "once the package is installed" in finding.found


def test_a_component_that_may_be_on_a_page_not_looked_at_is_confirmed_rather_than_failed():
    bare = [
        a_page("Lead", name=f"Page_{n}", label=f"Page {n}", components=BARE, org_default=not n)
        for n in range(MOST_PAGES)
    ]
    finding = asked(CHECK, record_pages=pages(*bare))
    (item,) = points(finding, "cannot")
    assert finding.outcome == "cannot"
    assert f"None of the {MOST_PAGES} Lightning pages of Leads" in item.sentence
    assert "confirm that by hand" in item.fix
