"""The settings of a plan: the customer's choices together with what describe says of the org."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.models import Customer
from integrations.models import OrgEpoch
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.manifest import PackageManifest, manifest_get
from integrations.selectors import connection_find
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.planning.types import FieldFacts, PlanSettings

DESCRIBE_SECONDS = 600
_PICKLISTS = {"picklist", "multipicklist", "combobox"}
# What Salesforce says of an object that is missing or hidden from the user.
_NO_OBJECT = {"NOT_FOUND", "INVALID_TYPE"}

Fields = Mapping[str, Mapping[str, FieldFacts]]


class Describes(Protocol):
    """What is needed of `integrations.salesforce.Org` here."""

    def describe(self, object_name: str) -> ObjectDescribe:
        """One object with its fields."""


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

    Asks for five describes, kept for ten minutes per org and connected user; `fresh` asks again.
    `manifest` is by default the one found when the org was looked at last. Raises
    PlanSettingsError without a connection or package, and what the client raises.
    """
    connection = connection_find(customer, environment)
    epoch = connection.epoch if connection else None
    if epoch is None:
        raise PlanSettingsError(_("This org is not connected."))
    manifest = manifest or _manifest(epoch)
    shared = OutputSettings.objects.filter(customer=customer).first() or OutputSettings()
    own = (
        EnvironmentSettings.objects.filter(customer=customer, environment=environment).first()
        or EnvironmentSettings()
    )
    return PlanSettings(
        org_id=epoch.org_id,
        record_mode=shared.record_mode,
        lead_source=shared.lead_source,
        contact_owner_rule=shared.contact_owner_rule,
        default_owner_id=own.default_owner_id,
        campaign_id=own.campaign_id,
        campaign_status=own.campaign_status,
        run_assignment_rules=shared.run_assignment_rules,
        save_past_alerts=shared.save_past_alerts,
        manifest=manifest,
        fields=_fields(epoch, org, manifest, fresh=fresh),
    )


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
    key = f"jobchanges:describe:1:{epoch.org_id}:{epoch.user_id}:{manifest.name}"
    kept: Fields | None = None if fresh else cache.get(key)
    if kept is not None:
        return kept
    names = ("Account", "Contact", "Lead", "CampaignMember", manifest.object_name)
    found: dict[str, dict[str, FieldFacts]] = {}
    for name in names:
        try:
            described = org.describe(name)
        except SalesforceError as error:
            if error.code not in _NO_OBJECT:
                raise
            continue
        found[name] = {field.name: field_facts(field) for field in described.fields.values()}
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
    )
