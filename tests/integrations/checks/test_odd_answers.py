"""Whatever an org answers, a survey says that it was odd; it never falls over."""

import pytest

from integrations.checks.answers import CannotAsk
from integrations.checks.base import CheckContext
from integrations.checks.survey import Asked, Survey
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.together import Reply

EVERYTHING = [name for name, value in vars(Survey).items() if isinstance(value, Asked)]
USER = "005000000000001AAA"


class OddOrg:
    """Answers the same to every question."""

    usage = None

    def __init__(self, body):
        self.body = body
        self.calls = 0

    def read_together(self, reads):
        self.calls += 1
        return [Reply(self.body) for _ in reads]

    def userinfo(self):
        return self.body

    def limits(self):
        return self.body

    def record_counts(self, names):
        return self.body

    def lead_mapping_by_metadata_api(self):
        return self.body


ODD = [
    None,
    [],
    {},
    "a page",
    5,
    [{}],
    [None],
    [{"Id": 5}],
    {"fields": 3},
    {"fields": [{"name": {"a": 1}}]},
    {"sobjects": "none"},
    [{"Id": USER, "Name": 5, "IsActive": "yes"}],
    [{"Id": USER, "Metadata": "none", "TableEnumOrId": "Lead", "EntityDefinitionId": "Lead"}],
    [{"ProfileId": "00e", "users": "many", "SobjectType": 4, "n": None}],
]


@pytest.mark.parametrize("body", ODD, ids=repr)
@pytest.mark.parametrize("name", EVERYTHING)
def test_an_odd_answer_is_an_error_or_nothing(name, body):
    context = CheckContext(
        environment="sandbox",
        campaign_id="701000000000001AAA",
        default_owner_id=USER,
        past_contact_ids=["003000000000001AAA"],
    )
    org = OddOrg(body)
    survey = Survey(org, context, user_id=USER)
    survey.ask_together([name])
    assert org.calls <= 5
    try:
        getattr(survey, name)
    except (SalesforceError, CannotAsk) as error:
        assert not isinstance(error, CannotAsk) or error.right  # noqa: PT017 (either may be)


class LargeOrg(OddOrg):
    """Sixty layouts and forty record pages of each object, none of them small."""

    def __init__(self):
        super().__init__([])

    def read_together(self, reads):
        self.calls += 1
        return [self.answer(read.path) for read in reads]

    def answer(self, path):
        if "FROM%20Layout" in path:
            return Reply([self.row("00h", place, "TableEnumOrId") for place in range(180)])
        if "FROM%20FlexiPage" in path:
            return Reply([self.row("0M0", place, "EntityDefinitionId") for place in range(120)])
        if "/sobjects/" in path and "/describe" not in path:
            return Reply({"Metadata": {}})
        return Reply([])

    def row(self, prefix, place, column):
        name = ("Lead", "Contact", "Account")[place % 3]
        row_id = f"{prefix}{place:012d}AAA"
        return {"Id": row_id, "Name": f"L{place}", "DeveloperName": f"P{place}", column: name}


def test_an_org_with_many_layouts_and_pages_costs_no_more():
    org = LargeOrg()
    survey = Survey(org, CheckContext(environment="sandbox"), user_id=USER)
    survey.ask_together(EVERYTHING)
    # Besides what is packed: who the user is, limits, and record counts.
    assert org.calls + 3 <= 15
    assert {len(layouts) for layouts in survey.layouts.values()} == {6}
    assert len(survey.record_pages) == 12
