"""The client against the rehearsal org in trouble that a real org does not make on demand.

What every org has to answer is in tests/org/, which runs here and against a real sandbox.
"""

from collections.abc import Iterator

import pytest

from integrations.salesforce.client import Org, ReportFilter
from integrations.salesforce.errors import LimitReached, OutcomeUnknown, SalesforceError
from integrations.salesforce.ids import id18
from integrations.salesforce.manifest import manifest_get
from integrations.salesforce.metadata import lead_mapping_by_metadata_api
from integrations.salesforce.soql import chunked_in
from tests.org.places import Place, Tokens, rehearsal_place
from tests.org.records import Records
from tests.rehearsal_server import ADMINISTRATOR, Rehearsal

ORG = "northwind-full"
PACKAGE = manifest_get("usergem-1")


@pytest.fixture(scope="module")
def running(rehearsal_process: Rehearsal) -> Rehearsal:
    """The process that the other tests use too, with fresh orgs for this module."""
    rehearsal_process.reset()
    rehearsal_process.package_install(ORG)
    return rehearsal_process


@pytest.fixture(scope="module")
def place(running: Rehearsal) -> Place:
    return rehearsal_place(running)


@pytest.fixture
def org(place: Place) -> Iterator[Org]:
    client = place.client()
    yield client
    client.close()


@pytest.fixture
def records(running: Rehearsal, org: Org) -> Iterator[Records]:
    # What these tests make is cleared up; a healthy integration user may not delete.
    running.configure(ORG, extra_rights=["*.Delete"])
    kept = Records(org)
    yield kept
    kept.sweep()


@pytest.fixture
def configured(running: Rehearsal, place: Place) -> Iterator[Rehearsal]:
    """To lay configurations on, taken away again at the end."""
    yield running
    running.control(ORG, "configuration", "DELETE")


def written_with(org: Org, key: str) -> list[dict[str, object]]:
    return org.query(f"SELECT Id FROM {PACKAGE.object_name} WHERE {PACKAGE.key_field} = '{key}'")


def test_thousands_of_records_are_found_again_in_a_few_calls(org: Org):
    (count,) = org.query("SELECT count() FROM Contact")
    contacts = org.query("SELECT Id, Email FROM Contact")
    assert len({row["Id"] for row in contacts}) == count["totalSize"] > 2000
    addresses = [row["Email"] for row in contacts if row["Email"]]
    calls = org.calls
    found = org.queries(chunked_in("SELECT Id, Email FROM Contact WHERE Email", addresses))
    assert {row["Email"] for rows in found for row in rows} == set(addresses)
    assert org.calls - calls < 5


def test_a_lost_answer_is_unknown_and_the_key_tells_what_happened(
    org: Org, records: Records, running: Rehearsal
):
    key = records.key()
    running.fault("drop_answer_after_commit", path="composite/graph")
    with pytest.raises(OutcomeUnknown):
        records.graphs(records.delivery(key))
    assert len(written_with(org, key)) == 1


def test_a_call_lost_before_it_ran_is_unknown_too(org: Org, records: Records, running: Rehearsal):
    key = records.key()
    running.fault("drop_before", path="composite/graph")
    with pytest.raises(OutcomeUnknown):
        records.graphs(records.delivery(key))
    assert written_with(org, key) == []


def test_a_collection_whose_answer_is_lost_is_unknown_and_sent_once(
    org: Org, records: Records, running: Rehearsal
):
    running.fault("drop_answer_after_commit", path="composite/sobjects")
    with pytest.raises(OutcomeUnknown):
        records.create(("Lead", records.lead()))
    assert len(org.query(f"SELECT Id FROM Lead WHERE Company = '{records.mark}'")) == 1


def test_a_maintenance_page_is_read_past(org: Org, running: Rehearsal):
    running.fault("http_503_html", times=2, path="limits")
    assert "DailyApiRequests" in org.limits()
    assert org.calls == 3


