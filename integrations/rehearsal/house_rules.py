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
    """A flow of the customer's that does something a while after a record was created.

    It sets `field` to `value`; with `makes_person` it makes the lead or contact that a record of
    the package's object tells of instead, as the record mode "Flow template" has it.
    """

    sobject: str
    name: str
    field: str = ""
    value: str = ""
    after_seconds: float = 60.0
    makes_person: bool = False


@dataclass(frozen=True)
class RecordType:
    """A record type beside the master."""

    sobject: str
    developer_name: str
    label: str
    default: bool = False


@dataclass(frozen=True)
class Role:
    """A role; `parent` is the name of the one above, empty at the top."""

    name: str
    parent: str = ""


@dataclass(frozen=True)
class CustomField:
    """A custom field of the customer's own; `type` in the words of a describe.

    `reference_to` is the object a lookup points to. `filled` is what the records that are there
    when it is laid on have in it, in turn; an empty text leaves one out.
    """

    sobject: str
    name: str
    label: str
    type: str = "string"
    length: int = 255
    digits: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    required: bool = False
    restricted: bool = False
    reference_to: str = ""
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldChange:
    """What is other about a field than in a fresh org; what is left out stays as it is.

    `values` are those of a picklist, made restricted by `restricted`; `missing`: not there.
    """

    type: str = ""
    length: int = 0
    required: bool | None = None
    values: tuple[str, ...] = ()
    restricted: bool | None = None
    missing: bool = False


@dataclass(frozen=True)
class ExtraLayout:
    """A page layout beside the standard one, for the profiles named, on records of every type.

    `with_package`: the administrator put the package's fields and related lists on it.
    """

    sobject: str
    name: str
    profiles: tuple[str, ...] = ()
    with_package: bool = True


@dataclass(frozen=True)
class CampaignChange:
    """What is other about a campaign; what is left out stays as it is."""

    missing: bool = False
    active: bool | None = None
    # Member statuses, the first of them the default.
    statuses: tuple[str, ...] = ()
