"""Snapshots of the rehearsal orgs, over the wire.

A healthy pair has no difference, and whatever subset of differences is planted is found: exactly
it, whether production or the tested sandbox is changed.
"""

from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.checks.answers import METADATA, VIEW_SETUP
from integrations.checks.survey import Survey
from integrations.models import Connection
from integrations.services.orgs import org_open
from integrations.snapshots.comparison import Change, Difference, Grade, compare, unknown
from integrations.snapshots.content import KINDS, Content
from integrations.snapshots.taking import NEEDS, content_of
from tests.integrations.checks.surveys import a_context
from tests.rehearsal.plants import CAMPAIGN, PLANTS, Plant, merged

pytestmark = pytest.mark.django_db

CAMPAIGN_ID = "7017z000000000AAAQ"
AMY_BROWN = "0057z000000001jAAA"

# What a plant is found as: grade, key without the change, and names that are among those told.
FOUND: dict[tuple[str, str], tuple[str, str, set[str]]] = {
    ("custom_fields", "required"): ("blocks", "Lead.Region__c:required", {"Lead.Region__c"}),
    ("custom_fields", "own-field-missing"): (
        "changes",
        "UserGem__UserGem__c.NPS_Score__c:fields",
        {"UserGem__UserGem__c.NPS_Score__c"},
    ),
    ("custom_fields", "picklist"): ("changes", "Lead.LeadSource:value", {"UserGems"}),
    ("page_layouts", "component"): ("changes", "Contact.Contact_Record_Page:component", set()),
    ("page_layouts", "activation"): ("changes", "Lead.Lead_Record_Page:activation", set()),
    ("page_layouts", "field"): (
        "changes",
        "Contact.Contact Layout:fields",
        {"UserGem__PastCompany__c"},
    ),
    ("lead_conversion", "unmapped"): ("changes", "Contact:unmapped", {"UserGem__Persona__c"}),
    ("lead_conversion", "elsewhere-title"): (
        "changes",
        "UserGem__PastTitle__c>Contact:target",
        set(),
    ),
    ("lead_conversion", "elsewhere-date"): (
        "changes",
        "UserGem__JobStartedDate__c>Contact:target",
        set(),
    ),
    ("campaigns", "inactive"): ("changes", "campaign:active", set()),
    ("campaigns", "statuses"): ("changes", "campaign:status", set()),
    ("campaigns", "owner"): ("blocks", "owner:active", set()),
    ("related_lists", "account"): (
        "changes",
        "Account.Account Layout:lists",
        {"UserGem__NewAccount__c"},
    ),
    # Two lists of one layout are one difference that names both.
    ("related_lists", "contact-past"): (
        "changes",
        "Contact.Contact Layout:lists",
        {"UserGem__PastContact__c"},
    ),
    ("related_lists", "contact-new"): (
        "changes",
        "Contact.Contact Layout:lists",
        {"UserGem__NewContact__c"},
    ),
    ("user_permissions", "field"): ("changes", "Contact:edit", {"Phone"}),
    ("user_permissions", "system"): ("changes", "RunReports:system", set()),
    ("user_permissions", "object"): ("blocks", "CampaignMember:object", {"create"}),
}
# Keys under which several names may be told: exactly those that were planted.
SEVERAL = (":lists", ":edit", ":fields", ":unmapped")


def found_as(plant: Plant) -> tuple[str, str, set[str]]:
    """The row of a plant."""
    return FOUND[(plant.kind, plant.name)]


def snapshot_of(connection: Connection) -> Content:
    """As a check run takes and keeps it."""
    assert connection.epoch is not None
    context = a_context(
        connection.environment,
        campaign_id=CAMPAIGN_ID,
        campaign_name=CAMPAIGN,
        campaign_status="Responded",
        default_owner_id=AMY_BROWN,
        default_owner_name="Amy Brown",
    )
    with closing(org_open(connection)) as org:
        survey = Survey(org, context, user_id=connection.epoch.user_id)
        survey.ask_together(NEEDS)
        calls = org.calls
        content = content_of(survey, context)
        assert org.calls == calls, "a snapshot asks for nothing beyond its needs"
    return Content.from_json(content.as_json())


@pytest.fixture
def pair(rehearsal: Any, customer: Any) -> tuple[Connection, Connection]:
    """The full copy and its production, with the package for all users."""
    for org in ("northwind-full", "northwind"):
        rehearsal.package_install(org)
    return rehearsal.connect(customer), rehearsal.connect(customer, "northwind")


def above_expected(differences: list[Difference]) -> list[Difference]:
    """Without ids, suffixes and versions."""
    return [one for one in differences if one.grade != Grade.EXPECTED]


