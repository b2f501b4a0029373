"""The settings of a plan: the customer's choices together with what describe says of the org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.models import Customer
from integrations.models import OrgEpoch
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.manifest import PackageManifest, manifest_get
from integrations.selectors import connection_find
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.planning.mapping import mapping_from_json
from jobchanges.planning.types import FieldFacts, PlanSettings

DESCRIBE_SECONDS = 600
_PICKLISTS = {"picklist", "multipicklist", "combobox"}

Fields = Mapping[str, Mapping[str, FieldFacts]]


class Describes(Protocol):
    """What is needed of `integrations.salesforce.Org` here."""

    def describes(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """Several objects with their fields, in one call."""


class PlanSettingsError(Exception):
    """Nothing can be planned for this org yet; the sentence says why."""


def plan_settings_load(
    customer: Customer,
    environment: str,
    org: Describes,
    manifest: PackageManifest | None = None,
    *,
    fresh: bool = False,
) -> PlanSettings:
    """Put together what plans for one org depend on.

    Asks for five describes in one call, kept for ten minutes per org and connected user; `fresh`
    asks again.
    `manifest` is by default the one found when the org was looked at last. Raises
    PlanSettingsError without a connection or package, and what the client raises.
    """
    connection = connection_find(customer, environment)
    epoch = connection.epoch if connection else None
    if epoch is None:
        raise PlanSettingsError(_("This org is not connected."))
    manifest = manifest or _manifest(epoch)
    return PlanSettings(
        org_id=epoch.org_id,
        manifest=manifest,
        fields=_fields(epoch, org, manifest, fresh=fresh),
        **choices_load(customer, environment),
    )


def choices_load(customer: Customer, environment: str) -> dict[str, Any]:
    """What people chose for one org, by the names of `PlanSettings`; two queries, no call."""
    shared = OutputSettings.objects.filter(customer=customer).first() or OutputSettings()
    own = (
        EnvironmentSettings.objects.filter(customer=customer, environment=environment).first()
        or EnvironmentSettings()
    )
    return {
        "record_mode": shared.record_mode,
        "lead_source": shared.lead_source,
        "contact_owner_rule": shared.contact_owner_rule,
        "default_owner_id": own.default_owner_id,
        "campaign_id": own.campaign_id,
        "campaign_status": own.campaign_status,
        "run_assignment_rules": shared.run_assignment_rules,
        "save_past_alerts": shared.save_past_alerts,
        "contact_owner_field": shared.contact_owner_field,
        "lead_owner_rule": shared.lead_owner_rule,
        "round_robin": tuple(str(item["id"]) for item in own.round_robin),
        "lead_account_field": shared.lead_account_field,
        "update_past_record": shared.update_past_record,
        "field_mapping": mapping_from_json(shared.field_mapping),
    }


def _manifest(epoch: OrgEpoch) -> PackageManifest:
    try:
        manifest = manifest_get(epoch.package_manifest)
    except KeyError:
        raise PlanSettingsError(
            _("The package was not found in this org. Install it and look again.")
        ) from None
    if not manifest.can_deliver:
        raise PlanSettingsError(
            _("The package in this org is too old to take job changes. Install the current one.")
        )
    return manifest


def _fields(epoch: OrgEpoch, org: Describes, manifest: PackageManifest, *, fresh: bool) -> Fields:
    # The user is part of the key: describe shows what that user may see.
    key = f"jobchanges:describe:2:{epoch.org_id}:{epoch.user_id}:{manifest.name}"
    kept: Fields | None = None if fresh else cache.get(key)
    if kept is not None:
        return kept
    names = ("Account", "Contact", "Lead", "CampaignMember", manifest.object_name)
    found: dict[str, dict[str, FieldFacts]] = {
        # One that is missing, or hidden from the user, is left out.
        name: {field.name: field_facts(field) for field in described.fields.values()}
        for name, described in org.describes(names).items()
    }
    cache.set(key, found, DESCRIBE_SECONDS)
    return found


def field_facts(field: FieldDescribe) -> FieldFacts:
    """What of a field's describe decides whether a value fits."""
    restricted = field.restricted_picklist and field.type in _PICKLISTS
    return FieldFacts(
        name=field.name,
        label=field.label,
        type=field.type,
        length=field.length,
        createable=field.createable,
        updateable=field.updateable,
        required=field.required,
        allowed=frozenset(field.picklist_values) if restricted else None,
        precision=field.precision,
        scale=field.scale,
        unique=field.unique,
        reference_to=field.reference_to,
        relationship=field.relationship_name,
    )
