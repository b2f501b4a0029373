"""The description of the intake for programs (OpenAPI 3.1), made from what the import knows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from jobchanges.imports.columns import (
    ADDRESSES,
    COLUMNS,
    DATES,
    EMAILS,
    ID_PREFIXES,
    REQUIRED_CELLS,
)
from jobchanges.imports.rows import LENGTHS, MOST_EMPLOYEES
from jobchanges.intake.reading import JSON, LARGEST_BODY, LIST, MOST_ITEMS, NDJSON
from jobchanges.models import ImportRow, Kind

PATH = "/api/job-changes"
_PROBLEM = "application/problem+json"
EXAMPLE: dict[str, Any] = {
    "id": "jc-07-00072",
    "kind": "joined",
    "first_name": "Cathy",
    "last_name": "Manning",
    "past_email": "cmanning@lowes.example",
    "past_company_name": "Lowe's",
    "relationship_type": "User",
    "new_email": "cmanning@swedbank.example",
    "new_company_name": "Swedbank",
    "new_company_domain": "swedbank.example",
    "new_company_employees": 15614,
    "new_title": "Director of Customer Success",
    "job_started_date": "2026-03-27",
    "is_target_company": False,
    "detected_at": "2026-04-01T18:39:00Z",
}


def document(site_url: str) -> dict[str, Any]:
    """The whole document; `site_url` is where this site is reached."""
    listed = {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": _ref("JobChange")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "UserGems onboarding portal: intake of job changes",
            "version": "1.0.0",
            "description": _(
                "Hand in job changes of one customer. Every one is answered for by itself. The "
                "id makes it repeatable: what is known with the same contents is left alone, "
                "what is known with other contents is reported and left alone. After a lost "
                "answer, send the same request again."
            ),
        },
        "servers": [{"url": site_url}],
        "security": [{"bearer": []}, {"header": []}],
        "paths": {
            PATH: {
                "post": {
                    "operationId": "handInJobChanges",
                    "summary": _("Hand in job changes"),
                    "parameters": [
                        {
                            "name": "customer",
                            "in": "query",
                            "required": True,
                            "description": _("The customer's short name in the portal"),
                            "schema": {"type": "string"},
                        }
                    ],
                    "requestBody": {
                        "required": True,
                        "description": _("At most %(most)d job changes and %(size)d MB.")
                        % {"most": MOST_ITEMS, "size": LARGEST_BODY // 1024 // 1024},
                        "content": {
                            JSON: {
                                "schema": {
                                    "oneOf": [
                                        listed,
                                        {
                                            "type": "object",
                                            "required": [LIST],
                                            "additionalProperties": False,
                                            "properties": {LIST: listed},
                                        },
                                    ]
                                },
                                "example": {LIST: [EXAMPLE]},
                            },
                            NDJSON[0]: {
                                "schema": {
                                    "type": "string",
                                    "description": _("One JSON object of a job change a line"),
                                }
                            },
                        },
                    },
                    "responses": _responses(),
                }
            }
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
            "schemas": {"JobChange": _job_change(), "Report": _report(), "Problem": _problem()},
        },
    }


def _responses() -> dict[str, Any]:
    refused = {
        400: _("The body cannot be read, or broke off. Nothing was taken."),
        401: _("The key is missing or unknown."),
        404: _("The key knows no such customer."),
        405: _("Another method than POST."),
        411: _("The body has no Content-Length."),
        413: _("Too large, or too many job changes. Nothing was taken."),
        415: _("Neither JSON nor NDJSON."),
        429: _("Too many requests; Retry-After says how long to wait."),
    }
    return {
        "200": {
            "description": _("Read; what became of each job change stands in the items."),
            "content": {JSON: {"schema": _ref("Report")}},
        },
        **{
            str(status): {
                "description": words,
                "content": {_PROBLEM: {"schema": _ref("Problem")}},
            }
            for status, words in refused.items()
        },
    }


def _job_change() -> dict[str, Any]:
    return {
        "type": "object",
        "description": _(
            "One of past_email, past_contact_id and past_lead_id is needed. joined needs "
            "new_company_name, promotion needs new_title, left has no new job."
        ),
        "required": list(REQUIRED_CELLS),
        "additionalProperties": False,
        "properties": {name: _field(name) for name in COLUMNS},
    }


def _field(name: str) -> dict[str, Any]:
    """Each may be left out, null or "" where it is not required; numbers also as text."""
    if name == "kind":
        return {"enum": list(Kind.values)}
    if name == "is_target_company":
        return {"type": ["boolean", "string", "null"]}
    if name == "new_company_employees":
        return {"type": ["integer", "string", "null"], "minimum": 0, "maximum": MOST_EMPLOYEES}
    schema: dict[str, Any] = {"type": "string" if name in REQUIRED_CELLS else ["string", "null"]}
    if name in LENGTHS:
        schema["maxLength"] = LENGTHS[name]
    if name in REQUIRED_CELLS:
        schema["minLength"] = 1
    if name == "detected_at":
        schema |= {"format": "date-time", "description": _("With its time zone")}
    elif name in DATES:
        schema["description"] = _("A date such as 2026-04-01")
    elif name in EMAILS:
        schema["description"] = _("An e-mail address")
    elif name in ADDRESSES:
        schema["description"] = _("A web address")
    elif name in ID_PREFIXES:
        schema["description"] = _("A Salesforce id that begins with %(prefix)s") % {
            "prefix": ID_PREFIXES[name]
        }
    return schema


def _report() -> dict[str, Any]:
    outcomes = [outcome.value for outcome in ImportRow.Outcome]
    number = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["customer", "import", "counts", "items"],
        "properties": {
            "customer": {"type": "string"},
            "import": {"type": "integer", "description": _("The import on the managers' desk")},
            "counts": {
                "type": "object",
                "required": outcomes,
                "properties": dict.fromkeys(outcomes, number),
            },
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["line", "id", "outcome", "reasons"],
                    "properties": {
                        "line": {
                            "type": "integer",
                            "description": _("Its place in the list, or its line; from 1"),
                        },
                        "id": {"type": "string"},
                        "outcome": {"enum": outcomes},
                        "reasons": {"type": "array", "items": {"type": "string"}},
                    },
                },
            },
        },
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["status", "title", "detail"],
        "properties": {
            "status": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string", "description": _("What was wrong, and the way out")},
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
