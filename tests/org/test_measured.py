"""The points marked † in the write protocol, and the open ones of the platform reference.

Whatever the org answers is written down; only an answer that cannot be read at all fails.
"""

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.metadata import lead_mapping_by_metadata_api
from integrations.salesforce.query import query
from integrations.salesforce.tooling import rows_or_none
from tests.org.measured import measured, remember, remembered
from tests.org.places import Place
from tests.org.probes import (
    changed,
    cost,
    described,
    fingerprint,
    graph_under_outer_headers,
    graph_with_an_inherited_header,
    hours_from_now,
    outcome,
)
from tests.org.records import HEADERS, Records

DUPLICATES = "Sforce-Duplicate-Rule-Header"
GRAPHS = 5


def made_lead(records: Records) -> str:
    (result,) = records.create(("Lead", records.lead()))
    assert result.record_id, result.errors
    return result.record_id


def test_what_a_call_with_many_graphs_costs(place: Place, org: Org, records: Records):
    one = cost(org, lambda: records.graphs(records.lead_graph()))
    many = cost(org, lambda: records.graphs(*[records.lead_graph() for _ in range(GRAPHS)]))
    measured(place.name, "API calls counted for 1 graph", str(one))
    measured(place.name, f"API calls counted for {GRAPHS} graphs in one call", str(many))


def test_what_a_call_with_many_reads_costs(place: Place, org: Org):
    soqls = ["SELECT Id FROM Organization"] * GRAPHS
    found = cost(org, lambda: org.queries(soqls))
    measured(place.name, f"API calls counted for {GRAPHS} queries in one composite", str(found))
    found = cost(org, lambda: query(org._door, soqls[0]))
    measured(place.name, "API calls counted for 1 query", str(found))


def test_whether_a_graph_honours_if_unmodified_since(place: Place, org: Org, records: Records):
    lead = made_lead(records)
    answers = {}
    for name, hours in (("past", -24), ("future", 24)):
        headers = {**HEADERS, "If-Unmodified-Since": hours_from_now(hours)}
        (result,) = records.graphs(changed(lead, headers, Title=name))
        answers[name] = outcome(result)
    title = org.record_get("Lead", lead, ["Title"])["Title"]
    honoured = answers["past"] != "written" and answers["future"] == "written"
    measured(
        place.name,
        "If-Unmodified-Since on a graph's PATCH",
        f"{'honoured' if honoured else 'not honoured'}"
        f" (past: {answers['past']}; future: {answers['future']}; title is {title})",
    )


def test_whether_nodes_of_a_graph_carry_their_own_headers(place: Place, org: Org, records: Records):
    """Seen at a duplicate rule that alerts: it stops a copy unless a header lets it pass."""
    twin = {"FirstName": "Gem", "LastName": records.run, "Email": f"{records.run}@contract.example"}
    refuse = {**HEADERS, DUPLICATES: "allowSave=false"}
    records.create(("Lead", records.lead(**twin)))
    (stopped,) = records.graphs(records.lead_graph(refuse, **twin))
    (passed,) = records.graphs(records.lead_graph(HEADERS, **twin))
    outer = graph_under_outer_headers(org, records, HEADERS, **twin)
    if stopped.successful:
        told = "not to be seen: no duplicate rule of this org stops a copy"
    elif passed.successful:
        told = "yes: allowSave=true on the node lets a copy pass that allowSave=false stops"
    else:
        told = f"not to be seen: {outcome(passed)}, also with allowSave=true"
    measured(place.name, "Headers on the nodes of a graph count", told)
    measured(place.name, "The same headers on the call alone", outer)


def test_what_a_node_that_names_an_inherited_header_gets(place: Place, org: Org, records: Records):
    measured(
        place.name,
        "A node that names Accept",
        graph_with_an_inherited_header(org, records),
    )


