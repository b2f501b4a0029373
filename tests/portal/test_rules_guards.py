"""Rule 5, guard by guard: each of them alone keeps reports from being read in a sandbox."""

import pytest

from integrations.checks.answers import READ_CAMPAIGNS, READ_RECORDS, CannotAsk
from integrations.checks.survey_records import campaign_from, emails_from
from integrations.models import OrgKind
from integrations.reports.asking import production_epoch
from integrations.reports.errors import ReportError
from integrations.salesforce.errors import SalesforceError
from integrations.services.orgs import org_open
from portal.checking.starting import snapshot_wanted
from tests.factories import ConnectionFactory, OrgEpochFactory, TestRunFactory
from tests.integrations.checks.surveys import a_context

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("environment", "kind"),
    [("production", OrgKind.SANDBOX), ("sandbox", OrgKind.PRODUCTION)],
)
def test_what_was_connected_and_what_the_org_says_must_both_be_production(
    customer, environment, kind
):
    connection = ConnectionFactory(customer=customer, environment=environment, epoch__kind=kind)
    with pytest.raises(ReportError, match="never in a sandbox"):
        production_epoch(connection)


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_the_client_of_a_sandbox_refuses_whatever_it_was_connected_as(customer, environment):
    connection = ConnectionFactory(
        customer=customer, environment=environment, epoch__kind=OrgKind.SANDBOX
    )
    org = org_open(connection)
    with pytest.raises(SalesforceError) as refused:
        org.reports()
    assert refused.value.code == "REPORT_IN_SANDBOX"


class Refusing:
    """An org that lets nobody read: it says which right that takes."""

    context = a_context("sandbox")

    def rows(self, key, right):
        raise CannotAsk(right)


@pytest.mark.parametrize(
    ("read", "right"), [(campaign_from, READ_CAMPAIGNS), (emails_from, READ_RECORDS)]
)
def test_the_right_that_is_missing_is_named(read, right):
    with pytest.raises(CannotAsk) as refused:
        read(Refusing())
    assert refused.value.right == right


def test_of_two_campaigns_with_the_chosen_name_none_is_taken():
    class Doubled(Refusing):
        def rows(self, key, right):
            return [{"Id": "701000000000001AAA"}, {"Id": "701000000000002AAA"}]

    assert campaign_from(Doubled()) is None


def test_a_refreshed_sandbox_is_not_the_tested_one_and_says_nothing_of_its_drift(customer):
    tested = ConnectionFactory(customer=customer)
    TestRunFactory(customer=customer, epoch=tested.epoch, state="approved")
    assert snapshot_wanted(tested) == "current"
    type(tested.epoch).objects.filter(pk=tested.epoch_id).update(ended_at=tested.connected_at)
    tested.epoch = OrgEpochFactory(connection=tested, number=2)
    tested.save()
    assert snapshot_wanted(tested) == ""
