"""Every shape an error comes in, and what it means for the customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.catalogue import explain
from integrations.salesforce.errors import ApiError, Family, error_in_cell, parse_errors
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
