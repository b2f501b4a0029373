"""Where job changes go: choices compared with what the org offers, and saved with an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Customer, User
from accounts.services import content_hash, event_record
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1, PackageManifest
from integrations.selectors import connection_find
from jobchanges.models import EnvironmentSettings, OutputSettings, OwnerRule
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.settings_options import Options, settings_options
from jobchanges.settings_problems import SettingsValues, problems_in_offer, problems_of_form
from jobchanges.signals import settings_saved

__all__ = [
    "Options",
    "SettingsError",
    "SettingsValues",
    "settings_options",
    "settings_problems",
    "settings_save",
]


class SettingsError(Exception):
    """The choices cannot be saved; `problems` are sentences by field name, "" for none."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


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
    values = _as_stored(values)
    problems, names = _problems(customer, environment, values, options)
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
                "default_owner_name": names.get(values.default_owner_id, "")[:200],
                "campaign_id": values.campaign_id,
                "campaign_name": names.get(values.campaign_id, "")[:200],
                "campaign_status": values.campaign_status,
                "round_robin": [
                    {"id": one, "name": names.get(one, "")[:200]} for one in values.round_robin
                ],
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
            data={**_told(values), "values_hash": content_hash(asdict(values))},
        )
        settings_saved.send(sender=EnvironmentSettings, customer=customer, environment=environment)
    return own


def settings_problems(
    *, customer: Customer, environment: str, values: SettingsValues, options: Options | None
) -> dict[str, str]:
    """What `settings_save` would say of these choices: sentences by field name. Saves nothing."""
    return _problems(customer, environment, _as_stored(values), options)[0]


def _problems(
    customer: Customer, environment: str, values: SettingsValues, options: Options | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong, and the names behind the ids."""
    problems = problems_of_form(values)
    if options is None:
        return problems, {}
    offered, names = problems_in_offer(values, options, _manifest(customer, environment))
    return offered | problems, names


# --- saving ------------------------------------------------------------------------------------


def _shared_save(customer: Customer, environment: str, values: SettingsValues, by: User) -> None:
    """Save what holds in both orgs; when it changes, the other environment has to look again."""
    chosen = {name: asdict(values)[name] for name in SHARED_CHOICES}
    chosen["field_mapping"] = list(chosen["field_mapping"])
    before = OutputSettings.objects.filter(customer=customer).values(*chosen).first()
    OutputSettings.objects.update_or_create(
        customer=customer,
        defaults={**chosen, "updated_at": timezone.now(), "updated_by": by},
    )
    if before is not None and before != chosen:
        EnvironmentSettings.objects.filter(customer=customer).exclude(
            environment=environment
        ).update(validated_org_id="", validated_at=None)


def _told(values: SettingsValues) -> dict[str, Any]:
    """The choices as the log keeps them for ever: of the customer's own texts only the hash."""
    rows = [
        {**asdict(row), "text": content_hash(row.text) if row.text else ""}
        for row in values.field_mapping
    ]
    return {**asdict(values), "field_mapping": rows}


def _org_id(customer: Customer, environment: str) -> str:
    connection = connection_find(customer, environment)
    return connection.epoch.org_id if connection and connection.epoch else ""


def _manifest(customer: Customer, environment: str) -> PackageManifest:
    """The package of the org; the current one where none was found yet."""
    connection = connection_find(customer, environment)
    epoch = connection.epoch if connection else None
    return MANIFESTS.get(epoch.package_manifest if epoch else "", USERGEM_1)


def _as_stored(values: SettingsValues) -> SettingsValues:
    """Trimmed, with ids of 18 characters (people paste 15 from addresses), without what no rule
    chosen here looks at.
    """
    raw: dict[str, Any] = {
        name: value.strip() for name, value in vars(values).items() if isinstance(value, str)
    }
    for name in ("default_owner_id", "campaign_id"):
        raw[name] = _long(raw[name])
    if values.contact_owner_rule != OwnerRule.ACCOUNT_LOOKUP:
        raw["contact_owner_field"] = ""
    people = (_long(one.strip()) for one in values.round_robin)
    return replace(values, **raw, round_robin=tuple(filter(None, people)))


def _long(value: str) -> str:
    return id18(value) if is_id(value) else value
