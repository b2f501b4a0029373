"""Whatever an org, a proxy or a stranger answers: nothing comes out but our own families.

More than 500 answers in all, over the wire: types swapped, keys missing, HTML, huge, empty, cut,
badly packed, no UTF-8, odd heads. Every method of the client and every call of the sign-in.
"""

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.oauth import calls
from integrations.oauth.id_token import IdTokenInvalid, id_token_verify
from integrations.salesforce import oauth
from integrations.salesforce.client import Graph, Node, Org, Record
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.errors import Family, OutcomeUnknown, SalesforceError
from integrations.salesforce.oauth import OAuthError
from integrations.salesforce.together import Read
from jobchanges.delivery.results import refusal_kept
from tests.salesforce.conftest import Tokens, rows
from tests.salesforce.wild import LARGEST, WildServer, answers, proper, start

CONFIG = ClientConfig(
    "66.0",
    ("127.0.0.1",),
    connect_timeout=2,
    read_timeout=3,
    write_timeout=3,
    largest_answer=LARGEST,
)
LEAD, USER, ORG = "00Q5g00000AbCdEEAV", "0055g00000AbCdEEAV", "00D5g000008AbCdEAK"
LAYOUT, PAGE, REPORT, RUN = (
    "00h5g00000AbCdEEAV",
    "0M05g00000AbCdEEAV",
    "00O5g00000AbCdEEAV",
    "0LG5g00000AbCdEEAV",
)
HEADERS = {
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=false",
}
FIELD = {
    "name": "Email",
    "label": "Email",
    "type": "email",
    "length": 80,
    "picklistValues": [{"active": True, "value": "x"}],
    "referenceTo": ["Account"],
}
TYPE = {
    "active": True,
    "available": True,
    "defaultRecordTypeMapping": True,
    "developerName": "Master",
    "master": True,
    "name": "Master",
    "recordTypeId": "012000000000000AAA",
    "layoutId": LAYOUT,
}
DESCRIBE = {
    "name": "Lead",
    "label": "Lead",
    "keyPrefix": "00Q",
    "fields": [FIELD],
    "recordTypeInfos": [TYPE],
    "childRelationships": [{"childSObject": "Task", "field": "WhoId", "relationshipName": "T"}],
}
LAYOUTS = {
    "layouts": [
        {
            "id": LAYOUT,
            "detailLayoutSections": [
                {
                    "heading": "Lead",
                    "layoutRows": [
                        {
                            "layoutItems": [
                                {
                                    "required": True,
                                    "editableForUpdate": True,
                                    "layoutComponents": [{"type": "Field", "value": "Email"}],
                                }
                            ]
                        }
                    ],
                }
            ],
            "relatedLists": [{"name": "T", "columns": [{"name": "Id", "fieldApiName": "Id"}]}],
        }
    ],
    "recordTypeMappings": [TYPE],
}
REPORT_ANSWER = {
    "attributes": {"status": "Success"},
    "allData": True,
    "factMap": {"T!T": {"rows": [{"dataCells": [{"label": "A", "value": "1"}]}]}},
    "reportMetadata": {
        "name": "R",
        "reportFormat": "TABULAR",
        "detailColumns": ["A"],
        "reportFilters": [{"column": "A", "operator": "equals", "value": "x"}],
    },
    "reportExtendedMetadata": {"detailColumnInfo": {"A": {"label": "A", "dataType": "string"}}},
}
SOAP = (
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><readMetadataResponse><result>'
    b"<records><objectMapping><mappingFields><inputField>A__c</inputField><outputField>B__c"
    b"</outputField></mappingFields><outputObject>Contact</outputObject></objectMapping></records>"
    b"</result></readMetadataResponse></soapenv:Body></soapenv:Envelope>"
)
USERINFO = {"user_id": USER, "organization_id": ORG, "sub": f"https://x/id/{ORG}/{USER}"}
GRAPH = Graph("g1", [Node("POST", "Lead", None, "person", {"LastName": "Doe"})])
GRAPHS = {
    "graphs": [
        {
            "graphId": "g1",
            "isSuccessful": True,
            "graphResponse": {
                "compositeResponse": [
                    {
                        "referenceId": "person",
                        "httpStatusCode": 201,
                        "httpHeaders": {},
                        "body": {"id": LEAD, "success": True, "errors": []},
                    }
                ]
            },
        }
    ]
}
ROW = {"id": LEAD, "success": True, "errors": []}
REFUSED_ROW = {"success": False, "errors": [{"statusCode": "A_B", "message": "m", "fields": []}]}
TOKEN = {
    "access_token": "00D!x",
    "refresh_token": "5Aep",
    "id": f"https://test.salesforce.com/id/{ORG}/{USER}",
    "issued_at": "1795350000123",
    "scope": "api",
}


