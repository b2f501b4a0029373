"""Reports: listed, described, run at once or in the background (platform reference, 2.11)."""

from typing import Any

import pytest

from integrations.salesforce.client import Org, ReportFilter
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from integrations.salesforce.ids import id18
from tests.salesforce.conftest import CONFIG, NOT_FOUND, hangs_up, page, rows, says

REPORT = id18("00O5g00000AbCdE")
INSTANCE = id18("0LG5g00000AbCdE")
CONTACT = id18("0035g00000AbCdE")
BASE = f"/services/data/v66.0/analytics/reports/{REPORT}"
METADATA = {
    "id": REPORT,
    "name": "Past champions",
    "reportFormat": "TABULAR",
    "detailColumns": ["CONTACT_ID", "LAST_NAME", "AMOUNT"],
    "reportFilters": [{"column": "ACCOUNT", "operator": "equals", "value": "Acme", "x": 1}],
}
EXTENDED = {
    "detailColumnInfo": {
        "CONTACT_ID": {"label": "Contact ID", "dataType": "id"},
        "LAST_NAME": {"label": "Last Name", "dataType": "string"},
        "AMOUNT": {"label": "Amount", "dataType": "currency"},
    }
}


def described(**more: Any) -> dict[str, Any]:
    return {"reportMetadata": METADATA, "reportExtendedMetadata": EXTENDED, **more}


def cells(*values: tuple[str, Any]) -> dict[str, Any]:
    return {"dataCells": [{"label": label, "value": value} for label, value in values]}


DOE = cells((CONTACT, CONTACT), ("Doe", "Doe"), ("USD 5.00", {"amount": 5.0, "currency": "USD"}))
NOBODY = cells(("-", None), ("-", None), ("-", None))


def ran(fact_map: Any, **more: Any) -> dict[str, Any]:
    answer = {
        "attributes": {"type": "Report", "reportId": REPORT, "reportName": "Past champions"},
        "allData": True,
        "hasDetailRows": True,
        "factMap": fact_map,
        "groupingsDown": {"groupings": []},
        "groupingsAcross": {"groupings": []},
    }
    return described(**{**answer, **more})


PLAIN = {"T!T": {"aggregates": [{"label": "2", "value": 2}], "rows": [DOE, NOBODY]}}


@pytest.mark.parametrize(
    "ask",
    [
        lambda org: org.reports(),
        lambda org: org.report_describe(REPORT),
        lambda org: org.report_run(REPORT),
        lambda org: org.report_run(REPORT, [ReportFilter("ACCOUNT", "equals", "Acme")]),
        lambda org: org.report_start(REPORT),
        lambda org: org.report_instance(REPORT, INSTANCE),
    ],
)
def test_rule_5_nothing_is_asked_where_the_org_is_not_known_to_be_production(server, tokens, ask):
    sandbox = Org(instance_url=server.url, tokens=tokens, config=CONFIG)
    with pytest.raises(SalesforceError) as caught:
        ask(sandbox)
    assert caught.value.code == "REPORT_IN_SANDBOX"
    assert server.seen == []


def test_reports_are_listed(org, server):
    row = {
        "Id": REPORT,
        "Name": "Past champions",
        "DeveloperName": "Past_champions",
        "FolderName": "Sales",
        "Format": "Tabular",
        "LastRunDate": None,
    }
    server.then(says(200, rows(row)))
    (found,) = org.reports()
    assert (found.report_id, found.name, found.folder) == (REPORT, "Past champions", "Sales")
    assert (found.developer_name, found.report_format, found.last_run) == (
        "Past_champions",
        "Tabular",
        "",
    )


def test_a_report_says_what_it_shows(org, server):
    server.then(says(200, described(reportTypeMetadata={})))
    found = org.report_describe(REPORT[:15])
    assert (found.report_id, found.name, found.report_format) == (
        REPORT,
        "Past champions",
        "TABULAR",
    )
    assert [(one.name, one.label, one.data_type) for one in found.columns] == [
        ("CONTACT_ID", "Contact ID", "id"),
        ("LAST_NAME", "Last Name", "string"),
        ("AMOUNT", "Amount", "currency"),
    ]
    assert found.filters == (ReportFilter("ACCOUNT", "equals", "Acme"),)
    assert server.paths == [f"{BASE[:-3]}/describe"]


def test_a_report_in_a_closed_folder_is_not_there(org, server):
    server.then(says(404, NOT_FOUND))
    with pytest.raises(SalesforceError) as caught:
        org.report_describe(REPORT)
    assert caught.value.code == "NOT_FOUND"


