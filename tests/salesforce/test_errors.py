"""Every shape an error comes in, and what it means for the customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.catalogue import explain
from integrations.salesforce.errors import (
    ApiError,
    ConnectionLost,
    Family,
    error_for,
    error_in_cell,
    parse_errors,
)
from integrations.salesforce.messages import MESSAGES

JSON = "application/json;charset=UTF-8"

# Every code of the platform reference, 3.2.
CODES = """
INVALID_SESSION_ID INVALID_AUTH_HEADER REQUEST_LIMIT_EXCEEDED SERVER_UNAVAILABLE UNKNOWN_EXCEPTION
UNABLE_TO_LOCK_ROW QUERY_TIMEOUT OPERATION_TOO_LARGE EXCEEDED_ID_LIMIT
ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED
INVALID_FIELD_FOR_INSERT_UPDATE INVALID_FIELD INVALID_TYPE NOT_FOUND INSUFFICIENT_ACCESS
INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY
CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER FIELD_CUSTOM_VALIDATION_EXCEPTION
REQUIRED_FIELD_MISSING INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST STRING_TOO_LONG
INVALID_EMAIL_ADDRESS NUMBER_OUTSIDE_VALID_RANGE JSON_PARSER_ERROR INVALID_DATE MALFORMED_ID
INVALID_CROSS_REFERENCE_KEY DUPLICATE_VALUE DUPLICATES_DETECTED ENTITY_IS_DELETED
CANNOT_UPDATE_CONVERTED_LEAD INACTIVE_OWNER_OR_USER FIELD_INTEGRITY_EXCEPTION
FIELD_FILTER_VALIDATION_EXCEPTION STORAGE_LIMIT_EXCEEDED TXN_SECURITY_METERING_ERROR
MALFORMED_QUERY MALFORMED_SEARCH METHOD_NOT_ALLOWED INVALID_QUERY_LOCATOR UNSUPPORTED_API_VERSION
APEX_ERROR APEX_REST_SERVICES_DISABLED
"""


@pytest.mark.parametrize("code", CODES.split())
def test_every_code_of_the_reference_is_explained(code):
    assert code in MESSAGES


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_explanation_is_said_as_the_product_speaks(code):
    for fields in ((), ("Industry", "X__c")):
        found = explain(code, "", fields)
        assert found.sentence[0].isupper()
        assert found.sentence.endswith(".")
        for word in ("{", "!", "please", code, "exception", "Error"):
            assert word not in found.sentence
        assert found.who
        assert "{" not in found.where
        assert (
            found.where
            or found.family is not Family.CUSTOMER_MUST_ACT
            or code
            in {
                "CIRCULAR_DEPENDENCY",
                "DELETE_FAILED",
                "DUPLICATE_EXTERNAL_ID",
                "CANNOT_UPDATE_CONVERTED_LEAD",
                "MULTIPLE_CHOICES",
            }
        )


@pytest.mark.parametrize(
    ("status", "content_type", "body", "codes"),
    [
        (400, JSON, '[{"message":"m","errorCode":"A_B","fields":["X"]}]', ["A_B"]),
        (400, JSON, '[{"errorCode":"A_B","message":"m"},{"errorCode":"C_D"}]', ["A_B", "C_D"]),
        (400, JSON, '{"errorCode":"A_B","message":"m"}', ["A_B"]),
        (400, JSON, '{"error":"invalid_grant","error_description":"x"}', ["invalid_grant"]),
        (400, JSON, '{"success":false,"errors":[{"statusCode":"A_B","fields":[]}]}', ["A_B"]),
        (300, JSON, '["/services/data/v66.0/sobjects/Lead/1"]', ["MULTIPLE_CHOICES"]),
        (304, "", "", ["HTTP_304"]),
        (302, "text/html", "<html>moved</html>", ["HTTP_302"]),
        (403, "text/plain", "Bad_OAuth_Token", ["Bad_OAuth_Token"]),
        (503, "text/html", "<html><h1>Maintenance</h1></html>", ["HTTP_503"]),
        (500, "application/xml", "<?xml version='1.0'?><e/>", ["HTTP_500"]),
        (
            400,
            "application/xml",
            "<Error><errorCode>A_B</errorCode><message>a &amp; b</message></Error>",
            ["A_B"],
        ),
        (400, JSON, '{"errorCode":"' + "A" * 500 + '"}', ["A" * 100]),
        (400, JSON, '{"errorCode":"HTTP_²"}', ["HTTP_²"]),
        (400, JSON, '[{"errorCode":"A_B","mess', ["HTTP_400"]),
        (400, JSON, "", ["HTTP_400"]),
        (400, JSON, "[]", ["HTTP_400"]),
        (400, JSON, "null", ["HTTP_400"]),
        (400, JSON, '[null, 5, {"errorCode": 7}]', ["HTTP_400"]),
    ],
)
def test_every_shape_is_read(status, content_type, body, codes):
    assert [error.code for error in parse_errors(status, content_type, body)] == codes
    assert [error.code for error in parse_errors(status, content_type, body.encode())] == codes


@given(st.integers(300, 599), st.text(), st.binary() | st.text())
def test_any_answer_at_all_becomes_at_least_one_error(status, content_type, body):
    assert parse_errors(status, content_type, body)


def test_a_page_never_becomes_a_message():
    (error,) = parse_errors(503, "text/html", "<html>secret words</html>")
    assert error.message == ""
    assert "secret" not in error.explanation.sentence


def test_an_unknown_code_is_ours_with_code_and_text_kept():
    error = ApiError("SOMETHING_NEW", "A text in the user’s language")
    assert error.family is Family.WE_MUST_ACT
    assert (error.code, error.message) == ("SOMETHING_NEW", "A text in the user’s language")


def test_a_lock_inside_a_trigger_is_tried_again_and_other_causes_are_not():
    frame = "ns.LeadTrigger: execution of BeforeInsert\n\ncaused by: System.DmlException: {}"
    code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    lock = explain(code, frame.format("UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"))
    slow = explain(code, frame.format("System.LimitException: Apex CPU time limit exceeded"))
    null = explain(code, frame.format("System.NullPointerException: Attempt to de-reference"))
    assert [one.family for one in (lock, slow, null)] == [
        Family.TRY_AGAIN,
        Family.TRY_AGAIN,
        Family.CUSTOMER_MUST_ACT,
    ]


def test_the_fields_salesforce_names_stand_in_sentence_and_place():
    found = explain("INVALID_FIELD_FOR_INSERT_UPDATE", "…", ["LeadSource", "Phone"])
    assert "LeadSource, Phone" in found.sentence
    assert "LeadSource, Phone" in found.where


def test_a_neighbour_of_the_real_error_is_marked():
    assert ApiError("PROCESSING_HALTED").is_neighbour
    assert not ApiError("DUPLICATE_VALUE").is_neighbour


def test_a_field_that_only_the_text_names_is_named_in_the_sentence():
    text = (
        "\nSELECT Id, X__c FROM Lead\n    ^\nERROR at Row:1:Column:12\nNo such column 'X__c' on …"
    )
    assert "make X__c visible" in explain("INVALID_FIELD", text).sentence
    assert "make a field visible" in explain("INVALID_FIELD", "Keine solche Spalte").sentence


def test_a_value_of_our_own_query_is_not_taken_for_a_field():
    query = "SELECT X__c FROM Lead WHERE LastName = 'Doe' OR Company = 'Acme'"
    text = f"\n{query}\n    ^\nERROR at Row:1:Column:8\nNo such column 'X__c' on entity 'Lead'."
    found = explain("INVALID_FIELD", text)
    assert "make X__c visible" in found.sentence
    assert "/ObjectManager/Lead/" in found.setup_path


def test_missing_rights_on_an_object_are_not_taken_for_a_trigger():
    code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    rights = explain(code, "entity type cannot be inserted: Lead")
    assert "may not create" in rights.sentence
    assert "trigger" not in rights.sentence
    # In another language only the general words are sure.
    assert "or the integration user may not" in explain(code, "…").sentence


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        (
            "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: "
            "0015g00000AbCdEAAV:--",
            ApiError(
                "UNABLE_TO_LOCK_ROW",
                "unable to obtain exclusive access to this record or 1 records: 0015g00000AbCdEAAV",
            ),
        ),
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --",
            ApiError(
                "REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", ("Company",)
            ),
        ),
        (
            "INVALID_FIELD_FOR_INSERT_UPDATE:no:A__c, B__c --",
            ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "no", ("A__c", "B__c")),
        ),
        ("something else", ApiError("UNEXPECTED_ANSWER", "something else")),
        ("", ApiError("UNEXPECTED_ANSWER", "")),
    ],
)
def test_the_cell_of_a_bulk_result_is_read(cell, error):
    assert error_in_cell(cell) == error


@given(st.text())
def test_any_cell_at_all_is_read(cell):
    assert error_in_cell(cell).explanation.sentence


def test_a_text_that_no_database_takes_is_made_harmless():
    body = b'[{"errorCode":"A_B","message":"a\\u0000b\\ud800c","fields":["X\\u0000"]}]'
    (error,) = parse_errors(400, JSON, body)
    assert (error.message, error.fields) == ("ab\ufffdc", ("X",))


@pytest.mark.parametrize("code", ["INVALID_SESSION_ID", "invalid_grant", "SOMETHING_NEW"])
def test_a_lost_connection_is_the_customers_to_renew_whatever_the_code(code):
    lost = ConnectionLost(code, "said so")
    assert lost.family is Family.CUSTOMER_MUST_ACT
    assert "Connect the org again" in lost.sentence


@pytest.mark.parametrize("code", ["PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"])
def test_the_cause_is_not_a_neighbour_though_the_neighbour_comes_first(code):
    cause = ApiError("STRING_TOO_LONG", "too long", ("City",))
    found = error_for([ApiError(code), cause], 400)
    assert (found.code, found.fields, found.family) == (
        "STRING_TOO_LONG",
        ("City",),
        Family.CUSTOMER_MUST_ACT,
    )
    assert [error.code for error in found.errors] == [code, "STRING_TOO_LONG"]
    assert error_for([ApiError(code)], 400).code == code


def test_texts_that_mean_something_mean_it_only_with_their_code():
    texts = [
        "UNABLE_TO_LOCK_ROW, unable to obtain exclusive access",
        "entity type cannot be inserted: Lead",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        "This session is not valid for use with the REST API",
        "Foreign key external ID: 5 not found for field X__c in entity Account",
        "Already a campaign member.",
        "expired access/refresh token",
        "No such column 'X__c' on entity 'Lead'",
    ]
    for code in ("STRING_TOO_LONG", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "SOMETHING_NEW"):
        plain = explain(code, "")
        assert all(explain(code, text) == plain for text in texts)


@pytest.mark.parametrize(
    "cause", ["UNABLE_TO_LOCK_ROW: x", "Apex CPU time limit exceeded", "QUERY_TIMEOUT"]
)
def test_a_lock_inside_a_flow_is_tried_again(cause):
    code = "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert explain(code, f"We can't save this record because … {cause}").family is Family.TRY_AGAIN
    assert explain(code, "We can't save this record").family is Family.CUSTOMER_MUST_ACT


@pytest.mark.parametrize("code", ["INVALID_DATE_TIME", "INVALID_DATE_RANGE"])
def test_codes_about_dates_are_said_alike(code):
    assert explain(code, "", ["X__c"]) == explain("INVALID_DATE", "", ["X__c"])


def test_the_way_through_setup_names_the_object_as_object_manager_lists_it():
    rule = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Object Manager → Account → Validation" in explain(rule, "", [], "Account").where
    assert "→ Campaign Member →" in explain(rule, "", [], "CampaignMember").where
    assert "→ the object →" in explain(rule, "", [], "UserGem__UserGem__c").where


def test_a_duplicate_alert_names_the_setting_as_the_settings_page_does():
    """The words on both pages are the same, so that the tick is found."""
    sentence = explain("DUPLICATES_DETECTED").sentence
    assert "Save records although a duplicate rule alerts" in sentence
