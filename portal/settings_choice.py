"""Choosing where job changes go: from what the org offers, saved when it was among that.

The customer's page and the managers' desk do the same through here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.models import Customer, Environment, User
from integrations.models import Connection
from integrations.salesforce.errors import ConnectionLost
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1
from integrations.salesforce.setup_links import setup_url
from jobchanges.models import Batch, EnvironmentSettings, OrgOffer
from jobchanges.services import SettingsError, settings_save
from jobchanges.services.offers import org_offer_ask
from jobchanges.services.settings import Options, settings_problems
from portal.pages.settings_form import SettingsForm
from portal.pages.settings_initial import initial_of
from portal.settings_example import ExamplePanel, example_panel
from portal.steps import Facts, step_find
from portal.steps.settings import SettingsStep

TESTED_CHANGED = gettext_lazy(
    "You changed what was tested in the sandbox: it holds in both orgs. Save the sandbox’s "
    "settings again to have them looked at there."
)

SAVED = gettext_lazy(
    "Saved. Your org offered every choice, and is being checked with them in the background."
)


@dataclass(frozen=True)
class Offer:
    """What the org offers as far as it is known; `asking`: a newer answer is on its way."""

    options: Options | None = None
    answered_at: datetime | None = None
    asking: bool = False
    why_not: str = ""
    setup_url: str = ""  # where in that org's Setup it is mended


def offer_of(connection: Connection | None, *, anew: bool = False, ask: bool = True) -> Offer:
    """What there is to choose from. Has the org asked in the background; never waits for it.

    `ask=False`: for readers who may not have it asked, what it said before.
    """
    if connection is None or connection.epoch is None:
        return Offer()
    if ask:
        stored = org_offer_ask(connection=connection, anew=anew)
    else:
        stored = OrgOffer.objects.filter(epoch=connection.epoch).first()
    lost = "" if connection.is_live else connection_lost_sentence()
    if stored is None:
        return Offer(why_not=lost)
    # What was offered before there was more to choose from is being asked for anew.
    outdated = bool(stored.options) and not Options.is_whole(stored.options)
    known = bool(stored.options) and not outdated
    return Offer(
        options=Options.from_json(stored.options) if known and not lost else None,
        answered_at=stored.answered_at,
        asking=(stored.asking or (outdated and not stored.error)) and not lost,
        why_not=lost or stored.error,
        setup_url=setup_url(connection.epoch.instance_url, stored.setup_path),
    )


def connection_lost_sentence() -> str:
    """Why an org that is not connected any more cannot be asked."""
    return str(ConnectionLost(detail="").sentence)


def choice_form(
    facts: Facts,
    environment: str,
    data: Any,
    offer: Offer,
    *,
    started: Mapping[str, Any] | None = None,
) -> SettingsForm | None:
    """The form with what the org offers; None where the org has not answered yet.

    `started`: choices that stand in it before anybody types, in place of those saved.
    """
    if offer.options is None:
        return None
    initial = initial_of(
        facts.output,
        facts.environment_settings.get(environment),
        tested=tested_settings(facts, environment),
        options=offer.options,
    )
    initial |= started or {}
    epoch = facts.epoch(environment)
    manifest = MANIFESTS.get(epoch.package_manifest if epoch else "", USERGEM_1)
    return SettingsForm(data, options=offer.options, initial=initial, manifest=manifest)


def choice_example(
    facts: Facts, environment: str, offer: Offer, form: SettingsForm | None
) -> ExamplePanel | None:
    """What stands in the form tried on people who wait; None where there is nothing to try."""
    epoch = facts.epoch(environment)
    if form is None or epoch is None or offer.options is None:
        return None
    return example_panel(
        customer=facts.customer,
        environment=environment,
        epoch=epoch,
        options=offer.options,
        values=form.shown(),
        asking=offer.asking,
    )


def is_tried(request: HttpRequest) -> bool:
    """Whether what was typed is only tried on the example: nothing is saved then."""
    return "show" in request.POST


def is_live(facts: Facts) -> bool:
    """Whether the first batch is through: what was signed then covers the regular ones."""
    return facts.batch is not None and facts.batch.batch.state == Batch.State.ENDED


def in_summary(facts: Facts) -> bool:
    """Whether a summary stands that a change of the settings would end."""
    return facts.summary is not None and facts.summary.stands and not is_live(facts)


def tested_settings(facts: Facts, environment: str) -> EnvironmentSettings | None:
    """What was chosen for the sandbox, where production comes after it; else None."""
    step = step_find(facts.customer.path, f"{environment}.settings")
    if environment == Environment.PRODUCTION and isinstance(step, SettingsStep) and step.tested:
        return facts.environment_settings.get(Environment.SANDBOX)
    return None


def choice_save(
    *, customer: Customer, environment: str, form: SettingsForm, offer: Offer, by: User
) -> bool:
    """Save what the org offers; problems go next to the fields. Returns whether it is saved."""
    if not form.is_valid():
        # What else is wrong is said at once, not after this was mended.
        form.problems_add(
            settings_problems(
                customer=customer,
                environment=environment,
                values=form.values(),
                options=offer.options,
            )
        )
        return False
    try:
        settings_save(
            customer=customer,
            environment=environment,
            values=form.values(),
            by=by,
            options=offer.options,
            asked_at=offer.answered_at,
        )
    except SettingsError as error:
        form.problems_add(error.problems)
    else:
        return True
    return False
