"""Installing the managed package: the page behind an install link, and what it does to an org."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from integrations.rehearsal import installing
from integrations.rehearsal.access import Access
from integrations.rehearsal.host import Host, host
from integrations.rehearsal.schema import package
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, now

blueprint = Blueprint("packaging", __name__)
SECURITY = {"admins": "Install for Admins Only", "all": "Install for All Users"}


def install(org: Org, version: package.PackageVersion, security: str, by: str) -> None:
    """The package is in the org from now on, for "all" users or for "admins"."""
    installing.install(org.space, version, security, by, now())


def uninstall(org: Org) -> None:
    """The package is out of the org, with all it kept there."""
    installing.uninstall(org.space)


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