def told(differences: list[Difference]) -> dict[tuple[str, str], set[str]]:
    """Kind and key without the change, with all names told under it."""
    rows: dict[tuple[str, str], set[str]] = {}
    for one in above_expected(differences):
        key = (one.kind, one.key.rpartition(":")[0])
        rows.setdefault(key, set()).update(one.names)
    return rows


def planted(plants: list[Plant]) -> dict[tuple[str, str], set[str]]:
    """The same, of what was planted: names only where the plant names them."""
    rows: dict[tuple[str, str], set[str]] = {}
    for plant in plants:
        _grade, key, names = found_as(plant)
        rows.setdefault((plant.kind, key), set()).update(names)
    return rows


def assert_exactly(differences: list[Difference], plants: list[Plant]) -> None:
    """Every plant, each of its names, and nothing else."""
    found, wanted = told(differences), planted(plants)
    assert set(found) == set(wanted)
    for key, names in wanted.items():
        assert names <= found[key]
        if key[1].endswith(SEVERAL):
            assert names == found[key]


def test_every_kind_has_three_plants_and_every_plant_its_row():
    assert [sum(plant.kind == kind for plant in PLANTS) for kind in KINDS] == [3] * 6
    assert {(plant.kind, plant.name) for plant in PLANTS} == set(FOUND)


def test_a_healthy_pair_has_nothing_above_expected(pair):
    sandbox, production = (snapshot_of(one) for one in pair)
    found = compare(sandbox, production)
    assert above_expected(found) == []
    assert {one.key for one in found} == {"owner:username:different", "username:user:different"}
    assert unknown(sandbox, production) == {}
    assert compare(sandbox, snapshot_of(pair[0])) == []


def test_whatever_is_planted_is_found_and_nothing_else(rehearsal, pair):
    healthy = {one.environment: snapshot_of(one) for one in pair}
    orgs = {"sandbox": ("northwind-full", pair[0]), "production": ("northwind", pair[1])}

    def differences(where: str, plants: list[Plant]) -> list[Difference]:
        name, connection = orgs[where]
        rehearsal.configure_back(name)
        if plants:
            rehearsal.configure(name, **merged(plants))
        changed = {**healthy, where: snapshot_of(connection)}
        return compare(changed["sandbox"], changed["production"])

    @hypothesis_settings(
        max_examples=12,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.sampled_from(["production", "sandbox"]), st.sets(st.sampled_from(range(18))))
    def any_subset(where: str, numbers: set[int]) -> None:
        plants = [PLANTS[number] for number in sorted(numbers)]
        found = differences(where, plants)
        assert_exactly(found, plants)
        if where == "production":
            grades = {(one.kind, one.key.rpartition(":")[0]): one.grade for one in found}
            for plant in plants:
                grade, key, _names = found_as(plant)
                assert grades[(plant.kind, key)] == grade

    any_subset()
    for plant in PLANTS:
        assert_exactly(differences("production", [plant]), [plant])
    assert_exactly(differences("production", list(PLANTS)), list(PLANTS))
    assert_exactly(differences("sandbox", list(PLANTS)), list(PLANTS))


def test_drift_is_what_was_planted_since(rehearsal, pair):
    tested = snapshot_of(pair[0])
    plants = [PLANTS[0], PLANTS[9]]
    rehearsal.configure("northwind-full", **merged(plants))
    found = compare(tested, snapshot_of(pair[0]))
    assert_exactly(found, plants)
    assert found[0].sentence == "Region is required on Lead now, not when it was tested."
    assert {one.change for one in found} == {Change.EXTRA, Change.MISSING}


def test_a_user_of_low_rights_gets_unknown_kinds_and_no_false_difference(rehearsal, pair):
    tested = snapshot_of(pair[0])
    rehearsal.configure("northwind", "low-rights-user")
    low = snapshot_of(pair[1])
    assert {one.kind for one in above_expected(compare(tested, low))} <= {"user_permissions"}
    said = unknown(tested, low)
    assert {"page_layouts", "related_lists"} <= set(said)
    assert VIEW_SETUP in said["page_layouts"]
    assert said["page_layouts"].endswith("in production.")


def test_without_metadata_rights_the_conversion_map_is_unknown(rehearsal, pair):
    tested = snapshot_of(pair[0])
    rehearsal.configure("northwind", "no-metadata-rights")
    low = snapshot_of(pair[1])
    assert above_expected(compare(tested, low)) == []
    assert METADATA in unknown(tested, low)["lead_conversion"]


def test_a_production_without_the_package_is_one_difference(rehearsal, pair):
    tested = snapshot_of(pair[0])
    rehearsal.configure("northwind", "package-missing")
    found = above_expected(compare(tested, snapshot_of(pair[1])))
    assert [one.key for one in found if one.grade == Grade.BLOCKS] == ["package:missing"]
    assert [one.key for one in found] == ["package:missing"]
