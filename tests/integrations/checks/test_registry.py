"""Every check: complete words, honest needs, and nothing to say about a healthy org."""

import pytest

from integrations.checks.base import Outcome
from integrations.checks.registry import all_checks, check_find, checks_for
from integrations.checks.survey import Survey
from tests.integrations.checks.surveys import a_context, asked

STEPS = {"connect", "package", "permissions", "settings", "layouts", "lead_conversion", "test"}
EVERY_CHECK = [
    pytest.param(check, environment, id=f"{check.name}-{environment}")
    for check in all_checks()
    for environment in check.environments
]


def test_names_are_given_once():
    names = [check.name for check in all_checks()]
    assert sorted(set(names)) == sorted(names)


def test_a_check_is_found_by_its_name_and_environment():
    assert check_find("field_access").name == "field_access"
    assert check_find("nothing") is None
    names = {check.name for check in checks_for("production")}
    assert "field_access" in names
    assert "sandbox_fitness" not in names
    assert [check.name for check in checks_for("sandbox", ["rep_access", "gone"])] == ["rep_access"]


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_it_says_what_it_asks_and_why_and_needs_only_what_a_survey_has(check):
    assert check.step in STEPS
    assert check.question.endswith("?")
    assert check.why.endswith(".")
    known = {name for kind in Survey.__mro__ for name in [*vars(kind), *annotations(kind)]}
    assert set(check.needs) <= known


def annotations(kind):
    return getattr(kind, "__annotations__", {})


@pytest.mark.parametrize(("check", "environment"), EVERY_CHECK)
def test_a_healthy_org_has_nothing_to_mend(check, environment):
    finding = asked(check, a_context(environment))
    assert finding.outcome == Outcome.PASS, finding
    assert len(finding.found) <= 500
