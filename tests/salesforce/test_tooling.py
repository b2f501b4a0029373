"""Set-up through the Tooling API: what is there, and what we may not ask (reference, 4.3–4.6)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.salesforce.errors import Family, SalesforceError
from integrations.salesforce.ids import id18
from tests.salesforce.conftest import rows, says

SANDBOX = "00D8b000000NwFu"
LAYOUT = id18("00h5g00000AbCdE")
OTHER_LAYOUT = id18("00h5g00000AbCdF")
PROFILE = id18("00e5g00000AbCdE")
RECORD_TYPE = id18("0125g00000AbCdE")
PAGE = id18("0M05g00000AbCdE")


def tooling(*records: dict[str, Any]) -> Any:
    answer = {"size": len(records), "queryLocator": None, "entityTypeName": "X", **rows(*records)}
    return says(200, answer)


def refused(code: str, status: int = 400) -> Any:
    return says(status, [{"errorCode": code, "message": "sObject type is not supported."}])


def asked(server: Any) -> list[str]:
    return [parse_qs(urlsplit(path).query)["q"][0] for path in server.paths]


def sandbox(name: str, org_id: str | None, **more: Any) -> dict[str, Any]:
    return {
        "Id": id18("0GR5g00000AbCdE"),
        "SandboxName": name,
        "SandboxOrganization": org_id,
        "LicenseType": "FULL",
        "Status": "Completed",
        "EndDate": "2026-10-05T07:31:09.000+0000",
        **more,
    }


def test_a_production_names_the_orgs_of_its_sandboxes(org, server):
    server.then(tooling(sandbox("full", SANDBOX), sandbox("new", None, Status="Processing")))
    full, new = org.sandboxes()
    assert (full.name, full.org_id15, full.license_type) == ("full", SANDBOX, "FULL")
    assert (full.status, full.end_date) == ("Completed", "2026-10-05T07:31:09.000+0000")
    assert full.is_org(id18(SANDBOX))
    assert not full.is_org(id18("00D8b000000Nwfu"))
    assert not new.is_org("")
    assert server.paths[0].startswith("/services/data/v66.0/tooling/query")


@pytest.mark.parametrize("code", ["INVALID_TYPE", "INSUFFICIENT_ACCESS", "INVALID_FIELD"])
def test_who_may_not_see_the_setup_does_not_know_the_sandboxes(org, server, code):
    server.then(refused(code))
    assert org.sandboxes() is None


def test_a_production_without_sandboxes_says_so(org, server):
    server.then(tooling())
    assert org.sandboxes() == []


def test_trouble_is_not_taken_for_a_missing_right(org, server):
    server.then(refused("REQUEST_LIMIT_EXCEEDED", 403))
    with pytest.raises(SalesforceError) as caught:
        org.sandboxes()
    assert caught.value.family is Family.TRY_AGAIN


@pytest.mark.parametrize(
    "row", [{}, sandbox("full", "x"), sandbox("full", SANDBOX, Status=7)], ids=str
)
def test_sandboxes_of_odd_form_are_not_believed(org, server, row):
    server.then(tooling(row))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.sandboxes()


def test_the_metadata_of_one_row_is_asked_for_by_its_id(org, server):
    server.then(tooling({"Id": LAYOUT, "FullName": "X", "Metadata": {"active": True}}))
    assert org.tooling_metadata("ValidationRule", LAYOUT) == {"active": True}
    assert asked(server) == [
        f"SELECT Id, FullName, Metadata FROM ValidationRule WHERE Id = '{LAYOUT}'"
    ]


def test_the_metadata_of_a_row_that_is_gone_is_empty(org, server):
    server.then(tooling())
    assert org.tooling_metadata("ValidationRule", LAYOUT) == {}


def test_metadata_we_may_not_ask_for_is_unknown(org, server):
    server.then(refused("INVALID_TYPE"))
    assert org.tooling_metadata("ValidationRule", LAYOUT) is None


@pytest.mark.parametrize(("name", "row_id"), [("Layout WHERE", LAYOUT), ("Layout", "' OR Id != '")])
def test_what_could_change_the_question_is_not_asked(org, server, name, row_id):
    with pytest.raises(ValueError, match=r".+"):
        org.tooling_metadata(name, row_id)
    assert server.seen == []


def test_the_layouts_of_an_object_and_who_sees_them(org, server):
    server.then(
        tooling({"Id": LAYOUT, "Name": "Lead Layout", "NamespacePrefix": None}),
        tooling(
            {"LayoutId": LAYOUT, "ProfileId": PROFILE, "RecordTypeId": None},
            {"LayoutId": LAYOUT, "ProfileId": PROFILE, "RecordTypeId": RECORD_TYPE},
            {"LayoutId": OTHER_LAYOUT, "ProfileId": PROFILE, "RecordTypeId": None},
        ),
    )
    (layout,) = org.page_layouts("Lead")
    assert (layout.layout_id, layout.name, layout.namespace) == (LAYOUT, "Lead Layout", "")
    found = org.layout_assignments([LAYOUT[:15]])
    assert [(one.profile_id, one.record_type_id) for one in found] == [
        (PROFILE, ""),
        (PROFILE, RECORD_TYPE),
    ]
    assert "EntityDefinitionId = 'Lead'" in asked(server)[0]


def test_the_layouts_of_a_package_object_are_found_by_its_id(org, server):
    server.then(tooling({"DurableId": "01I5g000000AbCd"}))
    server.then(tooling({"Id": LAYOUT, "Name": "UserGem Layout", "NamespacePrefix": "UserGem"}))
    (layout,) = org.page_layouts("UserGem__UserGem__c")
    assert layout.namespace == "UserGem"
    assert "EntityDefinitionId = '01I5g000000AbCd'" in asked(server)[1]


def test_an_object_the_org_does_not_have_has_no_layouts(org, server):
    server.then(tooling())
    assert org.page_layouts("UserGem__UserGem__c") == []
    assert len(server.seen) == 1


def test_layouts_we_may_not_ask_for_are_unknown(org, server):
    server.then(*[refused("INVALID_TYPE")] * 4)
    assert org.page_layouts("Lead") is None
    assert org.page_layouts("UserGem__UserGem__c") is None
    assert org.layout_assignments([LAYOUT]) is None
    assert org.page_layout(LAYOUT) is None


def test_a_layout_of_another_profile_is_read_from_its_metadata(org, server):
    content = {
        "layoutSections": [
            {
                "label": "Lead Information",
                "layoutColumns": [
                    {
                        "layoutItems": [
                            {"behavior": "Required", "field": "LastName"},
                            {"behavior": "Readonly", "field": "CreatedById"},
                            {"emptySpace": True, "field": None},
                        ]
                    },
                    {"layoutItems": None},
                ],
            },
            {"label": "Custom Links", "layoutColumns": [{"layoutItems": []}]},
        ],
        "relatedLists": [
            {"relatedList": "RelatedCampaignList", "fields": ["CAMPAIGN.NAME"]},
            {"relatedList": "UserGem__UserGem__c.UserGem__NewLead__c", "fields": None},
        ],
    }
    server.then(tooling({"Id": LAYOUT, "FullName": "Lead-Lead Layout", "Metadata": content}))
    found = org.page_layout(LAYOUT)
    assert [(one.name, one.required, one.editable) for one in found.sections[0].fields] == [
        ("LastName", True, True),
        ("CreatedById", False, False),
    ]
    standard, custom = found.related_lists
    assert (standard.name, standard.columns) == ("RelatedCampaignList", ("CAMPAIGN.NAME",))
    assert (standard.object_name, standard.field) == ("", "")
    assert (custom.object_name, custom.field) == ("UserGem__UserGem__c", "UserGem__NewLead__c")


def test_a_lightning_page_tells_its_fields_components_and_related_lists(org, server):
    single = {
        "componentInstance": {
            "componentName": "force:relatedListSingleContainer",
            "componentInstanceProperties": [
                {"name": "parentFieldApiName", "value": "Lead.Id"},
                {"name": "relatedListApiName", "value": "UserGems__r"},
            ],
        }
    }
    dynamic = {"fieldInstance": {"fieldItem": "Record.UserGem__Score__c"}}
    content = {"flexiPageRegions": [{"itemInstances": [dynamic, single]}, {"itemInstances": None}]}
    server.then(tooling({"Id": PAGE, "FullName": "Lead_Page", "Metadata": content}))
    found = org.record_page(PAGE)
    assert found.fields == ("UserGem__Score__c",)
    assert found.related_lists == ("UserGems__r",)
    assert not found.shows_page_layout


def test_a_lightning_page_may_show_the_page_layout(org, server):
    detail = {"componentInstance": {"componentName": "force:detailPanel"}}
    content = {"flexiPageRegions": [{"itemInstances": [detail]}]}
    server.then(tooling({"Id": PAGE, "FullName": "Lead_Page", "Metadata": content}))
    assert org.record_page(PAGE).shows_page_layout


def test_a_page_that_is_gone_is_none(org, server):
    server.then(tooling(), tooling())
    assert org.record_page(PAGE) is None
    assert org.page_layout(LAYOUT) is None


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"layoutSections": {}},
        {"layoutSections": [{"label": 7}]},
        {"layoutSections": [{"layoutColumns": [{"layoutItems": ["LastName"]}]}]},
        {"relatedLists": [{"fields": []}]},
    ],
    ids=str,
)
def test_layout_metadata_of_odd_form_is_not_believed(org, server, content):
    server.then(tooling({"Id": LAYOUT, "FullName": "X", "Metadata": content}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.page_layout(LAYOUT)


@pytest.mark.parametrize(
    "content",
    [
        {"flexiPageRegions": [{"itemInstances": [{"componentInstance": {"x": 1}}]}]},
        {"flexiPageRegions": [{"itemInstances": [{"fieldInstance": {"fieldItem": 7}}]}]},
    ],
    ids=str,
)
def test_page_metadata_of_odd_form_is_not_believed(org, server, content):
    server.then(tooling({"Id": PAGE, "FullName": "X", "Metadata": content}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.record_page(PAGE)
