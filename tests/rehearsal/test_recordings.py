"""The rehearsal orgs' answers beside those of real orgs: status, keys, JSON types."""

from __future__ import annotations

import re

import pytest

from tests.recordings import ABSENT, TABLE, USED, differences, recorded, recording
from tests.rehearsal.asks import ASKS
from tests.rehearsal.client import OrgClient

pytestmark = pytest.mark.skipif(not recorded(), reason=ABSENT)

# Differences that are right, as patterns of what `differences` says, with the reason.
DATA_COM = "Data.com, which new orgs do not have"
OLD_DESCRIBE = "version 42.0 or 48.0 said less of an object"
NEW_DESCRIBE = {
    r"\.(associateEntityType|associateParentEntity|sobjectDescribeOption): not in the real one": (
        OLD_DESCRIBE
    ),
    r"\.(deepCloneable|defaultImplementation|isInterface): not in the real one": OLD_DESCRIBE,
    r"\.(extendedBy|extendsInterfaces|implementedBy|implementsInterfaces): not in the real one": (
        OLD_DESCRIBE
    ),
    r"\.fields\[\]\.(aiPredictionField|formulaTreatNullNumberAsZero): not in the real one": (
        OLD_DESCRIBE
    ),
    r"\.recordTypeInfos\[\]\.developerName: not in the real one": OLD_DESCRIBE,
    r"\.urls\.defaultValues: not in ours": "nobody asks for default values of fields",
}
RECORD = {
    r"\.(?!UserGem__)\w+__c: not in ours": "fields that the recorded org's people made",
    r"\.UserGem__\w+__c: not in the real one": "the package is in ours",
    r"\.(DandbCompanyId|Jigsaw\w+|DunsNumber|Naics\w+): not in ours": DATA_COM,
    r"\.(SicDesc|Tradestyle|YearStarted): not in ours": DATA_COM,
    r"\.LastCU(Request|Update)Date: not in ours": DATA_COM,
    r"\.(IndividualId|OperatingHoursId): not in ours": (
        "data protection and field service are not switched on"
    ),
}
TOKEN = {
    r"\.(id_token|refresh_token|scope|token_type): not in the real one": (
        "a sample of 2010 or 2011: before OpenID Connect and rotation"
    )
}
ALLOWED: dict[str, dict[str, str]] = {
    "004": NEW_DESCRIBE,
    "005": {r"\.\w+: not in ours": "the fields of the company that somebody asks for are there"},
    "041": RECORD,
    "042": RECORD,
    "043": RECORD,
    "044": RECORD,
    "046": NEW_DESCRIBE,
    "053": {
        r"\.Daily\w+\.[A-Z][\w. ]+: not in ours": "the recorded org's own connected apps",
        r"\.\w+: not in ours": "allowances of products that the portal does not use",
    },
    "054": {r"\.records\[\]\.\w+: not in ours": "another object is grouped, by one field"},
    "057": {r"\.urls\.\w+: not in the real one": "that sign-in did not ask for the scope api"},
    "058": TOKEN,
    "059": TOKEN,
    "067": {r"\.records\[\]\.\w+: not in": "another object is asked for"},
    "071": {r".*\.body\.warnings: not in ours": "the live answers of newer versions have none"},
}


def allowed(number: str, difference: str) -> bool:
    return any(re.match(pattern, difference) for pattern in ALLOWED.get(number, ()))


def test_every_recording_that_concerns_us_is_asked() -> None:
    assert set(ASKS) == {number for number, use in TABLE.items() if use.rehearsal == USED}


@pytest.mark.parametrize("number", sorted(ASKS))
def test_the_answer_has_status_keys_and_types_of_the_real_one(full: OrgClient, number: str) -> None:
    real = recording(number)
    ours = ASKS[number](full)
    assert ours.status_code == real["status"]
    found = sorted(set(differences(ours.json(), real["response_body"])))
    assert [one for one in found if not allowed(number, one)] == []


def test_every_recording_is_in_the_table() -> None:
    assert set(recorded()) == set(TABLE)


OWN = [number for number, each in ALLOWED.items() if each not in (NEW_DESCRIBE, RECORD, TOKEN)]


@pytest.mark.parametrize("number", OWN)
def test_an_allowed_difference_is_one(full: OrgClient, number: str) -> None:
    found = set(differences(ASKS[number](full).json(), recording(number)["response_body"]))
    for pattern in ALLOWED[number]:
        assert any(re.match(pattern, one) for one in found), pattern


@pytest.mark.parametrize(
    ("number", "name"), [("002", "Lead"), ("004", "Account"), ("046", "Campaign")]
)
def test_described_fields_say_the_same_about_themselves(
    full: OrgClient, number: str, name: str
) -> None:
    real = {field["name"]: field for field in recording(number)["response_body"]["fields"]}
    ours = {
        field["name"]: field for field in full.get(f"/sobjects/{name}/describe").json()["fields"]
    }
    keys = "type soapType createable updateable nillable filterable sortable referenceTo idLookup"
    # What an org's administrator can set, the recorded orgs set differently.
    theirs = {"Type", "Industry", "CampaignMemberRecordTypeId"}
    for field_name in real.keys() & ours.keys() - theirs:
        for key in keys.split():
            assert ours[field_name][key] == real[field_name][key], (field_name, key)


@pytest.mark.parametrize("number", ["027", "060", "063"])
def test_refusals_are_worded_as_in_a_real_org(full: OrgClient, number: str) -> None:
    real, ours = recording(number)["response_body"], ASKS[number](full).json()
    if number == "027":
        real, ours = real["compositeResponse"][1], ours["compositeResponse"][1]
    assert ours == real