def test_a_lock_is_transient_in_a_graph_and_in_a_collection(records: Records, running: Rehearsal):
    running.fault("lock_row", sobject="Lead")
    (result,) = records.graphs(records.lead_graph())
    assert result.transient
    assert [error.code for error in result.errors] == ["UNABLE_TO_LOCK_ROW"]
    running.fault("lock_row", sobject="Lead")
    (row,) = records.create(("Lead", records.lead()))
    assert [error.code for error in row.errors] == ["UNABLE_TO_LOCK_ROW"]


def test_a_dead_access_token_is_renewed_by_the_way(org: Org, place: Place):
    place.tokens.access = place.tokens.access[:-4] + "dead"
    renewals = place.tokens.renewals
    assert org.organization()["IsSandbox"] is True
    assert place.tokens.renewals == renewals + 1


def test_the_metadata_api_says_the_same_to_whoever_may_ask_it(org: Org, running: Rehearsal):
    admin = rehearsal_place(running, ORG, username=ADMINISTRATOR).client()
    assert lead_mapping_by_metadata_api(admin._door) == admin.lead_mapping()
    assert lead_mapping_by_metadata_api(org._door) is None
    admin.close()


def test_a_dead_access_token_is_renewed_in_soap_too(running: Rehearsal):
    place = rehearsal_place(running, ORG, username=ADMINISTRATOR)
    place.tokens.access = place.tokens.access[:-4] + "dead"
    admin = place.client()
    found = lead_mapping_by_metadata_api(admin._door)
    assert found is not None
    assert found.fields
    assert place.tokens.renewals == 1
    admin.close()


def test_two_record_types_have_a_layout_each(org: Org, configured: Rehearsal):
    (alone,) = org.layouts("Lead")
    assert alone.record_type.master
    configured.configure(ORG, "two-record-types")
    found = org.layouts("Lead")
    assert len(found) > 1
    assert all(one.layout for one in found if one.record_type.available)
    names = {one.record_type.developer_name for one in found}
    assert names == {one.developer_name for one in org.describe("Lead").record_types}


def test_layouts_tell_whether_the_packages_fields_stand_on_them(org: Org, configured: Rehearsal):
    fields = set(PACKAGE.person_fields.values())
    (shown,) = org.layouts("Contact")
    assert shown.layout is not None
    assert fields & shown.layout.field_names
    configured.configure(ORG, "layouts-without-fields")
    (bare,) = org.layouts("Contact")
    assert bare.layout is not None
    assert not fields & bare.layout.field_names
    (name,) = [one.name for one in org.page_layouts("Contact") or []]
    assert name


def test_a_package_objects_layout_and_its_related_lists_are_found_either_way(org: Org):
    assert org.page_layouts(PACKAGE.object_name)
    (shown,) = org.layouts("Lead")
    assert shown.layout is not None
    content = org.page_layout(shown.layout.layout_id)
    assert content is not None
    seen, made = (
        {(one.object_name, one.field) for one in layout.related_lists if "__" in one.field}
        for layout in (shown.layout, content)
    )
    assert (
        seen
        == made
        == {
            (PACKAGE.object_name, PACKAGE.lookups["new_lead"]),
            (PACKAGE.object_name, PACKAGE.lookups["past_lead"]),
        }
    )


def test_a_lightning_page_says_that_it_shows_the_page_layout(org: Org):
    (row,) = org.tooling_query("SELECT Id FROM FlexiPage WHERE EntityDefinitionId = 'Lead'")
    found = org.record_page(row["Id"])
    assert found is not None
    assert found.shows_page_layout


@pytest.fixture
def production(running: Rehearsal) -> Iterator[Org]:
    client = rehearsal_place(running, "northwind").client()
    yield client
    client.close()


def test_a_report_is_not_read_in_a_sandbox(org: Org, running: Rehearsal):
    with pytest.raises(SalesforceError) as caught:
        org.reports()
    assert caught.value.code == "REPORT_IN_SANDBOX"
    assert not [call for call in running.calls(ORG) if "analytics" in call["path"]]


