"""What a round of checks tells about the org itself: package, user, API version."""

from typing import Any

from integrations.checks.answers import CannotAsk
from integrations.checks.survey import Survey
from integrations.models import OrgEpoch
from integrations.salesforce.errors import SalesforceError
from integrations.services.facts import package_values

# Attributes of the survey behind the columns of OrgEpoch.
FACTS = ("package", "user", "system_permissions")
# With one of these a user signs in to an app that is not installed (platform reference, 1.8).
_TEMPORARY = ("ApproveUninstalledConnectedApps", "UseAnyApiClient")


def facts_of_survey(epoch: OrgEpoch, survey: Survey, *, newest: str) -> dict[str, Any]:
    """Columns of the epoch for what was asked. What was known and cannot be asked now stays."""
    values: dict[str, Any] = {}
    if newest:
        values["newest_api_version"] = newest
    if survey.settled(["package"]):
        try:
            values |= package_values(epoch, survey.package)
        except SalesforceError as error:
            values["facts_error"] = error.sentence[:500]
    if survey.settled(["user", "system_permissions"]):
        values |= _user_values(survey)
    return values


def _user_values(survey: Survey) -> dict[str, Any]:
    values: dict[str, Any] = {}
    try:
        user = survey.user
    except (CannotAsk, SalesforceError):
        return values
    if user.administrator is not None:
        values["user_is_administrator"] = user.administrator
    if user.app_installed is not None:
        values["app_installed"] = user.app_installed
    # Without the installed app the permission is what keeps the connection alive.
    values["has_temporary_permission"] = _temporary(survey) if user.app_installed else None
    return values


def _temporary(survey: Survey) -> bool | None:
    """Whether the user still has a permission that was needed to sign in only; None: not told."""
    try:
        known = survey.system_permissions
    except (CannotAsk, SalesforceError):
        return None
    found = [known.get(name) for name in _TEMPORARY]
    if True in found:
        return True
    return None if None in found else False
