"""What a customer can have set up in an org: rules, triggers, flows, record types, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ValidationRule:
    """A customer-made rule: refuse when all of `blank` are empty at one of the moments in `on`.

    `when` limits it to records whose field has a value, such as ("Country", "Germany").
    """

    sobject: str
    name: str
    blank: tuple[str, ...]
    message: str
    on: tuple[str, ...] = ("insert", "update")
    when: tuple[str, str] | None = None


@dataclass(frozen=True)
class DuplicateRule:
    """Standard rule on the same e-mail: `alert` may be saved past with the header, `block` not."""

    sobject: str
    action: str = "alert"
    match_on: str = "Email"


@dataclass(frozen=True)
class RequiredField:
    """A custom text field that the customer made required on every new record."""

    sobject: str
    name: str
    label: str


@dataclass(frozen=True)
class Trigger:
    """An Apex trigger of the customer's that fails: `message` is the inner exception."""

    sobject: str
    name: str
    message: str
    on: tuple[str, ...] = ("insert",)


@dataclass(frozen=True)
class Flow:
    """A flow of the customer's that sets a field a while after a record was created."""

    sobject: str
    name: str
    field: str
    value: str
    after_seconds: float = 60.0


@dataclass(frozen=True)
class RecordType:
    """A record type beside the master."""

    sobject: str
    developer_name: str
    label: str
    default: bool = False
