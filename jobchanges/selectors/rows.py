"""Tabs and rows: a touched record field by field, with every difference explained. No queries."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.salesforce.setup_links import setup_url
from jobchanges.differences import NOT_READ, difference_of, field_reading
from jobchanges.models import Attempt, Delivery, RecordWrite, WriteRole
from jobchanges.selectors.types import ErrorView, FieldRow, RecordTab
from jobchanges.selectors.values import value_shown

# As Salesforce's own pages show a person and a company.
FIELD_ORDER = [
    *("FirstName", "LastName", "Name", "Company", "AccountId", "Title", "Email", "Phone"),
    *("Website", "NumberOfEmployees", "OwnerId", "LeadSource", "AccountSource", "Status"),
    *("CampaignId", "LeadId", "ContactId"),
    *("Street", "City", "State", "PostalCode", "Country"),
    *("MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry"),
    *("BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry"),
]


def tabs_of_attempt(delivery: Delivery, attempt: Attempt) -> list[RecordTab]:
    """The records an attempt wrote, in the order they were written."""
    writes = list(attempt.writes.all())
    attempts = list(delivery.attempts.all())
    # What stood there before may be named by the attempt that wrote it; this one's names win.
    names: dict[str, str] = {}
    for one in [*attempts, attempt]:
        names |= one.display.get("names", {})
        for write in one.writes.all():
            names |= write.names
    _name_created(names, delivery, {write.role: write.record_id for write in writes})
    return [
        _tab_of_write(delivery, attempt, write, names, _written_later(attempts, attempt, write))
        for write in writes
    ]


def tabs_of_plan(delivery: Delivery) -> list[RecordTab]:
    """The preview: what would be written, in the same shape."""
    return _tabs_planned(delivery, delivery.plan, delivery.display)


def tabs_of_attempt_plan(delivery: Delivery, attempt: Attempt) -> list[RecordTab]:
    """What an attempt sent, by its plan: also where Salesforce took nothing of it."""
    return _tabs_planned(delivery, attempt.plan, attempt.display)


def _tabs_planned(
    delivery: Delivery, plan: Mapping[str, Any], display: Mapping[str, Any]
) -> list[RecordTab]:
    names = dict(display.get("names", {}))
    _name_created(names, delivery, {})
    labels = display.get("labels", {})
    tabs = []
    for write in plan.get("writes", ()):
        object_name = write["object_name"]
        rows = [
            FieldRow(
                name=name,
                label=_label(labels, object_name, name),
                sent=value_shown(value, names),
                before=value_shown(write["before"].get(name), names),
            )
            for name, value in sorted(write["fields"].items(), key=_place)
        ]
        record_id = write.get("record_id") or ""
        tabs.append(
            RecordTab(
                key=f"plan-{delivery.pk}-{write['role']}",
                role=write["role"],
                label=role_label(write["role"], object_name, write["operation"]),
                object_name=object_name,
                object_label=object_label(object_name),
                operation=write["operation"],
                record_id=record_id,
                url=delivery.epoch.record_url(record_id) if record_id else "",
                rows=rows,
            )
        )
    return tabs


def errors_shown(attempt: Attempt, instance_url: str) -> list[ErrorView]:
    """Salesforce's errors as they were kept (`delivery/results.py` gives them their words).

    `instance_url` is the org's address as it is now. What was kept before there were places in
    Setup has none.
    """
    return [
        ErrorView(
            code=item.get("code", ""),
            message=item.get("message", ""),
            sentence=item.get("sentence", ""),
            who=item.get("who", ""),
            where=item.get("where", ""),
            fields=list(item.get("fields", ())),
            record=role_label(
                item.get("role", ""), item.get("object_name", ""), item.get("operation", "")
            ),
            setup_url=setup_url(instance_url, item.get("setup", "")),
        )
        for item in attempt.errors
    ]


def role_label(role: str, object_name: str, operation: str) -> str:
    """What a touched record is, in two words."""
    kind = object_label(object_name)
    if role == WriteRole.PERSON:
        words = _("New %(kind)s") if operation == "create" else _("Existing %(kind)s")
        return words % {"kind": kind}
    if role == WriteRole.PAST_PERSON:
        return _("Past %(kind)s") % {"kind": kind}
    if role == WriteRole.ACCOUNT:
        return _("New account") if operation == "create" else _("Existing account")
    return str(dict(WriteRole.choices).get(role, "")) if role else ""


def object_label(object_name: str) -> str:
    """What people call an object."""
    known = {
        "Lead": _("lead"),
        "Contact": _("contact"),
        "Account": _("account"),
        "CampaignMember": _("campaign member"),
    }
    return known.get(object_name, _("UserGem"))


def _tab_of_write(
    delivery: Delivery,
    attempt: Attempt,
    write: RecordWrite,
    names: Mapping[str, str],
    later: Mapping[str, tuple[int, Any]],
) -> RecordTab:
    labels = attempt.display.get("labels", {})
    extra = [
        name
        for name, value in (write.settled or write.stored or {}).items()
        if name not in write.sent and value not in (None, "")
    ]
    fields = sorted([*write.sent, *extra], key=field_place)
    # Where nothing else was written, what the org made of it is the settings' own choice.
    only = attempt.plan.get("outcome") == Delivery.Outcome.PACKAGE_ONLY
    rows = [_row(write, name, labels, names, later, left_to_flow=only) for name in fields]
    return RecordTab(
        key=f"record-{write.pk}",
        role=write.role,
        label=role_label(write.role, write.object_name, write.operation),
        object_name=write.object_name,
        object_label=object_label(write.object_name),
        operation=write.operation,
        record_id=write.record_id,
        url=delivery.epoch.record_url(write.record_id) if write.record_id else "",
        rows=rows,
        stored_at=write.stored_at,
        settled_at=write.settled_at,
        changed=any(row.changed for row in rows),
        note=_note(write),
        gone=write.gone and write.removed_at is None,
        reading=is_read_again(write),
        removed=write.removed_at is not None,
    )


def is_read_again(write: RecordWrite) -> bool:
    """Whether somebody asked to read the record again and it was not read since."""
    read, asked = write.settled_at, write.settle_due_at
    return read is not None and asked is not None and read < asked


def field_place(name: str) -> tuple[int, str]:
    """Where a field stands in a list: people's order first, the package's own fields last.

    Stored plans do not say: PostgreSQL keeps no order inside JSON.
    """
    if name in FIELD_ORDER:
        return FIELD_ORDER.index(name), ""
    return len(FIELD_ORDER) + ("__" in name), name


def _place(item: tuple[str, Any]) -> tuple[int, str]:
    return field_place(item[0])


def _note(write: RecordWrite) -> str:
    if write.removed_at is not None:
        if write.operation == RecordWrite.Operation.CREATE:
            return _("Removed by the clean-up.")
        return _("Put back as it was by the clean-up.")
    if write.gone:
        return _(
            "The record is not there any more: it was deleted in Salesforce, or is hidden from "
            "the integration user."
        )
    if write.settled_at is None and write.stored is None:
        return _("Salesforce took it. What it stored is being read.")
    if write.stored is None and write.settled is None and not write.hidden:
        return _("What Salesforce stored was read and is not kept any more.")
    return ""


def _row(
    write: RecordWrite,
    name: str,
    labels: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    later: Mapping[str, tuple[int, Any]],
    *,
    left_to_flow: bool,
) -> FieldRow:
    read = field_reading(write, name, names, later=later, left_to_flow=left_to_flow)
    before = write.before.get(name)
    filled = name in write.sent and before not in (None, "", False)
    return FieldRow(
        name=name,
        label=_label(labels, write.object_name, name),
        sent=value_shown(write.sent.get(name), names),
        stored=_read_shown(read.stored, names),
        settled=_read_shown(read.settled, names),
        before=value_shown(before, names),
        replaced=value_shown(before, names) if filled and before != write.sent[name] else "",
        difference=difference_of(read),
    )


def _read_shown(value: Any, names: Mapping[str, str]) -> str | None:
    return None if value is NOT_READ else value_shown(value, names)


def _written_later(
    attempts: Iterable[Attempt], attempt: Attempt, write: RecordWrite
) -> dict[str, tuple[int, Any]]:
    """What later attempts wrote to the same record: by field, the attempt's number and value."""
    return {
        name: (other.number, value)
        for other in attempts
        if other.number > attempt.number
        for later in other.writes.all()
        if later.record_id == write.record_id
        for name, value in later.sent.items()
    }


def _name_created(names: dict[str, str], delivery: Delivery, ids: Mapping[str, str]) -> None:
    """Let references and new ids read as what they are: the person, the company."""
    job_change = delivery.job_change
    words = {"person": job_change.person_name, "account": job_change.new_company_name}
    for role, record_id in ids.items():
        if record_id:
            names[f"id:{role}"] = record_id
            if words.get(role):
                names.setdefault(record_id, words[role])
    for role, word in words.items():
        if word:
            names.setdefault(role, word)


def _label(labels: Mapping[str, Mapping[str, str]], object_name: str, name: str) -> str:
    """The field's label in the org, else its API name in words."""
    found = labels.get(object_name, {}).get(name)
    if found:
        return found.removesuffix(" ID") if name.endswith("Id") else found
    return name.removesuffix("__c").split("__")[-1].removesuffix("Id")
