"""All checks of a rehearsal org, asked over the wire: what the tables of tests hold."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integrations.checks import running
from integrations.checks.base import CheckContext
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_start
from integrations.models import CheckResult, Connection
from integrations.salesforce.manifest import USERGEM_1
from tests.factories import CustomerFactory
from tests.rehearsal.plants import CAMPAIGN
from tests.rehearsal_server import HARBOR_INTEGRATION, INTEGRATION, ORGS, Rehearsal

DATA = Path("integrations/rehearsal/data")
CAMPAIGN_ID = "7017z000000000AAAQ"
OWNER_ID, OWNER = "0057z000000001jAAA", "Amy Brown"
GEM = USERGEM_1.object_name
PERSON = frozenset(USERGEM_1.person_fields.values())
_WHO = frozenset(["FirstName", "LastName", "Email", "Title", "Phone", "LeadSource", "OwnerId"])
_CREATED_BY = USERGEM_1.person_fields["created_by"]
FIELDS_CREATED = {
    "Lead": _WHO | PERSON | {"Company", "Website", "City", "State", "Country"},
    "Contact": _WHO | PERSON | {"AccountId", "MailingCountry"},
    "CampaignMember": frozenset({"CampaignId", "LeadId", "ContactId", "Status"}),
    GEM: USERGEM_1.fields_on(GEM),
}
# What is other about the context where the settings make accounts, too.
WITH_ACCOUNTS: dict[str, Any] = {
    "record_mode": "always_contact",
    "fields_created": {
        **FIELDS_CREATED,
        "Account": frozenset({"Name", "Website", "OwnerId", "BillingCountry"}),
    },
}
# How many of the CRM file's contacts waiting job changes have for their past record.
PAST = 40


def context_of(environment: str) -> CheckContext:
    """What the portal would say of a customer with complete settings and waiting job changes."""
    with (DATA / "crm-contacts.csv").open(encoding="utf-8", newline="") as file:
        rows = islice(csv.DictReader(file), PAST)
        past = [(row["Id"], row["AccountId"]) for row in rows]
    return CheckContext(
        environment=environment,
        permission_list="V4",
        record_mode="contact_if_account",
        lead_source="UserGems",
        contact_owner_rule="account_owner",
        default_owner_id=OWNER_ID,
        default_owner_name=OWNER,
        campaign_id=CAMPAIGN_ID,
        campaign_name=CAMPAIGN,
        campaign_status="Responded",
        fields_created=FIELDS_CREATED,
        fields_updated={
            "Lead": PERSON | {"Email", "Title", "Phone"},
            "Contact": PERSON | {"Email", "Title", "Phone"},
        },
        fields_always={
            "Lead": frozenset({"LastName", "Company", "OwnerId", "LeadSource", "Country"})
            | {_CREATED_BY},
            "Contact": frozenset({"LastName", "AccountId", "OwnerId", "LeadSource", _CREATED_BY}),
            "CampaignMember": frozenset({"CampaignId", "Status"}),
            GEM: frozenset({USERGEM_1.key_field, USERGEM_1.attempt_field}),
        },
        values_written={
            "Lead.LeadSource": frozenset({"UserGems"}),
            "Contact.LeadSource": frozenset({"UserGems"}),
            "CampaignMember.Status": frozenset({"Responded"}),
        },
        waiting=PAST,
        past_contact_ids=[contact for contact, _ in past],
        past_account_ids=[account for _, account in past],
        past_records=past,
        calls_needed=40,
        tested_parent="proven" if environment == "production" else "",
    )


@dataclass(frozen=True)
class Answer:
    """What one check said: its outcome, the keys of the points that are not right, and the right
    that was missing.
    """

    outcome: str
    keys: frozenset[str] = frozenset()
    right: str = ""


@dataclass
class Round:
    """One round of all checks: how it ended, what each said, what it cost."""

    state: str
    error: str
    answers: dict[str, Answer]
    api_calls: int
    health: str


@dataclass
class Wire:
    """The rehearsal process with the package installed, and connections to its orgs.

    Signing in takes longer than asking: tokens are kept until something has spoilt them.
    """

    rehearsal: Rehearsal
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin(self) -> None:
        """All orgs as on the first day, with the package for all users; nobody is signed in."""
        self.rehearsal.reset()
        self.tokens.clear()
        for org in ORGS:
            self.rehearsal.package_install(org)

    def put_right(self, org: str, name: str) -> None:
        """Take a configuration away; what has ended approvals or made a new org needs more."""
        spoils_tokens = {"app-blocked", "revoked-token", "stolen-token", "refreshed-sandbox",
                         "user-deactivated", "user-frozen"}  # fmt: skip
        if name in spoils_tokens:
            self.begin()
        else:
            self.rehearsal.configure_back(org)

    def connection(self, org: str) -> Connection:
        """A live connection of a new customer to an org."""
        username = HARBOR_INTEGRATION if org == "harbor" else INTEGRATION
        if org not in self.tokens:
            self.tokens[org] = self.rehearsal.tokens(org, username)
        customer = CustomerFactory()
        return self.rehearsal.connect(customer, org, username, tokens=self.tokens[org])


def round_of(connection: Connection, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Round:
    """Have an org asked everything, as a worker does, with the context of `context_of`.

    `changes`: fields of the context that are other.
    """
    context = replace(context_of(connection.environment), **changes)
    monkeypatch.setattr(running, "check_context_of", lambda _connection: context)
    run = check_run_start(connection=connection, reason="asked")
    assert run is not None
    check_run_work(run_pk=run.pk)
    run.refresh_from_db()
    connection.refresh_from_db()
    results = CheckResult.objects.filter(epoch=run.epoch)
    return Round(
        state=str(run.state),
        error=run.error,
        answers={result.name: _answer(result) for result in results},
        api_calls=run.api_calls,
        health=str(connection.health),
    )


def _answer(result: CheckResult) -> Answer:
    keys = (item["key"] for item in result.items if item["outcome"] != "pass")
    return Answer(str(result.outcome), frozenset(keys), result.missing_right)