def test_a_report_is_described_and_run(production: Org):
    reports = production.reports()
    tabular = [one for one in reports if one.report_format.lower() == "tabular"]
    assert tabular
    report = tabular[0]
    described = production.report_describe(report.report_id)
    assert described.name == report.name
    result = production.report_run(report.report_id)
    assert len(result.rows) <= 2_000
    assert result.report.columns == described.columns
    assert all(len(row) == len(described.columns) for row in result.rows)


def test_a_report_runs_in_the_background(production: Org):
    tabular = [one for one in production.reports() if one.report_format.lower() == "tabular"]
    assert tabular
    report_id = tabular[0].report_id
    started = production.report_start(report_id)
    found = production.report_instance(report_id, started.instance_id)
    assert found.status in {"New", "Running", "Success"}
    assert (found.result is not None) == (found.status == "Success")


def test_a_report_nobody_has_is_refused(production: Org):
    with pytest.raises(SalesforceError) as caught:
        production.report_describe("00O" + "0" * 12)
    assert caught.value.status in {400, 403, 404}


def test_a_report_of_too_many_rows_says_so_and_a_filter_makes_it_whole(production: Org):
    (long,) = [one for one in production.reports() if one.name == "Champions to track"]
    everything = production.report_run(long.report_id)
    assert (len(everything.rows), everything.all_data) == (2_000, False)
    labels = [one.label for one in everything.report.columns]
    place = labels.index("Last Name")
    wanted = everything.rows[0][place].label
    column = everything.report.columns[place].name
    some = production.report_run(long.report_id, [ReportFilter(column, "equals", wanted)])
    assert some.all_data
    assert {row[place].label for row in some.rows} == {wanted}


def test_a_missing_lead_mapping_is_empty_and_not_unknown(org: Org, configured: Rehearsal):
    mapped = org.lead_mapping()
    assert mapped is not None
    assert mapped.fields
    configured.configure(ORG, "lead-mapping-missing")
    missing = org.lead_mapping()
    assert missing is not None
    assert missing.fields == ()


def test_who_may_not_see_the_setup_is_told_unknown_everywhere(org: Org, configured: Rehearsal):
    configured.configure(ORG, "low-rights-user")
    assert org.page_layouts("Lead") is None
    assert org.layout_assignments([id18("00h" + "0" * 12)]) is None
    assert org.package_version(PACKAGE.namespace) is None
    assert org.lead_mapping() is None
    assert org.sandboxes() is None
    # Their own layouts they may see.
    assert org.layouts("Lead")


def test_a_production_names_its_sandboxes(running: Rehearsal, org: Org):
    client = rehearsal_place(running, "northwind").client()
    rows = client.sandboxes()
    client.close()
    assert rows is not None
    (full,) = [row for row in rows if row.name.lower() == "full"]
    assert full.license_type == "FULL"
    assert full.is_org(org.organization()["Id"])
    assert not full.is_org(id18("00D8c00000Nobody"[:15]))


def test_a_used_up_day_is_told(org: Org, configured: Rehearsal):
    configured.configure(ORG, "api-limit-used-up")
    with pytest.raises(LimitReached) as caught:
        org.query("SELECT Id FROM Organization")
    assert caught.value.daily


def test_a_hidden_package_is_missing_for_us_and_there_for_an_administrator(
    org: Org, configured: Rehearsal
):
    admin = rehearsal_place(configured, ORG, username=ADMINISTRATOR).client()
    configured.configure(ORG, "package-admins-only")
    with pytest.raises(SalesforceError) as caught:
        org.describe(PACKAGE.object_name)
    assert caught.value.code == "NOT_FOUND"
    assert PACKAGE.object_name in admin.describes([PACKAGE.object_name])
    assert org.describes([PACKAGE.object_name]) == {}
    admin.close()


def test_tokens_of_the_suite_are_never_shown(place: Place):
    shown = repr(place) + str(place.tokens)
    for secret in (place.tokens.access, place.tokens.refresh, place.tokens.client_secret):
        assert secret
        assert secret not in shown
    assert isinstance(place.tokens, Tokens)
