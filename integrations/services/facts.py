"""What an org says about itself: versions, user, package, API calls. At most eight calls.

What could not be asked is *unknown*, with a sentence, and never *missing* (platform reference,
4.1): a minimal integration user may see neither the list of packages nor the package's objects.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.checks.services import check_run_start
from integrations.models import CheckRun, Connection, OrgEpoch
from integrations.salesforce.client import Org
from integrations.salesforce.config import ApiUsage
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.families import Family
from integrations.salesforce.manifest import MANIFESTS, manifest_detect
from integrations.services.orgs import org_open
from integrations.services.pace import connection_usage_store

log = structlog.get_logger(__name__)

# One round of questions costs an org up to eight calls, and may hold a worker for a minute.
ASK_AGAIN_SECONDS = 15
_VERSION = re.compile(r"\d{2,3}\.0")
ADMINISTRATOR_PROFILE = "System Administrator"
# The package whose list entry is asked for while none of its objects is seen.
DEFAULT = next(iter(MANIFESTS.values()))
# The org answers, but not this question to this user.
UNREADABLE = {"INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "NOT_FOUND"}
# With one of these a user signs in to an app that is not installed (platform reference, 1.8).
_TEMPORARY_PERMISSIONS = {
    "PermissionsApproveUninstalledConnectedApps": (
        "SELECT PermissionsApproveUninstalledConnectedApps FROM UserPermissionAccess"
    ),
    "PermissionsUseAnyApiClient": "SELECT PermissionsUseAnyApiClient FROM UserPermissionAccess",
}


@dataclass(frozen=True)
class PackageFacts:
    """`installed` is None when the org did not let us find out; `error` then says why.

    `missing_right`: what kept us from reading the list of packages, as Setup calls it.
    """

    installed: bool | None
    version: str = ""
    manifest: str = ""
    error: str = ""
    missing_right: str = ""


def package_ask(org: Org, *, sees_everything: bool) -> PackageFacts:
    """Whether the package is in the org, from its object names and its list of packages.

    `sees_everything`: the user is an administrator, so that what they do not see is not there.
    At most three calls. Raises SalesforceError when the org does not answer.
    """
    manifest = manifest_detect(org.object_names())
    version = org.package_version(manifest.namespace if manifest else DEFAULT.namespace)
    if manifest is not None:
        return PackageFacts(True, version=version or "", manifest=manifest.name)
    if version:
        return PackageFacts(
            True,
            version=version,
            error=_(
                "The package is installed, but the integration user sees none of its objects: it "
                "was probably not installed for all users."
            ),
        )
    if version == "" or sees_everything:
        return PackageFacts(False)
    return PackageFacts(
        None,
        error=_(
            "The integration user sees nothing of the package: it is not installed, or it was "
            "not installed for all users."
        ),
    )


@dataclass(frozen=True)
class UserFacts:
    """The running user, as far as the org lets us read it."""

    profile: str = ""
    is_administrator: bool | None = None
    app_installed: bool | None = None


def user_ask(org: Org) -> UserFacts:
    """The running user's profile and rights; empty when they cannot be read. Three calls."""
    try:
        row = org.running_user()
    except SalesforceError as error:
        if error.code not in UNREADABLE:
            raise
        log.info("running_user_unreadable", reason=error.code)
        return UserFacts()
    profile = str((row.get("Profile") or {}).get("Name") or "")
    administrator = row.get("IsAdministrator")
    if administrator is None and profile:
        administrator = profile == ADMINISTRATOR_PROFILE
    return UserFacts(profile, administrator, row.get("IsAppInstalled"))


def newest_version(versions: Sequence[str]) -> str:
    """The highest of the offered versions, such as `68.0`; "" when none reads like one."""
    numbered = [(float(version), version) for version in versions if _VERSION.fullmatch(version)]
    return max(numbered)[1] if numbered else ""


def temporary_permission_ask(org: Org) -> bool | None:
    """Whether the user still has a permission that was needed to sign in only.

    None where no column says yes and not all can be read: orgs know different ones, and an
    unknown column makes a whole query fail, so each is asked for alone. At most two calls.
    """
    answers: list[bool | None] = []
    for column, question in _TEMPORARY_PERMISSIONS.items():
        try:
            rows = org.query(question)
        except SalesforceError as error:
            if error.code not in UNREADABLE:
                raise
            answers.append(None)
            continue
        found = rows[0].get(column) if rows else None
        if found is True:
            return True
        answers.append(found if isinstance(found, bool) else None)
    return None if None in answers else False


@dataclass(frozen=True)
class _Facts:
    """What one round of questions found out."""

    newest_version: str
    user: UserFacts
    package: PackageFacts
    temporary_permission: bool | None


