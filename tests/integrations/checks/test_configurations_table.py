"""Every configuration of the rehearsal orgs, and what the checks say of it: that, and no more.

A row names the checks whose answer differs from the healthy org's, with their outcome; all others
have to say what they say there, to the point. What is about signing in, or keeps the org from
answering at all, has no check: the round ends with a sentence, or the connection is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from integrations.checks.answers import DOWNLOAD_PACKAGES, METADATA, VIEW_SETUP
from integrations.checks.registry import checks_for
from integrations.models import CheckResult, Connection
from integrations.rehearsal.configurations import known
from tests.integrations.checks.over_the_wire import WITH_ACCOUNTS, Round, Wire, round_of
from tests.rehearsal_server import ORGS, Rehearsal

# What is stored of a round is tested on both databases elsewhere (test_runs.py).
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MOST_CALLS = 15
PASS, WARNING, FAIL, CANNOT = "pass", "warning", "fail", "cannot"
LOST = "needs_reconnecting"
FULL, PRODUCTION = "northwind-full", "northwind"
SANDBOX_ONLY = ("sandbox_fitness", "unmasked_emails")

# The answers of a healthy org that are no "pass": whatever a person should know all the same.
HEALTHY: Mapping[str, Mapping[str, str]] = {
    # A rule of the customer's refuses leads in Germany without e-mail and phone; nobody masked
    # the addresses of the copy.
    "northwind-full": {"automation": WARNING, "unmasked_emails": WARNING},
    "northwind": {"automation": WARNING},
    "harbor": {"automation": WARNING},
    # Its few records are nobody's who changed jobs, and its campaigns were not copied.
    "northwind-dev": {"sandbox_fitness": WARNING, "unmasked_emails": WARNING, "campaign": FAIL},
}


@dataclass(frozen=True)
class Row:
    """What is other than in the healthy org: outcomes by check, in both orgs or one of them."""

    checks: Mapping[str, str] = field(default_factory=dict)
    sandbox: Mapping[str, str] = field(default_factory=dict)
    production: Mapping[str, str] = field(default_factory=dict)
    # "" where the round ends well; else a part of the sentence that it ends with.
    sentence: str = ""
    health: str = "connected"
    # Laid on with it, and fields of the context that make the configuration matter.
    fields: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    # Rights that are named by the checks that cannot be made.
    rights: frozenset[str] = frozenset()


def lost() -> Row:
    return Row(sentence="The connection to Salesforce has ended", health=LOST)


NOTHING = Row()
NO_VIEW_SETUP = {
    "system_permissions": WARNING,
    "object_access": WARNING,
    "rep_access": CANNOT,
    "page_layouts": CANNOT,
    "lightning_pages": CANNOT,
    "related_lists": CANNOT,
    "lead_conversion": CANNOT,
    "automation": CANNOT,
}
TABLE: Mapping[str, Row] = {
    # Signing in: a connection that stands goes on, or is lost.
    "admin-approved-only": NOTHING,
    "api-access-control": NOTHING,
    "api-only-user": NOTHING,
    "app-blocked": lost(),
    "app-not-installed": NOTHING,
    "external-app-not-found": NOTHING,
    "ip-restricted": NOTHING,
    "my-domain-only": NOTHING,
    "revoked-token": lost(),
    # Nobody notices before our own refresh token is used.
    "stolen-token": NOTHING,
    "user-deactivated": lost(),
    "user-frozen": lost(),
    # Kind of org
    "developer-edition": Row(production={"org_kind": FAIL}),
    "developer-sandbox": Row({"campaign": FAIL, "sandbox_fitness": WARNING}),
    "partial-copy": Row({"sandbox_fitness": WARNING}),
    "refreshed-sandbox": lost(),
    "scratch": Row({"org_kind": FAIL}),
    "trial": Row({"org_kind": FAIL}),
    # Package and rights
    "excess-rights": Row({"excess_rights": WARNING}),
    "field-hidden": Row({"field_access": FAIL, "rep_access": FAIL}),
    "field-read-only": Row({"field_access": FAIL}),
    "low-rights-user": Row(
        {**NO_VIEW_SETUP, "package": CANNOT},
        rights=frozenset({VIEW_SETUP, METADATA, DOWNLOAD_PACKAGES}),
    ),
    "no-download-packages": Row({"package": CANNOT}, rights=frozenset({DOWNLOAD_PACKAGES})),
    "no-marketing-user": Row({"marketing_user": WARNING}),
    "no-metadata-rights": Row({"lead_conversion": CANNOT}, rights=frozenset({METADATA})),
    "no-run-reports": Row({"system_permissions": WARNING}),
    "no-view-setup": Row(NO_VIEW_SETUP, rights=frozenset({VIEW_SETUP, METADATA})),
    "object-hidden": Row({"package": FAIL, "rep_access": FAIL}),
    "object-no-create": Row({"object_access": FAIL}),
    "package-admins-only": Row({"package": FAIL, "rep_access": FAIL}),
    # All that is the package's is looked at once it is there.
    "package-missing": Row({"package": FAIL}),
    "package-old": Row({"package": FAIL}),
    "reps-read-only": Row({"rep_access": FAIL}),
    "reps-without-access": Row({"rep_access": FAIL}),
    "role-below-reps": Row({"record_sharing": WARNING}),
    "user-without-api": Row(sentence="may not use the API"),
    # Rules and automation
    "assignment-rule": Row({"automation": WARNING}, context={"run_assignment_rules": True}),
    "campaign-inactive": Row({"campaign": FAIL}),
    "campaign-missing": Row({"campaign": FAIL}),
    "campaign-statuses": Row({"campaign": FAIL}),
    "duplicate-alert": Row({"automation": WARNING}),
    "duplicate-block": Row({"automation": WARNING}),
    "failing-trigger": Row({"automation": WARNING}),
    # Comparing the orgs tells it: every title that we know fits somewhere.
    "field-shorter": NOTHING,
    "flow-template": Row({"automation": WARNING}),
    "own-fields": Row(),
    "owner-flow": Row({"automation": WARNING}),
    "owner-inactive": Row({"owners": FAIL}),
    "required-field": Row({"required_fields": FAIL}),
    "restricted-picklist": Row({"picklists": FAIL}),
    "two-record-types": Row({"record_types": WARNING}),
    "validation-rule-account": Row({"automation": WARNING}, context=WITH_ACCOUNTS),
    # Layouts and mapping
    "component-missing": Row({"lightning_pages": FAIL}),
    "dynamic-forms": Row({"page_layouts": FAIL}),
    "layout-of-reps": Row({"page_layouts": FAIL, "related_lists": FAIL}),
    "layouts-without-fields": Row({"page_layouts": FAIL, "related_lists": FAIL}),
    "lead-mapping-missing": Row({"lead_conversion": FAIL}),
    "lead-mapping-partly": Row({"lead_conversion": FAIL}),
    # The page may be there for an app or a profile, which no API tells.
    "page-not-activated": Row({"lightning_pages": CANNOT}),
    "related-list-missing": Row({"related_lists": FAIL}),
    # Limits and answers
    "api-disabled": Row(sentence="comes without API access"),
    "api-limit-nearly-used": Row({"api_headroom": WARNING}),
    "api-limit-used-up": Row(sentence="has used up its API calls"),
    "conditions-ignored": Row(),
    "old-api-versions": Row(sentence="a version of the API that this org does not offer"),
    # Three seconds a call would be half a minute here.
    "slow": Row(fields={"slow_seconds": 0.05}),
    "storage-full": Row({"api_headroom": FAIL}),
}


@pytest.fixture(scope="module")
def running(rehearsal_process: Rehearsal) -> Iterator[Wire]:
    wire = Wire(rehearsal_process)
    wire.begin()
    yield wire
    rehearsal_process.reset()


@pytest.fixture
def wire(running: Wire, settings: Any) -> Wire:
    """The rehearsal orgs with the package, as healthy as at first."""
    settings.SALESFORCE_PRODUCTION_LOGIN_URL = running.rehearsal.url("production")
    settings.SALESFORCE_SANDBOX_LOGIN_URL = running.rehearsal.url("sandbox")
    return running


@pytest.fixture(scope="module")
def healthy() -> dict[tuple[str, str], Round]:
    """Rounds of healthy orgs, by org and context; asked once each."""
    return {}


def healthy_round(
    healthy: dict[tuple[str, str], Round],
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    org: str,
    context: Mapping[str, Any],
) -> Round:
    key = (org, str(sorted(context.items())))
    if key not in healthy:
        healthy[key] = round_of(connection, monkeypatch, **context)
        CheckResult.objects.all().delete()
    return healthy[key]


def environment(org: str) -> str:
    return ORGS[org][0]


@pytest.mark.parametrize("org", sorted(ORGS))
def test_a_healthy_org_has_nothing_to_mend(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, org: str
) -> None:
    found = round_of(wire.connection(org), monkeypatch)
    expected = {check.name: PASS for check in checks_for(environment(org))} | HEALTHY[org]
    assert {name: answer.outcome for name, answer in found.answers.items()} == expected
    assert (found.state, found.error, found.health) == ("ended", "", "connected")
    assert 0 < found.api_calls <= MOST_CALLS


def test_every_configuration_has_its_row() -> None:
    assert set(TABLE) == set(known())


CASES = [
    (name, org)
    for name, one in sorted(known().items())
    for org in (FULL, *(() if one.sandbox_only else (PRODUCTION,)))
]


@pytest.mark.parametrize(("name", "org"), CASES)
def test_a_configuration_is_recognised_by_its_checks_and_by_no_other(
    wire: Wire,
    healthy: dict[tuple[str, str], Round],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    org: str,
) -> None:
    row = TABLE[name]
    connection = wire.connection(org)
    before = healthy_round(healthy, connection, monkeypatch, org, row.context)
    wire.rehearsal.configure(org, name, **row.fields)
    try:
        found = round_of(connection, monkeypatch, **row.context)
    finally:
        wire.put_right(org, name)
    assert found.health == row.health
    assert row.sentence in found.error
    assert found.api_calls <= MOST_CALLS
    if row.sentence:
        assert found.state == "failed"
        assert {answer.outcome for answer in found.answers.values()} <= {"error"}
        return
    assert (found.state, found.error) == ("ended", "")
    side = row.sandbox if environment(org) == "sandbox" else row.production
    there = {check.name for check in checks_for(environment(org))}
    expected = {key: outcome for key, outcome in {**row.checks, **side}.items() if key in there}
    other = {
        check: answer.outcome
        for check, answer in found.answers.items()
        if (answer.outcome, answer.keys)
        != (before.answers[check].outcome, before.answers[check].keys)
    }
    assert other == expected
    cannot = {answer.right for answer in found.answers.values() if answer.outcome == CANNOT}
    assert cannot - {""} == row.rights
