"""Why an org's package keeps everything from being sent, in words for the one who mends it."""

import pytest

from jobchanges.delivery.package import package_problem
from tests.factories import OrgEpochFactory

pytestmark = pytest.mark.django_db

GOOD = {"package_installed": True, "package_version": "1.42", "package_manifest": "usergem-1"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"package_version": ""}, ""),
        ({"package_installed": False, "package_version": "", "package_manifest": ""}, "not found"),
        ({"package_manifest": ""}, "the integration user sees none of its objects"),
        ({"package_version": "1.38"}, "is version 1.38; 1.40 or newer is needed"),
        ({"package_version": "0.9", "package_manifest": "usergems-0"}, "without the delivery key"),
    ],
)
def test_the_sentence_names_what_is_wrong_with_the_package(facts, words):
    problem = package_problem(OrgEpochFactory(**GOOD | facts))
    assert problem == "" if not words else words in problem
