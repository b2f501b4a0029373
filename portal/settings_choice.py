"""Choosing where job changes go: asking the org what there is, and saving what holds there.

The customer's page and the managers' desk do the same through here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import Customer, Environment, User
from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.setup_links import setup_url
from integrations.services import org_open
from jobchanges.models import EnvironmentSettings
from jobchanges.services import SettingsError, settings_options, settings_save
from jobchanges.services.settings import Options
from portal.pages.settings_form import SettingsForm, initial_of
from portal.steps import Facts, step_find
from portal.steps.settings import SettingsStep

TESTED_CHANGED = gettext_lazy(
    "You changed what was tested in the sandbox: it holds in both orgs. Save the sandbox’s "
    "settings again to have them looked at there."
)


@dataclass(frozen=True)
class Offer:
    """What the org offers, or why it could not be asked."""

    org: Org | None = None
    options: Options | None = None
    why_not: str = ""
    setup_url: str = ""  # where in that org's Setup it is mended


@contextmanager
def offer_ask(connection: Connection | None) -> Iterator[Offer]:
    """Ask the org what there is to choose from: at most four calls, in no transaction."""
    if connection is None or connection.epoch is None:
        yield Offer()
        return
    org = None
    try:
        try:
            org = org_open(connection, for_page=True)
            offer = Offer(org, settings_options(org))
        except SalesforceError as error:
            place = setup_url(connection.epoch.instance_url, error.setup_path)
            offer = Offer(why_not=error.sentence, setup_url=place)
        yield offer
    finally:
        if org is not None:
            org.close()


def choice_form(facts: Facts, environment: str, data: Any, offer: Offer) -> SettingsForm | None:
    """The form with what the org offers; None where the org could not be asked."""
    if offer.options is None:
        return None
    initial = initial_of(
        facts.output,
        facts.environment_settings.get(environment),
        tested=tested_settings(facts, environment),
        options=offer.options,
    )
    return SettingsForm(data, options=offer.options, initial=initial)


def tested_settings(facts: Facts, environment: str) -> EnvironmentSettings | None:
    """What was chosen for the sandbox, where production comes after it; else None."""
    step = step_find(facts.customer.path, f"{environment}.settings")
    if environment == Environment.PRODUCTION and isinstance(step, SettingsStep) and step.tested:
        return facts.environment_settings.get(Environment.SANDBOX)
    return None


def choice_save(
    *, customer: Customer, environment: str, form: SettingsForm, offer: Offer, by: User
) -> bool:
    """Validate in the org and save; problems go next to the fields. Returns whether it is saved."""
    try:
        settings_save(
            customer=customer,
            environment=environment,
            values=form.values(),
            by=by,
            org=offer.org,
        )
    except SettingsError as error:
        form.problems_add(error.problems)
    except SalesforceError as error:
        form.add_error(None, error.sentence)
    else:
        return True
    return False
