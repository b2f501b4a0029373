"""Choosing where job changes go: asking the org what there is, and saving what holds there.

The customer's page and the managers' desk do the same through here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from accounts.models import Customer, User
from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.services import org_open
from jobchanges.services import SettingsError, settings_options, settings_save
from jobchanges.services.settings import Options
from portal.pages.settings_form import SettingsForm


@dataclass(frozen=True)
class Offer:
    """What the org offers, or why it could not be asked."""

    org: Org | None = None
    options: Options | None = None
    why_not: str = ""


@contextmanager
def offer_ask(connection: Connection | None) -> Iterator[Offer]:
    """Ask the org what there is to choose from: at most four calls, in no transaction."""
    if connection is None or connection.epoch is None:
        yield Offer()
        return
    org = None
    try:
        try:
            org = org_open(connection)
            offer = Offer(org, settings_options(org))
        except SalesforceError as error:
            offer = Offer(why_not=error.sentence)
        yield offer
    finally:
        if org is not None:
            org.close()


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
