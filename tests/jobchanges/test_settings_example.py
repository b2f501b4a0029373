"""The live example is the planner's own plan, from facts that the org gave in the background."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.manifest import USERGEM_1
from integrations.services import org_open
from jobchanges.matching import matches_ask, plan_settings_load
from jobchanges.models import OrgOffer
from jobchanges.plan_settings import PlanSettingsError
from jobchanges.planning import plan_hash, plan_make
from jobchanges.planning.types import JobChangeData
from jobchanges.services import examples
from jobchanges.services.examples import known_purge
from jobchanges.services.offers import org_offer_ask
from jobchanges.services.settings import Options
from jobchanges.settings_example import Ground, example_make, example_rows, examples_pick
from jobchanges.settings_known import Known
from jobchanges.settings_problems import SettingsValues
from tests.factories import JobChangeFactory

pytestmark = pytest.mark.django_db(transaction=True)
ORG = "northwind-full"


@pytest.fixture
def connection(rehearsal, customer, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    made = rehearsal.connect(customer, ORG)
    return Connection.objects.select_related("epoch", "customer").get(pk=made.pk)


@pytest.fixture
def people(customer, rehearsal):
    """Somebody who joins a company that the org has, and somebody whose company it has not."""
    account = next(row for row in rehearsal.records(ORG, "Account") if row.get("Website"))
    contact = rehearsal.records(ORG, "Contact")[0]
    return [
        JobChangeFactory(
            customer=customer,
            new_company_name=account["Name"],
            new_company_website=account["Website"],
            past_contact_id=contact["Id"],
            past_email=contact.get("Email") or "",
        ),
        JobChangeFactory(customer=customer, new_company_name="Nowhere Yet Ltd"),
    ]


def ground_of(connection) -> Ground:
    offer = OrgOffer.objects.get(epoch=connection.epoch)
    return Ground(
        org_id=connection.epoch.org_id,
        manifest=USERGEM_1,
        options=Options.from_json(offer.options),
        known=Known.from_json(offer.known),
    )


def values_of(ground, **changed) -> SettingsValues:
    return SettingsValues(
        **{
            "record_mode": "contact_if_account",
            "lead_source": "UserGems",
            "contact_owner_rule": "account_owner",
            "default_owner_id": ground.options.owners[0].id,
            **changed,
        }
    )


def test_it_is_what_a_preview_would_plan(connection, people, rehearsal):
    before = {name: rehearsal.records(ORG, name) for name in ("Account", "Contact", "Lead")}
    org_offer_ask(connection=connection)
    ground = ground_of(connection)
    assert set(ground.known.matches) == {one.key for one in people}
    org = org_open(connection)
    loaded = plan_settings_load(connection.customer, connection.environment, org)
    for mode in ("contact_if_account", "always_lead", "always_contact"):
        values = values_of(ground, record_mode=mode)
        chosen = type(loaded)(**{**vars(loaded), **vars(values)})
        data = [JobChangeData.of(one) for one in people]
        matches = matches_ask(org, data, chosen)
        for row, job_change in zip(people, data, strict=True):
            example = example_make(row, values, ground)
            assert not example.assumed
            assert plan_hash(example.plan) == plan_hash(
                plan_make(job_change, chosen, matches[row.key])
            ), (mode, row.new_company_name)
    org.close()
    # Two kinds of people, and nothing written.
    assert [bool(ground.known.matches[one.key].account) for one in people] == [True, False]
    assert ground.known.matches[people[0].key].past
    assert before == {name: rehearsal.records(ORG, name) for name in before}


def test_the_org_is_not_asked_about_the_same_people_each_time(connection, people, rehearsal):
    first = org_offer_ask(connection=connection)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11), tick=False):
        again = org_offer_ask(connection=connection)
    assert again.answered_at > first.answered_at
    assert again.known == first.known


def test_what_cannot_be_asked_of_people_leaves_the_choices_there(connection, people, monkeypatch):
    def refuse(*_args, **_values):
        raise PlanSettingsError("The package was not found in this org.")

    monkeypatch.setattr(examples, "plan_settings_load", refuse)
    offer = org_offer_ask(connection=connection)
    assert (offer.error, bool(offer.options)) == ("", True)
    assert Known.from_json(offer.known).why_not == "The package was not found in this org."
    monkeypatch.undo()
    # The package was found meanwhile: the next visit asks again.
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=20), tick=False):
        offer = org_offer_ask(connection=connection)
    assert Known.from_json(offer.known).why_not == ""


def test_the_people_shown_do_not_change_with_the_choices(connection, people):
    org_offer_ask(connection=connection)
    ground = ground_of(connection)
    rows = example_rows(connection.customer, connection.environment)
    assert len(examples_pick(rows, ground.known)) == 2


def test_what_an_org_said_of_people_is_forgotten_in_time(connection, people):
    org_offer_ask(connection=connection)
    assert known_purge(asked_before=timezone.now(), dry_run=True) == 1
    assert known_purge(asked_before=timezone.now()) == 1
    assert OrgOffer.objects.get().known == {}
