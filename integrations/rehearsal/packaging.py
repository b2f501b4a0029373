"""Installing the managed package: the page behind an install link, and what it does to an org."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from integrations.rehearsal.access import Access
from integrations.rehearsal.host import Host, host
from integrations.rehearsal.schema import package
from integrations.rehearsal.seed import fixed_id, put_record
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, now

blueprint = Blueprint("packaging", __name__)
SECURITY = {"admins": "Install for Admins Only", "all": "Install for All Users"}


def install(org: Org, version: package.PackageVersion, security: str, by: str) -> None:
    """Objects and fields appear; with "admins" they stay hidden from everybody else."""
    stamp = now()
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
    with org.space.transaction():
        for name, row in rows:
            put_record(org.space, name, row, by, stamp)
        values = {"version_id": version.version_id, "security": security, "installed_at": stamp}
        org.space.put("meta", "package", values)


def uninstall(org: Org) -> None:
    """The package and its records are gone; values in its fields on other objects as well."""
    with org.space.transaction():
        org.space.drop("meta", "package")
        kinds = ("InstalledSubscriberPackage", "SubscriberPackageVersion", "SubscriberPackage")
        for name in (*kinds, package.USERGEM.name):
            for row in org.space.rows(name):
                org.space.drop(name, row["Id"])
        for name, fields in package.FIELDS.items():
            names = {field.name for field in fields}
            for row in org.space.rows(name):
                if names & set(row):
                    kept = {key: value for key, value in row.items() if key not in names}
                    org.space.put(name, row["Id"], kept)


def _installers(here: Host) -> list[tuple[Org, list[tuple[str, Row]]]]:
    """Users with the right Download AppExchange Packages, by org."""
    groups = []
    for org in here.orgs:
        able = [
            (f"{org.config.key}/{user['Id']}", user)
            for user in org.space.rows("User")
            if user.get("IsActive") and Access(org, user).is_admin
        ]
        groups.append((org, able))
    return groups


@blueprint.route("/packaging/installPackage.apexp", methods=["GET", "POST"])
def install_page() -> Response:
    """Where the package's link leads: choose for whom, install, done."""
    here = host()
    version = package.version_for(request.args.get("p0", ""))
    if version is None:
        text = "The requested package doesn't yet exist or has been deleted."
        return make_response(
            render_template("oauth_error.html", error="Can't install package", text=text), 404
        )
    problem = ""
    if request.method == "POST":
        chosen = here.user(request.form.get("user", ""))
        security = request.form.get("security", "")
        if chosen and security in SECURITY and Access(*chosen).is_admin:
            org, user = chosen
            install(org, version, security, user["Id"])
            text = render_template(
                "installed.html", org=org, version=version, security=SECURITY[security]
            )
            return make_response(text)
        problem = "Choose the org and who the package is installed for."
    text = render_template(
        "install.html",
        version=version,
        groups=_installers(here),
        choices=SECURITY,
        problem=problem,
        environment=here.environment,
    )
    return make_response(text, 400 if problem else 200)
