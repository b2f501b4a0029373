"""What the page "Is this the right org and the right user?" shows."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.models import ConnectAttempt, Health, OrgKind
from integrations.salesforce.hosts import company_domain
from integrations.selectors import attempt_confirmed_newest, connection_find
from integrations.services.guard import attempt_seen, org_was_refreshed


def confirm_context(attempt: ConnectAttempt) -> dict[str, Any]:
    """Facts about org and user as rows, and what is worth a second look."""
    sandbox = attempt.environment == Environment.SANDBOX
    identity, organization = attempt.identity, attempt.organization
    return {
        "attempt": attempt,
        "sandbox": sandbox,
        "org_name": organization["name"],
        "org_facts": [
            (_("Org"), organization["name"]),
            (_("Kind"), OrgKind(organization["kind"]).label),
            (_("Edition"), organization["edition"]),
            (_("Org ID"), organization["id"], "mono"),
            (_("Address"), urlsplit(identity["instance_url"]).netloc, "break"),
            (_("Instance"), organization["instance_name"]),
        ],
        "user_facts": [
            (_("Name"), identity["user_name"]),
            (_("Username"), identity["username"], "break"),
            (_("Profile"), identity["profile"]),
        ],
        "administrator": identity["is_administrator"],
        "before": _before(attempt),
        "other_company": "" if sandbox else _other_company(attempt),
        "parent_proven": organization.get("parent") == "proven",
        "package_missing": organization["package_installed"] is False,
        # A user with few rights may see neither the list of packages nor the package's objects.
        "package_unknown": organization["package_installed"] is None,
        "package_link": settings.PACKAGE_LINK_SANDBOX
        if sandbox
        else settings.PACKAGE_LINK_PRODUCTION,
        "app_missing": identity["app_installed"] is False,
    }


def _other_company(attempt: ConnectAttempt) -> str:
    """Why production may not be the one of the connected sandbox; "" where nothing speaks
    against it.

    No sandbox names its production (platform reference, 4.2); production may name its sandboxes,
    and then nothing is left to ask. Otherwise the company's label in both
    addresses, or the same user in both, shows that they belong together; another label is a
    reason to look twice and no proof, since a company may have changed it.
    """
    connection = connection_find(attempt.customer, Environment.SANDBOX)
    if connection is None or connection.epoch is None:
        return ""
    if attempt.organization.get("parent") == "proven":
        return ""
    tested = connection.epoch
    there = company_domain(tested.instance_url)
    here = company_domain(attempt.identity["instance_url"])
    if not there or not here or there == here or tested.user_id == attempt.identity["user_id"]:
        return ""
    return _(
        "The tested sandbox, %(sandbox)s, is at “%(there)s”, this org at “%(here)s”. A sandbox "
        "carries the domain of its production, unless the company changed it. Nothing that was "
        "tested says anything about another company’s org."
    ) % {"sandbox": tested.name, "there": there, "here": here}


def _before(attempt: ConnectAttempt) -> dict[str, str] | None:
    """How this org and user relate to what was connected before; None the first time."""
    connection = connection_find(attempt.customer, attempt.environment)
    if connection is None or connection.epoch is None:
        return None
    epoch = connection.epoch
    org_id = attempt.organization["id"]
    if org_was_refreshed(connection, attempt_seen(attempt)):
        return {
            "kind": "warn",
            "title": _("This sandbox was refreshed"),
            "text": _(
                "It is the sandbox that was connected, with a new org ID. Its records are new, "
                "too: what the test wrote is gone. Checks, test results and approvals from before "
                "stay as history; they say nothing about the org as it is now."
            ),
        }
    if epoch.org_id != org_id:
        return {
            "kind": "warn",
            "title": _("This is another org than before"),
            "text": _(
                "%(org)s was connected here until it was disconnected. Its checks and test results "
                "stay as history; this org starts anew."
            )
            % {"org": epoch.name},
        }
    if epoch.user_id != attempt.identity["user_id"]:
        return {
            "kind": "warn",
            "title": _("Another Salesforce user than before"),
            "text": _("Before, %(username)s held the connection. What you did here stays.")
            % {"username": epoch.username},
        }
    if changed := _rights_changed(attempt, epoch.user_is_administrator):
        return {
            "kind": "warn",
            "title": _("The same user, with other rights than before"),
            "text": changed,
        }
    if connection.health == Health.CONNECTED:
        return {"kind": "", "title": "", "text": _("This org is connected already, as this user.")}
    return {
        "kind": "",
        "title": "",
        "text": _("The same org and user as before: everything you did stays."),
    }


def _rights_changed(attempt: ConnectAttempt, was_administrator: bool) -> str:
    """What to know about the same user under another profile; "" where nothing is known of one."""
    known = attempt_confirmed_newest(attempt.customer, attempt.environment)
    same = known is not None and known.identity.get("user_id") == attempt.identity["user_id"]
    before = str(known.identity.get("profile", "")) if known is not None and same else ""
    now = attempt.identity["profile"]
    if before and now and before != now:
        return _(
            "Before, this user had the profile “%(before)s”, now it has “%(now)s”. What was "
            "checked with the earlier rights is checked again."
        ) % {"before": before, "now": now}
    if attempt.identity["is_administrator"] and not was_administrator:
        return _("Before, this user was no administrator. Now it may change everything.")
    return ""
