"""Whatever is asked of Setup, SOAP, bulk jobs or reports: an answer in the platform's manner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.rehearsal.access import Access
from integrations.rehearsal.bulk_jobs import CannotStart, Outcome, Worker
from integrations.rehearsal.config import ADMIN_USER, RecordType
from integrations.rehearsal.schema.rights_objects import USER_RECORD_ACCESS
from integrations.rehearsal.setup.rows import MAKERS
from tests.rehearsal.local import LocalOrg

TEXT = st.text(max_size=20)
NAMES = st.sampled_from([*sorted(MAKERS), USER_RECORD_ACCESS.name])
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FILTER = st.fixed_dictionaries(
    {},
    optional={
        "column": st.sampled_from(["LAST_NAME", "STATUS", "CREATED_DATE", "NO"]) | JSON,
        "operator": st.sampled_from(["equals", "contains", "lessThan", "within"]) | JSON,
        "value": TEXT | JSON,
    },
)


JOB = st.fixed_dictionaries(
    {"object": st.just("Lead"), "operation": st.just("upsert") | JSON},
    optional={
        "columnDelimiter": JSON,
        "lineEnding": JSON,
        "externalIdFieldName": JSON,
        "assignmentRuleId": JSON,
        "contentType": JSON,
        "query": st.just("SELECT Id FROM Lead") | JSON,
    },
)


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> LocalOrg:
    """One org for all examples, asked as its administrator."""
    directory: Path = tmp_path_factory.mktemp("fuzz")
    types = (RecordType("Lead", "Sales", "Sales"),)
    found = LocalOrg(directory, package_version="1.42", record_types=types)
    found.sign_in(ADMIN_USER.user_id)
    return found


def is_well_mannered(answer: Any) -> bool:
    return answer.status_code < 500


@QUIET
@given(name=NAMES, data=st.data())
def test_no_query_of_setup_breaks_the_server(org: LocalOrg, name: str, data: Any) -> None:
    sobject = org.org.schema[name.lower()]
    field = st.sampled_from([item.name for item in sobject.fields])
    fields = data.draw(st.lists(field, min_size=1, max_size=4, unique=True))
    ends = [
        "", f"WHERE {data.draw(field)} = '{name}'", f"WHERE {data.draw(field)} != null",
        f"ORDER BY {data.draw(field)} DESC", "LIMIT 1", f"GROUP BY {fields[0]}",
    ]  # fmt: skip
    soql = f"SELECT {', '.join(fields)} FROM {name} {data.draw(st.sampled_from(ends))}"
    path = "/tooling/query" if sobject.tooling else "/query"
    answer = org.api("GET", path, query_string={"q": soql})
    assert is_well_mannered(answer), soql


@QUIET
@given(body=st.binary(max_size=60) | TEXT.map(str.encode), inside=TEXT, known=st.booleans())
def test_no_soap_message_breaks_the_server(
    org: LocalOrg, body: bytes, inside: str, known: bool
) -> None:
    if known:
        space = "http://soap.sforce.com/2006/04/metadata"
        clean = "".join(c for c in inside if c.isalnum())
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
            f'<e:Header><SessionHeader xmlns="{space}"><sessionId>{org.token}</sessionId>'
            f'</SessionHeader></e:Header><e:Body><readMetadata xmlns="{space}"><type>Layout</type>'
            f"<fullNames>{clean}</fullNames></readMetadata></e:Body></e:Envelope>"
        ).encode()
    answer = org.send("POST", "/services/Soap/m/66.0", data=body, headers={"SOAPAction": '""'})
    assert answer.status_code in (200, 500)
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope')


@QUIET
@given(body=JSON | JOB)
def test_no_job_breaks_the_server(org: LocalOrg, body: Any) -> None:
    assert is_well_mannered(org.api("POST", "/jobs/ingest", json=body))
    assert is_well_mannered(org.api("POST", "/jobs/query", json=body))


@QUIET
@given(
    header=st.lists(
        st.sampled_from(["LastName", "Company", "Id", "Owner.Username", "RecordType.Name"]) | TEXT,
        max_size=4,
    ),
    cells=st.lists(st.lists(TEXT | st.just("#N/A"), max_size=5), max_size=4),
    operation=st.sampled_from(["insert", "update", "delete", "upsert"]),
)
def test_no_upload_breaks_a_job(
    org: LocalOrg, header: list[str], cells: list[list[str]], operation: str
) -> None:
    user = org.org.space.get("User", ADMIN_USER.user_id)
    access = Access(org.org, user or {})
    lead = org.org.schema["lead"]
    job = {"operation": operation, "lineEnding": "LF", "columnDelimiter": "COMMA"}
    text = "\n".join(",".join(line) for line in [header, *cells])
    try:
        worker = Worker(access, lead, {**job, "externalIdFieldName": "Id"}, text)
    except CannotStart:
        return
    outcome = Outcome()
    for line in worker.rows:
        worker.write(line, outcome)
    assert len(outcome.successes) + len(outcome.failures) == outcome.done == len(worker.rows)


@QUIET
@given(asked=st.fixed_dictionaries({"reportMetadata": JSON | st.fixed_dictionaries(
    {"reportFilters": st.lists(FILTER, max_size=3) | JSON}, optional={"detailColumns": JSON}
)}))  # fmt: skip
def test_no_report_run_breaks_the_server(org: LocalOrg, asked: Any) -> None:
    soql = "SELECT Id FROM Report WHERE DeveloperName = 'Leads_from_events'"
    [row] = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"]
    answer = org.api("POST", f"/analytics/reports/{row['Id']}", json=asked)
    assert is_well_mannered(answer), asked
