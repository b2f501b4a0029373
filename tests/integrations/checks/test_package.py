"""Package and version: missing, hidden, too old, of unknown version."""

from dataclasses import replace

import pytest

from integrations.checks.answers import DOWNLOAD_PACKAGES, CannotAsk
from integrations.checks.package import PackageCheck
from integrations.salesforce.manifest import USERGEM_1, USERGEMS_0
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import DESCRIBED, GEM, a_context, healthy, without_object

NO_GEM = without_object(DESCRIBED, GEM)


def found_in(environment="sandbox", **answers):
    return PackageCheck().run(healthy(environment, **answers), a_context(environment))


def test_a_new_enough_version_is_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert finding.found == "Version 1.42 is installed."
    assert not finding.items


def test_a_missing_package_comes_with_the_link_of_its_environment():
    finding = found_in(package=PackageFacts(False), manifest=None, described=NO_GEM)
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "The package is not installed."
    assert "sandbox install link" in finding.items[0].fix
    finding = found_in("production", package=PackageFacts(False), manifest=None, described=NO_GEM)
    assert "production install link" in finding.items[0].fix


def test_a_package_for_administrators_only_is_hidden_and_not_missing():
    facts = PackageFacts(True, version="1.42", error="sees none of its objects")
    finding = found_in(package=facts, manifest=None, described=NO_GEM)
    assert [item.key for item in finding.items] == ["hidden"]
    assert finding.outcome == "fail"
    assert "Install for All Users" in finding.items[0].fix


def test_seeing_nothing_without_the_list_says_both_causes():
    facts = PackageFacts(None, error="sees nothing")
    finding = found_in(package=facts, manifest=None, described=NO_GEM)
    assert finding.outcome == "fail"
    assert "not installed, or it was not installed for all users" in finding.items[0].sentence


def test_an_object_that_is_hidden_is_named_beside_a_visible_field_of_the_package():
    finding = found_in(described=NO_GEM)
    assert [item.key for item in finding.items] == ["hidden"]


def test_an_old_version_names_the_one_that_is_needed():
    finding = found_in(package=PackageFacts(True, version="1.38", manifest=USERGEM_1.name))
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == (
        "Version 1.38 is installed; job changes need 1.40 or newer."
    )


def test_versions_are_compared_as_numbers():
    facts = PackageFacts(True, version="1.100", manifest=USERGEM_1.name)
    assert found_in(package=facts).outcome == "pass"


def test_the_older_generation_cannot_take_job_changes():
    facts = PackageFacts(True, version="2.3", manifest=USERGEMS_0.name)
    finding = found_in(package=facts, manifest=USERGEMS_0, described=NO_GEM)
    assert finding.outcome == "fail"
    assert "UserGems__" in finding.items[0].sentence


def test_a_beta_is_a_warning():
    facts = PackageFacts(True, version="1.43 beta", manifest=USERGEM_1.name)
    finding = found_in(package=facts)
    assert finding.outcome == "warning"
    assert "beta" in finding.items[0].sentence


@pytest.mark.parametrize(
    "package",
    [PackageFacts(True, version="", manifest=USERGEM_1.name), CannotAsk(DOWNLOAD_PACKAGES)],
)
def test_a_version_that_cannot_be_read_names_the_right_and_the_way_by_hand(package):
    finding = found_in(package=package)
    assert finding.outcome == "cannot"
    assert finding.missing_right == DOWNLOAD_PACKAGES
    assert DOWNLOAD_PACKAGES in finding.items[0].fix
    assert "look at the version yourself, under Installed Packages" in finding.items[0].fix


def test_a_manifest_that_is_not_told_is_taken_from_what_is_seen():
    assert found_in(manifest=None).outcome == "pass"
    facts = replace(PackageFacts(True, version="1.42"), manifest="")
    assert found_in(manifest=None, package=facts).outcome == "pass"