def _ask(org: Org, pinned: str) -> _Facts:
    """All questions. Raises SalesforceError `API_VERSION_NOT_OFFERED` before the first that
    would have to be asked in a version the org does not offer.
    """
    versions = org.versions()
    newest = newest_version(versions)
    if pinned not in versions:
        raise VersionNotOffered(newest)
    user = user_ask(org)
    package = package_ask(org, sees_everything=user.is_administrator is True)
    # Without the installed app the permission is what keeps the connection alive.
    temporary = temporary_permission_ask(org) if user.app_installed else None
    return _Facts(newest, user, package, temporary)


class VersionNotOffered(SalesforceError):
    """The org does not offer the API version that we speak: ours to act on."""

    def __init__(self, newest: str) -> None:
        super().__init__("API_VERSION_NOT_OFFERED", family=Family.WE_MUST_ACT)
        self.newest = newest


def org_facts_claim(*, connection: Connection) -> bool:
    """Whether somebody who presses a button may have the org asked; False a moment after another.

    In the row, not in the cache: it holds while that is away, for all buttons and the sweep.
    """
    if connection.epoch is None:
        return False
    now = timezone.now()
    late = now - timedelta(seconds=ASK_AGAIN_SECONDS)
    epoch = OrgEpoch.objects.filter(Q(facts_tried_at=None) | Q(facts_tried_at__lte=late))
    return bool(epoch.filter(pk=connection.epoch.pk).update(facts_tried_at=now))


def org_facts_refresh(*, connection: Connection) -> None:
    """Ask the org and store what it says, with the time; no transaction is open meanwhile.

    An org that does not answer leaves the facts as they were, with a sentence in `facts_error`;
    a dead connection is marked lost by the token source.
    """
    epoch = connection.epoch
    if epoch is None or not connection.is_live:
        return
    values: dict[str, Any] = {}
    usage: ApiUsage | None = None
    try:
        with closing(org_open(connection)) as org:
            try:
                facts = _ask(org, settings.SALESFORCE_API_VERSION)
            finally:
                usage = org.usage
        values = _values(epoch, facts)
    except VersionNotOffered as error:
        log.error(
            "api_version_not_offered",
            connection=connection.pk,
            pinned=settings.SALESFORCE_API_VERSION,
            newest=error.newest,
        )
        values["newest_api_version"] = error.newest
        values["facts_error"] = _(
            "%(sentence)s Its newest is %(newest)s, we use %(ours)s. UserGems mends it."
        ) % {
            "sentence": error.sentence,
            "newest": error.newest or _("not known"),
            "ours": settings.SALESFORCE_API_VERSION,
        }
    except SalesforceError as error:
        log.warning("org_facts_unasked", connection=connection.pk, reason=error.code)
        values["facts_error"] = error.sentence[:500]
    _facts_store(connection, epoch, values, usage)


def _values(epoch: OrgEpoch, facts: _Facts) -> dict[str, Any]:
    """Columns for the answers. What was known and cannot be asked now stays."""
    values = package_values(epoch, facts.package)
    values["newest_api_version"] = facts.newest_version
    values["has_temporary_permission"] = facts.temporary_permission
    if facts.user.is_administrator is not None:
        values["user_is_administrator"] = facts.user.is_administrator
    if facts.user.app_installed is not None:
        values["app_installed"] = facts.user.app_installed
    return values


def package_values(epoch: OrgEpoch, package: PackageFacts) -> dict[str, Any]:
    """Columns for the answer. What was known and cannot be asked now stays."""
    values: dict[str, Any] = {"facts_at": timezone.now(), "facts_error": package.error[:500]}
    if package.installed is not None:
        values["package_installed"] = package.installed
        values["package_version"] = package.version or (
            epoch.package_version if package.installed else ""
        )
        values["package_manifest"] = package.manifest
    return values


def _facts_store(
    connection: Connection, epoch: OrgEpoch, values: dict[str, Any], usage: ApiUsage | None
) -> None:
    missing = not epoch.package_installed
    with transaction.atomic():
        # An epoch that ended while the org was asked is history: leave it alone.
        if values:
            OrgEpoch.objects.filter(pk=epoch.pk, ended_at=None).update(**values)
        if usage is not None:
            connection_usage_store(connection=connection, usage=usage)
    epoch.refresh_from_db()
    connection.refresh_from_db()
    if missing and epoch.package_installed:
        # Somebody installed it meanwhile: now the org can be asked about everything in it.
        check_run_start(connection=connection, reason=CheckRun.Reason.CONNECTED)
