"""What is wrong with choices of where job changes go: in words, by the name of the choice.

A person in turn is `round_robin.2`, a mapped field `field_mapping.0`, both by their place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.salesforce.ids import is_id
from integrations.salesforce.manifest import PackageManifest
from jobchanges.models import LeadOwnerRule, OwnerRule, RecordMode
from jobchanges.planning.mapping import OBJECT_OF, lookup_problem, mapping_problem
from jobchanges.planning.types import FieldMap, MapTarget
from jobchanges.settings_fields import FieldChoice, user_lookups
from jobchanges.settings_options import Options
from jobchanges.settings_used import contacts_made, leads_made, turns_used

# More than anybody takes turns, and more than anybody maps.
MOST_PEOPLE = 50
MOST_FIELDS = 100
# Values of a picklist that a sentence names.
MOST_LISTED = 30


@dataclass(frozen=True, kw_only=True)
class SettingsValues:
    """Everything a person chooses. An empty campaign means none."""

    record_mode: str
    lead_source: str
    contact_owner_rule: str
    default_owner_id: str
    campaign_id: str = ""
    campaign_status: str = ""
    run_assignment_rules: bool = False
    save_past_alerts: bool = False
    lead_owner_rule: str = LeadOwnerRule.DEFAULT_OWNER.value
    contact_owner_field: str = ""
    lead_account_field: str = ""
    update_past_record: bool = True
    field_mapping: tuple[FieldMap, ...] = ()
    # Ids of users, in their order.
    round_robin: tuple[str, ...] = ()


def problems_of_form(values: SettingsValues) -> dict[str, str]:
    """What is wrong without asking anybody."""
    problems = {}
    if values.record_mode not in RecordMode.values:
        problems["record_mode"] = _("Choose which record a job change becomes.")
    if values.contact_owner_rule not in OwnerRule.values:
        problems["contact_owner_rule"] = _("Choose who owns a created contact.")
    if values.lead_owner_rule not in LeadOwnerRule.values:
        problems["lead_owner_rule"] = _("Choose who owns a created lead.")
    if not values.lead_source:
        problems["lead_source"] = _("Give a lead source.")
    elif len(values.lead_source) > 40:
        problems["lead_source"] = _("A lead source has at most 40 characters.")
    # With the flow template nothing is created that somebody has to own.
    needed = values.record_mode != RecordMode.FLOW_TEMPLATE
    if (needed or values.default_owner_id) and not is_id(values.default_owner_id, "005"):
        problems["default_owner_id"] = _("Choose the default owner, an active user of this org.")
    if values.campaign_id and not is_id(values.campaign_id, "701"):
        problems["campaign_id"] = _("This is not a campaign of Salesforce.")
    if len(values.campaign_status) > 80:
        problems["campaign_status"] = _("A member status has at most 80 characters.")
    if (
        values.contact_owner_rule == OwnerRule.ACCOUNT_LOOKUP
        and contacts_made(values.record_mode)
        and not values.contact_owner_field
    ):
        problems["contact_owner_field"] = _("Choose the field of the account that names the owner.")
    return problems | _problems_of_turns(values) | _problems_of_rows(values)


def _problems_of_turns(values: SettingsValues) -> dict[str, str]:
    """Who takes turns: somebody where a rule says so, nobody twice."""
    people = values.round_robin
    used = turns_used(values.record_mode, values.contact_owner_rule, values.lead_owner_rule)
    if used and not people:
        return {"round_robin.0": _("Choose who takes turns: an owner rule above says so.")}
    if len(people) > MOST_PEOPLE:
        return {"round_robin.0": _("At most %(count)s people take turns.") % {"count": MOST_PEOPLE}}
    problems = {}
    for place, one in enumerate(people):
        if not is_id(one, "005"):
            problems[f"round_robin.{place}"] = _("This is not a user of Salesforce.")
        elif one in people[:place]:
            problems[f"round_robin.{place}"] = _("This person is in the list already.")
    return problems


def _problems_of_rows(values: SettingsValues) -> dict[str, str]:
    """Mapped fields: on which record, once each, with something that goes in."""
    rows = values.field_mapping
    if len(rows) > MOST_FIELDS:
        return {"field_mapping.0": _("At most %(count)s fields.") % {"count": MOST_FIELDS}}
    times = Counter((one.target, one.field.lower()) for one in rows)
    seen: set[tuple[str, str]] = set()
    problems = {}
    for place, one in enumerate(rows):
        key = (one.target, one.field.lower())
        if one.target not in set(MapTarget) or not one.field:
            sentence = _("Choose the field that is filled.")
        elif times[key] > 1 and key in seen:
            sentence = _("This field is in the list already. One value goes into a field.")
        elif one.source and one.text:
            sentence = _("Choose what goes in, or give a text: not both.")
        elif not one.source and not one.text:
            sentence = _("Choose what goes in, or give a text.")
        else:
            sentence = ""
        seen.add(key)
        if sentence:
            problems[f"field_mapping.{place}"] = sentence
    return problems


def problems_in_offer(
    values: SettingsValues, options: Options, manifest: PackageManifest
) -> tuple[dict[str, str], dict[str, str]]:
    """What the org does not offer, and the names behind the ids, by id.

    A user or campaign beyond what was listed is not called wrong: the checks ask for it.
    """
    problems: dict[str, str] = {}
    names: dict[str, str] = {}
    people = {"default_owner_id": values.default_owner_id} | {
        f"round_robin.{place}": one for place, one in enumerate(values.round_robin)
    }
    for name, user_id in people.items():
        owner = options.owner(user_id)
        if owner is not None:
            names[user_id] = owner.person
        elif user_id and options.all_owners:
            problems[name] = (
                _("The default owner is not an active user of this org.")
                if name == "default_owner_id"
                else _("This is not an active user of this org.")
            )
    makes_people = values.record_mode != RecordMode.FLOW_TEMPLATE
    wanted = options.lead_source_restricted and makes_people
    if wanted and values.lead_source not in options.lead_sources:
        problems["lead_source"] = _(
            "“%(source)s” is not among the lead sources of this org, and no other is accepted. "
            "Add it to the Lead Source picklist in Setup, or choose another one."
        ) % {"source": values.lead_source}
    if values.campaign_id:
        _problems_of_campaign(values, options, problems, names)
    return problems | _problems_of_fields(values, options, manifest), names


def _problems_of_campaign(
    values: SettingsValues, options: Options, problems: dict[str, str], names: dict[str, str]
) -> None:
    campaign = options.campaign(values.campaign_id)
    if campaign is None:
        if options.all_campaigns:
            problems["campaign_id"] = _(
                "The campaign was not found in this org, or is not active, or the integration "
                "user may not see it."
            )
        return
    names[values.campaign_id] = campaign.name
    if values.campaign_status and values.campaign_status not in campaign.statuses:
        problems["campaign_status"] = _(
            "“%(status)s” is not a member status of the campaign %(campaign)s."
        ) % {"status": values.campaign_status, "campaign": campaign.name}


def _problems_of_fields(
    values: SettingsValues, options: Options, manifest: PackageManifest
) -> dict[str, str]:
    """Fields that this org has not, hides from the integration user, or that cannot hold it."""
    problems: dict[str, str] = {}
    lookups = {field.name for field in user_lookups(options.fields)}
    if values.contact_owner_field and values.contact_owner_field not in lookups:
        problems["contact_owner_field"] = _(
            "%(field)s is no lookup to a user on Account in this org, or is hidden from the "
            "integration user."
        ) % {"field": values.contact_owner_field}
    looked_up = values.lead_account_field
    if looked_up and leads_made(values.record_mode):
        field = options.field_of("Lead", looked_up)
        if sentence := lookup_problem(looked_up, field.facts if field else None, manifest):
            problems["lead_account_field"] = sentence
    for place, one in enumerate(values.field_mapping):
        field = options.field_of(OBJECT_OF.get(one.target, ""), one.field)
        if sentence := mapping_problem(one, field.facts if field else None, manifest):
            listed = _values_listed(field) if not one.source else ""
            problems[f"field_mapping.{place}"] = f"{sentence} {listed}".strip()
    return problems


def _values_listed(field: FieldChoice | None) -> str:
    """What a restricted picklist takes, where that is few enough to read."""
    if field is None or not field.restricted or len(field.values) > MOST_LISTED:
        return ""
    return _("It takes: %(values)s.") % {"values": ", ".join(field.values)}
