"""The live example of the settings page: what the choices would do to people who wait.

The plans are the planner's own (`jobchanges.settings_example`); here they become sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from integrations.models import OrgEpoch
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1
from jobchanges.models import LeadOwnerRule, OrgOffer, OwnerRule, RecordMode
from jobchanges.settings_example import (
    Assumed,
    Example,
    Ground,
    example_make,
    example_rows,
    examples_pick,
)
from jobchanges.settings_known import Known
from jobchanges.settings_options import Options
from jobchanges.settings_problems import SettingsValues
from jobchanges.settings_used import contacts_made, leads_made
from portal.settings_example_words import (
    Fact,
    ShownExample,
    campaign_name,
    example_shown,
    field_label,
    mapped_values,
    owner_name,
    past_words,
    result_words,
)

_ASSUMED = {
    Assumed.NOBODY_THERE: gettext_lazy(
        "Your org was not asked about these people yet. Assumed until then: it has neither them "
        "nor their new companies, and the integration user may write every field."
    ),
    Assumed.NOT_A_MEMBER: gettext_lazy("Assumed: nobody is a member of this campaign yet."),
    Assumed.EMPTY_FIELDS: gettext_lazy(
        "Assumed: fields added here are empty on the record at the past company."
    ),
    Assumed.NOBODY_NAMED: gettext_lazy("Assumed: the account names nobody in that field."),
    Assumed.ACTIVE_OWNERS: gettext_lazy(
        "Your org has more users than are listed here. Assumed: those chosen are active."
    ),
}


@dataclass(frozen=True)
class ExamplePanel:
    """Everything the page shows of the example; `parts` by the anchor of the part they stand in."""

    people: Sequence[ShownExample] = ()
    parts: Mapping[str, Sequence[Fact]] = field(default_factory=dict)
    assumed: Sequence[str] = ()
    asked_at: datetime | None = None
    why_not: str = ""
    # Why nobody of them would be written: one reason, which a choice on this page takes away.
    held: str = ""
    # The org is being asked, and said nothing of these people before.
    asking: bool = False

    @property
    def main(self) -> str:
        """The person whom the parts are about."""
        return self.people[0].person if self.people else ""


def example_panel(
    *,
    customer: Customer,
    environment: str,
    epoch: OrgEpoch,
    options: Options,
    values: SettingsValues,
    asking: bool = False,
) -> ExamplePanel:
    """Try `values`, saved or being looked at, on a few people. No call, no write.

    Three queries; the org's answers are those kept when it was asked in the background.
    """
    rows = example_rows(customer, environment)
    offer = OrgOffer.objects.filter(epoch=epoch).only("known").first()
    known = Known.from_json(offer.known) if offer else Known()
    ground = Ground(
        org_id=epoch.org_id,
        manifest=_manifest(epoch),
        options=options,
        known=known,
    )
    picked = examples_pick(rows, known) if _is_whole(values) else []
    waits = asking and known.asked_at is None and bool(rows)
    if not picked:
        return ExamplePanel(why_not=known.why_not, asking=waits)
    examples = [example_make(row, values, ground) for row in picked]
    reasons = {example.plan.held_reason for example in examples}
    if len(reasons) == 1 and all(example.plan.is_held for example in examples):
        return ExamplePanel(held=reasons.pop(), asked_at=known.asked_at)
    assumed = {one for example in examples for one in example.assumed}
    return ExamplePanel(
        people=[example_shown(example) for example in examples],
        parts={
            "record": _modes(examples[0], values, ground),
            "owners": _owners(examples, values, ground),
            "campaign": _campaign(examples[0]),
            "existing": _existing(examples, values, ground),
            "fields": _fields(examples),
        },
        assumed=[str(words) for one, words in _ASSUMED.items() if one in assumed],
        asked_at=known.asked_at,
        why_not="" if waits else known.why_not,
        asking=waits,
    )


def _manifest(epoch: OrgEpoch) -> Any:
    """The package of the org; the current one where none was found yet, or too old a one."""
    found = MANIFESTS.get(epoch.package_manifest, USERGEM_1)
    return found if found.can_deliver else USERGEM_1


def _is_whole(values: SettingsValues) -> bool:
    """Whether there is a choice of each kind that planning needs."""
    return (
        values.record_mode in RecordMode.values
        and values.contact_owner_rule in OwnerRule.values
        and values.lead_owner_rule in LeadOwnerRule.values
    )


# --- one choice beside its others ----------------------------------------------------------------


def _modes(main: Example, values: SettingsValues, ground: Ground) -> list[Fact]:
    """What each record mode would make of the same person."""
    return [
        (str(mode.label), result_words(_again(main, values, ground, record_mode=mode.value)))
        for mode in RecordMode
    ]


def _owners(examples: Sequence[Example], values: SettingsValues, ground: Ground) -> list[Fact]:
    """Whom each owner rule would give a record to that is made under the chosen mode."""
    found: list[Fact] = []
    if contacts_made(values.record_mode):
        of = _one_made(examples, "Contact")
        for rule in OwnerRule if of else ():
            if rule == OwnerRule.ACCOUNT_LOOKUP and not values.contact_owner_field:
                continue
            if rule == OwnerRule.ROUND_ROBIN and not values.round_robin:
                continue
            tried = _again(of, values, ground, contact_owner_rule=rule.value)
            found.append((_("Contact: %(rule)s") % {"rule": rule.label}, _owner_of(tried)))
    if leads_made(values.record_mode):
        of = _one_made(examples, "Lead")
        for lead_rule in LeadOwnerRule if of else ():
            if lead_rule == LeadOwnerRule.ROUND_ROBIN and not values.round_robin:
                continue
            tried = _again(of, values, ground, lead_owner_rule=lead_rule.value)
            found.append((_("Lead: %(rule)s") % {"rule": lead_rule.label}, _owner_of(tried)))
    return found


def _one_made(examples: Sequence[Example], object_name: str) -> Any:
    for example in examples:
        write = example.plan.write("person")
        if write and write.operation == "create" and write.object_name == object_name:
            return example
    return None


def _owner_of(example: Example) -> str:
    write = example.plan.write("person")
    if write is None:
        return example.plan.held_reason
    return _("%(owner)s (%(person)s)") % {
        "owner": owner_name(write, example),
        "person": example.job_change.person_name,
    }


def _campaign(main: Example) -> list[Fact]:
    """Lead source, membership and the account on the lead, as they would be written."""
    write = main.plan.write("person")
    found: list[Fact] = []
    if write is not None and write.operation == "create":
        found.append((_("Lead source"), str(write.fields.get("LeadSource") or _("left out"))))
    member = main.plan.write("campaign_member")
    if member is not None:
        status = member.fields.get("Status")
        said = campaign_name(main)
        found.append((_("Campaign"), f"{said}, {status}" if status else said))
    name = main.settings.lead_account_field
    if write is not None and name and name in write.fields:
        account = str(write.fields[name])
        found.append((field_label(main, write, name), main.names.get(account, account)))
    return found


def _existing(examples: Sequence[Example], values: SettingsValues, ground: Ground) -> list[Fact]:
    """The record at the past company, with and without the tick; on the first who has one."""
    of = next((one for one in examples if one.matches.past is not None), None)
    if of is None:
        return []
    name = of.job_change.person_name
    ticked = _again(of, values, ground, update_past_record=True)
    plain = _again(of, values, ground, update_past_record=False)
    return [
        (
            _("%(person)s, ticked") % {"person": name},
            " ".join(past_words(ticked)) or _("nothing is written there"),
        ),
        (
            _("%(person)s, not ticked") % {"person": name},
            " ".join(past_words(plain)) or _("nothing is written there"),
        ),
    ]


def _fields(examples: Sequence[Example]) -> list[Fact]:
    """The customer's own fields with the value each person would get."""
    return [
        (_("%(person)s, %(field)s") % {"person": one.job_change.person_name, "field": label}, value)
        for one in examples
        for label, value in mapped_values(one, ("account", "person", "past_person"))
    ]


def _again(example: Example, values: SettingsValues, ground: Ground, **changed: Any) -> Example:
    return example_make(example.job_change, replace(values, **changed), ground)
