"""What the managed package is called in an org: data, chosen by looking at the org.

Names after the write protocol ("Package manifest") and contact-tracking 6.2 and 6.5. Two
prefixes are in the wild; the older one has no published object or key, so nothing can be sent to
an org that has only that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from integrations.salesforce.describe import ObjectDescribe


def _names(prefix: str, pairs: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({ours: prefix + theirs for ours, theirs in pairs.items()})


@dataclass(frozen=True)
class PackageManifest:
    """Names of one generation of the package. Mappings go from our word to the API name.

    `lookups` and `object_fields` are fields of the package's own object; `person_fields` are on
    Lead and Contact, `account_fields` on Account. `no_longer_type` is the describe type of the
    "no longer at company" field. `install_links` name the settings that hold the links.
    """

    name: str
    namespace: str
    object_name: str
    key_field: str
    attempt_field: str
    lookups: Mapping[str, str]
    object_fields: Mapping[str, str]
    person_fields: Mapping[str, str]
    account_fields: Mapping[str, str]
    no_longer_type: str
    minimum_version: str
    lead_only_fields: Mapping[str, str] = field(default_factory=dict)
    related_list: str = ""
    components: tuple[str, ...] = ()
    app_name: str = "UserGems"
    install_links: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {"sandbox": "PACKAGE_LINK_SANDBOX", "production": "PACKAGE_LINK_PRODUCTION"}
        )
    )

    @property
    def prefix(self) -> str:
        """`UserGem__` and the like."""
        return f"{self.namespace}__"

    @property
    def can_deliver(self) -> bool:
        """Whether the package brings the key without which nothing is sent (write protocol)."""
        return bool(self.object_name and self.key_field)

    def fields_on(self, object_name: str) -> frozenset[str]:
        """The package's fields we may write on Lead, Contact, Account or its own object."""
        if object_name == self.object_name:
            own = {self.key_field, self.attempt_field}
            return frozenset(own | {*self.lookups.values(), *self.object_fields.values()})
        found = {
            "Lead": {*self.person_fields.values(), *self.lead_only_fields.values()},
            "Contact": {*self.person_fields.values()},
            "Account": {*self.account_fields.values()},
        }
        return frozenset(found.get(object_name, set()))

    def version_suffices(self, version: str) -> bool:
        """Whether an installed version is new enough; compared as numbers, 1.10 above 1.9."""
        return _numbers(version) >= _numbers(self.minimum_version)


USERGEM_1 = PackageManifest(
    name="usergem-1",
    namespace="UserGem",
    object_name="UserGem__UserGem__c",
    key_field="UserGem__DeliveryKey__c",
    attempt_field="UserGem__DeliveryAttempt__c",
    lookups=_names(
        "UserGem__",
        {
            "past_contact": "PastContact__c",
            "past_lead": "PastLead__c",
            "past_account": "PastAccount__c",
            "new_contact": "NewContact__c",
            "new_lead": "NewLead__c",
            "new_account": "NewAccount__c",
        },
    ),
    object_fields=_names(
        "UserGem__",
        {
            "person_name": "PersonName__c",
            "linkedin_url": "PersonLinkedInUrl__c",
            "past_company": "PastCompany__c",
            "past_title": "PastTitle__c",
            "new_company": "NewCompany__c",
            "new_title": "NewTitle__c",
            "new_email": "NewEmail__c",
            "relationship_type": "PastRelationshipType__c",
            "kind": "Kind__c",
            "job_started_date": "JobStartedDate__c",
            "role_started_date": "RoleStartedDate__c",
            "detected_at": "DetectedAt__c",
        },
    ),
    person_fields=_names(
        "UserGem__",
        {
            "past_contact": "PastContact__c",
            "past_account": "PastAccount__c",
            "past_company": "PastCompany__c",
            "past_title": "PastTitle__c",
            "relationship_type": "PastRelationshipType__c",
            "persona": "Persona__c",
            "created_by": "CreatedByUG__c",
            "no_longer_at_company": "NoLongerAtCompany__c",
            "is_target_company": "IsTargetCompany__c",
            "is_customer_company": "IsCustomerCompany__c",
            "job_started_date": "JobStartedDate__c",
            "role_started_date": "RoleStartedDate__c",
            "linkedin_url": "PersonLinkedInUrl__c",
        },
    ),
    account_fields=_names("UserGem__", {"created_by": "CreatedByUG__c"}),
    no_longer_type="boolean",
    minimum_version="1.40",
    related_list="UserGems",
)

USERGEMS_0 = PackageManifest(
    name="usergems-0",
    namespace="UserGems",
    object_name="",
    key_field="",
    attempt_field="",
    lookups=MappingProxyType({}),
    object_fields=MappingProxyType({}),
    person_fields=MappingProxyType({}),
    account_fields=MappingProxyType({}),
    lead_only_fields=_names("UserGems__", {"is_a_usergem": "Is_a_UserGem__c"}),
    no_longer_type="date",
    minimum_version="",
)

MANIFESTS: Mapping[str, PackageManifest] = MappingProxyType(
    {manifest.name: manifest for manifest in (USERGEM_1, USERGEMS_0)}
)


def manifest_get(name: str) -> PackageManifest:
    """A manifest by its stored name; KeyError for one that does not exist."""
    return MANIFESTS[name]


def version_needed(name: str, version: str) -> str:
    """The version an org needs where the one it has is too old, such as `1.40`; else "".

    `name` of the stored manifest. An unknown version is not called too old.
    """
    manifest = MANIFESTS.get(name)
    if manifest is None or not version or manifest.version_suffices(version):
        return ""
    return manifest.minimum_version


def manifest_detect(names: Iterable[str]) -> PackageManifest | None:
    """The manifest that fits an org, from `Org.object_names()` or field names of a describe.

    The package's own object decides; failing that, any name with the prefix. None: no package,
    or hidden from the running user.
    """
    seen = set(names)
    for manifest in MANIFESTS.values():
        if manifest.object_name and manifest.object_name in seen:
            return manifest
    for manifest in MANIFESTS.values():
        if any(name.startswith(manifest.prefix) for name in seen):
            return manifest
    return None


def manifest_missing(
    manifest: PackageManifest, described: Mapping[str, ObjectDescribe]
) -> dict[str, list[str]]:
    """Which of the package's fields the described objects lack, by object; empty when complete."""
    missing = {
        name: sorted(manifest.fields_on(name) - set(object_describe.fields))
        for name, object_describe in described.items()
    }
    return {name: fields for name, fields in missing.items() if fields}


def _numbers(version: str) -> tuple[int, ...]:
    parts = [part for part in version.split(" ")[0].split(".") if part.isdigit()]
    return tuple(int(part) for part in parts)
