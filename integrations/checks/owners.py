"""Owners: the default owner of the settings, in this org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.base import (
    Check,
    CheckContext,
    Finding,
    Item,
    Outcome,
    Who,
    once_settings_chosen,
)
from integrations.salesforce import setup_links as setup

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class Owners(Check):
    """Whether the default owner can own what we create."""

    name = "owners"
    step = "settings"
    needs = ("owner",)

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is the default owner an active user of this org?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Salesforce gives no record to a user who is inactive or not in the org. The default "
            "owner gets new leads and accounts, and contacts whose account’s owner is inactive."
        )

    def applies(self, context: CheckContext) -> bool:
        """Only once an owner is chosen."""
        return bool(context.default_owner_id)

    def not_needed(self, context: CheckContext) -> str:
        """What is shown before."""
        if not context.record_mode:
            return once_settings_chosen()
        return _("No default owner is chosen in the settings.")

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the user."""
        owner = survey.owner
        name = (owner.name if owner else "") or context.default_owner_name
        name = name or context.default_owner_id
        if owner is not None and owner.active:
            return Finding.of(
                (),
                found=_("%(name)s (%(username)s) is active.")
                % {"name": name, "username": owner.username or owner.user_id},
            )
        if owner is None:
            key, sentence = "missing", _("%(name)s is not a user of this org.")
            fix = _(
                "Choose an active user of this org as default owner in the settings. Ids of users "
                "differ between orgs; Users in Setup lists who is here."
            )
        else:
            key, sentence = "inactive", _("%(name)s is inactive in this org.")
            fix = _(
                "Choose another default owner in the settings. Or Users, %(name)s, Edit: "
                "tick Active, then Save."
            ) % {"name": name}
        item = Item(
            f"{key}.{context.default_owner_id}",
            Outcome.FAIL,
            sentence % {"name": name},
            fix,
            Who.ADMINISTRATOR,
            setup.USERS,
        )
        return Finding.of([item], found=item.sentence)