def composite(*parts: Any) -> dict[str, Any]:
    return {
        "compositeResponse": [
            {"referenceId": f"r{n}", "httpStatusCode": 200, "httpHeaders": {}, "body": part}
            for n, part in enumerate(parts)
        ]
    }


def page(*records: dict[str, Any]) -> dict[str, Any]:
    return rows(*records, more="/services/data/v66.0/query/01g5g00000AbCdE-2000")


@dataclasses.dataclass(frozen=True)
class Case:
    """A call, and the good answers it would get, in their order."""

    name: str
    call: Callable[[Org], Any]
    good: tuple[Any, ...]
    writes: bool = False

    def __str__(self) -> str:
        return self.name


ONE = [Record("Lead", {"LastName": "Doe"})]
READS = [
    Case("versions", lambda org: org.versions(), ([{"version": "66.0"}],)),
    Case("limits", lambda org: org.limits(), ({"DailyApiRequests": {"Max": 5}},)),
    Case("organization", lambda org: org.organization(), (rows({"Id": ORG, "Name": "Acme"}),)),
    Case("userinfo", lambda org: org.userinfo(), (USERINFO,)),
    Case(
        "running_user",
        lambda org: org.running_user(),
        (USERINFO, rows({"Id": USER}), rows({"PermissionsModifyAllData": False})),
    ),
    Case(
        "package_version",
        lambda org: org.package_version("UserGem"),
        (
            rows(
                {
                    "SubscriberPackage": {"NamespacePrefix": "UserGem"},
                    "SubscriberPackageVersionId": "04t" + "1" * 15,
                }
            ),
            rows({"MajorVersion": 1, "MinorVersion": 42, "PatchVersion": 0, "BuildNumber": 1}),
        ),
    ),
    Case("object_names", lambda org: org.object_names(), ({"sobjects": [{"name": "Lead"}]},)),
    Case("describe", lambda org: org.describe("Lead"), (DESCRIBE,)),
    Case("describes", lambda org: org.describes(["Lead"]), (composite(DESCRIBE),)),
    Case(
        "read_together",
        lambda org: org.read_together([Read.query("SELECT Id FROM Lead"), Read.describe("Lead")]),
        (composite(rows({"Id": LEAD}), DESCRIBE),),
    ),
    Case("layouts", lambda org: org.layouts("Lead"), (LAYOUTS,)),
    Case(
        "layouts of types",
        lambda org: org.layouts("Lead"),
        ({**LAYOUTS, "layouts": None}, composite(LAYOUTS["layouts"][0])),
    ),
    Case("query", lambda org: org.query("SELECT Id FROM Lead"), (page({"Id": LEAD}), rows())),
    Case(
        "query_all",
        lambda org: org.query_all("SELECT Id FROM Lead", deleted=True, batch=200),
        (rows({"Id": LEAD, "Owner": {"Name": "A"}, "Tasks": rows({"Id": "1"})}),),
    ),
    Case(
        "queries",
        lambda org: org.queries(["SELECT Id FROM Lead"] * 2),
        (composite(rows({"Id": LEAD}), rows()),),
    ),
    Case(
        "records_get",
        lambda org: org.records_get([("Lead", [LEAD], ["Email"])]),
        (composite([{"Id": LEAD, "Email": "a@b.c"}, None]),),
    ),
    Case("record_get", lambda org: org.record_get("Lead", LEAD, ["Email"]), ({"Id": LEAD},)),
    Case(
        "record_counts",
        lambda org: org.record_counts(["Lead"]),
        ({"sObjects": [{"count": 1, "name": "Lead"}]},),
    ),
    Case("tooling_query", lambda org: org.tooling_query("SELECT Id FROM X"), (rows({"Id": "1"}),)),
    Case(
        "tooling_metadata",
        lambda org: org.tooling_metadata("Layout", LAYOUT),
        (rows({"Metadata": {"a": 1}}),),
    ),
    Case(
        "sandboxes",
        lambda org: org.sandboxes(),
        (rows({"SandboxName": "full", "SandboxOrganization": ORG[:15]}),),
    ),
    Case(
        "page_layouts",
        lambda org: org.page_layouts("X__c"),
        (rows({"DurableId": "01I1"}), rows({"Id": LAYOUT, "Name": "L"})),
    ),
    Case(
        "page_layout",
        lambda org: org.page_layout(LAYOUT),
        (
            rows(
                {
                    "Metadata": {
                        "layoutSections": [
                            {
                                "layoutColumns": [
                                    {"layoutItems": [{"field": "X", "behavior": "Edit"}]}
                                ]
                            }
                        ],
                        "relatedLists": [{"relatedList": "T", "fields": ["A"]}],
                    }
                }
            ),
        ),
    ),
    Case(
        "layout_assignments",
        lambda org: org.layout_assignments([LAYOUT]),
        (rows({"LayoutId": LAYOUT, "ProfileId": "00e5g00000AbCdEEAV", "RecordTypeId": None}),),
    ),
    Case(
        "record_page",
        lambda org: org.record_page(PAGE),
        (
            rows(
                {
                    "Metadata": {
                        "flexiPageRegions": [
                            {
                                "itemInstances": [
                                    {"fieldInstance": {"fieldItem": "Record.X__c"}},
                                    {"componentInstance": {"componentName": "force:detailPanel"}},
                                ]
                            }
                        ]
                    }
                }
            ),
        ),
    ),
    Case(
        "lead_mapping",
        lambda org: org.lead_mapping(),
        (
            rows(
                {
                    "Metadata": {
                        "objectMapping": [
                            {
                                "outputObject": "Contact",
                                "mappingFields": [{"inputField": "A", "outputField": "B"}],
                            }
                        ]
                    }
                }
            ),
        ),
    ),
    Case(
        "lead_mapping_by_metadata_api",
        lambda org: org.lead_mapping_by_metadata_api(),
        (SOAP,),
    ),
    Case("lead_mapping by SOAP", lambda org: org.lead_mapping(), (None, SOAP)),
    Case("reports", lambda org: org.reports(), (rows({"Id": REPORT, "Name": "R"}),)),
    Case("report_describe", lambda org: org.report_describe(REPORT), (REPORT_ANSWER,)),
    Case("report_run", lambda org: org.report_run(REPORT), (REPORT_ANSWER,)),
    Case("report_instance", lambda org: org.report_instance(REPORT, RUN), (REPORT_ANSWER,)),
]
WRITES = [
    Case("graphs", lambda org: org.graphs([GRAPH]), (GRAPHS,), True),
    Case(
        "records_create",
        lambda org: org.records_create(ONE * 2, headers=HEADERS),
        ([ROW, REFUSED_ROW],),
        True,
    ),
    Case(
        "records_update",
        lambda org: org.records_update([Record("Lead", {"Title": "x"}, LEAD)], headers=HEADERS),
        ([ROW],),
        True,
    ),
    Case(
        "records_upsert",
        lambda org: org.records_upsert(
            [Record("X__c", {"K__c": "a"})], external_id="K__c", headers=HEADERS
        ),
        ([{**ROW, "created": True}],),
        True,
    ),
    Case("records_delete", lambda org: org.records_delete([LEAD]), ([ROW],), True),
    Case(
        "report_start",
        lambda org: org.report_start(REPORT),
        ({"id": RUN, "status": "New"},),
        True,
    ),
]
CASES = [*READS, *WRITES]
SIGN_IN: dict[str, tuple[Callable[[str], Any], dict[str, Any]]] = {
    "exchange": (
        lambda url: oauth.token_exchange(
            login_url=url,
            client_id="x",
            client_secret="s",
            code="c",
            code_verifier="v",
            redirect_uri="https://portal.example/",
            config=CONFIG,
        ),
        TOKEN,
    ),
    "refresh": (
        lambda url: oauth.token_refresh(
            login_url=url, client_id="x", client_secret="s", refresh_token="r", config=CONFIG
        ),
        TOKEN,
    ),
    "revoke": (lambda url: oauth.token_revoke(login_url=url, token="r", config=CONFIG), {}),
    "userinfo": (
        lambda url: oauth.userinfo(instance_url=url, access_token="t", config=CONFIG),
        USERINFO,
    ),
    "keys": (lambda url: calls.keys_get(host=url), {"keys": [{"kid": "1", "kty": "RSA"}]}),
}
EACH = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
assert 15 * (len(CASES) + len(SIGN_IN)) >= 500


