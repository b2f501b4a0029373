"""A plan as a person reads it in the example of the settings page: sentences, names, values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobchanges.models import RecordMode
from jobchanges.planning.types import Ref, Write
from jobchanges.settings_example import Example

Fact = tuple[str, str]


@dataclass(frozen=True)
class ShownExample:
    """One person: the sentence, what else is written, and why."""

    person: str
    move: str
    sentence: str
    more: Sequence[str]
    why: Sequence[str]
    held: bool


def example_shown(example: Example) -> ShownExample:
    """A person's example in sentences."""
    plan, row = example.plan, example.job_change
    move = row.past_company_name
    if row.kind == "joined" and row.new_company_name:
        move = _("%(past)s → %(new)s") % {"past": move or "…", "new": row.new_company_name}
    if plan.is_held:
        return ShownExample(
            row.person_name,
            move,
            _("%(person)s would be held. %(reason)s")
            % {"person": row.person_name, "reason": plan.held_reason},
            (),
            plan.explanations,
            held=True,
        )
    more = [*_besides(example), *past_words(example)]
    return ShownExample(
        row.person_name, move, _sentence(example), more, plan.explanations, held=False
    )


def _sentence(example: Example) -> str:
    """ "Jordan Avery would become a lead owned by Dana Fields in the campaign Job changes." """
    plan, person = example.plan, example.job_change.person_name
    write = plan.write("person")
    if write is None:
        if example.settings.record_mode == RecordMode.FLOW_TEMPLATE:
            words = _(
                "For %(person)s only the UserGem record would be written; your flow does the rest."
            )
        elif plan.write("past_person"):
            words = _("Only the record of %(person)s at the past company would change.")
        else:
            words = _("Only a UserGem record would be written for %(person)s.")
        return words % {"person": person}
    names = {"person": person, "record": record_words(write, example)}
    campaign = campaign_name(example)
    if write.operation == "create":
        if campaign:
            return _("%(person)s would become %(record)s, in the campaign %(campaign)s.") % (
                names | {"campaign": campaign}
            )
        return _("%(person)s would become %(record)s.") % names
    if campaign:
        words = _(
            "%(person)s is in your org already: %(record)s would be enriched and join the campaign "
            "%(campaign)s."
        )
        return words % (names | {"campaign": campaign})
    return _("%(person)s is in your org already: %(record)s would be enriched.") % names


def record_words(write: Write, example: Example) -> str:
    """ "a lead owned by Dana Fields", "a contact of Acme owned by …", "the contact"."""
    is_lead = write.object_name == "Lead"
    if write.operation != "create":
        return _("the lead") if is_lead else _("the contact")
    owner = owner_name(write, example)
    names = {"owner": owner, "account": _account_name(write, example)}
    if is_lead:
        if example.settings.run_assignment_rules:
            return _("a lead owned by %(owner)s, unless your assignment rules choose") % names
        return _("a lead owned by %(owner)s") % names
    if example.plan.write("account"):
        return _("a contact of the new account %(account)s, owned by %(owner)s") % names
    return _("a contact of %(account)s owned by %(owner)s") % names


def owner_name(write: Write, example: Example) -> str:
    """Who would own it, by name; the id where the org did not say one."""
    owner = write.fields.get("OwnerId")
    if not isinstance(owner, str):
        return _("nobody yet")
    return example.names.get(owner) or owner


def _account_name(write: Write, example: Example) -> str:
    account = example.plan.write("account")
    if account:
        return str(account.fields.get("Name", ""))
    found = write.fields.get("AccountId")
    return example.names.get(str(found), str(found or ""))


def campaign_name(example: Example) -> str:
    """The campaign that the person would join; "" for none."""
    write = example.plan.write("campaign_member")
    if write is None:
        return ""
    return example.names.get(str(write.fields.get("CampaignId")), "") or _("chosen")


def _besides(example: Example) -> Iterator[str]:
    """What of existing people is filled, and the customer's own fields."""
    write = example.plan.write("person")
    if write is not None and write.operation == "update":
        labels = ", ".join(field_label(example, write, name) for name in write.fields)
        yield _("Filled there: %(fields)s. Everything else stays.") % {"fields": labels}
    mapped = mapped_values(example, ("account", "person"))
    if mapped:
        yield _("Filled besides: %(fields)s.") % {
            "fields": ", ".join(f"{label}: {value}" for label, value in mapped)
        }


def past_words(example: Example) -> Iterator[str]:
    """What is written on the record at the past company, and what it replaces."""
    write = example.plan.write("past_person")
    if write is None:
        return
    company = example.job_change.past_company_name or _("the past company")
    values = ", ".join(
        f"{field_label(example, write, name)}: {_value(value)}"
        for name, value in write.fields.items()
    )
    words = _("On the contact at %(company)s: %(values)s.")
    if write.object_name == "Lead":
        words = _("On the lead at %(company)s: %(values)s.")
    yield words % {"company": company, "values": values}
    for name in write.replaces:
        yield _("%(field)s: %(before)s is replaced.") % {
            "before": _value(write.before.get(name)),
            "field": field_label(example, write, name),
        }


def mapped_values(example: Example, roles: Sequence[str]) -> list[Fact]:
    """The customer's own fields in these writes, with their values."""
    chosen = {item.field for item in example.settings.field_mapping}
    return [
        (field_label(example, write, name), _value(value))
        for role in roles
        if (write := example.plan.write(role)) is not None
        for name, value in write.fields.items()
        if name in chosen
    ]


def field_label(example: Example, write: Write, name: str) -> str:
    """A field as the org calls it."""
    facts = example.settings.fields.get(write.object_name, {}).get(name)
    return (facts.label if facts else "") or name


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Ref) or value is None or value == "":
        return _("empty")
    return f"“{value}”"


def result_words(example: Example) -> str:
    """What becomes of the person, in a few words."""
    plan = example.plan
    if plan.is_held:
        return _("held: %(reason)s") % {"reason": plan.held_reason}
    write = plan.write("person")
    if write is None:
        return _("the UserGem record only")
    if write.operation != "create":
        return _("%(record)s that exists, enriched") % {"record": record_words(write, example)}
    return record_words(write, example)
