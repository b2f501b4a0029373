"""Page layouts reduced to names, in every shape the platform gives them (reference, 2.7)."""

from typing import Any

import pytest

from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18
from tests.salesforce.conftest import NOT_FOUND, says

MASTER = "012000000000000AAA"
PARTNER = id18("0125g00000AbCdE")
HIDDEN = id18("0125g00000AbCdF")
LAYOUT = id18("00h5g00000AbCdE")
OTHER_LAYOUT = id18("00h5g00000AbCdF")
PATH = "/services/data/v66.0/sobjects/Lead/describe/layouts"


def item(*names: str, kind: str = "Field", **more: Any) -> dict[str, Any]:
    components = [
        {"displayLines": 1, "tabOrder": 3, "type": kind, "value": name, "details": {"name": name}}
        for name in names
    ]
    return {
        "editableForNew": True,
        "editableForUpdate": True,
        "label": names[0] if names else "",
        "placeholder": False,
        "required": False,
        "layoutComponents": components,
        **more,
    }


def section(heading: str, *items: dict[str, Any]) -> dict[str, Any]:
    rows = [{"numItems": 1, "layoutItems": [one]} for one in items]
    return {"heading": heading, "columns": 2, "rows": len(rows), "layoutRows": rows}


def layout(layout_id: str, *sections: dict[str, Any], lists: Any = ()) -> dict[str, Any]:
    return {
        "id": layout_id,
        "buttonLayoutSection": {},
        "detailLayoutSections": list(sections),
        "editLayoutSections": [],
        "relatedLists": list(lists),
    }


def mapped(type_id: str, name: str, layout_id: str, **more: Any) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": False,
        "developerName": name,
        "layoutId": layout_id,
        "master": type_id == MASTER,
        "name": name,
        "picklistsForRecordType": [],
        "recordTypeId": type_id,
        **more,
    }


def layouts(found: Any, *mappings: dict[str, Any]) -> dict[str, Any]:
    return {
        "layouts": found,
        "recordTypeMappings": list(mappings),
        "recordTypeSelectorRequired": [False],
    }