@pytest.fixture(scope="module")
def wild() -> Iterator[WildServer]:
    server, httpd = start()
    yield server
    httpd.shutdown()
    httpd.server_close()


def org_at(wild: WildServer) -> Org:
    return Org(
        instance_url=wild.url,
        tokens=Tokens(),
        config=CONFIG,
        production=True,
        sleep=lambda seconds: None,
    )


def answers_of(case: Case, data: st.DataObject) -> list[bytes]:
    """Good answers up to one of them, which is wild, as is what follows."""
    place = data.draw(st.integers(0, len(case.good) - 1), label="from which answer on")
    before = [proper(good) if good is not None else TOOLING_REFUSED for good in case.good[:place]]
    good = case.good[place]
    return [
        *before,
        *data.draw(st.lists(answers({} if good is None else good), min_size=1, max_size=3)),
    ]


TOOLING_REFUSED = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 47\r\n\r\n"
    b'[{"errorCode":"INVALID_TYPE","message":"no  "}]'
)


def error_of(call: Callable[[], Any], kind: type[Exception]) -> Any:
    """What of our own it raised, None for nothing; anything else goes on to fail the test."""
    try:
        call()
    except kind as error:
        return error
    return None


def can_be_kept(value: Any) -> None:
    """Every database takes it: no null characters, no half characters, no odd numbers."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, default=_as_data)
    text.encode()
    # An escaped backslash before u0000 is only text.
    assert "\\u0000" not in text.replace("\\\\", "")


def _as_data(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, SalesforceError):
        # One part of a call that was refused.
        return {"code": value.code}
    return sorted(value) if isinstance(value, set | frozenset) else dict(value)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_good_answers_are_understood(wild, case):
    """Else what follows would try nothing but the first step."""
    good = [proper(each) if each is not None else TOOLING_REFUSED for each in case.good]
    wild.then(good)
    org = org_at(wild)
    can_be_kept(case.call(org))
    assert wild.requests == len(good)
    org.close()


@pytest.mark.parametrize("case", CASES, ids=str)
@EACH
@given(data=st.data())
def test_a_client_method_raises_nothing_but_our_families(wild, case, data):
    wild.then(answers_of(case, data))
    org = org_at(wild)
    error = error_of(lambda: can_be_kept(case.call(org)), SalesforceError)
    org.close()
    if error is not None:
        assert error.family in Family
        assert error.sentence
        assert error.who
        assert len(str(error)) < 1_000
        can_be_kept([refusal_kept(error), str(error)])
        assert isinstance(error, OutcomeUnknown) or error.code != "OUTCOME_UNKNOWN"
    assert org.usage is None or 0 < org.usage.limit < 10**9
    if case.writes and wild.requests > 1:
        # Only a refused token may be followed by one more sending.
        assert wild.requests == 2


@pytest.mark.parametrize("name", SIGN_IN)
@EACH
@given(data=st.data())
def test_the_sign_in_raises_nothing_but_its_own(wild, name, data):
    call, good = SIGN_IN[name]
    wild.then([data.draw(answers({**good, "instance_url": wild.url}))])
    error = error_of(lambda: can_be_kept(call(wild.url)), OAuthError)
    if error is not None:
        assert error.family in Family
        assert len(error.code) <= 100
        can_be_kept([error.code, error.description, str(error)])
    assert wild.requests == 1


def in_base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": [1]}, {"keys": [{"kid": "1"}]}])
@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        "\ud800.x.y",
        *(
            f"{in_base64(head)}.{in_base64(body)}.x"
            for head in (b'{"alg":"RS256","kid":"1"}', b"[]", b'{"a":' * 5_000, b'{"alg":{}}')
            for body in (b"{}", b"null", b'{"exp":1e999,"a":"\xff"}')
        ),
    ],
)
def test_an_id_token_of_any_shape_is_refused_in_our_words(token, keys):
    with pytest.raises(IdTokenInvalid):
        id_token_verify(token, keys=keys, client_id="x", issuers=["https://x"], nonce="n")


@pytest.mark.parametrize("size", [LARGEST + 100, 50 * LARGEST])
def test_an_answer_without_end_is_given_up_and_not_asked_for_again(wild, size):
    body = b'["' + b"x" * size + b'"]'
    wild.then([proper(body)])
    org = org_at(wild)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert (caught.value.code, caught.value.family) == ("ANSWER_TOO_LARGE", Family.WE_MUST_ACT)
    assert wild.requests == 1
    with pytest.raises(OutcomeUnknown):
        org.graphs([GRAPH])
    org.close()


def test_an_answer_just_within_the_size_is_read(wild):
    wild.then([proper({"a": "x" * (LARGEST - 100)})])
    org = org_at(wild)
    assert len(org.limits()["a"]) == LARGEST - 100
    org.close()
