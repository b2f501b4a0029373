"""What the managed package brings: its object, and fields on Lead, Contact and Account."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.rehearsal.schema.fields import (
    SYSTEM,
    Field,
    SObject,
    audit_fields,
    check,
    date,
    deleted_field,
    lookup,
    moment,
    number,
    record_id,
    text,
    url,
)

NAMESPACE = "UserGem"
# The Lightning component that shows a job change, and the record pages it is made for.
COMPONENT = "UserGem:jobChange"
COMPONENT_ON = ("Contact", "Lead")


@dataclass(frozen=True)
class PackageVersion:
    """One version of the package as its install link (`04t…`) names it."""

    version_id: str
    name: str
    major: int
    minor: int
    patch: int = 0
    build: int = 1
    beta: bool = False
    # Fields that came with a later version.
    lacks: frozenset[str] = frozenset()


SUBSCRIBER_PACKAGE_ID = "0335g000000GemAAAS"
VERSIONS = (
    PackageVersion(
        "04t5g000000Gem0AAC",
        "Spring 2026",
        1,
        38,
        lacks=frozenset({"UserGem__DeliveryKey__c", "UserGem__DeliveryAttempt__c"}),
    ),
    PackageVersion("04t5g000000Gem1AAC", "Autumn 2026", 1, 42),
)

_person: tuple[Field, ...] = (
    lookup("UserGem__PastContact__c", "UG - Past Contact", "Contact"),
    lookup("UserGem__PastAccount__c", "UG - Past Account", "Account"),
    text("UserGem__PastCompany__c", "UG - Past Company", 255),
    text("UserGem__PastTitle__c", "UG - Past Title", 255),
    text("UserGem__PastRelationshipType__c", "UG - Past Relationship Type", 255),
    text("UserGem__Persona__c", "UG - Persona", 255),
    check("UserGem__CreatedByUG__c", "UG - Created By UG"),
    check("UserGem__NoLongerAtCompany__c", "UG - No Longer at Company"),
    check("UserGem__IsTargetCompany__c", "UG - Is Target Company"),
    check("UserGem__IsCustomerCompany__c", "UG - Is Customer Company"),
    date("UserGem__JobStartedDate__c", "UG - Job Started Date"),
    date("UserGem__RoleStartedDate__c", "UG - Role Started Date"),
    url("UserGem__PersonLinkedInUrl__c", "[UG] Person LinkedIn URL"),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "Lead": _person,
    "Contact": _person,
    "Account": (check("UserGem__CreatedByUG__c", "UG - Created By UG"),),
}

USERGEM = SObject(
    "UserGem__UserGem__c",
    "UserGem",
    "UserGems",
    "a0X",
    (
        record_id("Record ID"),
        deleted_field(),
        lookup("OwnerId", "Owner ID", "Group|User", system=True, permissionable=False),
        text(
            "Name", "UserGem Name", 80, name_field=True, auto_number="UG-{0:05d}", id_lookup=True,
            **SYSTEM,
        ),
        *audit_fields(),
        text(
            "UserGem__DeliveryKey__c",
            "Delivery Key",
            80,
            unique=True,
            external_id=True,
            id_lookup=True,
            case_sensitive=True,
        ),
        number("UserGem__DeliveryAttempt__c", "Delivery Attempt"),
        *(
            lookup(f"UserGem__{side}{target}__c", f"{side} {target}", target)
            for side in ("Past", "New")
            for target in ("Contact", "Lead", "Account")
        ),
        text("UserGem__PersonName__c", "Person Name", 255),
        url("UserGem__PersonLinkedInUrl__c", "Person LinkedIn URL"),
        text("UserGem__PastCompany__c", "Past Company", 255),
        text("UserGem__PastTitle__c", "Past Title", 255),
        text("UserGem__NewCompany__c", "New Company", 255),
        text("UserGem__NewTitle__c", "New Title", 255),
        Field("UserGem__NewEmail__c", "email", "New Email", length=80),
        text("UserGem__PastRelationshipType__c", "Past Relationship Type", 255),
        text("UserGem__Kind__c", "Kind", 255),
        date("UserGem__JobStartedDate__c", "Job Started Date"),
        date("UserGem__RoleStartedDate__c", "Role Started Date"),
        moment("UserGem__DetectedAt__c", "Detected At"),
    ),
    package=NAMESPACE,
)  # fmt: skip


def version_for(version_id: str) -> PackageVersion | None:
    """The version an install link names, by its 15- or 18-character id."""
    for version in VERSIONS:
        if version_id[:15] == version.version_id[:15]:
            return version
    return None
