"""Tabs and rows: a touched record field by field, with every difference explained. No queries."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.salesforce.setup_links import setup_url
from jobchanges.models import Attempt, Delivery, RecordWrite, WriteRole
from jobchanges.selectors.types import ErrorView, FieldRow, RecordTab
from jobchanges.selectors.values import same_value, value_shown, was_truncated

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
    names = dict(attempt.display.get("names", {}))
    for write in writes:
        names.update(write.names)
    _name_created(names, delivery, {write.role: write.record_id for write in writes})
    return [_tab_of_write(delivery, attempt, write, names) for write in writes]


def tabs_of_plan(delivery: Delivery) -> list[RecordTab]:
    """The preview: what would be written, in the same shape."""
    names = dict(delivery.display.get("names", {}))
    _name_created(names, delivery, {})
    labels = delivery.display.get("labels", {})
    tabs = []
    for write in delivery.plan.get("writes", ()):
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
    delivery: Delivery, attempt: Attempt, write: RecordWrite, names: Mapping[str, str]
) -> RecordTab:
    labels = attempt.display.get("labels", {})
    extra = [
        name
        for name, value in (write.settled or write.stored or {}).items()
        if name not in write.sent and value not in (None, "")
    ]
    fields = sorted([*write.sent, *extra], key=field_place)
    rows = [_row(write, name, labels, names) for name in fields]
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
    )


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
    if write.gone:
        return _(
            "The record is not there any more: it was deleted in Salesforce, or is hidden from "
            "the integration user."
        )
    if write.settled_at is None and write.stored is None:
        return _("Salesforce took it. What it stored is being read.")
    return ""


def _row(
    write: RecordWrite,
    name: str,
    labels: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
) -> FieldRow:
    stored = None if write.stored is None else write.stored.get(name)
    settled = None if write.settled is None else write.settled.get(name)
    why, changed = _difference(write, name, names)
    return FieldRow(
        name=name,
        label=_label(labels, write.object_name, name),
        sent=value_shown(write.sent.get(name), names),
        stored=None if write.stored is None else value_shown(stored, names),
        settled=None if write.settled is None else value_shown(settled, names),
        before=value_shown(write.before.get(name), names),
        changed=changed,
        why=why,
    )


def _difference(write: RecordWrite, name: str, names: Mapping[str, str]) -> tuple[str, bool]:
    """Why a field holds something else than was sent, and whether it does."""
    was_sent = name in write.sent
    sent = _resolved(write.sent.get(name), names)
    if write.stored is not None and write.settled is not None:
        stored, settled = write.stored.get(name), write.settled.get(name)
        if not same_value(stored, settled):
            return _changed_later(write, value_shown(stored, names)), True
    now = write.settled if write.stored is None else write.stored
    if now is None or sent is _UNRESOLVED:
        return "", False
    value = now.get(name)
    if not was_sent:
        return _("Not sent by us: the org filled in its own value."), False
    if same_value(sent, value):
        return "", False
    if was_truncated(sent, value):
        return _("Salesforce cut it to the length of the field."), True
    if value in (None, ""):
        return (
            _(
                "Salesforce stored nothing here, likely because the integration user may not edit "
                "or see the field, or because automation cleared it."
            ),
            True,
        )
    if isinstance(sent, str) and isinstance(value, str) and sent.lower() == value.lower():
        return _("The same, in Salesforce’s own spelling."), False
    return _("Changed while it was saved, likely by a flow, trigger or assignment rule."), True


def _changed_later(write: RecordWrite, stored: str) -> str:
    first = _("%(value)s when saved.") % {"value": stored or _("Empty")}
    seconds = None
    if write.changed_at and write.stored_at:
        seconds = max(0, round((write.changed_at - write.stored_at).total_seconds()))
    who = write.changed_by or _("somebody")
    if seconds is None:
        later = _("Changed later by %(who)s, likely an assignment rule or flow.") % {"who": who}
    elif seconds < 120:
        later = ngettext(
            "Changed %(count)d s later by %(who)s, likely an assignment rule or flow.",
            "Changed %(count)d s later by %(who)s, likely an assignment rule or flow.",
            seconds,
        ) % {"count": seconds, "who": who}
    else:
        later = _(
            "Changed %(count)d min later by %(who)s, by hand or by an assignment rule or flow."
        ) % {"count": seconds // 60, "who": who}
    return f"{first} {later}"


_UNRESOLVED = object()


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """A sent value; a reference to a record created by the same graph is its id, when known."""
    if isinstance(value, Mapping):
        return names.get(f"id:{value.get('ref', '')}", _UNRESOLVED)
    return value


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