def test_how_a_repeat_with_the_same_key_is_answered(place: Place, packaged: Records):
    key = packaged.key()
    packaged.graphs(packaged.delivery(key))
    (again,) = packaged.graphs(packaged.delivery(key))
    assert not again.successful
    (error,) = again.errors
    measured(
        place.name,
        "A repeat with the same key",
        f"{outcome(again)}; fields {list(error.fields)}; “{error.message.split(':')[0]}”",
    )


def test_after_how_many_refused_graphs_the_rest_is_not_tried(place: Place, records: Records):
    bad = [records.lead_graph(LastName=None) for _ in range(16)]
    results = records.graphs(*bad, records.lead_graph())
    tried = [result for result in results if not result.not_attempted]
    last = results[-1]
    measured(
        place.name,
        "Refused graphs of one call that are tried",
        f"{len(tried)} of 16; the good one after them is "
        f"{'not tried' if last.not_attempted else outcome(last)}",
    )


def test_whether_a_describe_tells_when_it_changed(place: Place, org: Org):
    first = described(org, "Lead")
    assert first.status == 200
    date = str(first.headers.get("Last-Modified") or "")
    later = described(org, "Lead", {"If-Modified-Since": hours_from_now(24)})
    measured(place.name, "Last-Modified of a describe", date or "none")
    measured(place.name, "If-Modified-Since on a describe in composite", f"HTTP {later.status}")

    # Whether the date moves when rights change shows between two runs with a change in between.
    seen = {"date": date, "content": fingerprint(first.body)}
    fact = f"describe of Lead in {org.organization()['Id']}"
    before = remembered(place.name, fact)
    if not before or before["content"] == seen["content"]:
        told = "not to be seen: the describe of Lead is as it was, or this is the first run"
    else:
        told = "yes" if before["date"] != seen["date"] else "NO: never ask with If-Modified-Since"
    measured(place.name, "Last-Modified moves when a describe changes", told)
    remember(place.name, fact, seen)


def test_how_the_lead_mapping_can_be_read(place: Place, org: Org):
    rows = rows_or_none(org._door, "SELECT Id, Metadata FROM LeadConvertSettings")
    told = "not by this user" if rows is None else f"{len(rows)} row(s)"
    measured(place.name, "The lead mapping by the Tooling API", told)
    found = lead_mapping_by_metadata_api(org._door)
    told = "not by this user" if found is None else f"{len(found.fields)} field(s)"
    measured(place.name, "The lead mapping by the Metadata API", told)


def test_what_of_the_limits_this_user_is_told(place: Place, org: Org):
    limits = org.limits()
    wanted = ("DailyApiRequests", "DataStorageMB", "FileStorageMB", "HourlySyncReportRuns")
    told = ", ".join(
        f"{name} {limits[name]['Max']}" if name in limits else f"no {name}" for name in wanted
    )
    measured(place.name, "Limits told to this user", told)


def test_what_a_dead_token_is_answered_by_userinfo(place: Place, org: Org):
    library = org._door._ready()
    answer = org._door.session.get(
        f"{org._door.origin}/services/oauth2/userinfo",
        headers={"Authorization": f"Bearer {library.session_id[:15]}!dead"},
    )
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    text = answer.text.strip()[:40] if "html" not in kind else "a page"
    measured(place.name, "A dead token at userinfo", f"HTTP {answer.status_code} {kind} {text}")


def test_whether_a_sandbox_tells_its_kind(place: Place, org: Org):
    found = org.describe("Organization").fields
    hints = [name for name in found if "sandbox" in name.lower() or "license" in name.lower()]
    measured(place.name, "Fields of Organization about the sandbox", ", ".join(sorted(hints)))


def test_what_more_than_two_hundred_records_are_answered(place: Place, org: Org, records: Records):
    """Nothing can be written: the records are of no object."""
    body = {"allOrNone": True, "records": [{"attributes": {"type": "Nonsense__c"}}] * 201}
    with pytest.raises(SalesforceError) as caught:
        org._door.write("composite/sobjects", body)
    told = f"HTTP {caught.value.status} {caught.value.code}"
    measured(place.name, "A collection of 201 records", told)