def composite(*parts: tuple[int, Any]) -> Any:
    answers = [
        {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": f"r{place}"}
        for place, (status, body) in enumerate(parts)
    ]
    return says(200, {"compositeResponse": answers})


COMMON = section("Lead Information", item("LastName", required=True), item("LeadSource"))


def test_the_one_layout_of_an_object_is_read_with_its_sections(org, server):
    locked = section(
        "UserGems", item("UserGem__Score__c", editableForUpdate=False), item(kind="EmptySpace")
    )
    master = mapped(MASTER, "Master", LAYOUT, defaultRecordTypeMapping=True)
    server.then(says(200, layouts([layout(LAYOUT, COMMON, locked)], master)))
    (found,) = org.layouts("Lead")
    assert (found.record_type.master, found.record_type.default) == (True, True)
    assert found.layout is not None
    assert [
        (each.heading, [(field.name, field.required, field.editable) for field in each.fields])
        for each in found.layout.sections
    ] == [
        ("Lead Information", [("LastName", True, True), ("LeadSource", False, True)]),
        ("UserGems", [("UserGem__Score__c", False, False)]),
    ]
    assert found.layout.field_names == {"LastName", "LeadSource", "UserGem__Score__c"}
    assert server.paths == [PATH]


def test_fields_inside_a_name_or_an_address_are_found(org, server):
    address = item("Address", kind="Address")
    address["layoutComponents"][0]["components"] = [
        {"type": "Field", "value": "Street"},
        {"type": "Field", "value": "City"},
    ]
    page = item("SomePage", kind="VisualforcePage")
    answer = layouts(
        [layout(LAYOUT, section("Address", address, page))], mapped(MASTER, "Master", LAYOUT)
    )
    server.then(says(200, answer))
    (found,) = org.layouts("Lead")
    assert found.layout is not None
    assert found.layout.field_names == {"Street", "City"}


def test_related_lists_come_with_their_columns(org, server):
    members = {
        "name": "CampaignMembers",
        "label": "Campaign History",
        "sobject": "CampaignMember",
        "field": "LeadId",
        "custom": False,
        "limitRows": 5,
        "columns": [
            {"field": "Campaign.Name", "fieldApiName": "Campaign.Name", "name": "Campaign.Name"},
            {"field": "Status", "fieldApiName": None, "name": "Status"},
        ],
        "sort": [],
        "buttons": None,
    }
    answer = layouts([layout(LAYOUT, COMMON, lists=[members])], mapped(MASTER, "Master", LAYOUT))
    server.then(says(200, answer))
    (found,) = org.layouts("Lead")
    assert found.layout is not None
    (listed,) = found.layout.related_lists
    assert (listed.name, listed.label) == ("CampaignMembers", "Campaign History")
    assert (listed.object_name, listed.field) == ("CampaignMember", "LeadId")
    assert listed.columns == ("Campaign.Name", "Status")


def test_an_object_with_several_record_types_is_asked_for_each_in_one_call(org, server):
    server.then(
        says(
            200,
            layouts(
                None,
                mapped(PARTNER, "Partner", OTHER_LAYOUT, defaultRecordTypeMapping=True),
                mapped(MASTER, "Master", LAYOUT),
                mapped(HIDDEN, "Hidden", LAYOUT, available=False),
            ),
        ),
        composite(
            (200, layout(OTHER_LAYOUT, section("Partner", item("Title")))),
            (200, layout(LAYOUT, COMMON)),
        ),
    )
    partner, master, hidden = org.layouts("Lead")
    assert partner.layout is not None
    assert partner.layout.field_names == {"Title"}
    assert master.layout is not None
    assert master.layout.field_names == {"LastName", "LeadSource"}
    assert hidden.layout is None
    assert [part["url"] for part in server.seen[1].json["compositeRequest"]] == [
        f"{PATH}/{PARTNER}",
        f"{PATH}/{MASTER}",
    ]
    assert org.calls == 2


def test_eleven_record_types_take_three_calls_more(org, server):
    types = [id18(f"0125g0000{number:06d}") for number in range(11)]
    server.then(says(200, layouts(None, *[mapped(one, one, LAYOUT) for one in types])))
    for size in (5, 5, 1):
        server.then(composite(*[(200, layout(LAYOUT, COMMON))] * size))
    assert len([one for one in org.layouts("Lead") if one.layout]) == 11
    assert org.calls == 4


def test_a_record_type_whose_layout_is_gone_has_none(org, server):
    server.then(says(200, layouts(None, mapped(PARTNER, "Partner", LAYOUT))))
    server.then(composite((404, NOT_FOUND)))
    (found,) = org.layouts("Lead")
    assert found.layout is None


def test_a_refusal_of_one_layout_is_told(org, server):
    refused = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]
    server.then(says(200, layouts(None, mapped(PARTNER, "Partner", LAYOUT))))
    server.then(composite((500, refused)))
    with pytest.raises(SalesforceError) as caught:
        org.layouts("Lead")
    assert caught.value.code == "UNKNOWN_EXCEPTION"


def test_an_answer_of_megabytes_is_reduced_to_names(org, server):
    long = item("LeadSource")
    long["layoutComponents"][0]["details"] = {"help": "x" * 3_000_000}
    server.then(
        says(200, layouts([layout(LAYOUT, section("S", long))], mapped(MASTER, "M", LAYOUT)))
    )
    assert len(repr(org.layouts("Lead"))) < 1_000


def test_an_object_that_is_hidden_has_no_layouts_to_tell(org, server):
    server.then(says(404, NOT_FOUND))
    with pytest.raises(SalesforceError) as caught:
        org.layouts("UserGem__UserGem__c")
    assert caught.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"layouts": []},
        layouts("none", mapped(MASTER, "Master", LAYOUT)),
        layouts([{}], mapped(MASTER, "Master", LAYOUT)),
        layouts([layout("x", COMMON)], mapped(MASTER, "Master", LAYOUT)),
        layouts([layout(LAYOUT, {"heading": "No rows"})], mapped(MASTER, "Master", LAYOUT)),
        layouts([layout(LAYOUT, section("S", {"required": True}))], mapped(MASTER, "M", LAYOUT)),
        layouts([layout(LAYOUT, COMMON, lists=["CampaignMembers"])], mapped(MASTER, "M", LAYOUT)),
        layouts([layout(LAYOUT, COMMON)], {"recordTypeId": 7}),
    ],
    ids=range(10),
)
def test_layouts_of_odd_form_are_not_believed(org, server, answer):
    server.then(says(200, answer))
    with pytest.raises(SalesforceError) as caught:
        org.layouts("Lead")
    assert caught.value.code == "UNEXPECTED_ANSWER"


def test_a_name_that_could_change_the_address_is_not_sent(org, server):
    with pytest.raises(ValueError, match="API name"):
        org.layouts("Lead/../User")
    assert server.seen == []
