"""Whether the package is in the org, which of its fields there are, and its version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.answers import DOWNLOAD_PACKAGES, VIEW_SETUP
from integrations.checks.survey_names import ON_PAGES, PACKAGE, WRITTEN
from integrations.checks.survey_rights import described_asked, user_asked, user_from
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.manifest import MANIFESTS, PackageManifest, manifest_detect
from integrations.salesforce.people import package_version_from
from integrations.salesforce.shapes import mapping, named, reading
from integrations.salesforce.soql import in_list, quote
from integrations.salesforce.together import Read
from integrations.services.facts import PackageFacts

_SHOWN_BY = (*ON_PAGES, PACKAGE.object_name)


def manifest_asked(asked: Round) -> Questions:
    """Objects that show the package; the names of all objects where those do not."""
    yield from described_asked(asked, _SHOWN_BY)
    if asked.settled(*_describes()) and not _names_seen(asked):
        yield Question("objects", Read.objects())


def _describes() -> list[str]:
    return [f"describe.{name}" for name in _SHOWN_BY]


def _names_seen(asked: Round) -> set[str]:
    """API names with a prefix of ours, of objects and fields that the running user sees."""
    names: set[str] = set()
    for name in _SHOWN_BY:
        if asked.known(f"describe.{name}"):
            fields = asked.body(f"describe.{name}").get("fields") or ()
            names |= {name, *(str(field.get("name")) for field in fields)}
    if asked.known("objects"):
        names |= {str(item.get("name")) for item in asked.body("objects").get("sobjects") or ()}
    prefixes = tuple(manifest.prefix for manifest in MANIFESTS.values())
    return {name for name in names if name.startswith(prefixes)}


def manifest_from(asked: Round) -> PackageManifest | None:
    """The generation of the package that the running user sees; None where it sees none."""
    for key in _describes():
        asked.or_none(key)
    if asked.settled("objects"):
        asked.body("objects")
    return manifest_detect(_names_seen(asked))


def package_asked(asked: Round) -> Questions:
    """The list of packages, and the objects that would show it."""
    yield from manifest_asked(asked)
    yield Question.query(
        "installed",
        "SELECT Id, SubscriberPackage.NamespacePrefix, SubscriberPackageVersionId "
        "FROM InstalledSubscriberPackage",
        tooling=True,
    )
    # A broken package of somebody else's spoils a joined query: its version is asked for alone.
    for version in _installed(asked):
        yield Question.query(
            f"version.{version}",
            "SELECT Id, MajorVersion, MinorVersion, PatchVersion, BuildNumber, IsBeta "
            f"FROM SubscriberPackageVersion WHERE Id = {quote(version)}",
            tooling=True,
        )
    # Who sees everything and not the package knows that it is not there.
    if asked.settled(*_describes()) and not _names_seen(asked):
        yield from user_asked(asked)


def _installed(asked: Round) -> list[str]:
    """Version ids of the installed packages of ours."""
    if not asked.known("installed"):
        return []
    ours = {manifest.namespace for manifest in MANIFESTS.values()}
    return [
        str(row["SubscriberPackageVersionId"])
        for row in asked.body("installed")
        if mapping(row.get("SubscriberPackage")).get("NamespacePrefix") in ours
        and row.get("SubscriberPackageVersionId")
    ]


def package_from(asked: Round) -> PackageFacts:
    """Whether the package is in the org. `missing_right`: what kept us from reading the list.

    Not seen is *unknown*, never *missing*, unless the list was read or the user sees everything.
    """
    manifest = manifest_from(asked)
    hidden = asked.refused("installed")
    right = DOWNLOAD_PACKAGES if hidden else ""
    rows: list[Any] = []
    if not hidden:
        with reading("InstalledSubscriberPackage"):
            asked.body("installed")
            rows = [row for one in _installed(asked) for row in asked.body(f"version.{one}")]
    version = package_version_from(rows)
    if manifest is not None:
        return PackageFacts(True, version, manifest.name, missing_right=right)
    if version:
        return PackageFacts(
            True,
            version,
            error=_(
                "The package is installed, but the integration user sees none of its objects: it "
                "was probably not installed for all users."
            ),
        )
    if not hidden or _sees_everything(asked):
        return PackageFacts(False)
    return PackageFacts(
        None,
        error=_(
            "The integration user sees nothing of the package: it is not installed, or it was "
            "not installed for all users."
        ),
        missing_right=right,
    )


def _sees_everything(asked: Round) -> bool:
    try:
        return user_from(asked).administrator is True
    except SalesforceError:
        return False


def defined_fields_asked(_asked: Round) -> Questions:
    """All fields, also those that are hidden from the running user."""
    yield Question.query(
        "defined_fields",
        "SELECT QualifiedApiName, EntityDefinition.QualifiedApiName FROM FieldDefinition "
        f"WHERE EntityDefinition.QualifiedApiName IN {in_list(WRITTEN)}",
        tooling=True,
    )


def defined_fields_from(asked: Round) -> Mapping[str, frozenset[str]]:
    """API names of fields by object."""
    found: dict[str, set[str]] = {}
    with reading("FieldDefinition"):
        for row in asked.rows("defined_fields", VIEW_SETUP):
            name = named(mapping(row.get("EntityDefinition")).get("QualifiedApiName"))
            found.setdefault(name, set()).add(named(row["QualifiedApiName"]))
    return {name: frozenset(fields) for name, fields in found.items()}
