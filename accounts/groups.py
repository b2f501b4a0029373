"""The staff groups and exactly what each may do. One table; later features add their lines.

Groups are made, and brought back to this table, after every migrate. A codename that does not
exist stops that with GroupsError instead of being skipped: a right that was misspelt would
otherwise be missed by somebody at work.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission

MANAGERS = "Implementation managers"
LEADS = "Implementation leads"

# What an implementation manager does in admin (product.md, section 1), for their own customers:
# which customers those are is decided by `accounts.access.customers_managed_by`.
_MANAGER = (
    # their customers: take one on, see them, set domains, path and hold reason
    "accounts.view_customer",
    "accounts.add_customer",
    "accounts.change_customer",
    # the customer's people: see who has which role; name a signer where there is none (services)
    "accounts.view_membership",
    "accounts.add_membership",
    "accounts.view_user",
    # sign-up links: make, send again, revoke (services; links are never edited)
    "accounts.view_signuplink",
    "accounts.add_signuplink",
    # what happened
    "accounts.view_event",
    # the orgs, as connected
    "integrations.view_connection",
    "integrations.view_orgepoch",
    "integrations.view_connectattempt",
    # job changes: read, import, report of imports
    "jobchanges.view_jobchange",
    "jobchanges.view_importrun",
    "jobchanges.add_importrun",
    "jobchanges.view_importrow",
    # where job changes go
    "jobchanges.view_outputsettings",
    "jobchanges.change_outputsettings",
    "jobchanges.view_environmentsettings",
    "jobchanges.change_environmentsettings",
    "jobchanges.view_settingstemplate",
    # test runs: put together, send (services), review, approve
    "jobchanges.view_testrun",
    "jobchanges.add_testrun",
    "jobchanges.change_testrun",
    "jobchanges.view_delivery",
    "jobchanges.view_attempt",
    "jobchanges.view_recordwrite",
    "jobchanges.view_review",
    "jobchanges.add_review",
    "jobchanges.view_comment",
    "jobchanges.add_comment",
    "jobchanges.view_runapproval",
    "jobchanges.add_runapproval",
    # what the customer allowed; the first batch: release, pause, stop, go on, send again (services)
    "jobchanges.view_allowance",
    "jobchanges.view_batch",
    "jobchanges.add_batch",
    "jobchanges.change_batch",
    # the go-live summary: prepare, sign (services)
    "portal.view_summary",
    "portal.add_summary",
    "portal.view_signature",
    "portal.add_signature",
    # steps: what the customer confirmed, what is waived
    "portal.view_confirmation",
    "portal.view_waiver",
    "portal.add_waiver",
    # mails on their way to the customer's people and themselves: read, without their words
    "portal.view_outgoingmail",
    # help texts: leads write them
    "portal.view_helptext",
)

# Templates that managers start a customer's settings from are kept by leads.
_TEMPLATES = ("jobchanges.add_settingstemplate", "jobchanges.change_settingstemplate")

GROUPS: dict[str, tuple[str, ...]] = {
    MANAGERS: _MANAGER,
    # A lead also sees everybody's customers, gives them to a manager and grants the sandbox path.
    # And writes the help that every customer reads.
    LEADS: (*_MANAGER, "accounts.view_all_customers", "portal.change_helptext", *_TEMPLATES),
}


class GroupsError(Exception):
    """The table names a permission that no model defines."""


def permissions_defined() -> set[str]:
    """Every permission that the installed models define, as "app_label.codename"."""
    return {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename in (
            *(
                get_permission_codename(action, model._meta)
                for action in model._meta.default_permissions
            ),
            *(codename for codename, _name in model._meta.permissions),
        )
    }


def groups_update(*, using: str = "default", **_kwargs: Any) -> None:
    """Make the groups and give each exactly its permissions.

    Connected to post_migrate of django.contrib.auth, which stands below our apps in
    INSTALLED_APPS: by its turn the permissions of all of them exist. Raises GroupsError for a
    codename nobody defined; one whose table a half-way migration has not made yet is given with
    the rest of the migration.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, wanted in GROUPS.items():
        undefined = sorted(set(wanted) - permissions_defined())
        if undefined:
            raise GroupsError(f"{name}: no such permission: {', '.join(undefined)}")
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[each] for each in wanted if each in known])
