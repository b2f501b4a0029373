"""Default owner of the settings."""

from dataclasses import replace

from integrations.checks.owners import Owners
from tests.integrations.checks.surveys import OWNER, a_context, healthy


def found_in(**answers):
    return Owners().run(healthy(**answers), a_context())


def test_an_active_owner_is_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert finding.found == "Dana Whitfield (dana.whitfield@northwind.example) is active."


def test_an_inactive_owner_fails_by_name():
    finding = found_in(owner=replace(OWNER, active=False))
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "Dana Whitfield is inactive in this org."
    assert "tick Active" in finding.items[0].fix


def test_an_owner_of_another_org_fails():
    finding = found_in(owner=None)
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "Dana Whitfield is not a user of this org."


def test_before_an_owner_is_chosen_there_is_nothing_to_ask():
    assert not Owners().applies(a_context(default_owner_id=""))
