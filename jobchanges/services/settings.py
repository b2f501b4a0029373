"""Where job changes go: choices compared with what the org offers, and saved with an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services import content_hash, event_record
from integrations.salesforce.ids import id18, is_id
from integrations.selectors import connection_find
from jobchanges.models import EnvironmentSettings, OutputSettings, OwnerRule, RecordMode
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.settings_options import Options, settings_options
from jobchanges.signals import settings_saved

__all__ = [
    "Options",
    "SettingsError",
    "SettingsValues",
    "settings_options",
    "settings_save",
]


class SettingsError(Exception):
    """The choices cannot be saved; `problems` are sentences by field name, "" for none."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


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


def settings_save(
    *,
    customer: Customer,
    environment: str,
    values: SettingsValues,
    by: User,
    options: Options | None,
    asked_at: datetime | None = None,
) -> EnvironmentSettings:
    """Save the choices of one environment, and those that hold in both orgs. No org is asked.

    `options` is what the org offered at `asked_at`: nothing is saved that it did not offer;
    without, the choices are saved as not validated. Whether they still hold is for the checks,
    which listen to `settings_saved`. Changing what holds in both orgs makes the other
    environment's choices stale, to be saved again there. Raises SettingsError with the problems
    in words.
    """
    values = _with_long_ids(values)
    problems = _problems_of_form(values)
    names: dict[str, str] = {}
    if options is not None and not problems:
        problems, names = _problems_in_offer(values, options)
    if problems:
        raise SettingsError(problems)
    org_id = _org_id(customer, environment)
    with transaction.atomic():
        now = timezone.now()
        Customer.objects.select_for_update().get(pk=customer.pk)
        _shared_save(customer, environment, values, by)
        own, _created = EnvironmentSettings.objects.update_or_create(
            customer=customer,
            environment=environment,
            defaults={
                "default_owner_id": values.default_owner_id,
                "default_owner_name": names.get("default_owner_id", "")[:200],
                "campaign_id": values.campaign_id,
                "campaign_name": names.get("campaign_id", "")[:200],
                "campaign_status": values.campaign_status,
                "updated_at": now,
                "updated_by": by,
                "validated_org_id": org_id if options is not None else "",
                "validated_at": (asked_at or now) if options is not None else None,
                "problems": [],
            },
        )
        event_record(
            customer=customer,
            action="settings.saved",
            by=by,
            side="vendor" if by.is_staff else "customer",
            environment=environment,
            org_id=org_id,
            data={**asdict(values), "values_hash": content_hash(asdict(values))},
        )
        settings_saved.send(sender=EnvironmentSettings, customer=customer, environment=environment)
    return own


# --- saving ------------------------------------------------------------------------------------


def _shared_save(customer: Customer, environment: str, values: SettingsValues, by: User) -> None:
    """Save what holds in both orgs; when it changes, the other environment has to look again."""
    chosen = {name: getattr(values, name) for name in SHARED_CHOICES}
    before = OutputSettings.objects.filter(customer=customer).values(*chosen).first()
    OutputSettings.objects.update_or_create(
        customer=customer,
        defaults={**chosen, "updated_at": timezone.now(), "updated_by": by},
    )
    if before is not None and before != chosen:
        EnvironmentSettings.objects.filter(customer=customer).exclude(
            environment=environment
        ).update(validated_org_id="", validated_at=None)


def _org_id(customer: Customer, environment: str) -> str:
    connection = connection_find(customer, environment)
    return connection.epoch.org_id if connection and connection.epoch else ""


def _with_long_ids(values: SettingsValues) -> SettingsValues:
    """People paste ids of 15 characters from addresses."""
    raw: dict[str, Any] = {
        name: value.strip() for name, value in asdict(values).items() if isinstance(value, str)
    }
    for name in ("default_owner_id", "campaign_id"):
        if is_id(raw[name]):
            raw[name] = id18(raw[name])
    return replace(values, **raw)


# --- problems in words -------------------------------------------------------------------------


def _problems_of_form(values: SettingsValues) -> dict[str, str]:
    """What is wrong without asking anybody."""
    problems = {}
    if values.record_mode not in RecordMode.values:
        problems["record_mode"] = _("Choose which record a job change becomes.")
    if values.contact_owner_rule not in OwnerRule.values:
        problems["contact_owner_rule"] = _("Choose who owns a created contact.")
    if not values.lead_source:
        problems["lead_source"] = _("Give a lead source.")
    elif len(values.lead_source) > 40:
        problems["lead_source"] = _("A lead source has at most 40 characters.")
    if not is_id(values.default_owner_id, "005"):
        problems["default_owner_id"] = _("Choose the default owner, an active user of this org.")
    if values.campaign_id and not is_id(values.campaign_id, "701"):
        problems["campaign_id"] = _("This is not a campaign of Salesforce.")
    if len(values.campaign_status) > 80:
        problems["campaign_status"] = _("A member status has at most 80 characters.")
    return problems


def _problems_in_offer(
    values: SettingsValues, options: Options
) -> tuple[dict[str, str], dict[str, str]]:
    """What the org does not offer, and the names behind the ids there.

    A user or campaign beyond what was listed is not called wrong: the checks ask for it.
    """
    problems: dict[str, str] = {}
    names: dict[str, str] = {}
    owner = options.owner(values.default_owner_id)
    if owner is not None:
        names["default_owner_id"] = owner.person
    elif options.all_owners:
        problems["default_owner_id"] = _("The default owner is not an active user of this org.")
    if options.lead_source_restricted and values.lead_source not in options.lead_sources:
        problems["lead_source"] = _(
            "“%(source)s” is not among the lead sources of this org, and no other is accepted. "
            "Add it to the Lead Source picklist in Setup, or choose another one."
        ) % {"source": values.lead_source}
    if values.campaign_id:
        _problems_of_campaign(values, options, problems, names)
    return problems, names


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
    names["campaign_id"] = campaign.name
    if values.campaign_status and values.campaign_status not in campaign.statuses:
        problems["campaign_status"] = _(
            "“%(status)s” is not a member status of the campaign %(campaign)s."
        ) % {"status": values.campaign_status, "campaign": campaign.name}
