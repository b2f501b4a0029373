"""Salesforce's own kind of error, as an exception that knows its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """One error: code and text as the platform words them, and the fields it is about."""

    code: str
    message: str
    fields: list[str] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def single(self) -> dict[str, Any]:
        """The shape of single-record calls: `errorCode`, and `fields` only for record errors."""
        body: dict[str, Any] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None and not self.extra:
            body["fields"] = self.fields
        return body

    def collected(self) -> dict[str, Any]:
        """The shape inside a collections answer: `statusCode`, always with `fields`."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


class SalesforceError(Exception):
    """A refusal with its HTTP status; `faults` has at least one entry."""

    def __init__(self, faults: Sequence[Fault], status: int = 400) -> None:
        super().__init__(faults[0].code)
        self.faults = list(faults)
        self.status = status

    @property
    def body(self) -> list[dict[str, Any]]:
        """The JSON of a single call that failed."""
        return [fault.single() for fault in self.faults]


def refuse(
    code: str, message: str, fields: list[str] | None = None, status: int = 400
) -> SalesforceError:
    """One error, ready to be raised."""
    return SalesforceError([Fault(code, message, fields)], status)


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """404 for an unknown, deleted or invisible object, record or address."""
    return refuse("NOT_FOUND", message, status=404)


UNSUPPORTED_TYPE = (
    "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure "
    "to append the '__c' after the entity name. Please reference your WSDL or the describe call "
    "for the appropriate names."
)
NO_COLUMN = (
    "No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, "
    "be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
    "describe call for the appropriate names."
)