def test_a_report_is_run_with_its_rows(org, server):
    server.then(says(200, ran(PLAIN)))
    found = org.report_run(REPORT)
    assert server.paths == [f"{BASE}?includeDetails=true"]
    assert found.all_data
    assert [[cell.value for cell in row] for row in found.rows] == [
        [CONTACT, "Doe", 5.0],
        [None, None, None],
    ]
    assert found.rows[0][2].label == "USD 5.00"
    assert found.report.name == "Past champions"


def test_more_rows_than_a_report_gives_are_said(org, server):
    server.then(says(200, ran({"T!T": {"rows": [DOE] * 2_000}}, allData=False)))
    found = org.report_run(REPORT)
    assert len(found.rows) == 2_000
    assert not found.all_data


def test_the_rows_of_a_grouped_report_are_those_of_all_its_groups(org, server):
    fact_map = {
        "T!T": {"aggregates": [], "rows": []},
        "0!T": {"aggregates": [], "rows": [DOE]},
        "1!T": {"aggregates": [], "rows": [NOBODY]},
    }
    server.then(says(200, ran(fact_map)))
    assert len(org.report_run(REPORT).rows) == 2


def test_a_report_is_run_with_other_filters_and_read_again_when_no_answer_comes(org, server):
    server.then(page(503), says(200, ran(PLAIN)))
    org.report_run(REPORT, [ReportFilter("LAST_NAME", "startsWith", "D")])
    assert [request.method for request in server.seen] == ["POST", "POST"]
    assert server.seen[1].json == {
        "reportMetadata": {
            "reportFilters": [{"column": "LAST_NAME", "operator": "startsWith", "value": "D"}]
        }
    }


def test_a_report_takes_twenty_filters(org, server):
    with pytest.raises(ValueError, match="20"):
        org.report_run(REPORT, [ReportFilter("A", "equals", "b")] * 21)
    assert server.seen == []


def test_a_report_runs_in_the_background(org, server):
    server.then(
        says(200, {"id": INSTANCE, "status": "New", "url": "/x", "hasDetailRows": True}),
        says(200, {"attributes": {"id": INSTANCE, "status": "Running"}, "factMap": None}),
        says(200, ran(PLAIN, attributes={"id": INSTANCE, "status": "Success"})),
    )
    started = org.report_start(REPORT)
    assert (started.instance_id, started.status, started.ended) == (INSTANCE, "New", False)
    running = org.report_instance(REPORT, started.instance_id)
    assert (running.ended, running.result) == (False, None)
    through = org.report_instance(REPORT, started.instance_id)
    assert through.ended
    assert through.result is not None
    assert len(through.result.rows) == 2
    assert server.seen[0].method == "POST"
    assert server.paths[1:] == [f"{BASE}/instances/{INSTANCE}"] * 2


def test_a_run_that_failed_has_ended_without_rows(org, server):
    server.then(says(200, {"attributes": {"id": INSTANCE, "status": "Error"}}))
    found = org.report_instance(REPORT, INSTANCE)
    assert (found.ended, found.result) == (True, None)


def test_a_start_without_an_answer_is_not_repeated(org, server):
    server.then(hangs_up)
    with pytest.raises(OutcomeUnknown):
        org.report_start(REPORT)
    assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [None, [], {}, {"id": "x", "status": "New"}, {"id": INSTANCE}])
def test_a_start_answered_in_odd_form_may_have_begun(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(OutcomeUnknown):
        org.report_start(REPORT)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        described(),
        ran([]),
        ran({"T!T": []}),
        ran(PLAIN, allData="yes"),
        ran({"T!T": {"rows": [{"dataCells": [{"label": "one", "value": 1}]}]}}),
        ran({"T!T": {"rows": [{"dataCells": "Doe"}]}}),
        ran(PLAIN, reportMetadata=None),
        ran(PLAIN, reportMetadata={**METADATA, "detailColumns": [1, 2, 3]}),
        ran(PLAIN, reportExtendedMetadata=[]),
    ],
    ids=range(11),
)
def test_a_report_of_odd_form_is_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.report_run(REPORT)


def test_an_id_that_could_change_the_address_is_not_sent(org, server):
    for call in (org.report_describe, org.report_run, org.report_start):
        with pytest.raises(ValueError, match="record ID"):
            call("../../sobjects")
    with pytest.raises(ValueError, match="record ID"):
        org.report_instance(REPORT, "..")
    assert server.seen == []
