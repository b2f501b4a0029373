"""The platform reference's catalogue of errors (3.2) as data: code, class, text, and what we say.

`doc` is the reference's class: retry, reauth, admin, data, bug, or "-" for a row that only points
at another one. `family` is ours; where it is not the plain reading of the class, `why` says so.
`setup` is where "Open in Setup" leads for a record of Lead; "" where Setup has no page for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.salesforce.families import Family

AGAIN, CUSTOMER, WE = Family.TRY_AGAIN, Family.CUSTOMER_MUST_ACT, Family.WE_MUST_ACT
LEAD = "ObjectManager/Lead/"
FIELDS = f"{LEAD}FieldsAndRelationships/view"
DAY = "TotalRequests Limit exceeded."
AT_ONCE = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
SEND_AGAIN = "somebody at the customer's undoes it, or the job change is sent again"
OUR_VALUE = "the value is ours to correct: the customer has nowhere to change it"


@dataclass(frozen=True)
class Row:
    code: str
    doc: str
    family: Family
    text: str
    fields: tuple[str, ...] = ()
    status: int = 400
    setup: str = ""
    why: str = ""

    @property
    def body(self) -> list[dict[str, object]]:
        error: dict[str, object] = {"message": self.text, "errorCode": self.code}
        return [{**error, "fields": list(self.fields)} if self.fields else error]

    def __str__(self) -> str:
        return f"{self.code}-{self.text[:20]}"


# What a call of any kind may be answered with.
CALLS = (
    Row("INVALID_SESSION_ID", "reauth", CUSTOMER, "Session expired or invalid", status=401),
    Row(
        "INVALID_SESSION_ID",
        "reauth",
        CUSTOMER,
        "This session is not valid for use with the REST API",
        status=401,
        setup="PermSets/home",
    ),
    Row(
        "INVALID_SESSION_ID",
        "reauth",
        CUSTOMER,
        "Connected app is not attached to Agent",
        status=401,
        setup="PermSets/home",
    ),
    Row("INVALID_AUTH_HEADER", "bug", WE, "INVALID_HEADER_TYPE", status=401),
    Row("REQUEST_LIMIT_EXCEEDED", "retry", AGAIN, DAY, status=403, setup="CompanyProfileInfo/home"),
    Row("REQUEST_LIMIT_EXCEEDED", "retry", AGAIN, AT_ONCE, status=403),
    Row("SERVER_UNAVAILABLE", "retry", AGAIN, "Server unavailable", status=503),
    Row(
        "UNKNOWN_EXCEPTION",
        "retry",
        AGAIN,
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)",
        status=500,
    ),
    Row(
        "QUERY_TIMEOUT",
        "bug/retry",
        WE,
        "Your query request was running for too long.",
        why="the same question would time out again; ours is to ask in smaller parts",
    ),
    Row("OPERATION_TOO_LARGE", "bug/retry", WE, "exceeded 100000 distinct ids", why="as above"),
    Row(
        "EXCEEDED_ID_LIMIT",
        "bug/retry",
        WE,
        "record limit reached. cannot submit more than 200 records in this request",
        why="as above",
    ),
    Row(
        "API_DISABLED_FOR_ORG",
        "admin",
        CUSTOMER,
        "The REST API is not enabled for this Organization.",
        status=403,
        setup="CompanyProfileInfo/home",
    ),
    Row(
        "API_CURRENTLY_DISABLED",
        "admin",
        CUSTOMER,
        "API is disabled for this User",
        status=403,
        setup="PermSets/home",
    ),
    Row(
        "INVALID_TYPE",
        "admin/bug",
        CUSTOMER,
        "sObject type 'UserGem__UserGem__c' is not supported. If you are attempting to use a "
        "custom object, be sure to append the '__c' after the entity name.",
        setup="PermSets/home",
    ),
    Row(
        "INVALID_FIELD",
        "admin/bug",
        CUSTOMER,
        "\nSELECT Id, X__c FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column "
        "'X__c' on entity 'Lead'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name.",
        setup=FIELDS,
    ),
    Row(
        "NOT_FOUND",
        "admin/bug",
        CUSTOMER,
        "The requested resource does not exist",
        status=404,
        setup="PermSets/home",
    ),
    Row(
        "INSUFFICIENT_ACCESS",
        "admin",
        CUSTOMER,
        "You do not have permission to view this record.",
        status=403,
        setup="SecuritySharing/home",
    ),
    Row(
        "TXN_SECURITY_METERING_ERROR",
        "admin",
        CUSTOMER,
        "The transaction security policy stopped the operation",
        setup="TransactionSecurityNew/home",
    ),
    Row("MALFORMED_QUERY", "bug", WE, "unexpected token: 'FORM'"),
    Row("MALFORMED_SEARCH", "bug", WE, "search term must be longer than one character: x"),
    Row("JSON_PARSER_ERROR", "bug", WE, "Unexpected character ('x' (code 120))"),
    Row(
        "METHOD_NOT_ALLOWED",
        "bug",
        WE,
        "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET,POST",
        status=405,
    ),
    Row("INVALID_QUERY_LOCATOR", "retry", AGAIN, "invalid query locator"),
    Row("UNSUPPORTED_API_VERSION", "bug", WE, "The requested resource is gone", status=410),
    Row("APEX_ERROR", "admin", CUSTOMER, "System.Exception: x", setup="ApexClasses/home"),
    Row(
        "APEX_REST_SERVICES_DISABLED",
        "admin",
        CUSTOMER,
        "Apex REST services are disabled",
        status=403,
        setup="PermSets/home",
    ),
    Row(
        "STORAGE_LIMIT_EXCEEDED",
        "admin",
        CUSTOMER,
        "storage limit exceeded",
        setup="CompanyResourceDisk/home",
    ),
)

# What a record may be refused with, inside a graph or a collection.
RECORDS = (
    Row(
        "UNABLE_TO_LOCK_ROW",
        "retry",
        AGAIN,
        "unable to obtain exclusive access to this record or 1 records: 0015g00000AbCdEAAV",
    ),
    Row(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "admin",
        CUSTOMER,
        "Unable to create/update fields: X__c. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set.",
        ("X__c",),
        setup=FIELDS,
    ),
    Row(
        "INVALID_FIELD",
        "admin/bug",
        CUSTOMER,
        "No such column 'X__c' on sobject of type Lead",
        setup=FIELDS,
    ),
    Row(
        "INVALID_FIELD",
        "data",
        CUSTOMER,
        "Foreign key external ID: 0116 not found for field F__c in entity E__c",
        why="the missing parent is the customer's record",
    ),
    Row(
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "admin",
        CUSTOMER,
        "insufficient access rights on object id",
        setup="PermSets/home",
    ),
    Row(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "admin",
        CUSTOMER,
        "insufficient access rights on cross-reference id: 0015g00000AbCdE",
        setup="SecuritySharing/home",
    ),
    Row(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "admin",
        CUSTOMER,
        "ns.LeadTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException: "
        "Attempt to de-reference a null object",
        setup="ApexTriggers/home",
    ),
    Row(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "retry",
        AGAIN,
        "ns.LeadTrigger: execution of AfterUpdate\n\ncaused by: System.DmlException: Update "
        "failed. first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record",
    ),
    Row(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "retry",
        AGAIN,
        "ns.LeadTrigger: System.LimitException: ns:Apex CPU time limit exceeded",
    ),
    Row(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "admin",
        CUSTOMER,
        "entity type cannot be inserted: Lead",
        setup="PermSets/home",
    ),
    Row(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "admin",
        CUSTOMER,
        "We can't save this record because the “Route leads” process failed.",
        setup="Flows/home",
    ),
    Row(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "admin",
        CUSTOMER,
        "Industry is required on new accounts.",
        setup=f"{LEAD}ValidationRules/view",
    ),
    Row(
        "REQUIRED_FIELD_MISSING",
        "admin/data",
        CUSTOMER,
        "Required fields are missing: [Name]",
        ("Name",),
        setup=FIELDS,
    ),
    Row(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "admin",
        CUSTOMER,
        "Lead Source: bad value for restricted picklist field: UserGems",
        ("LeadSource",),
        setup=FIELDS,
    ),
    Row(
        "STRING_TOO_LONG",
        "data",
        CUSTOMER,
        "Title: data value too large: Vice… (max length=25)",
        ("Title",),
        setup=FIELDS,
        why="the customer can widen the field, or tell us to shorten",
    ),
    Row(
        "INVALID_EMAIL_ADDRESS",
        "data",
        WE,
        "Email: invalid email address: badone",
        ("Email",),
        why=OUR_VALUE,
    ),
    Row("NUMBER_OUTSIDE_VALID_RANGE", "data/bug", WE, "Employees: too large", why=OUR_VALUE),
    Row("JSON_PARSER_ERROR", "data/bug", WE, "Cannot deserialize instance of date", why=OUR_VALUE),
    Row("INVALID_DATE", "data/bug", WE, "invalid date", why=OUR_VALUE),
    Row("INVALID_DATE_FORMAT", "data/bug", WE, "invalid date format", why=OUR_VALUE),
    Row("INVALID_DATE_SOMETHING_ELSE", "data/bug", WE, "the family INVALID_DATE…", why=OUR_VALUE),
    Row("MALFORMED_ID", "bug", WE, "Account ID: id value of incorrect type: 0035g00000AbCdE"),
    Row(
        "INVALID_CROSS_REFERENCE_KEY",
        "admin",
        CUSTOMER,
        "Record Type ID: this ID value isn't valid for the user: 0125g00000AbCdE",
        ("RecordTypeId",),
    ),
    Row("INVALID_CROSS_REFERENCE_KEY", "admin", CUSTOMER, "invalid cross reference id"),
    Row(
        "DUPLICATE_VALUE",
        "data",
        CUSTOMER,
        "duplicate value found: X__c duplicates value on record with id: 00Q5g00000AbCdE",
        setup=FIELDS,
        why="the other record with that value is the customer's",
    ),
    Row(
        "DUPLICATE_VALUE",
        "data",
        AGAIN,
        "Already a campaign member.",
        why="counts as done: matched again, the plan leaves it out",
    ),
    Row(
        "DUPLICATES_DETECTED",
        "admin/data",
        CUSTOMER,
        "Use one of these records?",
        setup="DuplicateRules/home",
    ),
    Row("ENTITY_IS_DELETED", "data", CUSTOMER, "entity is deleted", why=SEND_AGAIN),
    Row(
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "data",
        CUSTOMER,
        "cannot reference converted lead",
        why=SEND_AGAIN,
    ),
    Row(
        "INACTIVE_OWNER_OR_USER",
        "admin",
        CUSTOMER,
        "operation performed with inactive user [0055g00000AbCdE] as owner of lead",
        setup="ManageUsers/home",
    ),
    Row(
        "FIELD_INTEGRITY_EXCEPTION",
        "data/admin",
        CUSTOMER,
        "There's a problem with this state, even though it may appear correct. Please select a "
        "state from the list of valid states.",
        setup=FIELDS,
    ),
    Row(
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "admin",
        CUSTOMER,
        "Value does not exist or does not match filter criteria.",
        ("AccountId",),
        setup=FIELDS,
    ),
    Row(
        "STORAGE_LIMIT_EXCEEDED",
        "admin",
        CUSTOMER,
        "storage limit exceeded",
        setup="CompanyResourceDisk/home",
    ),
    Row("CANNOT_DO_SOMETHING_NEW", "admin", CUSTOMER, "the reference's “CANNOT_… others”"),
    Row("SOMETHING_NOBODY_KNOWS", "-", WE, "Ein Text in der Sprache des Benutzers"),
)
NEIGHBOURS = (
    Row(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "-",
        AGAIN,
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header",
    ),
    Row(
        "PROCESSING_HALTED",
        "-",
        AGAIN,
        "The transaction was rolled back since another operation in the same transaction failed.",
    ),
)
PLAIN_READING = {
    "retry": AGAIN,
    "reauth": CUSTOMER,
    "admin": CUSTOMER,
    "admin/bug": CUSTOMER,
    "admin/data": CUSTOMER,
    "bug": WE,
}


def in_graph(*rows: Row) -> dict[str, object]:
    """The answer to one graph `g1` whose node `person` was refused for all of these."""
    errors = [error for row in rows for error in row.body]
    part = {"body": errors, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "person"}
    response = {"compositeResponse": [part]}
    return {"graphs": [{"graphId": "g1", "graphResponse": response, "isSuccessful": False}]}
