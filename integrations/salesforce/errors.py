"""What can go wrong with a call, as exceptions and as plain data.

`SalesforceError` carries what a customer may read (`sentence`, `where`), what staff read
(`code`, `message`, `detail`) and the family that decides what happens next. Texts of Salesforce
are kept in `message`; nothing here holds a token or a whole body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from integrations.salesforce.answers import json_checked, json_read, text_cleaned
from integrations.salesforce.catalogue import NEIGHBOURS, explain, is_concurrent_limit
from integrations.salesforce.families import Explanation, Family

__all__ = [
    "ApiError",
    "ConnectionLost",
    "Explanation",
    "Family",
    "LimitReached",
    "OutcomeUnknown",
    "SalesforceError",
    "error_for",
    "error_in_cell",
    "errors_in",
    "parse_errors",
]

_LONGEST_MESSAGE = 2_000
_LONGEST_CODE = 100
# As many errors, and fields of one, as anybody reads.
_MOST = 50


@dataclass(frozen=True)
class ApiError:
    """One error as Salesforce gave it: code, text, fields."""

    code: str
    message: str = ""
    fields: tuple[str, ...] = ()

    @property
    def explanation(self) -> Explanation:
        """The error in a customer's words."""
        return explain(self.code, self.message, self.fields)

    def explained(self, object_name: str) -> Explanation:
        """The same for a record of this object: the place in Setup is then the object's."""
        return explain(self.code, self.message, self.fields, object_name)

    @property
    def family(self) -> Family:
        """Who has to act."""
        return self.explanation.family

    @property
    def is_neighbour(self) -> bool:
        """Whether it only says that another record of the same transaction failed."""
        return self.code in NEIGHBOURS


class SalesforceError(Exception):
    """Salesforce refused a call, or could not be asked."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        fields: Sequence[str] = (),
        status: int | None = None,
        detail: str = "",
        errors: Sequence[ApiError] = (),
        family: Family | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors) or (ApiError(code, message, tuple(fields)),)
        self.explanation = explain(code, message, self.fields)
        self.family = family or self.explanation.family

    @property
    def sentence(self) -> str:
        """Cause and next step, for the customer."""
        return self.explanation.sentence

    @property
    def who(self) -> str:
        """Who fixes it, for the customer."""
        return self.explanation.who

    @property
    def where(self) -> str:
        """Where to click, for the customer; may be empty."""
        return self.explanation.where

    @property
    def setup_path(self) -> str:
        """The place in the org's Setup, as `setup_links.setup_url` takes it; may be empty."""
        return self.explanation.setup_path

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.code}{status} {self.detail}".strip()


class OutcomeUnknown(SalesforceError):
    """A write got no answer, a cut one, a 5xx or a page: it may or may not have happened."""

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__("OUTCOME_UNKNOWN", status=status, detail=detail)


class ConnectionLost(SalesforceError):
    """The tokens are dead; only a person who connects again can help."""

    def __init__(
        self,
        code: str = "INVALID_SESSION_ID",
        message: str = "",
        *,
        status: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(
            code, message, status=status, detail=detail, family=Family.CUSTOMER_MUST_ACT
        )

    @property
    def sentence(self) -> str:
        """Cause and next step, for the customer, whatever the code."""
        return explain("INVALID_SESSION_ID").sentence


class LimitReached(SalesforceError):
    """The org takes no more calls: `daily` for hours, otherwise for seconds. Nothing was done."""

    @property
    def daily(self) -> bool:
        """Whether the limit of 24 hours is used up, and not only too many calls at one time."""
        return not is_concurrent_limit(self.message)


def parse_errors(status: int, content_type: str, body: bytes | str | object) -> list[ApiError]:
    """The errors of an answer that is no success, in any shape (platform reference, 3.1).

    `body` is the text of the answer or JSON that has been read already. Never empty: an answer
    without a code of Salesforce's becomes `HTTP_<status>`, without its text, which may be a page.
    """
    value = _json_or_text(body)
    if status == 300:
        return [ApiError("MULTIPLE_CHOICES")]
    if isinstance(value, dict | list):
        found = errors_in(value)
        if found:
            return found[:_MOST]
        return [ApiError(f"HTTP_{status}")]
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("<") and (found := _errors_in_xml(text)):
        return found[:_MOST]
    if "html" in content_type.lower() or text.startswith("<") or 300 <= status < 400:
        return [ApiError(f"HTTP_{status}")]
    plain = re.sub(r"[\s\x00-\x1f]+", " ", text)[:200].strip()
    if re.fullmatch(r"[A-Za-z]+(?:_[A-Za-z]+)+", plain):
        return [ApiError(plain[:_LONGEST_CODE])]
    return [ApiError(f"HTTP_{status}", plain)]


def errors_in(value: object) -> list[ApiError]:
    """The errors inside parsed JSON: a list, one object, a failed result, or OAuth's shape."""
    if isinstance(value, list):
        return [error for item in value for error in errors_in(item)]
    if not isinstance(value, Mapping):
        return []
    inner = value.get("errors")
    if isinstance(inner, list) and "success" in value:
        return errors_in(inner)
    code = value.get("errorCode") or value.get("statusCode") or value.get("error")
    if not isinstance(code, str) or not code.strip():
        return []
    message = value.get("message") or value.get("error_description")
    named = value.get("fields")
    fields = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    return [
        ApiError(
            code.strip()[:_LONGEST_CODE],
            message[:_LONGEST_MESSAGE] if isinstance(message, str) else "",
            tuple(name[:_LONGEST_CODE] for name in fields[:_MOST]),
        )
    ]


def error_in_cell(text: str) -> ApiError:
    """The error in a cell of a Bulk API result: `CODE:message:FIELD, FIELD --`."""
    code, _, rest = text.partition(":")
    message, _, named = rest.rpartition(":")
    fields = [name.strip() for name in named.removesuffix("--").split(",")]
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", code) or not rest:
        return ApiError("UNEXPECTED_ANSWER", text_cleaned(text)[:_LONGEST_MESSAGE])
    return ApiError(
        code[:_LONGEST_CODE],
        text_cleaned(message)[:_LONGEST_MESSAGE],
        tuple(name[:_LONGEST_CODE] for name in fields if name)[:_MOST],
    )


def error_for(errors: Sequence[ApiError], status: int, detail: str = "") -> SalesforceError:
    """The exception for an answer that Salesforce refused; the first real error gives the code."""
    main = next((error for error in errors if not error.is_neighbour), errors[0])
    kind: type[SalesforceError] = SalesforceError
    if main.code == "REQUEST_LIMIT_EXCEEDED":
        kind = LimitReached
    return kind(
        main.code,
        main.message,
        fields=main.fields,
        status=status,
        detail=detail,
        errors=errors,
    )


def _errors_in_xml(text: str) -> list[ApiError]:
    """`<Errors><Error><errorCode>…</errorCode><message>…</message></Error></Errors>`."""
    codes = re.findall(r"<errorCode>([A-Za-z0-9_]{1,100})</errorCode>", text)
    said = re.findall(r"<message>([^<]*)</message>", text)
    messages = said if len(said) == len(codes) else [""] * len(codes)
    return [
        ApiError(code, unescape(message)[:_LONGEST_MESSAGE])
        for code, message in zip(codes, messages, strict=True)
    ]


def _json_or_text(body: bytes | str | object) -> Any:
    """What the body says as JSON, else its text; None for JSON that nobody should walk through."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", errors="replace")
    if isinstance(body, str):
        try:
            return json_read(body)
        except ValueError:
            return text_cleaned(body)
    try:
        return json_checked(body)
    except ValueError:
        return None
