"""What installing and removing the managed package does to an org's records."""

from __future__ import annotations

from integrations.rehearsal.keeping import MADE, put_record
from integrations.rehearsal.schema import package
from integrations.rehearsal.seed import fixed_id
from integrations.rehearsal.store import Row, Space

INSTALLED_ROWS = ("InstalledSubscriberPackage", "SubscriberPackageVersion", "SubscriberPackage")


def version_named(text: str) -> package.PackageVersion:
    """A version of the package as "1.42". Raises KeyError if there is none of that number."""
    known = {f"{version.major}.{version.minor}": version for version in package.VERSIONS}
    return known[text]


def version_by_id(version_id: str) -> str:
    """The number of a version, such as "1.42", by its id. Raises KeyError."""
    version = package.version_for(version_id)
    if version is None:
        raise KeyError(version_id)
    return f"{version.major}.{version.minor}"


def lacking(version_id: str) -> frozenset[str]:
    """The package's fields that an installed version does not have yet."""
    version = package.version_for(version_id)
    return version.lacks if version else frozenset()


def install(
    space: Space, version: package.PackageVersion, security: str, by: str, at: str = MADE
) -> None:
    """Objects and fields appear; with "admins" they stay hidden from everybody else."""
    rows: list[tuple[str, Row]] = [
        (
            "SubscriberPackage",
            {
                "Id": package.SUBSCRIBER_PACKAGE_ID,
                "Name": "UserGems",
                "NamespacePrefix": package.NAMESPACE,
            },
        ),
        (
            "SubscriberPackageVersion",
            {
                "Id": version.version_id,
                "Name": version.name,
                "SubscriberPackageId": package.SUBSCRIBER_PACKAGE_ID,
                "MajorVersion": version.major,
                "MinorVersion": version.minor,
                "PatchVersion": version.patch,
                "BuildNumber": version.build,
                "IsBeta": version.beta,
                "IsManaged": True,
            },
        ),
        (
            "InstalledSubscriberPackage",
            {
                "Id": fixed_id("0A3", 1),
                "SubscriberPackageId": package.SUBSCRIBER_PACKAGE_ID,
                "SubscriberPackageVersionId": version.version_id,
            },
        ),
    ]
    with space.transaction():
        for row in space.rows("SubscriberPackageVersion"):
            space.drop("SubscriberPackageVersion", row["Id"])
        for name, row in rows:
            put_record(space, name, row, by, at)
        values = {"version_id": version.version_id, "security": security, "installed_at": at}
        space.put("meta", "package", values)


def uninstall(space: Space) -> None:
    """The package and its records are gone; values in its fields on other objects as well."""
    with space.transaction():
        space.drop("meta", "package")
        for name in (*INSTALLED_ROWS, package.USERGEM.name):
            for row in space.rows(name):
                space.drop(name, row["Id"])
        for name, fields in package.FIELDS.items():
            names = {field.name for field in fields}
            for row in space.rows(name):
                if names & set(row):
                    kept = {key: value for key, value in row.items() if key not in names}
                    space.put(name, row["Id"], kept)
